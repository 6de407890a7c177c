// SPDX-License-Identifier: GPL-2.0-only
/*
 * tsmfd_tpm: the guest's TPM 2.0 as a provider.
 *
 * A report is a quote over PCRs (PCRs 0 to 9 of the SHA-256 bank, unless the
 * module's parameter says otherwise) that answers the caller's challenge (its
 * bytes are the quote's qualifyingData), signed by a restricted ECDSA P-256 key of
 * the endorsement hierarchy. <linux/tsmfd_tpm.h> of the user ABI says how it is laid
 * out.
 *
 * Built in, or loaded early, this may be here before the TPM is. So it is a platform
 * driver with one device of its own, whose probe is deferred while there is no TPM:
 * the driver core probes it again whenever a driver has bound to a device. Once
 * there is one, a device link to it has the provider go when the TPM's driver goes,
 * and come back when that does.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/device.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/tpm.h>
#include <linux/tsmfd.h>

#include "tpm_aux.h"
#include "tpm_key.h"
#include "tpm_pcrs.h"
#include "tpm_qualifying.h"
#include "tpm_run.h"

static char *pcrs = "sha256:0-9";
module_param(pcrs, charp, 0444);
MODULE_PARM_DESC(pcrs, "what to quote, such as sha256:0-7,9+sha384:0 (sha256:0-9)");

/**
 * struct tpm_provider - the one provider, while there is a TPM for it
 * @chip: its TPM; a reference that it holds, which keeps the structure but does not
 *	keep the chip's driver
 * @aux: what goes with every extended report
 * @key: needs no lock, since max_inflight is 1, so that one call at a time uses it
 * @ops: what the core knows of it
 */
struct tpm_provider {
	struct tpm_chip		*chip;
	struct tpm_aux		aux;
	struct tpm_key		key;
	struct tsmfd_ops	ops;
};

/* What quotes are over. Module init writes it before it registers the driver. */
static struct tpm_pcrs tpm_selection;
/* What the latest probe returned. Module init reads it when the first has returned. */
static int tpm_probe_result;
static struct platform_device *tpm_device;

static int tpm_try_create(struct tpm_provider *tpm)
{
	int err;

	err = tpm_run_hold(tpm->chip);
	if (err)
		return err;
	err = tpm_key_create(&tpm->key, tpm->chip);
	tpm_put_ops(tpm->chip);
	return err;
}

static int tpm_try_quote(struct tpm_provider *tpm, struct tpm_span qualifying,
			 struct tsmfd_blob *blob)
{
	int err;

	err = tpm_run_hold(tpm->chip);
	if (err)
		return err;
	err = tpm_key_quote(&tpm->key, tpm->chip, &tpm_selection, qualifying, blob);
	if (err == -ESTALE) {
		err = tpm_key_create(&tpm->key, tpm->chip);
		if (!err)
			err = tpm_key_quote(&tpm->key, tpm->chip, &tpm_selection, qualifying, blob);
	}
	tpm_put_ops(tpm->chip);
	return err;
}

static int tpm_create(struct tpm_provider *tpm)
{
	unsigned int attempt = 0;
	int err;

	do {
		err = tpm_try_create(tpm);
	} while (tpm_run_again(err, &attempt));
	return err;
}

static int tpm_report(void *priv, const struct tsmfd_options *options,
		      struct tsmfd_report *report)
{
	struct tpm_span qualifying = { .data = options->inblob, .len = options->inblob_len };
	struct tpm_provider *tpm = priv;
	struct tpm_span public;
	unsigned int attempt = 0;
	int err;

	do {
		err = tpm_try_quote(tpm, qualifying, &report->outblob);
	} while (tpm_run_again(err, &attempt));
	/* The key was made anew and is gone again, which no TPM that works does. */
	if (err == -ESTALE)
		return -EIO;
	if (err || options->format != TSMFD_FORMAT_EXTENDED)
		return err;

	public = (struct tpm_span) { .data = tpm->key.public, .len = tpm->key.public_len };
	return tpm_aux_make(&tpm->aux, public, &report->auxblob);
}

static bool tpm_has_bank(const struct tpm_chip *chip, u16 alg)
{
	unsigned int i;

	for (i = 0; i < chip->nr_allocated_banks; i++) {
		if (chip->allocated_banks[i].alg_id == alg)
			return true;
	}
	return false;
}

/* A TPM signs a selection of PCRs that it lacks as one of no PCRs at all. */
static bool tpm_has_banks(const struct tpm_chip *chip, const struct tpm_pcrs *selection)
{
	u32 i;

	for (i = 0; i < selection->count; i++) {
		if (!tpm_has_bank(chip, selection->banks[i].alg))
			return false;
	}
	return true;
}

static bool tpm_is_fit(struct device *dev, struct tpm_chip *chip)
{
	if (tpm_is_firmware_upgrade(chip) || tpm_is_tpm2(chip) <= 0)
		dev_err(dev, "%s is no working TPM 2.0\n", dev_name(&chip->dev));
	else if (!tpm_has_banks(chip, &tpm_selection))
		dev_err(dev, "%s does not have all PCRs of %s\n", dev_name(&chip->dev), pcrs);
	else
		return true;
	return false;
}

static void tpm_put_chip(void *chip)
{
	put_device(&((struct tpm_chip *)chip)->dev);
}

/* Finds a TPM that will do, and keeps a reference to it until the driver unbinds. */
static struct tpm_chip *tpm_find_chip(struct device *dev)
{
	struct tpm_chip *chip;
	int err;

	chip = tpm_default_chip();
	if (!chip)
		return ERR_PTR(dev_err_probe(dev, -EPROBE_DEFER, "there is no TPM yet\n"));
	err = devm_add_action_or_reset(dev, tpm_put_chip, chip);
	if (err)
		return ERR_PTR(err);
	return tpm_is_fit(dev, chip) ? chip : ERR_PTR(-ENODEV);
}

/*
 * Makes the driver core unbind this device before it unbinds the TPM's, and probe it
 * again when the TPM's has a driver again. A virtual TPM (tpm_vtpm_proxy) has no
 * device that could be linked to. When it goes, the provider stays, and answers with
 * ENODEV.
 */
static int tpm_follow(struct device *dev, struct tpm_chip *chip)
{
	if (!chip->dev.parent)
		return 0;
	return device_link_add(dev, chip->dev.parent, DL_FLAG_AUTOPROBE_CONSUMER) ?
	       0 : -ENOMEM;
}

static void tpm_free_aux(void *aux)
{
	tpm_aux_free(aux);
}

/* Takes from the TPM what does not change. */
static int tpm_prepare(struct device *dev, struct tpm_provider *tpm, u32 *inblob_max)
{
	int err;

	err = tpm_create(tpm);
	if (err) {
		dev_err(dev, "%s made no attestation key: error %d%s\n",
			dev_name(&tpm->chip->dev), err,
			err == -EACCES ? ", its endorsement hierarchy has a password" : "");
		return err;
	}
	err = tpm_qualifying_max(tpm->chip, inblob_max);
	if (err) {
		dev_err(dev, "%s does not say how long its qualifying data may be: error %d\n",
			dev_name(&tpm->chip->dev), err);
		return err;
	}
	err = tpm_aux_gather(&tpm->aux, tpm->chip);
	if (err)
		return err;
	return devm_add_action_or_reset(dev, tpm_free_aux, &tpm->aux);
}

static void tpm_unregister(void *provider)
{
	tsmfd_unregister(provider);
}

static int tpm_register(struct device *dev, struct tpm_provider *tpm, u32 inblob_max)
{
	struct tsmfd_provider *provider;

	tpm->ops = (struct tsmfd_ops) {
		.name		= "tsmfd_tpm",
		.formats	= BIT(TSMFD_FORMAT_DEFAULT) | BIT(TSMFD_FORMAT_EXTENDED),
		.inblob_min	= 1,
		.inblob_max	= inblob_max,
		.outblob_max	= TPM_KEY_REPORT_MAX,
		.auxblob_max	= tpm_aux_max(&tpm->aux),
		.max_inflight	= 1,
		.report		= tpm_report,
	};
	provider = tsmfd_register(&tpm->ops, tpm, dev);
	if (IS_ERR(provider))
		return PTR_ERR(provider);
	return devm_add_action_or_reset(dev, tpm_unregister, provider);
}

static int tpm_try_probe(struct device *dev)
{
	struct tpm_provider *tpm;
	u32 inblob_max;
	int err;

	tpm = devm_kzalloc(dev, sizeof(*tpm), GFP_KERNEL);
	if (!tpm)
		return -ENOMEM;
	tpm->chip = tpm_find_chip(dev);
	if (IS_ERR(tpm->chip))
		return PTR_ERR(tpm->chip);
	err = tpm_follow(dev, tpm->chip);
	if (err)
		return err;
	err = tpm_prepare(dev, tpm, &inblob_max);
	if (err)
		return err;
	return tpm_register(dev, tpm, inblob_max);
}

static int tpm_probe(struct platform_device *device)
{
	int err = tpm_try_probe(&device->dev);

	WRITE_ONCE(tpm_probe_result, err);
	return err;
}

/* There is no remove(): all that probe() makes is a managed resource of the device. */
static struct platform_driver tpm_driver = {
	.probe		= tpm_probe,
	.driver		= {
		.name		= KBUILD_MODNAME,
		/* Module init reads tpm_probe_result when the device is registered. */
		.probe_type	= PROBE_FORCE_SYNCHRONOUS,
	},
};

/*
 * Having no TPM is no failure, since one may come. Having one that will not do is a
 * failure, so that whoever loads the module is told.
 */
static int __init tpm_init_device(void)
{
	int err;

	tpm_device = platform_device_register_simple(KBUILD_MODNAME, PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(tpm_device))
		return PTR_ERR(tpm_device);

	err = READ_ONCE(tpm_probe_result);
	if (err == -EPROBE_DEFER) {
		pr_info("there is no TPM yet; a provider will come with one\n");
		return 0;
	}
	if (err)
		platform_device_unregister(tpm_device);
	return err;
}

static int __init tpm_provider_init(void)
{
	int err;

	err = tpm_pcrs_parse(pcrs, &tpm_selection);
	if (err) {
		pr_err("pcrs=%s does not select PCRs\n", pcrs);
		return err;
	}
	err = platform_driver_register(&tpm_driver);
	if (err)
		return err;
	err = tpm_init_device();
	if (err)
		platform_driver_unregister(&tpm_driver);
	return err;
}
module_init(tpm_provider_init);

static void __exit tpm_provider_exit(void)
{
	platform_device_unregister(tpm_device);
	platform_driver_unregister(&tpm_driver);
}
module_exit(tpm_provider_exit);

MODULE_DESCRIPTION("TPM 2.0 quotes as tsmfd attestation reports");
MODULE_LICENSE("GPL");

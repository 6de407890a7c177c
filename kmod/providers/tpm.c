// SPDX-License-Identifier: GPL-2.0-only
/*
 * tsmfd_tpm: the guest's TPM 2.0 as a provider.
 *
 * A report is a quote over PCRs (PCRs 0 to 9 of the SHA-256 bank, unless the
 * module's parameter says otherwise) that answers the caller's challenge (its
 * bytes are the quote's qualifyingData), signed by a restricted ECDSA P-256 key of
 * the endorsement hierarchy; struct tsmfd_tpm_report and struct tsmfd_tpm_aux in
 * the user ABI say how it is laid out.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/device.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/module.h>
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
 * struct tpm_provider - the module's one provider
 * @chip: its TPM; a reference, which keeps the structure but not the device
 * @pcrs: what its quotes are over
 * @inblob_max: bytes of the longest challenge that it takes
 * @aux: what goes with every extended report
 * @key: used by one call at a time, as max_inflight is 1: hence no lock
 * @ops: what it is
 * @provider: what the core knows it by
 */
struct tpm_provider {
	struct tpm_chip		*chip;
	struct tpm_pcrs		pcrs;
	u32			inblob_max;
	struct tpm_aux		aux;
	struct tpm_key		key;
	struct tsmfd_ops	ops;
	struct tsmfd_provider	*provider;
};

static struct tpm_provider *tpm_provider;

static int try_create(struct tpm_provider *tpm)
{
	int err;

	err = tpm_run_hold(tpm->chip);
	if (err)
		return err;
	err = tpm_key_create(&tpm->key, tpm->chip);
	tpm_put_ops(tpm->chip);
	return err;
}

static int try_quote(struct tpm_provider *tpm, struct tpm_span qualifying,
		     struct tsmfd_blob *blob)
{
	int err;

	err = tpm_run_hold(tpm->chip);
	if (err)
		return err;
	err = tpm_key_quote(&tpm->key, tpm->chip, &tpm->pcrs, qualifying, blob);
	if (err == -ESTALE) {
		err = tpm_key_create(&tpm->key, tpm->chip);
		if (!err)
			err = tpm_key_quote(&tpm->key, tpm->chip, &tpm->pcrs, qualifying, blob);
	}
	tpm_put_ops(tpm->chip);
	return err;
}

static int create(struct tpm_provider *tpm)
{
	unsigned int attempt = 0;
	int err;

	do {
		err = try_create(tpm);
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
		err = try_quote(tpm, qualifying, &report->outblob);
	} while (tpm_run_again(err, &attempt));
	/* What was just made anew is gone again: no TPM that works does this. */
	if (err == -ESTALE)
		return -EIO;
	if (err || options->format != TSMFD_FORMAT_EXTENDED)
		return err;

	public = (struct tpm_span) { .data = tpm->key.public, .len = tpm->key.public_len };
	return tpm_aux_make(&tpm->aux, public, &report->auxblob);
}

static bool has_bank(const struct tpm_chip *chip, u16 alg)
{
	unsigned int i;

	for (i = 0; i < chip->nr_allocated_banks; i++) {
		if (chip->allocated_banks[i].alg_id == alg)
			return true;
	}
	return false;
}

/* A TPM signs a selection of PCRs that it lacks, as one of no PCRs at all. */
static bool has_banks(const struct tpm_chip *chip, const struct tpm_pcrs *pcrs)
{
	u32 i;

	for (i = 0; i < pcrs->count; i++) {
		if (!has_bank(chip, pcrs->banks[i].alg))
			return false;
	}
	return true;
}

/* Returns a reference to a TPM that can do it. */
static struct tpm_chip *find_chip(const struct tpm_pcrs *selection)
{
	struct tpm_chip *chip;

	chip = tpm_default_chip();
	if (!chip)
		return ERR_PTR(-ENODEV);

	if (tpm_is_firmware_upgrade(chip) || tpm_is_tpm2(chip) <= 0)
		pr_err("%s is no working TPM 2.0\n", dev_name(&chip->dev));
	else if (!has_banks(chip, selection))
		pr_err("%s does not have all PCRs of %s\n", dev_name(&chip->dev), pcrs);
	else
		return chip;
	put_device(&chip->dev);
	return ERR_PTR(-ENODEV);
}

/* What a provider takes from its TPM once. */
static int prepare(struct tpm_provider *tpm)
{
	int err;

	err = create(tpm);
	if (err) {
		pr_err("%s made no attestation key: error %d%s\n", dev_name(&tpm->chip->dev), err,
		       err == -EACCES ? ", its endorsement hierarchy has a password" : "");
		return err;
	}
	err = tpm_qualifying_max(tpm->chip, &tpm->inblob_max);
	if (err) {
		pr_err("%s does not say how long its qualifying data may be: error %d\n",
		       dev_name(&tpm->chip->dev), err);
		return err;
	}
	return tpm_aux_gather(&tpm->aux, tpm->chip);
}

static struct tsmfd_provider *register_provider(struct tpm_provider *tpm)
{
	tpm->ops = (struct tsmfd_ops) {
		.name		= "tsmfd_tpm",
		.formats	= BIT(TSMFD_FORMAT_DEFAULT) | BIT(TSMFD_FORMAT_EXTENDED),
		.inblob_min	= 1,
		.inblob_max	= tpm->inblob_max,
		.outblob_max	= TPM_KEY_REPORT_MAX,
		.auxblob_max	= tpm_aux_max(&tpm->aux),
		.max_inflight	= 1,
		.report		= tpm_report,
	};
	return tsmfd_register(&tpm->ops, tpm, NULL);
}

static int __init tpm_provider_init(void)
{
	struct tpm_provider *tpm;
	int err;

	tpm = kzalloc(sizeof(*tpm), GFP_KERNEL);
	if (!tpm)
		return -ENOMEM;

	err = tpm_pcrs_parse(pcrs, &tpm->pcrs);
	if (err) {
		pr_err("pcrs=%s does not select PCRs\n", pcrs);
		goto err_free;
	}

	tpm->chip = find_chip(&tpm->pcrs);
	if (IS_ERR(tpm->chip)) {
		err = PTR_ERR(tpm->chip);
		goto err_free;
	}

	err = prepare(tpm);
	if (err)
		goto err_put;

	tpm->provider = register_provider(tpm);
	if (IS_ERR(tpm->provider)) {
		err = PTR_ERR(tpm->provider);
		goto err_aux;
	}
	tpm_provider = tpm;
	return 0;

err_aux:
	tpm_aux_free(&tpm->aux);
err_put:
	put_device(&tpm->chip->dev);
err_free:
	kfree(tpm);
	return err;
}
module_init(tpm_provider_init);

static void __exit tpm_provider_exit(void)
{
	struct tpm_provider *tpm = tpm_provider;

	tsmfd_unregister(tpm->provider);
	tpm_aux_free(&tpm->aux);
	put_device(&tpm->chip->dev);
	kfree(tpm);
}
module_exit(tpm_provider_exit);

MODULE_DESCRIPTION("TPM 2.0 quotes as tsmfd attestation reports");
MODULE_LICENSE("GPL");

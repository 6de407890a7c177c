// SPDX-License-Identifier: GPL-2.0-only
/*
 * tsmfd_tpm: the guest's TPM 2.0 as a provider.
 *
 * A report is a quote over PCRs (PCRs 0 to 9 of the SHA-256 bank, unless the
 * module's parameter says otherwise) that answers the caller's challenge (its
 * bytes are the quote's qualifyingData), signed by a restricted ECDSA P-256 key of
 * the endorsement hierarchy. <linux/tsmfd_tpm.h> of the user ABI says how it is laid
 * out.
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
#include "tpm_host.h"
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

static int tpm_probe(struct device *dev)
{
	struct tpm_provider *tpm;
	u32 inblob_max;
	int err;

	tpm = devm_kzalloc(dev, sizeof(*tpm), GFP_KERNEL);
	if (!tpm)
		return -ENOMEM;
	tpm->chip = tpm_host_find_chip(dev, &tpm_selection, pcrs);
	if (IS_ERR(tpm->chip))
		return PTR_ERR(tpm->chip);
	err = tpm_prepare(dev, tpm, &inblob_max);
	if (err)
		return err;
	return tpm_register(dev, tpm, inblob_max);
}

static struct tpm_host tpm_host = {
	.name	= KBUILD_MODNAME,
	.probe	= tpm_probe,
};

static int __init tpm_provider_init(void)
{
	int err;

	err = tpm_pcrs_parse(pcrs, &tpm_selection);
	if (err) {
		pr_err("pcrs=%s does not select PCRs\n", pcrs);
		return err;
	}
	return tpm_host_register(&tpm_host);
}
module_init(tpm_provider_init);

static void __exit tpm_provider_exit(void)
{
	tpm_host_unregister(&tpm_host);
}
module_exit(tpm_provider_exit);

MODULE_DESCRIPTION("TPM 2.0 quotes as tsmfd attestation reports");
MODULE_LICENSE("GPL");

// SPDX-License-Identifier: GPL-2.0-only
/*
 * tsmfd_tpm: the guest's TPM 2.0 as a provider.
 *
 * A report is a quote over PCRs 0 to 9 of the SHA-256 bank that answers the
 * caller's challenge (its bytes are the quote's qualifyingData), signed by a
 * restricted ECDSA P-256 key of the endorsement hierarchy; struct
 * tsmfd_tpm_report in the user ABI says how it is laid out.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/tpm.h>
#include <linux/tsmfd.h>

#include "tpm_key.h"

enum {
	/* A TPM that asks for another try gets so many, after 20, 40, … ms. */
	TPM_ATTEMPTS	= 6,
	TPM_PAUSE_MS	= 20,
};

/**
 * struct tpm_provider - the module's one provider
 * @chip: its TPM; a reference, which keeps the structure but not the device
 * @key: used by one call at a time, as max_inflight is 1: hence no lock
 * @provider: what the core knows it by
 */
struct tpm_provider {
	struct tpm_chip		*chip;
	struct tpm_key		key;
	struct tsmfd_provider	*provider;
};

static struct tpm_provider *tpm_provider;

static int try_create(struct tpm_provider *tpm)
{
	int err;

	err = tpm_try_get_ops(tpm->chip);
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

	err = tpm_try_get_ops(tpm->chip);
	if (err)
		return err;
	err = tpm_key_quote(&tpm->key, tpm->chip, qualifying, blob);
	if (err == -ESTALE) {
		err = tpm_key_create(&tpm->key, tpm->chip);
		if (!err)
			err = tpm_key_quote(&tpm->key, tpm->chip, qualifying, blob);
	}
	tpm_put_ops(tpm->chip);
	return err;
}

/* Says whether to try again, after a pause in which the TPM is others'. */
static bool again(int err, unsigned int *attempt)
{
	if (err != -EAGAIN || ++*attempt == TPM_ATTEMPTS)
		return false;
	msleep(TPM_PAUSE_MS << (*attempt - 1));
	return true;
}

/* What the caller of a report is told. */
static int final_errno(int err)
{
	switch (err) {
	case -EAGAIN:
		return -EBUSY;
	case -ESTALE:
		return -EIO;
	default:
		return err;
	}
}

static int create(struct tpm_provider *tpm)
{
	unsigned int attempt = 0;
	int err;

	do {
		err = try_create(tpm);
	} while (again(err, &attempt));
	return final_errno(err);
}

static int tpm_report(void *priv, const struct tsmfd_options *options,
		      struct tsmfd_report *report)
{
	struct tpm_span qualifying = { .data = options->inblob, .len = options->inblob_len };
	struct tpm_provider *tpm = priv;
	unsigned int attempt = 0;
	int err;

	do {
		err = try_quote(tpm, qualifying, &report->outblob);
	} while (again(err, &attempt));
	return final_errno(err);
}

static const struct tsmfd_ops tpm_ops = {
	.name		= "tsmfd_tpm",
	.formats	= BIT(TSMFD_FORMAT_DEFAULT),
	.outblob_max	= TPM_KEY_REPORT_MAX,
	.max_inflight	= 1,
	.report		= tpm_report,
};

static bool has_sha256_bank(const struct tpm_chip *chip)
{
	unsigned int i;

	for (i = 0; i < chip->nr_allocated_banks; i++) {
		if (chip->allocated_banks[i].alg_id == TPM_ALG_SHA256)
			return true;
	}
	return false;
}

/* Returns a reference to a TPM that can do it. */
static struct tpm_chip *find_chip(void)
{
	struct tpm_chip *chip;

	chip = tpm_default_chip();
	if (!chip)
		return ERR_PTR(-ENODEV);

	if (tpm_is_firmware_upgrade(chip) || tpm_is_tpm2(chip) <= 0) {
		pr_err("%s is no working TPM 2.0\n", dev_name(&chip->dev));
	} else if (!has_sha256_bank(chip)) {
		/* It would sign a selection of no PCRs at all. */
		pr_err("%s has its SHA-256 PCRs turned off\n", dev_name(&chip->dev));
	} else {
		return chip;
	}
	put_device(&chip->dev);
	return ERR_PTR(-ENODEV);
}

static int __init tpm_provider_init(void)
{
	struct tpm_provider *tpm;
	int err;

	tpm = kzalloc(sizeof(*tpm), GFP_KERNEL);
	if (!tpm)
		return -ENOMEM;

	tpm->chip = find_chip();
	if (IS_ERR(tpm->chip)) {
		err = PTR_ERR(tpm->chip);
		goto err_free;
	}

	err = create(tpm);
	if (err) {
		pr_err("%s made no attestation key: error %d%s\n", dev_name(&tpm->chip->dev), err,
		       err == -EACCES ? ", its endorsement hierarchy has a password" : "");
		goto err_put;
	}

	tpm->provider = tsmfd_register(&tpm_ops, tpm, NULL);
	if (IS_ERR(tpm->provider)) {
		err = PTR_ERR(tpm->provider);
		goto err_put;
	}
	tpm_provider = tpm;
	return 0;

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
	put_device(&tpm->chip->dev);
	kfree(tpm);
}
module_exit(tpm_provider_exit);

MODULE_DESCRIPTION("TPM 2.0 quotes as tsmfd attestation reports");
MODULE_LICENSE("GPL");

// SPDX-License-Identifier: GPL-2.0-only
/*
 * tsmfd_hcl: the virtual TPM of an Azure confidential VM as a provider.
 *
 * The guest does not talk to the hardware there; a paravisor below it does, which also
 * is the guest's TPM. Whoever writes 64 bytes to one index of the TPM's non-volatile
 * memory, and then reads another, finds there a report of the hardware that speaks for
 * these bytes, and for the TPM's attestation key. The two indexes are the machine's:
 * processes that do this by hand mix up each other's challenges. Here one call writes,
 * reads, looks whether it was answered, and has the key quote PCRs, while it holds the
 * TPM, so that nobody else's command comes between. <linux/tsmfd_hcl.h> of the user ABI
 * says how a report is laid out.
 *
 * Microsoft's paravisor makes a report at most every two seconds or so, and leaves the
 * last where it was in between. Then the answer is that to another challenge, and the
 * core asks again later. A batch has one report for all who wait.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/device.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/tpm.h>
#include <linux/tsmfd.h>

#include "hcl_blobs.h"
#include "hcl_hash.h"
#include "hcl_quote.h"
#include "hcl_report.h"
#include "tpm_host.h"
#include "tpm_log.h"
#include "tpm_nv.h"
#include "tpm_quote.h"
#include "tpm_run.h"

static char *pcrs = "sha256:0-9";
module_param(pcrs, charp, 0444);
MODULE_PARM_DESC(pcrs, "what to quote, such as sha256:0-7,9+sha384:0 (sha256:0-9)");

enum {
	HCL_NV_REPORT		= 0x01400001,
	HCL_NV_USER_DATA	= 0x01400002,
	HCL_NV_AK_CERT		= 0x01c101d0,

	/* After 0.3, 0.9 and 2.1 s, the last of which is just past the two seconds. */
	HCL_BUSY_RETRY_MS	= 300,
};

/**
 * struct hcl_provider - the one provider, while there is a TPM for it
 * @chip: its TPM; a reference that it holds, which keeps the structure but does not
 *	keep the chip's driver
 * @public: of the attestation key
 * @event_log: the firmware's; empty if there is none
 * @ops: what the core knows of it
 */
struct hcl_provider {
	struct tpm_chip		*chip;
	struct hcl_public	public;
	struct tsmfd_blob	event_log;
	struct tsmfd_ops	ops;
};

/* What quotes are over. Module init writes it before it registers the driver. */
static struct tpm_pcrs hcl_selection;

/* With the TPM held. The HCL report is the answer to @user_data upon success. */
static int hcl_challenge(struct tpm_chip *chip, struct tpm_span user_data, struct tsmfd_blob *hcl)
{
	struct tpm_span index;
	int err;

	err = tpm_nv_write(chip, HCL_NV_USER_DATA, user_data);
	if (err)
		return err;
	err = tpm_nv_read(chip, TPM_QUOTE_OWNER, HCL_NV_REPORT, hcl);
	if (err)
		return err;
	index = (struct tpm_span) { .data = hcl->data, .len = hcl->len };
	err = hcl_report_check(index, user_data.data);
	if (err == -EIO)
		pr_err_ratelimited("malformed HCL report of %zu bytes\n", index.len);
	return err;
}

/* With the TPM held. */
static int hcl_quote(struct hcl_provider *provider, struct tpm_span user_data,
		     const struct tsmfd_blob *hcl, struct tsmfd_blob *outblob)
{
	struct hcl_digest qualifying;
	struct hcl_quote quote;
	int err;

	err = hcl_hash("sha256", user_data, &qualifying);
	if (err)
		return err;
	err = hcl_quote_make(provider->chip, &hcl_selection,
			     (struct tpm_span) { .data = qualifying.bytes, .len = qualifying.len },
			     &quote);
	if (err)
		return err;
	err = hcl_blobs_make_report(hcl, &quote, &provider->public, outblob);
	hcl_quote_destroy(&quote);
	return err;
}

/*
 * With the TPM held. The paravisor renews the certificate from time to time. A report can
 * do without it.
 */
static int hcl_read_cert(struct hcl_provider *provider, struct tsmfd_blob *cert)
{
	int err = tpm_nv_read(provider->chip, TPM_QUOTE_OWNER, HCL_NV_AK_CERT, cert);

	if (!err)
		return 0;
	tsmfd_blob_free(cert);
	return err == -ESTALE || err == -EFBIG || err == -EIO ? 0 : err;
}

static int hcl_extend(struct hcl_provider *provider, struct tsmfd_blob *auxblob)
{
	struct tsmfd_blob cert = {};
	int err;

	err = hcl_read_cert(provider, &cert);
	if (!err)
		err = hcl_blobs_make_aux(&cert, &provider->event_log, auxblob);
	tsmfd_blob_free(&cert);
	return err;
}

static int hcl_make(struct hcl_provider *provider, const struct tsmfd_options *options,
		    struct tsmfd_report *report)
{
	const struct tpm_span user_data = {
		.data = options->inblob,
		.len = HCL_REPORT_USER_DATA,
	};
	struct tsmfd_blob hcl = {};
	int err;

	BUILD_BUG_ON(sizeof(options->inblob) != HCL_REPORT_USER_DATA);

	err = hcl_challenge(provider->chip, user_data, &hcl);
	if (!err)
		err = hcl_quote(provider, user_data, &hcl, &report->outblob);
	tsmfd_blob_free(&hcl);
	if (!err && options->format == TSMFD_FORMAT_EXTENDED)
		err = hcl_extend(provider, &report->auxblob);
	return err;
}

static int hcl_try_make(struct hcl_provider *provider, const struct tsmfd_options *options,
			struct tsmfd_report *report)
{
	int err;

	tsmfd_blob_free(&report->outblob);
	err = tpm_run_hold(provider->chip);
	if (err)
		return err;
	err = hcl_make(provider, options, report);
	tpm_put_ops(provider->chip);
	return err;
}

static int hcl_report(void *priv, const struct tsmfd_options *options,
		      struct tsmfd_report *report)
{
	struct hcl_provider *provider = priv;
	unsigned int attempt = 0;
	int err;

	do {
		err = hcl_try_make(provider, options, report);
	} while (tpm_run_again(err, &attempt));
	/* An index or the key was there, and is not: no paravisor that works takes it away. */
	return err == -ESTALE ? -EIO : err;
}

static int hcl_try_identify(struct hcl_provider *provider)
{
	struct tsmfd_blob hcl = {};
	int err;

	err = tpm_run_hold(provider->chip);
	if (err)
		return err;
	err = tpm_nv_read(provider->chip, TPM_QUOTE_OWNER, HCL_NV_REPORT, &hcl);
	if (!err)
		err = hcl_quote_public(provider->chip, &provider->public);
	tpm_put_ops(provider->chip);
	tsmfd_blob_free(&hcl);
	return err;
}

/* Is it such a TPM, and whose key has it? */
static int hcl_identify(struct device *dev, struct hcl_provider *provider)
{
	const char *name = dev_name(&provider->chip->dev);
	unsigned int attempt = 0;
	int err;

	do {
		err = hcl_try_identify(provider);
	} while (tpm_run_again(err, &attempt));
	if (err == -ESTALE) {
		dev_err(dev, "%s is not that of an Azure confidential VM\n", name);
		return -ENODEV;
	}
	if (err)
		dev_err(dev, "%s does not give its HCL report and key: error %d%s\n", name, err,
			err == -EACCES ? ", its owner has a password" : "");
	return err;
}

static void hcl_free_log(void *log)
{
	tsmfd_blob_free(log);
}

static int hcl_prepare(struct device *dev, struct hcl_provider *provider)
{
	int err;

	err = hcl_identify(dev, provider);
	if (err)
		return err;
	err = tpm_log_copy(provider->chip, &provider->event_log);
	if (err)
		return err;
	return devm_add_action_or_reset(dev, hcl_free_log, &provider->event_log);
}

static void hcl_unregister(void *provider)
{
	tsmfd_unregister(provider);
}

static int hcl_register(struct device *dev, struct hcl_provider *hcl)
{
	struct tsmfd_provider *provider;

	hcl->ops = (struct tsmfd_ops) {
		.name		= "tsmfd_hcl",
		.formats	= BIT(TSMFD_FORMAT_DEFAULT) | BIT(TSMFD_FORMAT_EXTENDED),
		.inblob_min	= 1,
		.inblob_max	= HCL_REPORT_USER_DATA,
		.outblob_max	= HCL_BLOBS_OUTBLOB_MAX,
		.auxblob_max	= HCL_BLOBS_AUXBLOB_MAX + hcl->event_log.len,
		.max_inflight	= 1,
		.busy_retry_ms	= HCL_BUSY_RETRY_MS,
		.report		= hcl_report,
	};
	provider = tsmfd_register(&hcl->ops, hcl, dev);
	if (IS_ERR(provider))
		return PTR_ERR(provider);
	return devm_add_action_or_reset(dev, hcl_unregister, provider);
}

static int hcl_probe(struct device *dev)
{
	struct hcl_provider *provider;
	int err;

	provider = devm_kzalloc(dev, sizeof(*provider), GFP_KERNEL);
	if (!provider)
		return -ENOMEM;
	provider->chip = tpm_host_find_chip(dev, &hcl_selection, pcrs);
	if (IS_ERR(provider->chip))
		return PTR_ERR(provider->chip);
	err = hcl_prepare(dev, provider);
	if (err)
		return err;
	return hcl_register(dev, provider);
}

static struct tpm_host hcl_host = {
	.name	= KBUILD_MODNAME,
	.probe	= hcl_probe,
};

static int __init hcl_provider_init(void)
{
	int err;

	err = tpm_pcrs_parse(pcrs, &hcl_selection);
	if (err) {
		pr_err("pcrs=%s does not select PCRs\n", pcrs);
		return err;
	}
	return tpm_host_register(&hcl_host);
}
module_init(hcl_provider_init);

static void __exit hcl_provider_exit(void)
{
	tpm_host_unregister(&hcl_host);
}
module_exit(hcl_provider_exit);

MODULE_DESCRIPTION("Azure confidential VMs' HCL reports as tsmfd attestation reports");
MODULE_LICENSE("GPL");

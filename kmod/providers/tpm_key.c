// SPDX-License-Identifier: GPL-2.0-only
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "tpm_key.h"
#include "tpm_run.h"

/* Uses the former command's buffer again, so that it cannot fail for want of memory. */
static void tpm_key_flush(struct tpm_chip *chip, struct tpm_buf *buf, u32 handle)
{
	tpm_quote_flush(buf, handle);
	if (tpm_run(chip, buf, "FlushContext"))
		pr_err_ratelimited("the key stays loaded as 0x%08x\n", handle);
}

static int tpm_key_save_context(struct tpm_key *key, struct tpm_chip *chip,
				struct tpm_buf *buf, u32 handle)
{
	struct tpm_span context;
	int err;

	tpm_quote_context_save(buf, handle);
	err = tpm_run(chip, buf, "ContextSave");
	if (err)
		return err;
	if (tpm_response_context(tpm_response_body(buf), &context))
		return tpm_run_malformed("ContextSave");

	memcpy(key->context, context.data, context.len);
	key->context_len = context.len;
	return 0;
}

static int tpm_key_keep_created(struct tpm_key *key, struct tpm_chip *chip,
				struct tpm_buf *buf, u32 handle)
{
	struct tpm_span public;

	if (tpm_response_created(tpm_response_body(buf), &public))
		return tpm_run_malformed("CreatePrimary");

	memcpy(key->public, public.data, public.len);
	key->public_len = public.len;
	return tpm_key_save_context(key, chip, buf, handle);
}

/**
 * tpm_key_create() - make the key, or make it again
 * @key: loses what it held
 * @chip: its ops are held by the caller
 *
 * Return: 0, or what tpm_run() returns; there is no key then.
 */
int tpm_key_create(struct tpm_key *key, struct tpm_chip *chip)
{
	struct tpm_buf *buf __free(kfree) = kzalloc(TPM_BUFSIZE, GFP_KERNEL);
	u32 handle;
	int err;

	key->context_len = 0;
	if (!buf)
		return -ENOMEM;

	tpm_quote_create_primary(buf);
	err = tpm_run(chip, buf, "CreatePrimary");
	if (err)
		return err;
	if (tpm_response_handle(tpm_response_body(buf), &handle))
		return tpm_run_malformed("CreatePrimary");

	err = tpm_key_keep_created(key, chip, buf, handle);
	tpm_key_flush(chip, buf, handle);
	return err;
}

static int tpm_key_load(struct tpm_key *key, struct tpm_chip *chip, struct tpm_buf *buf,
			u32 *handle)
{
	struct tpm_span context = { .data = key->context, .len = key->context_len };
	int err;

	if (!context.len)
		return -ESTALE;

	tpm_quote_context_load(buf, context);
	err = tpm_run(chip, buf, "ContextLoad");
	if (err)
		return err;
	if (tpm_response_handle(tpm_response_body(buf), handle))
		return tpm_run_malformed("ContextLoad");
	return 0;
}

static int tpm_key_assemble(const struct tpm_key *key, struct tpm_span attest,
			    struct tpm_span signature, struct tsmfd_blob *blob)
{
	struct tsmfd_tpm_report *report;
	u8 *next;

	report = tsmfd_blob_alloc(blob, sizeof(*report) + attest.len + signature.len +
					key->public_len);
	if (!report)
		return -ENOMEM;

	*report = (struct tsmfd_tpm_report) {
		.magic = TSMFD_TPM_REPORT_MAGIC,
		.version = cpu_to_le32(1),
		.attest_len = cpu_to_le32(attest.len),
		.signature_len = cpu_to_le32(signature.len),
		.public_len = cpu_to_le32(key->public_len),
	};
	next = (u8 *)(report + 1);
	memcpy(next, attest.data, attest.len);
	next += attest.len;
	memcpy(next, signature.data, signature.len);
	next += signature.len;
	memcpy(next, key->public, key->public_len);
	return 0;
}

static int tpm_key_quote_loaded(const struct tpm_key *key, struct tpm_chip *chip,
				struct tpm_buf *buf, u32 handle, const struct tpm_pcrs *pcrs,
				struct tpm_span qualifying, struct tsmfd_blob *blob)
{
	struct tpm_span attest, signature;
	int err;

	tpm_quote_quote(buf, handle, pcrs, qualifying);
	err = tpm_run(chip, buf, "Quote");
	if (err)
		return err;
	if (tpm_response_quote(tpm_response_body(buf), TPM_RESPONSE_ECDSA, &attest, &signature))
		return tpm_run_malformed("Quote");
	return tpm_key_assemble(key, attest, signature, blob);
}

/**
 * tpm_key_quote() - a report: a quote, its signature and the key's public part
 * @key: from tpm_key_create()
 * @chip: its ops are held by the caller
 * @pcrs: what the quote is over
 * @qualifying: what the quote is to answer
 * @blob: empty; holds the report upon success
 *
 * Return: 0; -ESTALE if the key has to be made again; or what else tpm_run()
 * returns.
 */
int tpm_key_quote(struct tpm_key *key, struct tpm_chip *chip, const struct tpm_pcrs *pcrs,
		  struct tpm_span qualifying, struct tsmfd_blob *blob)
{
	struct tpm_buf *buf __free(kfree) = kzalloc(TPM_BUFSIZE, GFP_KERNEL);
	u32 handle;
	int err;

	if (!buf)
		return -ENOMEM;

	err = tpm_key_load(key, chip, buf, &handle);
	if (err)
		return err;
	err = tpm_key_quote_loaded(key, chip, buf, handle, pcrs, qualifying, blob);
	tpm_key_flush(chip, buf, handle);
	return err;
}

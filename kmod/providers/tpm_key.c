// SPDX-License-Identifier: GPL-2.0-only
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <linux/tpm.h>

#include "tpm_key.h"

/*
 * Has the TPM run the command in @buf, which then holds the response. Returns 0
 * or an errno of tpm_quote_errno(); for a failure on the way to the TPM
 * -ETIMEDOUT, -ENOMEM or -EIO, as the errnos of its drivers say nothing to a
 * user of ours.
 */
static int run(struct tpm_chip *chip, struct tpm_buf *buf, const char *command)
{
	ssize_t rc;
	int err;

	if (buf->flags & TPM_BUF_OVERFLOW)
		return -EIO;

	rc = tpm_transmit_cmd(chip, buf, 0, NULL);
	if (!rc)
		return 0;

	if (rc > 0) {
		err = tpm_quote_errno(rc);
		if (err == -EIO)
			pr_err_ratelimited("%s: TPM error 0x%03zx\n", command, rc);
	} else {
		err = rc == -ETIME ? -ETIMEDOUT : rc == -ENOMEM ? -ENOMEM : -EIO;
		pr_err_ratelimited("%s: error %zd\n", command, rc);
	}
	return err;
}

static int bad_response(const char *command)
{
	pr_err_ratelimited("%s: malformed response\n", command);
	return -EIO;
}

/* Takes the command's buffer over, so as not to need memory. */
static void flush(struct tpm_chip *chip, struct tpm_buf *buf, u32 handle)
{
	tpm_quote_flush(buf, handle);
	if (run(chip, buf, "FlushContext"))
		pr_err_ratelimited("the key stays loaded as 0x%08x\n", handle);
}

static int save_context(struct tpm_key *key, struct tpm_chip *chip,
			struct tpm_buf *buf, u32 handle)
{
	struct tpm_span context;
	int err;

	tpm_quote_context_save(buf, handle);
	err = run(chip, buf, "ContextSave");
	if (err)
		return err;
	if (tpm_quote_read_context(tpm_quote_body(buf), &context))
		return bad_response("ContextSave");

	memcpy(key->context, context.data, context.len);
	key->context_len = context.len;
	return 0;
}

static int keep_created(struct tpm_key *key, struct tpm_chip *chip,
			struct tpm_buf *buf, u32 handle)
{
	struct tpm_span public;

	if (tpm_quote_read_created(tpm_quote_body(buf), &public))
		return bad_response("CreatePrimary");

	memcpy(key->public, public.data, public.len);
	key->public_len = public.len;
	return save_context(key, chip, buf, handle);
}

/**
 * tpm_key_create() - make the key, or make it again
 * @key: loses what it held
 * @chip: its ops are held by the caller
 *
 * Return: 0, or an errno of tpm_quote_errno(), -ETIMEDOUT or -ENOMEM; there is
 * no key then.
 */
int tpm_key_create(struct tpm_key *key, struct tpm_chip *chip)
{
	struct tpm_buf buf;
	u32 handle;
	int err;

	key->context_len = 0;

	err = tpm_buf_init(&buf, TPM2_ST_SESSIONS, 0);
	if (err)
		return err;

	tpm_quote_create_primary(&buf);
	err = run(chip, &buf, "CreatePrimary");
	if (err)
		goto out;
	if (tpm_quote_read_handle(tpm_quote_body(&buf), &handle)) {
		err = bad_response("CreatePrimary");
		goto out;
	}

	err = keep_created(key, chip, &buf, handle);
	flush(chip, &buf, handle);
out:
	tpm_buf_destroy(&buf);
	return err;
}

static int load(struct tpm_key *key, struct tpm_chip *chip, struct tpm_buf *buf, u32 *handle)
{
	struct tpm_span context = { .data = key->context, .len = key->context_len };
	int err;

	if (!context.len)
		return -ESTALE;

	tpm_quote_context_load(buf, context);
	err = run(chip, buf, "ContextLoad");
	if (err)
		return err;
	if (tpm_quote_read_handle(tpm_quote_body(buf), handle))
		return bad_response("ContextLoad");
	return 0;
}

static int assemble(const struct tpm_key *key, struct tpm_span attest,
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

static int quote_loaded(const struct tpm_key *key, struct tpm_chip *chip, struct tpm_buf *buf,
			u32 handle, struct tpm_span qualifying, struct tsmfd_blob *blob)
{
	struct tpm_span attest, signature;
	int err;

	tpm_quote_quote(buf, handle, qualifying);
	err = run(chip, buf, "Quote");
	if (err)
		return err;
	if (tpm_quote_read_quote(tpm_quote_body(buf), &attest, &signature))
		return bad_response("Quote");
	return assemble(key, attest, signature, blob);
}

/**
 * tpm_key_quote() - a report: a quote, its signature and the key's public part
 * @key: from tpm_key_create()
 * @chip: its ops are held by the caller
 * @qualifying: what the quote is to answer
 * @blob: empty; holds the report upon success
 *
 * Return: 0; -ESTALE if the key has to be made again; or another errno of
 * tpm_quote_errno(), -ETIMEDOUT or -ENOMEM.
 */
int tpm_key_quote(struct tpm_key *key, struct tpm_chip *chip,
		  struct tpm_span qualifying, struct tsmfd_blob *blob)
{
	struct tpm_buf buf;
	u32 handle;
	int err;

	err = tpm_buf_init(&buf, TPM2_ST_NO_SESSIONS, 0);
	if (err)
		return err;

	err = load(key, chip, &buf, &handle);
	if (!err) {
		err = quote_loaded(key, chip, &buf, handle, qualifying, blob);
		flush(chip, &buf, handle);
	}
	tpm_buf_destroy(&buf);
	return err;
}

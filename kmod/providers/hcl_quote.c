// SPDX-License-Identifier: GPL-2.0-only
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "hcl_quote.h"
#include "tpm_quote.h"
#include "tpm_run.h"

static int hcl_quote_run_public(struct tpm_chip *chip, struct tpm_buf *buf,
				struct hcl_public *public)
{
	struct tpm_span bytes;
	int err;

	tpm_quote_read_public(buf, HCL_QUOTE_KEY);
	err = tpm_run(chip, buf, "ReadPublic");
	if (err)
		return err;
	if (tpm_response_public(tpm_response_body(buf), &bytes))
		return tpm_run_malformed("ReadPublic");
	memcpy(public->bytes, bytes.data, bytes.len);
	public->len = bytes.len;
	return 0;
}

/**
 * hcl_quote_public() - which key signs
 * @chip: held, see tpm_run_hold()
 * @public: set upon success
 *
 * Return: 0; -ESTALE if there is no such key; or what else tpm_run() returns.
 */
int hcl_quote_public(struct tpm_chip *chip, struct hcl_public *public)
{
	struct tpm_buf *buf __free(kfree) = kzalloc(TPM_BUFSIZE, GFP_KERNEL);

	return buf ? hcl_quote_run_public(chip, buf, public) : -ENOMEM;
}

/**
 * hcl_quote_make() - a quote, and its signature
 * @chip: held, see tpm_run_hold()
 * @pcrs: what the quote is over
 * @qualifying: what the quote is to answer
 * @quote: set upon success; to be freed with hcl_quote_destroy() then
 *
 * Return: 0; -ESTALE if there is no key; or what else tpm_run() returns.
 */
int hcl_quote_make(struct tpm_chip *chip, const struct tpm_pcrs *pcrs,
		   struct tpm_span qualifying, struct hcl_quote *quote)
{
	int err;

	quote->buf = kzalloc(TPM_BUFSIZE, GFP_KERNEL);
	if (!quote->buf)
		return -ENOMEM;

	tpm_quote_quote(quote->buf, HCL_QUOTE_KEY, pcrs, qualifying);
	err = tpm_run(chip, quote->buf, "Quote");
	if (!err && tpm_response_quote(tpm_response_body(quote->buf), TPM_RESPONSE_RSASSA,
				       &quote->attest, &quote->signature))
		err = tpm_run_malformed("Quote");
	if (err)
		hcl_quote_destroy(quote);
	return err;
}

/**
 * hcl_quote_destroy() - undo hcl_quote_make()
 * @quote: of it
 */
void hcl_quote_destroy(struct hcl_quote *quote)
{
	kfree(quote->buf);
}

// SPDX-License-Identifier: GPL-2.0-only
#include <linux/errno.h>
#include <linux/string.h>

#include "hcl_blobs.h"

static u8 *hcl_blobs_append(u8 *to, const void *data, size_t len)
{
	if (len)
		memcpy(to, data, len);
	return to + len;
}

/**
 * hcl_blobs_make_report() - an outblob
 * @hcl: the HCL report
 * @quote: by the key that it names
 * @public: of that key
 * @outblob: empty; holds the outblob upon success
 *
 * Return: 0 or -ENOMEM.
 */
int hcl_blobs_make_report(const struct tsmfd_blob *hcl, const struct hcl_quote *quote,
			  const struct hcl_public *public, struct tsmfd_blob *outblob)
{
	struct tsmfd_hcl_report *head;
	u8 *next;

	head = tsmfd_blob_alloc(outblob, sizeof(*head) + hcl->len + quote->attest.len +
					 quote->signature.len + public->len);
	if (!head)
		return -ENOMEM;

	*head = (struct tsmfd_hcl_report) {
		.magic = TSMFD_HCL_REPORT_MAGIC,
		.version = cpu_to_le32(1),
		.hcl_len = cpu_to_le32(hcl->len),
		.attest_len = cpu_to_le32(quote->attest.len),
		.signature_len = cpu_to_le32(quote->signature.len),
		.public_len = cpu_to_le32(public->len),
	};
	next = hcl_blobs_append((u8 *)(head + 1), hcl->data, hcl->len);
	next = hcl_blobs_append(next, quote->attest.data, quote->attest.len);
	next = hcl_blobs_append(next, quote->signature.data, quote->signature.len);
	hcl_blobs_append(next, public->bytes, public->len);
	return 0;
}

/**
 * hcl_blobs_make_aux() - an auxblob
 * @ak_cert: the key's certificate; empty if there is none
 * @event_log: the firmware's; likewise
 * @auxblob: empty; holds the auxblob upon success
 *
 * Return: 0 or -ENOMEM.
 */
int hcl_blobs_make_aux(const struct tsmfd_blob *ak_cert, const struct tsmfd_blob *event_log,
		       struct tsmfd_blob *auxblob)
{
	struct tsmfd_hcl_aux *head;
	u8 *next;

	head = tsmfd_blob_alloc(auxblob, sizeof(*head) + ak_cert->len + event_log->len);
	if (!head)
		return -ENOMEM;

	*head = (struct tsmfd_hcl_aux) {
		.magic = TSMFD_HCL_AUX_MAGIC,
		.version = cpu_to_le32(1),
		.ak_cert_len = cpu_to_le32(ak_cert->len),
		.event_log_len = cpu_to_le32(event_log->len),
	};
	next = hcl_blobs_append((u8 *)(head + 1), ak_cert->data, ak_cert->len);
	hcl_blobs_append(next, event_log->data, event_log->len);
	return 0;
}

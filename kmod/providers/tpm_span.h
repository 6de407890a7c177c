/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading what was written elsewhere, by a TPM or by firmware: a span of bytes
 * is taken apart from its front, and never past its end.
 */
#ifndef _TSMFD_TPM_SPAN_H
#define _TSMFD_TPM_SPAN_H

#include <linux/types.h>

/* Bytes of another's memory. */
struct tpm_span {
	const u8	*data;
	size_t		len;
};

/* Takes @len bytes off the front of @from; nothing if there are fewer. */
static inline bool tpm_take(struct tpm_span *from, size_t len, struct tpm_span *taken)
{
	if (len > from->len)
		return false;
	*taken = (struct tpm_span) { .data = from->data, .len = len };
	from->data += len;
	from->len -= len;
	return true;
}

/* Numbers of a TPM are big-endian … */
static inline bool tpm_take_be16(struct tpm_span *from, u16 *value)
{
	struct tpm_span bytes;

	if (!tpm_take(from, sizeof(*value), &bytes))
		return false;
	*value = bytes.data[0] << 8 | bytes.data[1];
	return true;
}

static inline bool tpm_take_be32(struct tpm_span *from, u32 *value)
{
	struct tpm_span bytes;

	if (!tpm_take(from, sizeof(*value), &bytes))
		return false;
	*value = (u32)bytes.data[0] << 24 | bytes.data[1] << 16 |
		 bytes.data[2] << 8 | bytes.data[3];
	return true;
}

/* … those of an event log little-endian. */
static inline bool tpm_take_le16(struct tpm_span *from, u16 *value)
{
	struct tpm_span bytes;

	if (!tpm_take(from, sizeof(*value), &bytes))
		return false;
	*value = bytes.data[1] << 8 | bytes.data[0];
	return true;
}

static inline bool tpm_take_le32(struct tpm_span *from, u32 *value)
{
	struct tpm_span bytes;

	if (!tpm_take(from, sizeof(*value), &bytes))
		return false;
	*value = (u32)bytes.data[3] << 24 | bytes.data[2] << 16 |
		 bytes.data[1] << 8 | bytes.data[0];
	return true;
}

/* Bytes with their number before them, as 16 bits big-endian: any TPM2B_. */
static inline bool tpm_take_2b(struct tpm_span *from, struct tpm_span *contents)
{
	u16 len;

	return tpm_take_be16(from, &len) && tpm_take(from, len, contents);
}

#endif /* _TSMFD_TPM_SPAN_H */

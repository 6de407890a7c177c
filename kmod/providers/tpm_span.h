/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads bytes that a TPM or firmware has written. A span is taken apart from its
 * front, and never read past its end.
 */
#ifndef _TSMFD_TPM_SPAN_H
#define _TSMFD_TPM_SPAN_H

#include <linux/types.h>

/* Bytes that somebody else keeps. */
struct tpm_span {
	const u8	*data;
	size_t		len;
};

/* Takes @len bytes off the front of @from, or nothing if there are fewer. */
static inline bool tpm_take(struct tpm_span *from, size_t len, struct tpm_span *taken)
{
	if (len > from->len)
		return false;
	*taken = (struct tpm_span) { .data = from->data, .len = len };
	from->data += len;
	from->len -= len;
	return true;
}

/* A TPM's numbers are big-endian. */
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

/* An event log's numbers are little-endian. */
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

/* Takes the contents of a TPM2B_: a length of 16 bits, and as many bytes. */
static inline bool tpm_take_2b(struct tpm_span *from, struct tpm_span *contents)
{
	u16 len;

	return tpm_take_be16(from, &len) && tpm_take(from, len, contents);
}

#endif /* _TSMFD_TPM_SPAN_H */

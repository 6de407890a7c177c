// SPDX-License-Identifier: GPL-2.0-only
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "tpm_nv.h"
#include "tpm_quote.h"
#include "tpm_response.h"
#include "tpm_run.h"

static int tpm_nv_size(struct tpm_chip *chip, struct tpm_buf *buf, u32 index, u16 *size)
{
	int err;

	tpm_quote_nv_read_public(buf, index);
	err = tpm_run(chip, buf, "NV_ReadPublic");
	if (err)
		return err;
	if (tpm_response_nv_size(tpm_response_body(buf), size))
		return tpm_run_malformed("NV_ReadPublic");
	return 0;
}

static int tpm_nv_read_chunk(struct tpm_chip *chip, struct tpm_buf *buf, u32 auth, u32 index,
			     u16 offset, u16 len, u8 *to)
{
	struct tpm_span data;
	int err;

	tpm_quote_nv_read(buf, auth, index, offset, len);
	err = tpm_run(chip, buf, "NV_Read");
	if (err)
		return err;
	if (tpm_response_nv_data(tpm_response_body(buf), len, &data))
		return tpm_run_malformed("NV_Read");
	memcpy(to, data.data, data.len);
	return 0;
}

static int tpm_nv_read_all(struct tpm_chip *chip, struct tpm_buf *buf, u32 auth, u32 index,
			   struct tsmfd_blob *blob)
{
	u16 size, offset, len;
	u8 *to;
	int err;

	err = tpm_nv_size(chip, buf, index, &size);
	if (err)
		return err;
	if (!size || size > TPM_NV_SIZE_MAX)
		return -EFBIG;

	to = tsmfd_blob_alloc(blob, size);
	if (!to)
		return -ENOMEM;
	for (offset = 0; !err && offset < size; offset += len) {
		len = min_t(u16, size - offset, TPM_QUOTE_NV_CHUNK);
		err = tpm_nv_read_chunk(chip, buf, auth, index, offset, len, to + offset);
	}
	return err;
}

/**
 * tpm_nv_read() - all that an index holds
 * @chip: held, see tpm_run_hold()
 * @auth: whose empty password lets it be read: @index, or TPM_QUOTE_OWNER
 * @index: which
 * @blob: empty; the caller frees what it holds then, even upon failure
 *
 * Return: 0; -ESTALE if there is no such index;
 * -EFBIG if it holds more than TPM_NV_SIZE_MAX, or nothing; or what tpm_run()
 * returns.
 */
int tpm_nv_read(struct tpm_chip *chip, u32 auth, u32 index, struct tsmfd_blob *blob)
{
	struct tpm_buf *buf __free(kfree) = kzalloc(TPM_BUFSIZE, GFP_KERNEL);

	return buf ? tpm_nv_read_all(chip, buf, auth, index, blob) : -ENOMEM;
}

/* Defines the index if there is none, and then writes once more. */
static int tpm_nv_write_or_define(struct tpm_chip *chip, struct tpm_buf *buf, u32 index,
				  struct tpm_span data)
{
	int err;

	tpm_quote_nv_write(buf, index, data);
	err = tpm_run(chip, buf, "NV_Write");
	if (err != -ESTALE)
		return err;

	tpm_quote_nv_define(buf, index, data.len);
	err = tpm_run(chip, buf, "NV_DefineSpace");
	if (err)
		return err;
	tpm_quote_nv_write(buf, index, data);
	return tpm_run(chip, buf, "NV_Write");
}

/**
 * tpm_nv_write() - write an index from its start
 * @chip: held, see tpm_run_hold()
 * @index: one that the owner's empty password lets write. If there is none, it is
 *	defined, as long as @data.
 * @data: at most TPM_QUOTE_NV_CHUNK
 *
 * Return: 0, or what tpm_run() returns.
 */
int tpm_nv_write(struct tpm_chip *chip, u32 index, struct tpm_span data)
{
	struct tpm_buf *buf __free(kfree) = kzalloc(TPM_BUFSIZE, GFP_KERNEL);

	return buf ? tpm_nv_write_or_define(chip, buf, index, data) : -ENOMEM;
}

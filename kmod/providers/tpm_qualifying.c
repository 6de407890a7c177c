// SPDX-License-Identifier: GPL-2.0-only
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/tsmfd.h>

#include "tpm_qualifying.h"
#include "tpm_quote.h"
#include "tpm_response.h"
#include "tpm_run.h"

enum {
	QUALIFYING_MAX_DIGEST	= 0x120,	/* TPM_PT_MAX_DIGEST, bytes */
};

static int tpm_qualifying_digest(struct tpm_chip *chip, u32 *digest)
{
	struct tpm_buf *buf __free(kfree) = kzalloc(TPM_BUFSIZE, GFP_KERNEL);
	int err;

	if (!buf)
		return -ENOMEM;

	tpm_quote_get_property(buf, QUALIFYING_MAX_DIGEST);
	err = tpm_run(chip, buf, "GetCapability");
	if (err)
		return err;
	if (tpm_response_property(tpm_response_body(buf), QUALIFYING_MAX_DIGEST, digest))
		return tpm_run_malformed("GetCapability");
	return 0;
}

/**
 * tpm_qualifying_max() - how long a challenge may be for this TPM
 * @chip: a reference to it; the caller does not hold it
 * @max: set upon success: bytes, at most TSMFD_INBLOB_MAX
 *
 * Return: 0, or what tpm_run_hold() or tpm_run() returns.
 */
int tpm_qualifying_max(struct tpm_chip *chip, u32 *max)
{
	unsigned int attempt = 0;
	u32 digest;
	int err;

	do {
		err = tpm_run_hold(chip);
		if (err)
			return err;
		err = tpm_qualifying_digest(chip, &digest);
		tpm_put_ops(chip);
	} while (tpm_run_again(err, &attempt));
	if (err)
		return err;

	*max = min_t(u64, (u64)sizeof(u16) + digest, TSMFD_INBLOB_MAX);
	return 0;
}

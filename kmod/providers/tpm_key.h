/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The attestation key, and quotes with it.
 *
 * A TPM has room for few loaded objects (swtpm for three). The resource manager
 * behind /dev/tpmrm0 flushes what its users have loaded after each of their commands,
 * and relies on having all of that room for the next. If the key stayed loaded, then
 * users who need three objects would fail, and anybody who has /dev/tpm0 open could
 * flush the key. So the key is kept as the resource manager keeps its users' keys:
 * its context is saved outside the TPM, and it is loaded, used and flushed while
 * nobody else can use the TPM. Between two quotes nothing of the key is in the TPM,
 * so there is nothing to flush when the module goes.
 *
 * A TPM refuses a context that it saved before it was last reset or cleared. Then the
 * key is made again, and is the same one, because its template and the TPM's seed are
 * the same. A suspend needs no special care for that reason: if the TPM was reset
 * meanwhile, the next quote finds out.
 *
 * All of this is for one caller at a time, who holds the chip (tpm_run_hold()) and
 * with it the chip's tpm_mutex.
 */
#ifndef _TSMFD_TPM_KEY_H
#define _TSMFD_TPM_KEY_H

#include <linux/tpm.h>
#include <linux/tsmfd.h>
#include <uapi/linux/tsmfd_tpm.h>

#include "tpm_quote.h"
#include "tpm_response.h"

enum {
	TPM_KEY_REPORT_MAX	= sizeof(struct tsmfd_tpm_report) +
				  TPM_RESPONSE_ATTEST_MAX +
				  TPM_RESPONSE_SIGNATURE_MAX +
				  TPM_RESPONSE_PUBLIC_MAX,
};

/**
 * struct tpm_key - the key, as it is kept outside the TPM
 * @context_len: bytes of @context; 0 while there is no key
 * @public_len: bytes of @public
 * @public: its TPM2B_PUBLIC
 * @context: its TPMS_CONTEXT, encrypted by the TPM
 */
struct tpm_key {
	size_t	context_len;
	size_t	public_len;
	u8	public[TPM_RESPONSE_PUBLIC_MAX];
	u8	context[TPM_RESPONSE_CONTEXT_MAX];
};

int tpm_key_create(struct tpm_key *key, struct tpm_chip *chip);
int tpm_key_quote(struct tpm_key *key, struct tpm_chip *chip, const struct tpm_pcrs *pcrs,
		  struct tpm_span qualifying, struct tsmfd_blob *blob);

#endif /* _TSMFD_TPM_KEY_H */

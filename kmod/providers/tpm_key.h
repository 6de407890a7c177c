/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The attestation key, and quotes with it.
 *
 * A TPM has room for few loaded objects: three, in swtpm. The resource manager
 * behind /dev/tpmrm0 flushes what its users have loaded after each of their
 * commands, and counts on all of that room for the next: a key that stayed
 * loaded would break users who need three objects, and whoever has /dev/tpm0
 * open could flush it. So the key is kept as the manager keeps its users': its
 * context is saved outside the TPM, and loaded, used and flushed while nobody
 * else can use the TPM. Between two quotes nothing of ours is in the TPM, hence
 * nothing is left to flush when the module goes.
 *
 * A TPM refuses a context that it saved before its last reset or clear; then
 * the key is made again, the same one, for its template and the TPM's seed are
 * the same.
 *
 * Suspending is no matter to it for the same reason: whether the TPM keeps its
 * state meanwhile or is reset, the next quote finds out.
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
 * struct tpm_key - the key, outside the TPM
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

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The auxblob of an extended report: what a verifier wants beside the report. All of
 * it but the key's public part stays the same during a boot, and is gathered once.
 */
#ifndef _TSMFD_TPM_AUX_H
#define _TSMFD_TPM_AUX_H

#include <linux/tpm.h>
#include <linux/tsmfd.h>
#include <uapi/linux/tsmfd_tpm.h>

#include "tpm_span.h"

/**
 * struct tpm_aux - what does not change; each is empty if there is none
 * @ek_ecc: certificate of the endorsement key of P-256
 * @ek_rsa: likewise, of RSA 2048
 * @event_log: the firmware's
 */
struct tpm_aux {
	struct tsmfd_blob	ek_ecc;
	struct tsmfd_blob	ek_rsa;
	struct tsmfd_blob	event_log;
};

int tpm_aux_gather(struct tpm_aux *aux, struct tpm_chip *chip);
void tpm_aux_free(struct tpm_aux *aux);
u32 tpm_aux_max(const struct tpm_aux *aux);
int tpm_aux_make(const struct tpm_aux *aux, struct tpm_span public, struct tsmfd_blob *blob);

#endif /* _TSMFD_TPM_AUX_H */

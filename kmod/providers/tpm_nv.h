/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A TPM's non-volatile memory. Certificates of endorsement keys are there, which its
 * manufacturer has left (TCG EK Credential Profile 2.5, section 2.2.1.4).
 */
#ifndef _TSMFD_TPM_NV_H
#define _TSMFD_TPM_NV_H

#include <linux/tpm.h>
#include <linux/tsmfd.h>

#include "tpm_span.h"

enum {
	TPM_NV_EK_RSA_2048	= 0x01c00002,
	TPM_NV_EK_ECC_P256	= 0x01c0000a,

	TPM_NV_SIZE_MAX		= 8192,	/* bytes of what is read */
};

int tpm_nv_read(struct tpm_chip *chip, u32 auth, u32 index, struct tsmfd_blob *blob);
int tpm_nv_write(struct tpm_chip *chip, u32 index, struct tpm_span data);

#endif /* _TSMFD_TPM_NV_H */

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Certificates of endorsement keys, which the TPM's manufacturer has left in its
 * non-volatile memory (TCG EK Credential Profile 2.5, section 2.2.1.4).
 */
#ifndef _TSMFD_TPM_NV_H
#define _TSMFD_TPM_NV_H

#include <linux/tpm.h>
#include <linux/tsmfd.h>

enum {
	TPM_NV_EK_RSA_2048	= 0x01c00002,
	TPM_NV_EK_ECC_P256	= 0x01c0000a,

	TPM_NV_CERT_MAX		= 8192,	/* bytes */
};

int tpm_nv_read(struct tpm_chip *chip, u32 index, struct tsmfd_blob *blob);

#endif /* _TSMFD_TPM_NV_H */

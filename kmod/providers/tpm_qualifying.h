/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How long the qualifying data of a quote may be, which is where a challenge goes.
 *
 * Its type, TPM2B_DATA, has room for sizeof(TPMT_HA) bytes (TPM 2.0 library
 * specification, part 2): for the number of a hash, of two bytes, and the longest
 * digest that the TPM makes. A TPM whose longest hash is SHA-256 takes 34 bytes, one
 * with SHA-384 takes 50, and only one with SHA-512 takes challenges of any length
 * and the roots of batches.
 */
#ifndef _TSMFD_TPM_QUALIFYING_H
#define _TSMFD_TPM_QUALIFYING_H

#include <linux/tpm.h>
#include <linux/types.h>

int tpm_qualifying_max(struct tpm_chip *chip, u32 *max);

#endif /* _TSMFD_TPM_QUALIFYING_H */

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which PCRs a quote is over. They are named as tpm2-tools name them,
 * "sha256:0,1,2+sha384:7", and also in ranges, "sha256:0-9".
 */
#ifndef _TSMFD_TPM_PCRS_H
#define _TSMFD_TPM_PCRS_H

#include <linux/types.h>

enum {
	TPM_PCRS_MAX		= 24,	/* PC Client Platform TPM Profile, 4.6 */
	TPM_PCRS_BANKS_MAX	= 5,	/* the hashes there are names for */
};

/**
 * struct tpm_pcrs - a selection
 * @count: of its banks, at least one
 * @banks: in the order in which they were named, since the quote's digest depends
 *	on it
 * @banks.alg: TPM_ALG_ID of the bank's hash; no two have the same
 * @banks.pcrs: bit n: PCR n; at least one
 */
struct tpm_pcrs {
	u32	count;
	struct {
		u16	alg;
		u32	pcrs;
	} banks[TPM_PCRS_BANKS_MAX];
};

int tpm_pcrs_parse(const char *text, struct tpm_pcrs *pcrs);

#endif /* _TSMFD_TPM_PCRS_H */

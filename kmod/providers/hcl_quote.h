/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Quotes by the attestation key of an Azure confidential VM: RSA 2048, restricted,
 * signing with RSASSA and SHA-256. The paravisor has made it, and has left it in the TPM
 * as a persistent object, so it needs no room and nobody loads it.
 */
#ifndef _TSMFD_HCL_QUOTE_H
#define _TSMFD_HCL_QUOTE_H

#include <linux/tsmfd.h>

#include "../compat/tpm.h"
#include "tpm_pcrs.h"
#include "tpm_response.h"
#include "tpm_span.h"

enum {
	HCL_QUOTE_KEY	= 0x81000003,
};

/**
 * struct hcl_public - the key's TPM2B_PUBLIC
 * @len: bytes of @bytes
 * @bytes: as the TPM marshals it
 */
struct hcl_public {
	size_t	len;
	u8	bytes[TPM_RESPONSE_PUBLIC_MAX];
};

/**
 * struct hcl_quote - a quote
 * @buf: the TPM's response, which has the two
 * @attest: TPMS_ATTEST
 * @signature: TPMT_SIGNATURE
 */
struct hcl_quote {
	struct tpm_buf	*buf;
	struct tpm_span	attest;
	struct tpm_span	signature;
};

int hcl_quote_public(struct tpm_chip *chip, struct hcl_public *public);
int hcl_quote_make(struct tpm_chip *chip, const struct tpm_pcrs *pcrs,
		   struct tpm_span qualifying, struct hcl_quote *quote);
void hcl_quote_destroy(struct hcl_quote *quote);

#endif /* _TSMFD_HCL_QUOTE_H */

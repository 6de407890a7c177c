/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a TPM answers, as spans and numbers, read through bounds that nothing it
 * says can widen. No TPM is talked to here. Numbers are of the TPM 2.0 library
 * specification, revision 1.59, part 2 (structures) and 3 (commands).
 */
#ifndef _TSMFD_TPM_RESPONSE_H
#define _TSMFD_TPM_RESPONSE_H

#include <linux/tpm.h>

#include "tpm_span.h"

enum {
	/* The longest parts taken from a TPM, in bytes; about three times what
	 * P-256 and SHA-256 make of them.
	 */
	TPM_RESPONSE_ATTEST_MAX		= 512,
	TPM_RESPONSE_SIGNATURE_MAX	= 256,
	TPM_RESPONSE_PUBLIC_MAX		= 512,
	/* A context has to go back in one command. */
	TPM_RESPONSE_CONTEXT_MAX	= 4096 - TPM_HEADER_SIZE,
};

/* Each reads the body of a successful response, and gives spans within it. */
struct tpm_span tpm_response_body(struct tpm_buf *response);
int tpm_response_handle(struct tpm_span body, u32 *handle);
int tpm_response_created(struct tpm_span body, struct tpm_span *public);
int tpm_response_context(struct tpm_span body, struct tpm_span *context);
int tpm_response_quote(struct tpm_span body, struct tpm_span *attest,
		       struct tpm_span *signature);
int tpm_response_property(struct tpm_span body, u32 property, u32 *value);
int tpm_response_nv_size(struct tpm_span body, u16 *size);
int tpm_response_nv_data(struct tpm_span body, u16 len, struct tpm_span *data);

#endif /* _TSMFD_TPM_RESPONSE_H */

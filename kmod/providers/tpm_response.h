/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a TPM answers, taken apart into spans and numbers. A TPM is not trusted: no
 * length that it gives is followed beyond the response. Nothing here talks to a TPM.
 * Numbers are of the TPM 2.0 library specification, revision 1.59, part 2
 * (structures) and 3 (commands).
 */
#ifndef _TSMFD_TPM_RESPONSE_H
#define _TSMFD_TPM_RESPONSE_H

#include "../compat/tpm.h"
#include "tpm_span.h"

enum {
	/*
	 * Bytes of the longest parts that are taken from a TPM. With P-256 and SHA-256
	 * they have about a third of it; with RSA 2048, signature and public part have
	 * 262 and 282.
	 */
	TPM_RESPONSE_ATTEST_MAX		= 512,
	TPM_RESPONSE_SIGNATURE_MAX	= 512,
	TPM_RESPONSE_PUBLIC_MAX		= 512,
	/* A context has to fit into the command that loads it again. */
	TPM_RESPONSE_CONTEXT_MAX	= 4096 - TPM_HEADER_SIZE,
};

/* TPM_ALG_ID of what a quote is signed with */
enum tpm_response_scheme {
	TPM_RESPONSE_RSASSA		= 0x0014,
	TPM_RESPONSE_ECDSA		= 0x0018,
};

/* Each takes the body of a successful response. The spans that it gives are in there. */
struct tpm_span tpm_response_body(struct tpm_buf *response);
int tpm_response_handle(struct tpm_span body, u32 *handle);
int tpm_response_public(struct tpm_span body, struct tpm_span *public);
int tpm_response_created(struct tpm_span body, struct tpm_span *public);
int tpm_response_context(struct tpm_span body, struct tpm_span *context);
int tpm_response_quote(struct tpm_span body, enum tpm_response_scheme scheme,
		       struct tpm_span *attest, struct tpm_span *signature);
int tpm_response_property(struct tpm_span body, u32 property, u32 *value);
int tpm_response_nv_size(struct tpm_span body, u16 *size);
int tpm_response_nv_data(struct tpm_span body, u16 len, struct tpm_span *data);

#endif /* _TSMFD_TPM_RESPONSE_H */

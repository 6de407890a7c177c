/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The TPM commands that a quote takes, as bytes: commands are appended to a
 * struct tpm_buf, responses are read through bounds that nothing a TPM says can
 * widen. No TPM is talked to here. Numbers are of the TPM 2.0 library
 * specification, revision 1.59, part 2 (structures) and 3 (commands).
 */
#ifndef _TSMFD_TPM_QUOTE_H
#define _TSMFD_TPM_QUOTE_H

#include <linux/tpm.h>
#include <linux/types.h>

enum {
	/* The quote is over these of the SHA-256 bank: firmware and boot. */
	TPM_QUOTE_PCR_FIRST	= 0,
	TPM_QUOTE_PCR_LAST	= 9,

	/* The longest parts taken from a TPM, in bytes; about three times what
	 * P-256 and SHA-256 make of them.
	 */
	TPM_QUOTE_ATTEST_MAX	= 512,
	TPM_QUOTE_SIGNATURE_MAX	= 256,
	TPM_QUOTE_PUBLIC_MAX	= 512,
	/* A context has to go back in one command. */
	TPM_QUOTE_CONTEXT_MAX	= 4096 - TPM_HEADER_SIZE,
};

/* Bytes of another's memory. */
struct tpm_span {
	const u8	*data;
	size_t		len;
};

/* Each makes @buf, from tpm_buf_init(), one whole command. */
void tpm_quote_create_primary(struct tpm_buf *buf);
void tpm_quote_context_save(struct tpm_buf *buf, u32 handle);
void tpm_quote_context_load(struct tpm_buf *buf, struct tpm_span context);
void tpm_quote_quote(struct tpm_buf *buf, u32 handle, struct tpm_span qualifying);
void tpm_quote_flush(struct tpm_buf *buf, u32 handle);

/* Each reads the body of a successful response, and gives spans within it. */
struct tpm_span tpm_quote_body(struct tpm_buf *response);
int tpm_quote_read_handle(struct tpm_span body, u32 *handle);
int tpm_quote_read_created(struct tpm_span body, struct tpm_span *public);
int tpm_quote_read_context(struct tpm_span body, struct tpm_span *context);
int tpm_quote_read_quote(struct tpm_span body, struct tpm_span *attest,
			 struct tpm_span *signature);

int tpm_quote_errno(u32 rc);

#endif /* _TSMFD_TPM_QUOTE_H */

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The TPM commands that a report takes, as bytes in a struct tpm_buf. Nothing here
 * talks to a TPM. Numbers are of the TPM 2.0 library specification, revision 1.59,
 * part 2 (structures) and 3 (commands).
 */
#ifndef _TSMFD_TPM_QUOTE_H
#define _TSMFD_TPM_QUOTE_H

#include "../compat/tpm.h"
#include "tpm_pcrs.h"
#include "tpm_span.h"

enum {
	/* Every TPM gives so many bytes at once (TPM_PT_NV_BUFFER_MAX). */
	TPM_QUOTE_NV_CHUNK	= 512,

	TPM_QUOTE_OWNER		= 0x40000001,	/* TPM_RH_OWNER */
};

/* Each makes @buf, of TPM_BUFSIZE bytes, one whole command. */
void tpm_quote_create_primary(struct tpm_buf *buf);
void tpm_quote_context_save(struct tpm_buf *buf, u32 handle);
void tpm_quote_context_load(struct tpm_buf *buf, struct tpm_span context);
void tpm_quote_quote(struct tpm_buf *buf, u32 handle, const struct tpm_pcrs *pcrs,
		     struct tpm_span qualifying);
void tpm_quote_flush(struct tpm_buf *buf, u32 handle);
void tpm_quote_get_property(struct tpm_buf *buf, u32 property);
void tpm_quote_nv_read_public(struct tpm_buf *buf, u32 index);
void tpm_quote_nv_read(struct tpm_buf *buf, u32 auth, u32 index, u16 offset, u16 len);
void tpm_quote_nv_write(struct tpm_buf *buf, u32 index, struct tpm_span data);
void tpm_quote_nv_define(struct tpm_buf *buf, u32 index, u16 size);
void tpm_quote_read_public(struct tpm_buf *buf, u32 handle);

#endif /* _TSMFD_TPM_QUOTE_H */

// SPDX-License-Identifier: GPL-2.0-only
#include <linux/bits.h>

#include "tpm_quote.h"

/* They have a prefix, as <linux/tpm.h> has some of them, others in each kernel. */
enum {
	Q_CC_NV_DEFINE_SPACE	= 0x012a,
	Q_CC_CREATE_PRIMARY	= 0x0131,
	Q_CC_NV_WRITE		= 0x0137,
	Q_CC_NV_READ		= 0x014e,
	Q_CC_QUOTE		= 0x0158,
	Q_CC_CONTEXT_LOAD	= 0x0161,
	Q_CC_CONTEXT_SAVE	= 0x0162,
	Q_CC_FLUSH_CONTEXT	= 0x0165,
	Q_CC_NV_READ_PUBLIC	= 0x0169,
	Q_CC_READ_PUBLIC	= 0x0173,
	Q_CC_GET_CAPABILITY	= 0x017a,

	Q_CAP_TPM_PROPERTIES	= 0x00000006,

	Q_RH_ENDORSEMENT	= 0x4000000b,
	Q_RS_PW			= 0x40000009,

	Q_ALG_SHA256		= 0x000b,
	Q_ALG_NULL		= 0x0010,
	Q_ALG_ECDSA		= 0x0018,
	Q_ALG_ECC		= 0x0023,
	Q_ECC_NIST_P256		= 0x0003,

	Q_PCR_SELECT_SIZE	= TPM_PCRS_MAX / 8,
};

/* TPMA_OBJECT */
enum {
	Q_OA_FIXED_TPM			= BIT(1),
	Q_OA_FIXED_PARENT		= BIT(4),
	Q_OA_SENSITIVE_DATA_ORIGIN	= BIT(5),
	Q_OA_USER_WITH_AUTH		= BIT(6),
	Q_OA_NO_DA			= BIT(10),
	Q_OA_RESTRICTED			= BIT(16),
	Q_OA_SIGN			= BIT(18),
};

/* TPMA_NV */
enum {
	Q_NV_OWNER_WRITE	= BIT(1),
	Q_NV_AUTH_WRITE		= BIT(2),
	Q_NV_OWNER_READ		= BIT(17),
	Q_NV_AUTH_READ		= BIT(18),
};

/*
 * A buffer that a command did not fit into would stay unusable: with it, the key that
 * is loaded could not be flushed.
 */
static void tpm_quote_begin(struct tpm_buf *buf, u16 tag, u32 code)
{
	tpm_buf_init(buf, TPM_BUFSIZE);
	tpm_buf_reset(buf, tag, code);
}

static void tpm_quote_append(struct tpm_buf *buf, struct tpm_span span)
{
	tpm_buf_append(buf, span.data, span.len);
}

static void tpm_quote_append_2b(struct tpm_buf *buf, struct tpm_span span)
{
	tpm_buf_append_u16(buf, span.len);
	tpm_quote_append(buf, span);
}

static void tpm_quote_append_empty_2b(struct tpm_buf *buf)
{
	tpm_buf_append_u16(buf, 0);
}

/* Appends an authorization area of one session, which is the empty password. */
static void tpm_quote_append_empty_auth(struct tpm_buf *buf)
{
	tpm_buf_append_u32(buf, 4 + 2 + 1 + 2);
	tpm_buf_append_u32(buf, Q_RS_PW);
	tpm_quote_append_empty_2b(buf);	/* nonce */
	tpm_buf_append_u8(buf, 0);	/* attributes */
	tpm_quote_append_empty_2b(buf);	/* password */
}

/*
 * Appends the TPMT_PUBLIC of the attestation key. The key is restricted, so that it
 * signs only what the TPM itself has made. It is exempt from the protection against
 * guessing, which could lock it, since its authorization is empty anyhow.
 */
static void tpm_quote_append_template(struct tpm_buf *buf)
{
	tpm_buf_append_u16(buf, Q_ALG_ECC);
	tpm_buf_append_u16(buf, Q_ALG_SHA256);		/* of its name */
	tpm_buf_append_u32(buf, Q_OA_FIXED_TPM | Q_OA_FIXED_PARENT |
				Q_OA_SENSITIVE_DATA_ORIGIN | Q_OA_USER_WITH_AUTH |
				Q_OA_NO_DA | Q_OA_RESTRICTED | Q_OA_SIGN);
	tpm_quote_append_empty_2b(buf);			/* policy */
	tpm_buf_append_u16(buf, Q_ALG_NULL);		/* symmetric */
	tpm_buf_append_u16(buf, Q_ALG_ECDSA);		/* scheme */
	tpm_buf_append_u16(buf, Q_ALG_SHA256);
	tpm_buf_append_u16(buf, Q_ECC_NIST_P256);
	tpm_buf_append_u16(buf, Q_ALG_NULL);		/* key derivation */
	tpm_quote_append_empty_2b(buf);			/* unique.x */
	tpm_quote_append_empty_2b(buf);			/* unique.y */
}

enum {
	TEMPLATE_SIZE	= 2 + 2 + 4 + 2 + 2 + 2 + 2 + 2 + 2 + 2 + 2,
};

/**
 * tpm_quote_create_primary() - TPM2_CreatePrimary of the attestation key
 * @buf: becomes the command
 *
 * The template is fixed, so that the same TPM makes the same key of it again, until
 * its endorsement seed is changed.
 */
void tpm_quote_create_primary(struct tpm_buf *buf)
{
	tpm_quote_begin(buf, TPM2_ST_SESSIONS, Q_CC_CREATE_PRIMARY);
	tpm_buf_append_u32(buf, Q_RH_ENDORSEMENT);
	tpm_quote_append_empty_auth(buf);

	tpm_buf_append_u16(buf, 2 + 2);		/* TPM2B_SENSITIVE_CREATE */
	tpm_quote_append_empty_2b(buf);		/* userAuth */
	tpm_quote_append_empty_2b(buf);		/* data */
	tpm_buf_append_u16(buf, TEMPLATE_SIZE);	/* TPM2B_PUBLIC */
	tpm_quote_append_template(buf);
	tpm_quote_append_empty_2b(buf);		/* outsideInfo */
	tpm_buf_append_u32(buf, 0);		/* creationPCR, none */
}

/**
 * tpm_quote_context_save() - TPM2_ContextSave
 * @buf: becomes the command
 * @handle: of a loaded object
 */
void tpm_quote_context_save(struct tpm_buf *buf, u32 handle)
{
	tpm_quote_begin(buf, TPM2_ST_NO_SESSIONS, Q_CC_CONTEXT_SAVE);
	tpm_buf_append_u32(buf, handle);
}

/**
 * tpm_quote_context_load() - TPM2_ContextLoad
 * @buf: becomes the command
 * @context: a TPMS_CONTEXT, at most TPM_QUOTE_CONTEXT_MAX
 */
void tpm_quote_context_load(struct tpm_buf *buf, struct tpm_span context)
{
	tpm_quote_begin(buf, TPM2_ST_NO_SESSIONS, Q_CC_CONTEXT_LOAD);
	tpm_quote_append(buf, context);
}

/* TPML_PCR_SELECTION */
static void tpm_quote_append_pcrs(struct tpm_buf *buf, const struct tpm_pcrs *pcrs)
{
	u32 i, byte;

	tpm_buf_append_u32(buf, pcrs->count);
	for (i = 0; i < pcrs->count; i++) {
		tpm_buf_append_u16(buf, pcrs->banks[i].alg);
		tpm_buf_append_u8(buf, Q_PCR_SELECT_SIZE);
		for (byte = 0; byte < Q_PCR_SELECT_SIZE; byte++)
			tpm_buf_append_u8(buf, pcrs->banks[i].pcrs >> (8 * byte));
	}
}

/**
 * tpm_quote_quote() - TPM2_Quote, signed as the key wants it
 * @buf: becomes the command
 * @handle: of the loaded attestation key
 * @pcrs: what the quote is over
 * @qualifying: what the quote is to answer
 */
void tpm_quote_quote(struct tpm_buf *buf, u32 handle, const struct tpm_pcrs *pcrs,
		     struct tpm_span qualifying)
{
	tpm_quote_begin(buf, TPM2_ST_SESSIONS, Q_CC_QUOTE);
	tpm_buf_append_u32(buf, handle);
	tpm_quote_append_empty_auth(buf);

	tpm_quote_append_2b(buf, qualifying);
	tpm_buf_append_u16(buf, Q_ALG_NULL);		/* inScheme: the key's */
	tpm_quote_append_pcrs(buf, pcrs);
}

/**
 * tpm_quote_flush() - TPM2_FlushContext
 * @buf: becomes the command
 * @handle: of a loaded object
 */
void tpm_quote_flush(struct tpm_buf *buf, u32 handle)
{
	tpm_quote_begin(buf, TPM2_ST_NO_SESSIONS, Q_CC_FLUSH_CONTEXT);
	tpm_buf_append_u32(buf, handle);
}

/**
 * tpm_quote_get_property() - TPM2_GetCapability of one of the TPM's properties
 * @buf: becomes the command
 * @property: a TPM_PT
 */
void tpm_quote_get_property(struct tpm_buf *buf, u32 property)
{
	tpm_quote_begin(buf, TPM2_ST_NO_SESSIONS, Q_CC_GET_CAPABILITY);
	tpm_buf_append_u32(buf, Q_CAP_TPM_PROPERTIES);
	tpm_buf_append_u32(buf, property);
	tpm_buf_append_u32(buf, 1);		/* propertyCount */
}

/**
 * tpm_quote_nv_read_public() - TPM2_NV_ReadPublic
 * @buf: becomes the command
 * @index: of the TPM's non-volatile memory
 */
void tpm_quote_nv_read_public(struct tpm_buf *buf, u32 index)
{
	tpm_quote_begin(buf, TPM2_ST_NO_SESSIONS, Q_CC_NV_READ_PUBLIC);
	tpm_buf_append_u32(buf, index);
}

/**
 * tpm_quote_nv_read() - TPM2_NV_Read, authorized by an empty password
 * @buf: becomes the command
 * @auth: whose password that is: the index's own, or TPM_QUOTE_OWNER
 * @index: of the TPM's non-volatile memory
 * @offset: of the first byte
 * @len: bytes, at most TPM_QUOTE_NV_CHUNK
 */
void tpm_quote_nv_read(struct tpm_buf *buf, u32 auth, u32 index, u16 offset, u16 len)
{
	tpm_quote_begin(buf, TPM2_ST_SESSIONS, Q_CC_NV_READ);
	tpm_buf_append_u32(buf, auth);
	tpm_buf_append_u32(buf, index);
	tpm_quote_append_empty_auth(buf);
	tpm_buf_append_u16(buf, len);
	tpm_buf_append_u16(buf, offset);
}

/**
 * tpm_quote_nv_write() - TPM2_NV_Write from an index's start, authorized by the owner's
 * empty password
 * @buf: becomes the command
 * @index: of the TPM's non-volatile memory
 * @data: at most TPM_QUOTE_NV_CHUNK
 */
void tpm_quote_nv_write(struct tpm_buf *buf, u32 index, struct tpm_span data)
{
	tpm_quote_begin(buf, TPM2_ST_SESSIONS, Q_CC_NV_WRITE);
	tpm_buf_append_u32(buf, TPM_QUOTE_OWNER);
	tpm_buf_append_u32(buf, index);
	tpm_quote_append_empty_auth(buf);
	tpm_quote_append_2b(buf, data);
	tpm_buf_append_u16(buf, 0);		/* offset */
}

/**
 * tpm_quote_nv_define() - TPM2_NV_DefineSpace of an index that the owner's password, and
 * its own, which is empty, let read and write
 * @buf: becomes the command
 * @index: of the TPM's non-volatile memory
 * @size: bytes
 */
void tpm_quote_nv_define(struct tpm_buf *buf, u32 index, u16 size)
{
	tpm_quote_begin(buf, TPM2_ST_SESSIONS, Q_CC_NV_DEFINE_SPACE);
	tpm_buf_append_u32(buf, TPM_QUOTE_OWNER);
	tpm_quote_append_empty_auth(buf);
	tpm_quote_append_empty_2b(buf);		/* the index's password */
	tpm_buf_append_u16(buf, 4 + 2 + 4 + 2 + 2);	/* TPM2B_NV_PUBLIC */
	tpm_buf_append_u32(buf, index);
	tpm_buf_append_u16(buf, Q_ALG_SHA256);		/* of its name */
	tpm_buf_append_u32(buf, Q_NV_OWNER_WRITE | Q_NV_AUTH_WRITE |
				Q_NV_OWNER_READ | Q_NV_AUTH_READ);
	tpm_quote_append_empty_2b(buf);			/* policy */
	tpm_buf_append_u16(buf, size);
}

/**
 * tpm_quote_read_public() - TPM2_ReadPublic
 * @buf: becomes the command
 * @handle: of a key
 */
void tpm_quote_read_public(struct tpm_buf *buf, u32 handle)
{
	tpm_quote_begin(buf, TPM2_ST_NO_SESSIONS, Q_CC_READ_PUBLIC);
	tpm_buf_append_u32(buf, handle);
}

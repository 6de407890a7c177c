// SPDX-License-Identifier: GPL-2.0-only
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/kernel.h>

#include "tpm_quote.h"

/* Prefixed, for <linux/tpm.h> has some of them, and others in each kernel. */
enum {
	Q_CC_CREATE_PRIMARY	= 0x0131,
	Q_CC_QUOTE		= 0x0158,
	Q_CC_CONTEXT_LOAD	= 0x0161,
	Q_CC_CONTEXT_SAVE	= 0x0162,
	Q_CC_FLUSH_CONTEXT	= 0x0165,

	Q_RH_ENDORSEMENT	= 0x4000000b,
	Q_RS_PW			= 0x40000009,

	Q_ALG_SHA256		= 0x000b,
	Q_ALG_NULL		= 0x0010,
	Q_ALG_ECDSA		= 0x0018,
	Q_ALG_ECC		= 0x0023,
	Q_ECC_NIST_P256		= 0x0003,

	Q_GENERATED_VALUE	= 0xff544347,	/* TPMS_ATTEST.magic, "\xffTCG" */
	Q_ST_ATTEST_QUOTE	= 0x8018,

	Q_PCR_SELECT_SIZE	= 3,		/* bytes, for 24 PCRs */
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

/* Response codes; those of format one without their handle, parameter or session number. */
enum {
	Q_RC_FMT1		= BIT(7),
	Q_RC_FMT1_MASK		= 0x0bf,
	Q_RC_HANDLE		= 0x08b,
	Q_RC_AUTH_FAIL		= 0x08e,
	Q_RC_SIZE		= 0x095,
	Q_RC_INTEGRITY		= 0x09f,
	Q_RC_BAD_AUTH		= 0x0a2,
	Q_RC_OBJECT_MEMORY	= 0x902,
	Q_RC_MEMORY		= 0x904,
	Q_RC_OBJECT_HANDLES	= 0x906,
	Q_RC_YIELDED		= 0x908,
	Q_RC_CANCELED		= 0x909,
	Q_RC_TESTING		= 0x90a,
	Q_RC_REFERENCE_H0	= 0x910,
	Q_RC_LOCKOUT		= 0x921,
	Q_RC_RETRY		= 0x922,
};

static void append_span(struct tpm_buf *buf, struct tpm_span span)
{
	tpm_buf_append(buf, span.data, span.len);
}

static void append_tpm2b(struct tpm_buf *buf, struct tpm_span span)
{
	tpm_buf_append_u16(buf, span.len);
	append_span(buf, span);
}

static void append_empty_tpm2b(struct tpm_buf *buf)
{
	tpm_buf_append_u16(buf, 0);
}

/* An authorization area of one session: a password, the empty one. */
static void append_empty_auth(struct tpm_buf *buf)
{
	tpm_buf_append_u32(buf, 4 + 2 + 1 + 2);
	tpm_buf_append_u32(buf, Q_RS_PW);
	append_empty_tpm2b(buf);	/* nonce */
	tpm_buf_append_u8(buf, 0);	/* attributes */
	append_empty_tpm2b(buf);	/* password */
}

/*
 * TPMT_PUBLIC of the attestation key. It is restricted, so it signs only what
 * the TPM itself has made, and no dictionary attack protection locks it: its
 * authorization is empty anyhow.
 */
static void append_template(struct tpm_buf *buf)
{
	tpm_buf_append_u16(buf, Q_ALG_ECC);
	tpm_buf_append_u16(buf, Q_ALG_SHA256);		/* of its name */
	tpm_buf_append_u32(buf, Q_OA_FIXED_TPM | Q_OA_FIXED_PARENT |
				Q_OA_SENSITIVE_DATA_ORIGIN | Q_OA_USER_WITH_AUTH |
				Q_OA_NO_DA | Q_OA_RESTRICTED | Q_OA_SIGN);
	append_empty_tpm2b(buf);			/* policy */
	tpm_buf_append_u16(buf, Q_ALG_NULL);		/* symmetric */
	tpm_buf_append_u16(buf, Q_ALG_ECDSA);		/* scheme */
	tpm_buf_append_u16(buf, Q_ALG_SHA256);
	tpm_buf_append_u16(buf, Q_ECC_NIST_P256);
	tpm_buf_append_u16(buf, Q_ALG_NULL);		/* key derivation */
	append_empty_tpm2b(buf);			/* unique.x */
	append_empty_tpm2b(buf);			/* unique.y */
}

enum {
	TEMPLATE_SIZE	= 2 + 2 + 4 + 2 + 2 + 2 + 2 + 2 + 2 + 2 + 2,
};

/**
 * tpm_quote_create_primary() - TPM2_CreatePrimary of the attestation key
 * @buf: becomes the command
 *
 * The template is fixed: the same TPM makes the same key of it again, until its
 * endorsement seed is changed.
 */
void tpm_quote_create_primary(struct tpm_buf *buf)
{
	tpm_buf_reset(buf, TPM2_ST_SESSIONS, Q_CC_CREATE_PRIMARY);
	tpm_buf_append_u32(buf, Q_RH_ENDORSEMENT);
	append_empty_auth(buf);

	tpm_buf_append_u16(buf, 2 + 2);		/* TPM2B_SENSITIVE_CREATE */
	append_empty_tpm2b(buf);		/* userAuth */
	append_empty_tpm2b(buf);		/* data */
	tpm_buf_append_u16(buf, TEMPLATE_SIZE);	/* TPM2B_PUBLIC */
	append_template(buf);
	append_empty_tpm2b(buf);		/* outsideInfo */
	tpm_buf_append_u32(buf, 0);		/* creationPCR, none */
}

/**
 * tpm_quote_context_save() - TPM2_ContextSave
 * @buf: becomes the command
 * @handle: of a loaded object
 */
void tpm_quote_context_save(struct tpm_buf *buf, u32 handle)
{
	tpm_buf_reset(buf, TPM2_ST_NO_SESSIONS, Q_CC_CONTEXT_SAVE);
	tpm_buf_append_u32(buf, handle);
}

/**
 * tpm_quote_context_load() - TPM2_ContextLoad
 * @buf: becomes the command
 * @context: a TPMS_CONTEXT, at most TPM_QUOTE_CONTEXT_MAX
 */
void tpm_quote_context_load(struct tpm_buf *buf, struct tpm_span context)
{
	tpm_buf_reset(buf, TPM2_ST_NO_SESSIONS, Q_CC_CONTEXT_LOAD);
	append_span(buf, context);
}

/**
 * tpm_quote_quote() - TPM2_Quote over the PCRs, signed as the key wants it
 * @buf: becomes the command
 * @handle: of the loaded attestation key
 * @qualifying: what the quote is to answer
 */
void tpm_quote_quote(struct tpm_buf *buf, u32 handle, struct tpm_span qualifying)
{
	const u32 pcrs = GENMASK(TPM_QUOTE_PCR_LAST, TPM_QUOTE_PCR_FIRST);
	int i;

	BUILD_BUG_ON(TPM_QUOTE_PCR_LAST >= 8 * Q_PCR_SELECT_SIZE);

	tpm_buf_reset(buf, TPM2_ST_SESSIONS, Q_CC_QUOTE);
	tpm_buf_append_u32(buf, handle);
	append_empty_auth(buf);

	append_tpm2b(buf, qualifying);
	tpm_buf_append_u16(buf, Q_ALG_NULL);		/* inScheme: the key's */
	tpm_buf_append_u32(buf, 1);			/* TPML_PCR_SELECTION */
	tpm_buf_append_u16(buf, Q_ALG_SHA256);
	tpm_buf_append_u8(buf, Q_PCR_SELECT_SIZE);
	for (i = 0; i < Q_PCR_SELECT_SIZE; i++)
		tpm_buf_append_u8(buf, pcrs >> (8 * i));
}

/**
 * tpm_quote_flush() - TPM2_FlushContext
 * @buf: becomes the command
 * @handle: of a loaded object
 */
void tpm_quote_flush(struct tpm_buf *buf, u32 handle)
{
	tpm_buf_reset(buf, TPM2_ST_NO_SESSIONS, Q_CC_FLUSH_CONTEXT);
	tpm_buf_append_u32(buf, handle);
}

/* Takes @len bytes off the front of @from. */
static bool take(struct tpm_span *from, size_t len, struct tpm_span *taken)
{
	if (len > from->len)
		return false;
	*taken = (struct tpm_span) { .data = from->data, .len = len };
	from->data += len;
	from->len -= len;
	return true;
}

static bool take_be(struct tpm_span *from, size_t len, u32 *value)
{
	struct tpm_span bytes;
	size_t i;

	if (!take(from, len, &bytes))
		return false;
	*value = 0;
	for (i = 0; i < len; i++)
		*value = *value << 8 | bytes.data[i];
	return true;
}

static bool take_u16(struct tpm_span *from, u32 *value)
{
	return take_be(from, sizeof(u16), value);
}

static bool take_u32(struct tpm_span *from, u32 *value)
{
	return take_be(from, sizeof(u32), value);
}

static bool take_tpm2b(struct tpm_span *from, struct tpm_span *contents)
{
	u32 len;

	return take_u16(from, &len) && take(from, len, contents);
}

/* The parameters of a response with sessions, whose authorizations follow them. */
static bool take_parameters(struct tpm_span *from, struct tpm_span *parameters)
{
	u32 len;

	return take_u32(from, &len) && take(from, len, parameters);
}

/**
 * tpm_quote_body() - what follows the header of a response
 * @response: as tpm_transmit_cmd() has left it upon success
 *
 * Return: the body; empty if the response is cut short.
 */
struct tpm_span tpm_quote_body(struct tpm_buf *response)
{
	struct tpm_span body = {
		.data = response->data,
		.len = min_t(size_t, tpm_buf_length(response), PAGE_SIZE),
	};
	struct tpm_span header;

	if (!take(&body, TPM_HEADER_SIZE, &header))
		body.len = 0;
	return body;
}

/**
 * tpm_quote_read_handle() - the handle in the response of a command that loads
 * @body: of TPM2_CreatePrimary's or TPM2_ContextLoad's response
 * @handle: of the object, which is to be flushed
 *
 * Return: 0, or -EIO for a malformed response.
 */
int tpm_quote_read_handle(struct tpm_span body, u32 *handle)
{
	return take_u32(&body, handle) ? 0 : -EIO;
}

/**
 * tpm_quote_read_created() - the key in TPM2_CreatePrimary's response
 * @body: of the response
 * @public: the TPM2B_PUBLIC with its size, at most TPM_QUOTE_PUBLIC_MAX
 *
 * Return: 0, or -EIO for a malformed response.
 */
int tpm_quote_read_created(struct tpm_span body, struct tpm_span *public)
{
	struct tpm_span parameters, contents;
	u32 handle;

	if (!take_u32(&body, &handle) || !take_parameters(&body, &parameters))
		return -EIO;

	public->data = parameters.data;
	if (!take_tpm2b(&parameters, &contents) || !contents.len)
		return -EIO;
	public->len = sizeof(u16) + contents.len;
	return public->len <= TPM_QUOTE_PUBLIC_MAX ? 0 : -EIO;
}

/**
 * tpm_quote_read_context() - the context in TPM2_ContextSave's response
 * @body: of the response
 * @context: the TPMS_CONTEXT, at most TPM_QUOTE_CONTEXT_MAX
 *
 * Return: 0, or -EIO for a malformed response.
 */
int tpm_quote_read_context(struct tpm_span body, struct tpm_span *context)
{
	struct tpm_span sequence, contents;
	u32 saved_handle, hierarchy;

	*context = body;
	if (!take(&body, sizeof(u64), &sequence) || !take_u32(&body, &saved_handle) ||
	    !take_u32(&body, &hierarchy) || !take_tpm2b(&body, &contents) || body.len)
		return -EIO;
	return context->len <= TPM_QUOTE_CONTEXT_MAX ? 0 : -EIO;
}

/* Takes exactly a TPMT_SIGNATURE of the kind that the key makes. */
static bool is_signature(struct tpm_span signature)
{
	struct tpm_span r, s;
	u32 scheme, hash;

	return take_u16(&signature, &scheme) && scheme == Q_ALG_ECDSA &&
	       take_u16(&signature, &hash) && hash == Q_ALG_SHA256 &&
	       take_tpm2b(&signature, &r) && take_tpm2b(&signature, &s) && !signature.len;
}

static bool is_quote(struct tpm_span attest)
{
	u32 magic, type;

	return take_u32(&attest, &magic) && magic == (u32)Q_GENERATED_VALUE &&
	       take_u16(&attest, &type) && type == Q_ST_ATTEST_QUOTE;
}

/**
 * tpm_quote_read_quote() - the quote in TPM2_Quote's response
 * @body: of the response
 * @attest: the TPMS_ATTEST, at most TPM_QUOTE_ATTEST_MAX
 * @signature: the TPMT_SIGNATURE, at most TPM_QUOTE_SIGNATURE_MAX
 *
 * Return: 0, or -EIO for a malformed response.
 */
int tpm_quote_read_quote(struct tpm_span body, struct tpm_span *attest,
			 struct tpm_span *signature)
{
	if (!take_parameters(&body, signature) || !take_tpm2b(signature, attest))
		return -EIO;
	if (!is_quote(*attest) || attest->len > TPM_QUOTE_ATTEST_MAX)
		return -EIO;
	if (!is_signature(*signature) || signature->len > TPM_QUOTE_SIGNATURE_MAX)
		return -EIO;
	return 0;
}

/**
 * tpm_quote_errno() - what a response code means to the provider
 * @rc: a TPM_RC other than success
 *
 * Return: -EAGAIN if the command may succeed when it is sent once more, after a
 * pause in which others may use the TPM; -ESTALE if what a handle or a saved
 * context stands for is gone; -EBUSY if the TPM was not ready for as long as
 * tpm_transmit_cmd() tried, which is some four seconds; -EINVAL if it does not
 * take as many bytes; -EACCES and -EPERM if it refuses; else -EIO.
 */
int tpm_quote_errno(u32 rc)
{
	if (rc & Q_RC_FMT1)
		rc &= Q_RC_FMT1_MASK;

	switch (rc) {
	case Q_RC_YIELDED:
	case Q_RC_CANCELED:
	case Q_RC_MEMORY:
	case Q_RC_OBJECT_MEMORY:
	case Q_RC_OBJECT_HANDLES:
		return -EAGAIN;
	case Q_RC_HANDLE:
	case Q_RC_INTEGRITY:
	case Q_RC_REFERENCE_H0:
		return -ESTALE;
	case Q_RC_RETRY:
	case Q_RC_TESTING:
		return -EBUSY;
	case Q_RC_SIZE:
		return -EINVAL;
	case Q_RC_AUTH_FAIL:
	case Q_RC_BAD_AUTH:
		return -EACCES;
	case Q_RC_LOCKOUT:
		return -EPERM;
	default:
		return -EIO;
	}
}

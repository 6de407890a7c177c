// SPDX-License-Identifier: GPL-2.0-only
#include <linux/errno.h>
#include <linux/minmax.h>

#include "tpm_response.h"

/* They have a prefix, as <linux/tpm.h> has some of them, others in each kernel. */
enum {
	R_ALG_SHA256		= 0x000b,
	R_GENERATED_VALUE	= 0xff544347,	/* TPMS_ATTEST.magic, "\xffTCG" */
	R_ST_ATTEST_QUOTE	= 0x8018,
	R_CAP_TPM_PROPERTIES	= 0x00000006,
};

/* Takes the parameters of a response with sessions, behind which these follow. */
static bool tpm_response_take_parameters(struct tpm_span *from, struct tpm_span *parameters)
{
	u32 len;

	return tpm_take_be32(from, &len) && tpm_take(from, len, parameters);
}

/**
 * tpm_response_body() - what follows the header of a response
 * @response: as tpm_transmit_cmd() has left it upon success
 *
 * Return: the body; empty if the response is cut short.
 */
struct tpm_span tpm_response_body(struct tpm_buf *response)
{
	struct tpm_span body = {
		.data = response->data,
		.len = min_t(size_t, tpm_buf_length(response), TPM_BUFSIZE - sizeof(*response)),
	};
	struct tpm_span header;

	if (!tpm_take(&body, TPM_HEADER_SIZE, &header))
		body.len = 0;
	return body;
}

/**
 * tpm_response_handle() - the handle in the response of a command that loads
 * @body: of TPM2_CreatePrimary's or TPM2_ContextLoad's response
 * @handle: of the object, which is to be flushed
 *
 * Return: 0, or -EIO for a malformed response.
 */
int tpm_response_handle(struct tpm_span body, u32 *handle)
{
	return tpm_take_be32(&body, handle) ? 0 : -EIO;
}

/**
 * tpm_response_public() - the key in TPM2_ReadPublic's response
 * @body: of the response
 * @public: the TPM2B_PUBLIC with its size, at most TPM_RESPONSE_PUBLIC_MAX
 *
 * Return: 0, or -EIO for a malformed response.
 */
int tpm_response_public(struct tpm_span body, struct tpm_span *public)
{
	struct tpm_span contents;

	public->data = body.data;
	if (!tpm_take_2b(&body, &contents) || !contents.len)
		return -EIO;
	public->len = sizeof(u16) + contents.len;
	return public->len <= TPM_RESPONSE_PUBLIC_MAX ? 0 : -EIO;
}

/**
 * tpm_response_created() - the key in TPM2_CreatePrimary's response
 * @body: of the response
 * @public: the TPM2B_PUBLIC with its size, at most TPM_RESPONSE_PUBLIC_MAX
 *
 * Return: 0, or -EIO for a malformed response.
 */
int tpm_response_created(struct tpm_span body, struct tpm_span *public)
{
	struct tpm_span parameters;
	u32 handle;

	if (!tpm_take_be32(&body, &handle) || !tpm_response_take_parameters(&body, &parameters))
		return -EIO;
	return tpm_response_public(parameters, public);
}

/**
 * tpm_response_context() - the context in TPM2_ContextSave's response
 * @body: of the response
 * @context: the TPMS_CONTEXT, at most TPM_RESPONSE_CONTEXT_MAX
 *
 * Return: 0, or -EIO for a malformed response.
 */
int tpm_response_context(struct tpm_span body, struct tpm_span *context)
{
	struct tpm_span sequence, contents;
	u32 saved_handle, hierarchy;

	*context = body;
	if (!tpm_take(&body, sizeof(u64), &sequence) || !tpm_take_be32(&body, &saved_handle) ||
	    !tpm_take_be32(&body, &hierarchy) || !tpm_take_2b(&body, &contents) || body.len)
		return -EIO;
	return context->len <= TPM_RESPONSE_CONTEXT_MAX ? 0 : -EIO;
}

/*
 * Is it a TPMT_SIGNATURE of that scheme over SHA-256, and nothing behind it? One of
 * ECDSA is two numbers, the others are one.
 */
static bool tpm_response_is_signature(struct tpm_span signature, u16 scheme)
{
	struct tpm_span number;
	u16 of, hash;

	if (!tpm_take_be16(&signature, &of) || of != scheme ||
	    !tpm_take_be16(&signature, &hash) || hash != R_ALG_SHA256)
		return false;
	if (scheme == TPM_RESPONSE_ECDSA && !tpm_take_2b(&signature, &number))
		return false;
	return tpm_take_2b(&signature, &number) && !signature.len;
}

static bool tpm_response_is_quote(struct tpm_span attest)
{
	u32 magic;
	u16 type;

	return tpm_take_be32(&attest, &magic) && magic == (u32)R_GENERATED_VALUE &&
	       tpm_take_be16(&attest, &type) && type == R_ST_ATTEST_QUOTE;
}

/**
 * tpm_response_quote() - the quote in TPM2_Quote's response
 * @body: of the response
 * @scheme: of the key that signs, with SHA-256
 * @attest: the TPMS_ATTEST, at most TPM_RESPONSE_ATTEST_MAX
 * @signature: the TPMT_SIGNATURE, at most TPM_RESPONSE_SIGNATURE_MAX
 *
 * Return: 0, or -EIO for a malformed response.
 */
int tpm_response_quote(struct tpm_span body, enum tpm_response_scheme scheme,
		       struct tpm_span *attest, struct tpm_span *signature)
{
	if (!tpm_response_take_parameters(&body, signature) || !tpm_take_2b(signature, attest))
		return -EIO;
	if (!tpm_response_is_quote(*attest) || attest->len > TPM_RESPONSE_ATTEST_MAX)
		return -EIO;
	if (!tpm_response_is_signature(*signature, scheme) ||
	    signature->len > TPM_RESPONSE_SIGNATURE_MAX)
		return -EIO;
	return 0;
}

/**
 * tpm_response_property() - the property in TPM2_GetCapability's response
 * @body: of the response
 * @property: the one that was asked for. A TPM that lacks it gives the next that it
 *	has, or none.
 * @value: of the property
 *
 * Return: 0, or -EIO for a response that does not have just this property.
 */
int tpm_response_property(struct tpm_span body, u32 property, u32 *value)
{
	u32 capability, count, first;
	struct tpm_span more_data;

	if (!tpm_take(&body, sizeof(u8), &more_data) ||
	    !tpm_take_be32(&body, &capability) || capability != R_CAP_TPM_PROPERTIES ||
	    !tpm_take_be32(&body, &count) || count != 1 ||
	    !tpm_take_be32(&body, &first) || first != property ||
	    !tpm_take_be32(&body, value) || body.len)
		return -EIO;
	return 0;
}

/**
 * tpm_response_nv_size() - the size in TPM2_NV_ReadPublic's response
 * @body: of the response
 * @size: bytes that the index holds
 *
 * Return: 0, or -EIO for a malformed response.
 */
int tpm_response_nv_size(struct tpm_span body, u16 *size)
{
	struct tpm_span public, policy;
	u32 index, attributes;
	u16 name_alg;

	/* TPM2B_NV_PUBLIC, which the index's name follows */
	if (!tpm_take_2b(&body, &public) || !tpm_take_be32(&public, &index) ||
	    !tpm_take_be16(&public, &name_alg) || !tpm_take_be32(&public, &attributes) ||
	    !tpm_take_2b(&public, &policy) || !tpm_take_be16(&public, size) || public.len)
		return -EIO;
	return 0;
}

/**
 * tpm_response_nv_data() - the bytes in TPM2_NV_Read's response
 * @body: of the response
 * @len: how many were asked for
 * @data: as many
 *
 * Return: 0, or -EIO for a malformed response.
 */
int tpm_response_nv_data(struct tpm_span body, u16 len, struct tpm_span *data)
{
	struct tpm_span parameters;

	if (!tpm_response_take_parameters(&body, &parameters) || !tpm_take_2b(&parameters, data))
		return -EIO;
	return data->len == len && !parameters.len ? 0 : -EIO;
}

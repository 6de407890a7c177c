// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of what is read of a TPM's responses: what is right is found, and what is
 * cut short, too long or of another kind is refused. The bytes end where an allocation of
 * their own does, so that KASAN sees one byte too far.
 */
#include <kunit/test.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../providers/tpm_response.h"

/* The body of TPM2_Quote's response: a short quote, and an authorization behind. */
static const u8 quote[] = {
	0x00, 0x00, 0x00, 0x1a,				/* parameterSize */
	0x00, 0x08,					/* TPM2B_ATTEST */
	0xff, 0x54, 0x43, 0x47, 0x80, 0x18, 0xaa, 0xbb,
	0x00, 0x18, 0x00, 0x0b,				/* ECDSA, SHA-256 */
	0x00, 0x03, 0x01, 0x02, 0x03,			/* r */
	0x00, 0x05, 0x01, 0x02, 0x03, 0x04, 0x05,	/* s */
	0x00, 0x00, 0x01, 0x00, 0x00,			/* authorization */
};

enum {
	QUOTE_PARAMETERS	= 4 + 0x1a,	/* where the authorization starts */
};

/* The body of TPM2_CreatePrimary's response, up to outPublic. */
static const u8 created[] = {
	0x80, 0x00, 0x00, 0x01,				/* objectHandle */
	0x00, 0x00, 0x00, 0x07,				/* parameterSize */
	0x00, 0x03, 0x0a, 0x0b, 0x0c,			/* outPublic */
	0x00, 0x00,					/* creationData */
};

static const u8 context[] = {
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x07,	/* sequence */
	0x80, 0x00, 0x00, 0x00, 0x40, 0x00, 0x00, 0x0b,	/* handle, hierarchy */
	0x00, 0x02, 0x11, 0x22,				/* contextBlob */
};

static const u8 nv_public[] = {
	0x00, 0x10,					/* TPM2B_NV_PUBLIC */
	0x01, 0xc0, 0x00, 0x0a, 0x00, 0x0b, 0x62, 0x07, 0x20, 0x01,
	0x00, 0x02, 0xee, 0xff,				/* authPolicy */
	0x03, 0x04,					/* dataSize */
	0x00, 0x00,					/* nvName */
};

static const u8 nv_data[] = {
	0x00, 0x00, 0x00, 0x05, 0x00, 0x03, 0x31, 0x32, 0x33, 0x00, 0x00, 0x01, 0x00, 0x00,
};

/* The body of TPM2_GetCapability's response: TPM_PT_MAX_DIGEST, which is 48. */
static const u8 property[] = {
	0x01,						/* moreData */
	0x00, 0x00, 0x00, 0x06,				/* TPM_CAP_TPM_PROPERTIES */
	0x00, 0x00, 0x00, 0x01,				/* how many */
	0x00, 0x00, 0x01, 0x20, 0x00, 0x00, 0x00, 0x30,
};

/* A copy that ends where its allocation ends. */
static struct tpm_span exactly(struct kunit *test, const u8 *bytes, size_t len)
{
	u8 *copy = kunit_kmalloc(test, max_t(size_t, len, 1), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, copy);
	memcpy(copy, bytes, len);
	return (struct tpm_span) { .data = copy, .len = len };
}

static void put_be16(u8 *to, u16 value)
{
	to[0] = value >> 8;
	to[1] = value;
}

#define EXPECT_SPAN(test, span, ...)						\
do {										\
	static const u8 expected[] = { __VA_ARGS__ };				\
										\
	KUNIT_EXPECT_EQ(test, sizeof(expected), (span).len);			\
	KUNIT_EXPECT_MEMEQ(test, (span).data, expected, sizeof(expected));	\
} while (0)

static void test_a_quote_has_two_parts(struct kunit *test)
{
	struct tpm_span attest, signature;

	KUNIT_ASSERT_EQ(test, 0, tpm_response_quote(exactly(test, quote, sizeof(quote)),
						    TPM_RESPONSE_ECDSA, &attest, &signature));
	EXPECT_SPAN(test, attest, 0xff, 0x54, 0x43, 0x47, 0x80, 0x18, 0xaa, 0xbb);
	EXPECT_SPAN(test, signature, 0x00, 0x18, 0x00, 0x0b, 0x00, 0x03, 0x01, 0x02, 0x03,
		    0x00, 0x05, 0x01, 0x02, 0x03, 0x04, 0x05);
}

static void test_a_quote_is_refused_at_every_shorter_length(struct kunit *test)
{
	struct tpm_span attest, signature;
	size_t len;

	for (len = 0; len < QUOTE_PARAMETERS; len++)
		KUNIT_EXPECT_EQ_MSG(test, -EIO,
				    tpm_response_quote(exactly(test, quote, len),
						       TPM_RESPONSE_ECDSA, &attest, &signature),
				    "%zu bytes", len);
}

/* The bytes that say what it is, and all the lengths. */
static const size_t quote_fixed[] = { 0, 3, 4, 5, 6, 9, 10, 11, 14, 15, 16, 17, 18, 19, 23, 24 };

static void test_a_quote_is_refused_with_another_kind_or_length(struct kunit *test)
{
	struct tpm_span attest, signature;
	u8 bytes[sizeof(quote)];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(quote_fixed); i++) {
		memcpy(bytes, quote, sizeof(quote));
		bytes[quote_fixed[i]] ^= 0x40;
		KUNIT_EXPECT_EQ_MSG(test, -EIO,
				    tpm_response_quote(exactly(test, bytes, sizeof(bytes)),
						       TPM_RESPONSE_ECDSA, &attest, &signature),
				    "byte %zu", quote_fixed[i]);
	}
}

static void test_a_quote_may_be_so_long(struct kunit *test)
{
	struct tpm_span attest, signature;
	const u32 signature_len = 16;
	size_t extra;
	u32 len;
	u8 *body;

	for (extra = 0; extra <= 1; extra++) {
		len = TPM_RESPONSE_ATTEST_MAX + extra;
		body = kunit_kzalloc(test, 4 + 2 + len + signature_len, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, body);
		put_be16(body + 2, 2 + len + signature_len);
		put_be16(body + 4, len);
		memcpy(body + 6, quote + 6, 6);
		memcpy(body + 6 + len, quote + 14, signature_len);
		KUNIT_EXPECT_EQ(test, extra ? -EIO : 0,
				tpm_response_quote((struct tpm_span) {
							.data = body,
							.len = 4 + 2 + len + signature_len,
						   }, TPM_RESPONSE_ECDSA, &attest, &signature));
	}
}

static void test_a_quote_is_signed_as_its_key_signs(struct kunit *test)
{
	/* As above, but for the signature's scheme and the number that it has not. */
	static const u8 rsa[] = {
		0x00, 0x00, 0x00, 0x13, 0x00, 0x08, 0xff, 0x54, 0x43, 0x47, 0x80, 0x18, 0xaa, 0xbb,
		0x00, 0x14, 0x00, 0x0b, 0x00, 0x03, 0x01, 0x02, 0x03,
	};
	struct tpm_span attest, signature, body = exactly(test, rsa, sizeof(rsa));

	KUNIT_ASSERT_EQ(test, 0,
			tpm_response_quote(body, TPM_RESPONSE_RSASSA, &attest, &signature));
	EXPECT_SPAN(test, signature, 0x00, 0x14, 0x00, 0x0b, 0x00, 0x03, 0x01, 0x02, 0x03);
	KUNIT_EXPECT_EQ(test, -EIO,
			tpm_response_quote(body, TPM_RESPONSE_ECDSA, &attest, &signature));
	KUNIT_EXPECT_EQ(test, -EIO,
			tpm_response_quote(exactly(test, quote, sizeof(quote)),
					   TPM_RESPONSE_RSASSA, &attest, &signature));
	for (body.len = 0; body.len < sizeof(rsa); body.len++)
		KUNIT_EXPECT_EQ_MSG(test, -EIO,
				    tpm_response_quote(exactly(test, rsa, body.len),
						       TPM_RESPONSE_RSASSA, &attest, &signature),
				    "%zu bytes", body.len);
}

static void test_a_key_is_read_alone(struct kunit *test)
{
	static const u8 read[] = { 0x00, 0x03, 0x0a, 0x0b, 0x0c, 0x00, 0x00, 0x00, 0x00 };
	struct tpm_span public;
	size_t len;

	KUNIT_ASSERT_EQ(test, 0, tpm_response_public(exactly(test, read, sizeof(read)), &public));
	EXPECT_SPAN(test, public, 0x00, 0x03, 0x0a, 0x0b, 0x0c);
	for (len = 0; len < 5; len++)
		KUNIT_EXPECT_EQ_MSG(test, -EIO,
				    tpm_response_public(exactly(test, read, len), &public),
				    "%zu bytes", len);
}

static void test_a_key_is_found_behind_its_handle(struct kunit *test)
{
	struct tpm_span public;
	u32 handle;

	KUNIT_ASSERT_EQ(test, 0, tpm_response_created(exactly(test, created, sizeof(created)),
						      &public));
	EXPECT_SPAN(test, public, 0x00, 0x03, 0x0a, 0x0b, 0x0c);
	KUNIT_EXPECT_EQ(test, 0, tpm_response_handle(exactly(test, created, sizeof(created)),
						     &handle));
	KUNIT_EXPECT_EQ(test, 0x80000001U, handle);
}

static void test_a_key_is_refused_at_every_shorter_length(struct kunit *test)
{
	struct tpm_span public;
	size_t len;
	u32 handle;

	for (len = 0; len < sizeof(created); len++)
		KUNIT_EXPECT_EQ_MSG(test, -EIO,
				    tpm_response_created(exactly(test, created, len), &public),
				    "%zu bytes", len);
	for (len = 0; len < 4; len++)
		KUNIT_EXPECT_EQ(test, -EIO,
				tpm_response_handle(exactly(test, created, len), &handle));
}

static void test_a_context_is_taken_whole(struct kunit *test)
{
	struct tpm_span taken;
	u8 longer[sizeof(context) + 1] = {};
	size_t len;

	KUNIT_EXPECT_EQ(test, 0, tpm_response_context(exactly(test, context, sizeof(context)),
						      &taken));
	KUNIT_EXPECT_EQ(test, sizeof(context), taken.len);
	for (len = 0; len < sizeof(context); len++)
		KUNIT_EXPECT_EQ_MSG(test, -EIO,
				    tpm_response_context(exactly(test, context, len), &taken),
				    "%zu bytes", len);
	memcpy(longer, context, sizeof(context));
	KUNIT_EXPECT_EQ(test, -EIO, tpm_response_context(exactly(test, longer, sizeof(longer)),
							 &taken));
}

static void test_a_property_has_its_value(struct kunit *test)
{
	u32 value;

	KUNIT_EXPECT_EQ(test, 0,
			tpm_response_property(exactly(test, property, sizeof(property)), 0x120,
					      &value));
	KUNIT_EXPECT_EQ(test, 48U, value);
}

/* Or none, or several, or something else than properties. */
static void test_a_property_is_refused_if_it_is_another(struct kunit *test)
{
	u8 bytes[sizeof(property) + 8] = {};
	u32 value;
	size_t i;

	for (i = 4; i <= 12; i += 4) {
		memcpy(bytes, property, sizeof(property));
		bytes[i]++;
		KUNIT_EXPECT_EQ_MSG(test, -EIO,
				    tpm_response_property(exactly(test, bytes, sizeof(property)),
							  0x120, &value), "byte %zu", i);
		/* With room for a second, too. */
		KUNIT_EXPECT_EQ(test, -EIO,
				tpm_response_property(exactly(test, bytes, sizeof(bytes)), 0x120,
						      &value));
	}
	memcpy(bytes, property, 9);
	bytes[8] = 0;
	KUNIT_EXPECT_EQ(test, -EIO, tpm_response_property(exactly(test, bytes, 9), 0x120, &value));
}

static void test_a_property_is_refused_at_every_other_length(struct kunit *test)
{
	u8 longer[sizeof(property) + 1] = {};
	u32 value;
	size_t len;

	for (len = 0; len < sizeof(property); len++)
		KUNIT_EXPECT_EQ_MSG(test, -EIO,
				    tpm_response_property(exactly(test, property, len), 0x120,
							  &value), "%zu bytes", len);
	memcpy(longer, property, sizeof(property));
	KUNIT_EXPECT_EQ(test, -EIO,
			tpm_response_property(exactly(test, longer, sizeof(longer)), 0x120,
					      &value));
}

static void test_an_index_tells_its_size(struct kunit *test)
{
	u16 size;
	size_t len;

	KUNIT_EXPECT_EQ(test, 0, tpm_response_nv_size(exactly(test, nv_public, sizeof(nv_public)),
						      &size));
	KUNIT_EXPECT_EQ(test, 0x0304, size);
	for (len = 0; len < sizeof(nv_public) - 2; len++)
		KUNIT_EXPECT_EQ_MSG(test, -EIO,
				    tpm_response_nv_size(exactly(test, nv_public, len), &size),
				    "%zu bytes", len);
}

static void test_an_index_gives_as_many_bytes_as_were_asked_for(struct kunit *test)
{
	struct tpm_span body = exactly(test, nv_data, sizeof(nv_data));
	struct tpm_span data;
	size_t len;

	KUNIT_EXPECT_EQ(test, 0, tpm_response_nv_data(body, 3, &data));
	EXPECT_SPAN(test, data, 0x31, 0x32, 0x33);
	KUNIT_EXPECT_EQ(test, -EIO, tpm_response_nv_data(body, 2, &data));
	KUNIT_EXPECT_EQ(test, -EIO, tpm_response_nv_data(body, 4, &data));
	for (len = 0; len < 9; len++)
		KUNIT_EXPECT_EQ(test, -EIO,
				tpm_response_nv_data(exactly(test, nv_data, len), 3, &data));
}

static void test_a_body_is_what_follows_the_header(struct kunit *test)
{
	struct tpm_buf *buf = kunit_kzalloc(test, TPM_BUFSIZE, GFP_KERNEL);
	struct tpm_span body;

	KUNIT_ASSERT_NOT_NULL(test, buf);
	tpm_buf_init(buf, TPM_BUFSIZE);
	tpm_buf_reset(buf, TPM2_ST_NO_SESSIONS, 0);
	body = tpm_response_body(buf);
	KUNIT_EXPECT_EQ(test, (size_t)0, body.len);
	tpm_buf_append_u32(buf, 0x01020304);
	body = tpm_response_body(buf);
	EXPECT_SPAN(test, body, 0x01, 0x02, 0x03, 0x04);
}

static struct kunit_case response_cases[] = {
	KUNIT_CASE(test_a_quote_has_two_parts),
	KUNIT_CASE(test_a_quote_is_refused_at_every_shorter_length),
	KUNIT_CASE(test_a_quote_is_refused_with_another_kind_or_length),
	KUNIT_CASE(test_a_quote_may_be_so_long),
	KUNIT_CASE(test_a_quote_is_signed_as_its_key_signs),
	KUNIT_CASE(test_a_key_is_read_alone),
	KUNIT_CASE(test_a_key_is_found_behind_its_handle),
	KUNIT_CASE(test_a_key_is_refused_at_every_shorter_length),
	KUNIT_CASE(test_a_context_is_taken_whole),
	KUNIT_CASE(test_a_property_has_its_value),
	KUNIT_CASE(test_a_property_is_refused_if_it_is_another),
	KUNIT_CASE(test_a_property_is_refused_at_every_other_length),
	KUNIT_CASE(test_an_index_tells_its_size),
	KUNIT_CASE(test_an_index_gives_as_many_bytes_as_were_asked_for),
	KUNIT_CASE(test_a_body_is_what_follows_the_header),
	{}
};

static struct kunit_suite response_suite = {
	.name		= "tsmfd_tpm_response",
	.test_cases	= response_cases,
};

kunit_test_suite(response_suite);

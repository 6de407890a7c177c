// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of what is read of an HCL report: the answer to a challenge is found, and what is
 * cut short, half of another report or of another kind is not taken for one. The bytes
 * end where an allocation of their own does, so that KASAN sees one byte too far.
 */
#include <kunit/test.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../compat/hex.h"
#include "../providers/hcl_hash.h"
#include "../providers/hcl_json.h"
#include "../providers/hcl_report.h"

enum {
	VERSION		= 4,
	DATA_SIZE	= 0x4c0,
	DATA_VERSION	= 0x4c0 + 4,
	TYPE		= 0x4c0 + 8,
	HASH		= 0x4c0 + 12,
	CLAIMS_SIZE	= 0x4c0 + 16,
	CLAIMS		= 0x4c0 + 20,

	SNP		= 2,
	SNP_REPORT_DATA	= 0x20 + 0x50,
	TDX		= 4,
	TDX_REPORT_DATA	= 0x20 + 128,

	PADDING		= 7,
};

#define DIGITS	"00112233445566778899aAbBcCdDeEfF00112233445566778899aAbBcCdDeEfF00112233445566778899aAbBcCdDeEfF00112233445566778899aAbBcCdDeEfF"

static const char claims[] =
	"{\"keys\":[{\"n\":\"\\\"}]\"}],\"vm\":{\"user-data\":\"\"},\"user-data\":\"" DIGITS "\"}";

/**
 * struct hcl_kind - which report
 * @name: of the case
 * @type: of the hardware
 * @report_data: where its REPORT_DATA is
 * @hash: the number for it
 * @hash_name: the crypto API's
 */
struct hcl_kind {
	const char	*name;
	u32		type;
	size_t		report_data;
	u32		hash;
	const char	*hash_name;
};

static const struct hcl_kind kinds[] = {
	{ "SNP, SHA-256", SNP, SNP_REPORT_DATA, 1, "sha256" },
	{ "SNP, SHA-384", SNP, SNP_REPORT_DATA, 2, "sha384" },
	{ "SNP, SHA-512", SNP, SNP_REPORT_DATA, 3, "sha512" },
	{ "TDX, SHA-256", TDX, TDX_REPORT_DATA, 1, "sha256" },
};

static void kind_name(const struct hcl_kind *kind, char *name)
{
	strscpy(name, kind->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kinds, kinds, kind_name);

static u8 *allocate(struct kunit *test, size_t len)
{
	u8 *bytes = kunit_kzalloc(test, max_t(size_t, len, 1), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, bytes);
	return bytes;
}

static struct tpm_span exactly(struct kunit *test, const void *bytes, size_t len)
{
	u8 *copy = allocate(test, len);

	memcpy(copy, bytes, len);
	return (struct tpm_span) { .data = copy, .len = len };
}

static struct tpm_span text(struct kunit *test, const char *chars)
{
	return exactly(test, chars, strlen(chars));
}

static void put_le32(u32 value, u8 *to)
{
	const __le32 bytes = cpu_to_le32(value);

	memcpy(to, &bytes, sizeof(bytes));
}

/* With padding behind it. */
static u8 *report_of(struct kunit *test, const struct hcl_kind *kind, size_t *len)
{
	const struct tpm_span json = { .data = (const u8 *)claims, .len = strlen(claims) };
	struct hcl_digest digest;
	u8 *bytes;

	*len = CLAIMS + json.len + PADDING;
	bytes = allocate(test, *len);
	memcpy(bytes, "HCLA", 4);
	put_le32(2, bytes + VERSION);
	put_le32(kind->type, bytes + TYPE);
	put_le32(kind->hash, bytes + HASH);
	put_le32(CLAIMS - DATA_SIZE + json.len, bytes + DATA_SIZE);
	put_le32(1, bytes + DATA_VERSION);
	put_le32(json.len, bytes + CLAIMS_SIZE);
	memcpy(bytes + CLAIMS, json.data, json.len);
	KUNIT_ASSERT_EQ(test, 0, hcl_hash(kind->hash_name, json, &digest));
	memcpy(bytes + kind->report_data, digest.bytes, digest.len);
	return bytes;
}

static void challenge_of(struct kunit *test, u8 *challenge)
{
	KUNIT_ASSERT_EQ(test, 0, hex2bin(challenge, DIGITS, HCL_REPORT_USER_DATA));
}

static void test_a_report_answers_its_challenge_and_no_other(struct kunit *test)
{
	u8 challenge[HCL_REPORT_USER_DATA];
	struct tpm_span index;
	size_t len, i;

	challenge_of(test, challenge);
	index = (struct tpm_span) { .data = report_of(test, test->param_value, &len), .len = len };
	KUNIT_EXPECT_EQ(test, 0, hcl_report_check(index, challenge));
	for (i = 0; i < sizeof(challenge); i++) {
		challenge[i] ^= 1;
		KUNIT_EXPECT_EQ_MSG(test, -EBUSY, hcl_report_check(index, challenge),
				    "byte %zu", i);
		challenge[i] ^= 1;
	}
}

/* Whoever reads in pieces may get some of the former report and some of the next. */
static void test_halves_of_two_reports_are_no_report(struct kunit *test)
{
	const struct hcl_kind *kind = test->param_value;
	const size_t changed[] = { kind->report_data, CLAIMS, CLAIMS + 20 };
	u8 challenge[HCL_REPORT_USER_DATA];
	size_t len, i;
	u8 *bytes;

	challenge_of(test, challenge);
	bytes = report_of(test, kind, &len);
	for (i = 0; i < ARRAY_SIZE(changed); i++) {
		bytes[changed[i]] ^= 1;
		KUNIT_EXPECT_EQ_MSG(test, -EBUSY,
				    hcl_report_check(exactly(test, bytes, len), challenge),
				    "byte %zu", changed[i]);
		bytes[changed[i]] ^= 1;
	}
}

static void test_a_report_is_refused_at_every_shorter_length(struct kunit *test)
{
	u8 challenge[HCL_REPORT_USER_DATA];
	size_t len, whole;
	u8 *bytes;

	challenge_of(test, challenge);
	bytes = report_of(test, &kinds[0], &len);
	whole = len - PADDING;
	KUNIT_EXPECT_EQ(test, 0, hcl_report_check(exactly(test, bytes, whole), challenge));
	for (len = 0; len < whole; len++)
		KUNIT_EXPECT_EQ_MSG(test, -EIO,
				    hcl_report_check(exactly(test, bytes, len), challenge),
				    "%zu bytes", len);
}

/**
 * struct hcl_change - a report with one number changed
 * @at: where
 * @value: to what
 * @err: what is said of it
 */
struct hcl_change {
	size_t	at;
	u32	value;
	int	err;
};

static const struct hcl_change changes[] = {
	{ 0, 0x414c4349, -EIO },
	{ VERSION, 1, 0 },
	{ VERSION, 0, -EOPNOTSUPP },
	{ VERSION, 3, -EOPNOTSUPP },
	{ TYPE, 0, -EOPNOTSUPP },
	{ TYPE, 3, -EOPNOTSUPP },
	{ HASH, 0, -EOPNOTSUPP },
	{ HASH, 4, -EOPNOTSUPP },
	{ HASH, U32_MAX, -EOPNOTSUPP },
	{ CLAIMS_SIZE, sizeof(claims) + PADDING, -EIO },
	{ CLAIMS_SIZE, U32_MAX, -EIO },
	{ CLAIMS_SIZE, 0, -EBUSY },
};

static void test_another_kind_of_report_is_told_from_a_malformed_one(struct kunit *test)
{
	u8 challenge[HCL_REPORT_USER_DATA];
	size_t len, i;
	u8 *bytes;

	challenge_of(test, challenge);
	for (i = 0; i < ARRAY_SIZE(changes); i++) {
		bytes = report_of(test, &kinds[0], &len);
		put_le32(changes[i].value, bytes + changes[i].at);
		KUNIT_EXPECT_EQ_MSG(test, changes[i].err,
				    hcl_report_check(exactly(test, bytes, len), challenge),
				    "%#zx: %u", changes[i].at, changes[i].value);
	}
}

/* As later paravisors say what they can do. */
static void test_capabilities_may_precede_the_claims(struct kunit *test)
{
	u8 challenge[HCL_REPORT_USER_DATA];
	size_t len;
	u8 *bytes;

	challenge_of(test, challenge);
	bytes = report_of(test, &kinds[0], &len);
	memmove(bytes + CLAIMS + 4, bytes + CLAIMS, strlen(claims));
	put_le32(0x7b7b7b7b, bytes + CLAIMS);
	put_le32(CLAIMS + 4 - DATA_SIZE + strlen(claims), bytes + DATA_SIZE);
	put_le32(2, bytes + DATA_VERSION);
	KUNIT_EXPECT_EQ(test, 0, hcl_report_check(exactly(test, bytes, len), challenge));
	len = CLAIMS + 3 + strlen(claims);
	KUNIT_EXPECT_EQ(test, -EIO, hcl_report_check(exactly(test, bytes, len), challenge));
	KUNIT_EXPECT_EQ(test, -EIO, hcl_report_check(exactly(test, bytes, CLAIMS + 3), challenge));
}

static void test_user_data_are_64_bytes_or_none(struct kunit *test)
{
	u8 user_data[HCL_REPORT_USER_DATA];
	char bad[sizeof(claims)];

	KUNIT_EXPECT_EQ(test, 0, hcl_report_user_data(text(test, claims), user_data));
	KUNIT_EXPECT_EQ(test, 0x00, user_data[0]);
	KUNIT_EXPECT_EQ(test, 0xff, user_data[63]);
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
			hcl_report_user_data(text(test, "{\"keys\":[]}"), user_data));
	KUNIT_EXPECT_EQ(test, -EIO,
			hcl_report_user_data(text(test, "{\"user-data\":\"00\"}"), user_data));
	KUNIT_EXPECT_EQ(test, -EIO,
			hcl_report_user_data(text(test, "{\"user-data\":\"" DIGITS "00\"}"),
					     user_data));
	/* As long, and no digits. */
	memcpy(bad, claims, sizeof(bad));
	bad[strlen(bad) - 3] = '-';
	KUNIT_EXPECT_EQ(test, -EIO, hcl_report_user_data(text(test, bad), user_data));
	KUNIT_EXPECT_EQ(test, -EIO, hcl_report_user_data(text(test, ""), user_data));
}

/**
 * struct hcl_object - an object, and its member "a"
 * @json: the object
 * @value: of the member; NULL if there is none
 * @err: what is said then
 */
struct hcl_object {
	const char	*json;
	const char	*value;
	int		err;
};

static const struct hcl_object objects[] = {
	{ "{\"a\":\"x\"}", "x" },
	{ " {\n\t\"a\" : \"x y\" }\r\n", "x y" },
	{ "{\"a\":\"\"}", "" },
	{ "{\"a\":\"\\\\\"}", "\\\\" },
	{ "{\"a\":\"\\\"b\"}", "\\\"b" },
	{ "{\"b\":1,\"a\":\"x\",\"c\":[{},[\"]\"]]}", "x" },
	{ "{\"b\":{\"a\":\"y\"},\"a\":\"x\"}", "x" },
	{ "{\"b\":\"\\\",\\\"a\\\":\\\"y\",\"a\":\"x\"}", "x" },
	{ "{\"b\":-1.5e3,\"c\":null,\"d\":true,\"a\":\"x\"}", "x" },
	{ "{}", NULL, -ENOENT },
	{ "{\"b\":{\"a\":\"y\"}}", NULL, -ENOENT },
	{ "{\"b\":[\"a\",\"y\"]}", NULL, -ENOENT },
	{ "{\"b\":\"a\"}", NULL, -ENOENT },
	{ "{\"aa\":\"y\",\"\":\"z\"}", NULL, -ENOENT },
	{ "{\"a\":\"x\",\"a\":\"x\"}", NULL, -EINVAL },
	{ "{\"a\":1}", NULL, -EINVAL },
	{ "{\"a\":{}}", NULL, -EINVAL },
	{ "{\"a\":\"x\"}}", NULL, -EINVAL },
	{ "{\"a\":\"x\"} x", NULL, -EINVAL },
	{ "{\"a\":\"x\",}", NULL, -EINVAL },
	{ "{\"a\" \"x\"}", NULL, -EINVAL },
	{ "{a:\"x\"}", NULL, -EINVAL },
	{ "{\"b\":,\"a\":\"x\"}", NULL, -EINVAL },
	{ "[\"a\",\"x\"]", NULL, -EINVAL },
	{ "\"a\"", NULL, -EINVAL },
};

static void object_name(const struct hcl_object *object, char *name)
{
	strscpy(name, object->json, KUNIT_PARAM_DESC_SIZE);
	strreplace(name, '\n', ' ');
	strreplace(name, '\r', ' ');
	strreplace(name, '#', ' ');
}

KUNIT_ARRAY_PARAM(objects, objects, object_name);

static void test_a_member_of_an_object(struct kunit *test)
{
	const struct hcl_object *object = test->param_value;
	struct tpm_span value;

	KUNIT_EXPECT_EQ(test, object->err, hcl_json_string(text(test, object->json), "a", &value));
	if (!object->value)
		return;
	KUNIT_ASSERT_EQ(test, strlen(object->value), value.len);
	KUNIT_EXPECT_MEMEQ(test, value.data, object->value, value.len);
}

static void test_an_object_is_refused_at_every_shorter_length(struct kunit *test)
{
	struct tpm_span value;
	size_t len;

	for (len = 0; len < strlen(claims); len++)
		KUNIT_EXPECT_EQ_MSG(test, -EINVAL,
				    hcl_json_string(exactly(test, claims, len), "user-data",
						    &value), "%zu bytes", len);
}

/* No string that holds a NUL is taken for what ends there. */
static void test_a_nul_is_no_end(struct kunit *test)
{
	static const char json[] = "{\"a\":\"x\"}\0";
	static const char within[] = "{\"a\0\":\"x\"}";
	struct tpm_span value;

	KUNIT_EXPECT_EQ(test, -EINVAL,
			hcl_json_string(exactly(test, json, sizeof(json) - 1), "a", &value));
	KUNIT_EXPECT_EQ(test, -ENOENT,
			hcl_json_string(exactly(test, within, sizeof(within) - 1), "a", &value));
}

static struct kunit_case hcl_cases[] = {
	KUNIT_CASE_PARAM(test_a_report_answers_its_challenge_and_no_other, kinds_gen_params),
	KUNIT_CASE_PARAM(test_halves_of_two_reports_are_no_report, kinds_gen_params),
	KUNIT_CASE(test_a_report_is_refused_at_every_shorter_length),
	KUNIT_CASE(test_another_kind_of_report_is_told_from_a_malformed_one),
	KUNIT_CASE(test_capabilities_may_precede_the_claims),
	KUNIT_CASE(test_user_data_are_64_bytes_or_none),
	KUNIT_CASE_PARAM(test_a_member_of_an_object, objects_gen_params),
	KUNIT_CASE(test_an_object_is_refused_at_every_shorter_length),
	KUNIT_CASE(test_a_nul_is_no_end),
	{}
};

static struct kunit_suite hcl_suite = {
	.name		= "tsmfd_hcl_report",
	.test_cases	= hcl_cases,
};

kunit_test_suite(hcl_suite);

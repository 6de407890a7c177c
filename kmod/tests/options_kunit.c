// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of options: the grammar, and that a text sets all it names or nothing.
 */
#include <kunit/test.h>
#include <linux/prandom.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../compat/hex.h"
#include "../core/options.h"

#define HEX_16	"00112233445566778899aabbccddeeff"
#define HEX_32	"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

#define GUID_TEXT "00112233-4455-6677-8899-aabbccddeeff"
#define GUID	GUID_INIT(0x00112233, 0x4455, 0x6677,			\
			  0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff)

/* A provider that takes everything. */
static const struct tsmfd_info able = {
	.features	= TSMFD_FEATURE_PRIVLEVEL | TSMFD_FEATURE_SERVICE |
			  TSMFD_FEATURE_BATCH,
	.privlevel_max	= TSMFD_PRIVLEVEL_MAX,
	.formats	= BIT(TSMFD_FORMAT_DEFAULT) | BIT(TSMFD_FORMAT_EXTENDED),
	.inblob_max	= TSMFD_INBLOB_MAX,
};

/* Options of which none is as it would be if it were not given. */
static const struct tsmfd_options full = {
	.given		= TSMFD_OPT_PRIVLEVEL | TSMFD_OPT_SERVICE_PROVIDER |
			  TSMFD_OPT_SERVICE_GUID |
			  TSMFD_OPT_SERVICE_MANIFEST_VERSION,
	.format		= TSMFD_FORMAT_EXTENDED,
	.privlevel	= 3,
	.inblob_len	= 3,
	.inblob		= { 0xf1, 0xf2, 0xf3 },
	.service_provider = "former",
	.service_guid	= GUID_INIT(0xf1f2f3f4, 0xf5f6, 0xf7f8, 0xf9, 0xfa, 0xfb,
				    0xfc, 0xfd, 0xfe, 0xff, 0xf0),
	.service_manifest_version = 7,
};

/* Parses bytes with a NUL and nothing behind them, for KASAN to guard. */
static int parse_bytes(struct kunit *test, struct tsmfd_options *options,
		       const struct tsmfd_info *info, const char *bytes,
		       size_t len)
{
	char *text = kzalloc(len + 1, GFP_KERNEL);
	int rc;

	KUNIT_ASSERT_NOT_NULL(test, text);
	memcpy(text, bytes, len);
	rc = tsmfd_options_parse(options, info, text, len);
	kfree(text);
	return rc;
}

static int parse(struct kunit *test, struct tsmfd_options *options,
		 const struct tsmfd_info *info, const char *text)
{
	return parse_bytes(test, options, info, text, strlen(text));
}

static void expect_options(struct kunit *test, const struct tsmfd_options *is,
			   const struct tsmfd_options *should_be)
{
	KUNIT_EXPECT_MEMEQ(test, is, should_be, sizeof(*is));
}

static void expect_refused(struct kunit *test, const struct tsmfd_info *info,
			   const char *bytes, size_t len, int error)
{
	struct tsmfd_options options = full;

	KUNIT_EXPECT_EQ(test, error,
			parse_bytes(test, &options, info, bytes, len));
	expect_options(test, &options, &full);
}

struct accepted_text {
	const char *desc;
	const char *text;
	struct tsmfd_options options;
};

static const struct accepted_text accepted_texts[] = {
	{ "reset alone", "reset", {} },
	{ "an inblob of one byte", "inblob=a5",
	  { .inblob_len = 1, .inblob = { 0xa5 } } },
	{ "an empty inblob", "inblob=", {} },
	{ "upper-case digits", "inblob=ABCDEF",
	  { .inblob_len = 3, .inblob = { 0xab, 0xcd, 0xef } } },
	{ "lower-case digits", "inblob=abcdef",
	  { .inblob_len = 3, .inblob = { 0xab, 0xcd, 0xef } } },
	{ "digits of both cases", "inblob=aBCdEf",
	  { .inblob_len = 3, .inblob = { 0xab, 0xcd, 0xef } } },
	{ "an inblob of zeros", "inblob=0000", { .inblob_len = 2 } },
	{ "the lowest privlevel", "privlevel=0",
	  { .given = TSMFD_OPT_PRIVLEVEL } },
	{ "the highest privlevel", "privlevel=3",
	  { .given = TSMFD_OPT_PRIVLEVEL, .privlevel = 3 } },
	{ "a hexadecimal privlevel", "privlevel=0x2",
	  { .given = TSMFD_OPT_PRIVLEVEL, .privlevel = 2 } },
	{ "an octal privlevel", "privlevel=02",
	  { .given = TSMFD_OPT_PRIVLEVEL, .privlevel = 2 } },
	{ "the default format", "format=default", {} },
	{ "the extended format", "format=extended",
	  { .format = TSMFD_FORMAT_EXTENDED } },
	{ "a service_provider", "service_provider=svsm",
	  { .given = TSMFD_OPT_SERVICE_PROVIDER, .service_provider = "svsm" } },
	{ "the longest service_provider", "service_provider=fifteen-letters",
	  { .given = TSMFD_OPT_SERVICE_PROVIDER,
	    .service_provider = "fifteen-letters" } },
	{ "a value with an = in it", "service_provider=a=b",
	  { .given = TSMFD_OPT_SERVICE_PROVIDER, .service_provider = "a=b" } },
	{ "a service_guid", "service_guid=" GUID_TEXT,
	  { .given = TSMFD_OPT_SERVICE_GUID, .service_guid = GUID } },
	{ "a service_guid in capitals",
	  "service_guid=00112233-4455-6677-8899-AABBCCDDEEFF",
	  { .given = TSMFD_OPT_SERVICE_GUID, .service_guid = GUID } },
	{ "the null service_guid",
	  "service_guid=00000000-0000-0000-0000-000000000000",
	  { .given = TSMFD_OPT_SERVICE_GUID } },
	{ "a service_manifest_version", "service_manifest_version=1",
	  { .given = TSMFD_OPT_SERVICE_MANIFEST_VERSION,
	    .service_manifest_version = 1 } },
	{ "the highest service_manifest_version",
	  "service_manifest_version=4294967295",
	  { .given = TSMFD_OPT_SERVICE_MANIFEST_VERSION,
	    .service_manifest_version = U32_MAX } },
	{ "a batch", "batch=1", { .given = TSMFD_OPT_BATCH } },
	{ "no batch", "batch=0", {} },
	{ "a newline at the end", "inblob=a5\n",
	  { .inblob_len = 1, .inblob = { 0xa5 } } },
	{ "words parted by a space", "privlevel=1 inblob=a5",
	  { .given = TSMFD_OPT_PRIVLEVEL, .privlevel = 1,
	    .inblob_len = 1, .inblob = { 0xa5 } } },
	{ "words parted by a tab", "privlevel=1\tinblob=a5",
	  { .given = TSMFD_OPT_PRIVLEVEL, .privlevel = 1,
	    .inblob_len = 1, .inblob = { 0xa5 } } },
	{ "words parted by a newline", "privlevel=1\ninblob=a5",
	  { .given = TSMFD_OPT_PRIVLEVEL, .privlevel = 1,
	    .inblob_len = 1, .inblob = { 0xa5 } } },
	{ "whitespace all around", " \t\n privlevel=1 \t\n\n\t inblob=a5 \t\n ",
	  { .given = TSMFD_OPT_PRIVLEVEL, .privlevel = 1,
	    .inblob_len = 1, .inblob = { 0xa5 } } },
	{ "a value behind reset", "reset inblob=a5",
	  { .inblob_len = 1, .inblob = { 0xa5 } } },
	{ "whitespace before reset", "\n\treset inblob=a5",
	  { .inblob_len = 1, .inblob = { 0xa5 } } },
	{ "all options at once",
	  "service_manifest_version=2 service_guid=" GUID_TEXT
	  " service_provider=svsm format=extended privlevel=2 inblob=a5",
	  { .given = TSMFD_OPT_PRIVLEVEL | TSMFD_OPT_SERVICE_PROVIDER |
		     TSMFD_OPT_SERVICE_GUID |
		     TSMFD_OPT_SERVICE_MANIFEST_VERSION,
	    .format = TSMFD_FORMAT_EXTENDED, .privlevel = 2,
	    .inblob_len = 1, .inblob = { 0xa5 }, .service_provider = "svsm",
	    .service_guid = GUID,
	    .service_manifest_version = 2 } },
};

KUNIT_ARRAY_PARAM_DESC(accepted_text, accepted_texts, desc);

static void test_a_right_text_sets_what_it_names(struct kunit *test)
{
	const struct accepted_text *accepted = test->param_value;
	struct tsmfd_options options = {};

	KUNIT_EXPECT_EQ(test, 0, parse(test, &options, &able, accepted->text));
	expect_options(test, &options, &accepted->options);
}

struct refused_text {
	const char *desc;
	const char *text;
};

static const struct refused_text refused_texts[] = {
	{ "nothing", "" },
	{ "nothing but whitespace", " \t\n" },
	{ "a word without =", "inblob" },
	{ "a word without = behind a right one", "inblob=a5 privlevel" },
	{ "a value without a name", "=a5" },
	{ "an unknown name", "nonce=a5" },
	{ "a name cut short", "inblo=a5" },
	{ "a name with something behind it", "inblob2=a5" },
	{ "a name in capitals", "INBLOB=a5" },
	{ "a space before =", "inblob =a5" },
	{ "a space behind =", "inblob= a5" },
	{ "words parted by a comma", "privlevel=1,inblob=a5" },
	{ "words parted by a vertical tab", "privlevel=1\vinblob=a5" },
	{ "words parted by a form feed", "privlevel=1\finblob=a5" },
	{ "a carriage return at the end", "inblob=a5\r\n" },
	{ "reset not first", "inblob=a5 reset" },
	{ "reset twice", "reset reset" },
	{ "reset with a value", "reset=1" },
	{ "inblob twice", "inblob=a5 inblob=a5" },
	{ "privlevel twice", "privlevel=1 inblob=a5 privlevel=2" },
	{ "format twice", "format=default format=default" },
	{ "service_provider twice", "service_provider=a service_provider=a" },
	{ "service_guid twice",
	  "service_guid=" GUID_TEXT " service_guid=" GUID_TEXT },
	{ "service_manifest_version twice",
	  "service_manifest_version=1 service_manifest_version=1" },
	{ "an empty inblob and another", "inblob= inblob=a5" },
	{ "an inblob of one digit", "inblob=a" },
	{ "an inblob of an odd number of digits", "inblob=a5a" },
	{ "an inblob with a letter that is no digit", "inblob=a5ag" },
	{ "an inblob that begins with 0x", "inblob=0xa5" },
	{ "an inblob with a sign", "inblob=-a5a" },
	{ "an inblob of 65 bytes", "inblob=" HEX_32 HEX_32 "a5" },
	{ "an inblob of 64 bytes and a digit", "inblob=" HEX_32 HEX_32 "a" },
	{ "an inblob of 160 bytes", "inblob=" HEX_32 HEX_32 HEX_32 HEX_32 HEX_32 },
	{ "a privlevel below 0", "privlevel=-1" },
	{ "a privlevel above the highest", "privlevel=4" },
	{ "an octal privlevel above the highest", "privlevel=010" },
	{ "a privlevel of 2^32-1", "privlevel=4294967295" },
	{ "a privlevel of 2^32", "privlevel=4294967296" },
	{ "a privlevel of 2^64", "privlevel=18446744073709551616" },
	{ "an empty privlevel", "privlevel=" },
	{ "a privlevel that is no number", "privlevel=one" },
	{ "a privlevel with something behind it", "privlevel=1x" },
	{ "a privlevel of 0x and nothing behind it", "privlevel=0x" },
	{ "an empty format", "format=" },
	{ "an unknown format", "format=full" },
	{ "a format in capitals", "format=Default" },
	{ "a format cut short", "format=extende" },
	{ "an empty service_provider", "service_provider=" },
	{ "a service_provider of 16 letters", "service_provider=sixteen-letters." },
	{ "a service_provider of 17 letters", "service_provider=seventeen-letters" },
	{ "an empty service_guid", "service_guid=" },
	{ "a service_guid cut short",
	  "service_guid=00112233-4455-6677-8899-aabbccddeef" },
	{ "a service_guid with something behind it",
	  "service_guid=" GUID_TEXT "0" },
	{ "a service_guid in braces", "service_guid={" GUID_TEXT "}" },
	{ "a service_guid with a letter that is no digit",
	  "service_guid=00112233-4455-6677-8899-aabbccddeefg" },
	{ "a service_guid with a dash misplaced",
	  "service_guid=001122334-455-6677-8899-aabbccddeeff" },
	{ "a service_guid without dashes", "service_guid=" HEX_16 },
	{ "an empty service_manifest_version", "service_manifest_version=" },
	{ "a service_manifest_version below 0", "service_manifest_version=-1" },
	{ "a service_manifest_version of 2^32",
	  "service_manifest_version=4294967296" },
	{ "a service_manifest_version of two numbers",
	  "service_manifest_version=1.0" },
	{ "batch twice", "batch=1 batch=1" },
	{ "an empty batch", "batch=" },
	{ "a batch above 1", "batch=2" },
	{ "a batch of two digits", "batch=01" },
	{ "a wrong value behind right ones",
	  "reset inblob=a5 format=default privlevel=4" },
	{ "a wrong value before right ones",
	  "privlevel=4 inblob=a5 format=default" },
};

KUNIT_ARRAY_PARAM_DESC(refused_text, refused_texts, desc);

static void test_a_wrong_text_changes_nothing(struct kunit *test)
{
	const struct refused_text *refused = test->param_value;

	expect_refused(test, &able, refused->text, strlen(refused->text),
		       -EINVAL);
}

struct refused_bytes {
	const char *desc;
	const char *bytes;
	size_t len;
};

static const struct refused_bytes texts_with_nul[] = {
	{ "alone", "\0", 1 },
	{ "first", "\0inblob=a5", 10 },
	{ "between words", "inblob=a5\0privlevel=1", 21 },
	{ "within a value", "inblob=a5\0a5", 12 },
	{ "last", "inblob=a5\0", 10 },
	{ "behind the newline", "inblob=a5\n\0", 11 },
};

KUNIT_ARRAY_PARAM_DESC(text_with_nul, texts_with_nul, desc);

static void test_a_text_with_a_nul_changes_nothing(struct kunit *test)
{
	const struct refused_bytes *refused = test->param_value;

	expect_refused(test, &able, refused->bytes, refused->len, -EINVAL);
}

static void test_an_inblob_of_64_bytes_is_accepted(struct kunit *test)
{
	struct tsmfd_options options = {};
	u8 inblob[TSMFD_INBLOB_MAX];

	KUNIT_ASSERT_EQ(test, 0, hex2bin(inblob, HEX_32 HEX_32, sizeof(inblob)));

	KUNIT_EXPECT_EQ(test, 0,
			parse(test, &options, &able, "inblob=" HEX_32 HEX_32));
	KUNIT_EXPECT_EQ(test, (u32)TSMFD_INBLOB_MAX, options.inblob_len);
	KUNIT_EXPECT_MEMEQ(test, options.inblob, inblob, sizeof(inblob));
}

static void test_a_shorter_inblob_has_zeros_behind_it(struct kunit *test)
{
	struct tsmfd_options options = {};

	KUNIT_ASSERT_EQ(test, 0,
			parse(test, &options, &able, "inblob=" HEX_32 HEX_32));

	KUNIT_EXPECT_EQ(test, 0,
			parse(test, &options, &able, "inblob=" HEX_32 HEX_16));
	KUNIT_EXPECT_EQ(test, 48u, options.inblob_len);
	KUNIT_EXPECT_NULL(test, memchr_inv(options.inblob + 48, 0, 16));
}

static void test_what_is_not_named_stays(struct kunit *test)
{
	struct tsmfd_options options = full;
	struct tsmfd_options expected = full;

	expected.privlevel = 1;
	KUNIT_EXPECT_EQ(test, 0, parse(test, &options, &able, "privlevel=1"));
	expect_options(test, &options, &expected);
}

static void test_a_new_value_replaces_a_former_one(struct kunit *test)
{
	const char *text = "inblob=a5\n"
			   "privlevel=0\n"
			   "format=default\n"
			   "service_provider=svsm\n"
			   "service_guid=" GUID_TEXT "\n"
			   "service_manifest_version=0\n";
	struct tsmfd_options options = full;
	struct tsmfd_options expected = {
		.given		= full.given,
		.inblob_len	= 1,
		.inblob		= { 0xa5 },
		.service_provider = "svsm",
		.service_guid	= GUID,
	};

	KUNIT_EXPECT_EQ(test, 0, parse(test, &options, &able, text));
	expect_options(test, &options, &expected);
}

static void test_reset_forgets_what_was_given_before(struct kunit *test)
{
	struct tsmfd_options options = full;
	const struct tsmfd_options none = {};

	KUNIT_EXPECT_EQ(test, 0, parse(test, &options, &able, "reset\n"));
	expect_options(test, &options, &none);
}

static void test_reset_takes_what_is_named_behind_it(struct kunit *test)
{
	struct tsmfd_options options = full;
	const struct tsmfd_options expected = {
		.inblob_len	= 1,
		.inblob		= { 0xa5 },
	};

	KUNIT_EXPECT_EQ(test, 0,
			parse(test, &options, &able, "reset inblob=a5"));
	expect_options(test, &options, &expected);
}

static void test_a_long_text_is_read_to_its_end(struct kunit *test)
{
	struct tsmfd_options options = {};
	char *text = kunit_kmalloc(test, TSMFD_WRITE_MAX + 1, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, text);
	memset(text, ' ', TSMFD_WRITE_MAX);
	strscpy(text + TSMFD_WRITE_MAX - 9, "inblob=a5", 10);

	KUNIT_EXPECT_EQ(test, 0,
			tsmfd_options_parse(&options, &able, text,
					    TSMFD_WRITE_MAX));
	KUNIT_EXPECT_EQ(test, 1u, options.inblob_len);
}

struct privlevel_range {
	const char *desc;
	const char *text;
	int result;
};

static const struct privlevel_range privlevel_ranges[] = {
	{ "below the floor", "privlevel=0", -EINVAL },
	{ "at the floor", "privlevel=1", 0 },
	{ "at the highest", "privlevel=2", 0 },
	{ "above the highest", "privlevel=3", -EINVAL },
	{ "not given", "inblob=a5", 0 },
};

KUNIT_ARRAY_PARAM_DESC(privlevel_range, privlevel_ranges, desc);

static void test_a_privlevel_is_held_to_the_providers(struct kunit *test)
{
	const struct privlevel_range *range = test->param_value;
	struct tsmfd_options options = {};
	struct tsmfd_info info = able;

	info.privlevel_floor = 1;
	info.privlevel_max = 2;
	KUNIT_EXPECT_EQ(test, range->result,
			parse(test, &options, &info, range->text));
}

struct unsupported {
	const char *desc;
	const char *text;
	u32 formats;
};

static const struct unsupported unsupporteds[] = {
	{ "format=extended", "format=extended", BIT(TSMFD_FORMAT_DEFAULT) },
	{ "format=default", "format=default", BIT(TSMFD_FORMAT_EXTENDED) },
	{ "service_provider", "format=default service_provider=svsm",
	  BIT(TSMFD_FORMAT_DEFAULT) },
	{ "service_guid", "format=default service_guid=" GUID_TEXT,
	  BIT(TSMFD_FORMAT_DEFAULT) },
	{ "service_manifest_version",
	  "format=default service_manifest_version=0",
	  BIT(TSMFD_FORMAT_DEFAULT) },
	{ "batch", "format=default batch=1", BIT(TSMFD_FORMAT_DEFAULT) },
};

KUNIT_ARRAY_PARAM_DESC(unsupported, unsupporteds, desc);

static void test_what_a_provider_lacks_is_not_supported(struct kunit *test)
{
	const struct unsupported *unsupported = test->param_value;
	const struct tsmfd_options before = {
		.inblob_len	= 1,
		.inblob		= { 0xa5 },
	};
	struct tsmfd_options options = before;
	struct tsmfd_info info = able;

	info.features = TSMFD_FEATURE_PRIVLEVEL;
	info.formats = unsupported->formats;
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
			parse(test, &options, &info, unsupported->text));
	expect_options(test, &options, &before);
}

static void test_a_report_for_a_service_is_not_batched(struct kunit *test)
{
	struct tsmfd_options options = full;

	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
			parse(test, &options, &able, "batch=1"));
	expect_options(test, &options, &full);
}

static void test_a_batch_can_be_called_off(struct kunit *test)
{
	struct tsmfd_options options = {};

	KUNIT_ASSERT_EQ(test, 0, parse(test, &options, &able, "batch=1"));
	KUNIT_EXPECT_EQ(test, 0, parse(test, &options, &able, "batch=0"));
	KUNIT_EXPECT_EQ(test, 0u, options.given);
}

struct validation {
	const char *desc;
	struct tsmfd_options options;
	int result;
};

/* Of what no text can ask for, but an ioctl can. */
static const struct validation validations[] = {
	{ "no options", {}, 0 },
	{ "an inblob of 64 bytes", { .inblob_len = 64 }, 0 },
	{ "an inblob of 65 bytes", { .inblob_len = 65 }, -EINVAL },
	{ "an inblob of 2^32-1 bytes", { .inblob_len = U32_MAX }, -EINVAL },
	{ "the last format", { .format = TSMFD_FORMAT_EXTENDED }, 0 },
	{ "a format behind the last",
	  { .format = TSMFD_FORMAT_EXTENDED + 1 }, -EINVAL },
	{ "a format that no shift can take", { .format = 64 }, -EINVAL },
	{ "format 2^32-1", { .format = U32_MAX }, -EINVAL },
	{ "privlevel 2^32-1",
	  { .given = TSMFD_OPT_PRIVLEVEL, .privlevel = U32_MAX }, -EINVAL },
};

KUNIT_ARRAY_PARAM_DESC(validation, validations, desc);

static void test_options_of_any_origin_are_validated(struct kunit *test)
{
	const struct validation *validation = test->param_value;

	KUNIT_EXPECT_EQ(test, validation->result,
			tsmfd_options_validate(&validation->options, &able));
}

struct difference {
	const char *desc;
	const char *text;
};

static const struct difference differences[] = {
	{ "in the inblob's first byte", "inblob=a1f2f3" },
	{ "in the inblob's last byte", "inblob=f1f2a3" },
	{ "in a zero behind the inblob", "inblob=f1f2f300" },
	{ "in the inblob's length", "inblob=f1f2" },
	{ "in the privlevel", "privlevel=2" },
	{ "in the format", "format=default" },
	{ "in the service_provider", "service_provider=forme" },
	{ "in the service_guid", "service_guid=" GUID_TEXT },
	{ "in the service_manifest_version", "service_manifest_version=8" },
};

KUNIT_ARRAY_PARAM_DESC(difference, differences, desc);

static void test_options_that_differ_are_not_equal(struct kunit *test)
{
	const struct difference *difference = test->param_value;
	struct tsmfd_options options = full;

	KUNIT_ASSERT_EQ(test, 0,
			parse(test, &options, &able, difference->text));
	KUNIT_EXPECT_FALSE(test, tsmfd_options_equal(&options, &full));
}

static void test_a_privlevel_of_0_differs_from_none(struct kunit *test)
{
	struct tsmfd_options with = {}, without = {};

	KUNIT_ASSERT_EQ(test, 0, parse(test, &with, &able,
				       "inblob=a5 privlevel=0"));
	KUNIT_ASSERT_EQ(test, 0, parse(test, &without, &able, "inblob=a5"));
	KUNIT_EXPECT_FALSE(test, tsmfd_options_equal(&with, &without));
}

static void test_equality_does_not_look_at_history(struct kunit *test)
{
	struct tsmfd_options straight = {}, roundabout = full;

	KUNIT_ASSERT_EQ(test, 0,
			parse(test, &straight, &able,
			      "inblob=a5 service_provider=svsm"));
	KUNIT_ASSERT_EQ(test, 0,
			parse(test, &roundabout, &able,
			      "reset service_provider=longer inblob=" HEX_32 HEX_32));
	KUNIT_ASSERT_EQ(test, 0,
			parse(test, &roundabout, &able,
			      "service_provider=svsm inblob=a5"));
	KUNIT_EXPECT_TRUE(test, tsmfd_options_equal(&straight, &roundabout));
}

enum {
	FUZZ_TEXTS	= 10000,
	FUZZ_PIECES	= 12,
	FUZZ_TEXT_MAX	= 512,
	/* So that neither outcome goes untested. */
	FUZZ_OUTCOME_MIN = 500,
};

static const char * const fuzz_pieces[] = {
	" ", " ", " ", "\t", "\n", "reset", "reset ", "inblob=", "inblob=a5",
	"a5", "a", "G", HEX_16, HEX_32, "privlevel=", "privlevel=2", "-", "0x",
	"0", "1", "3", "4", "4294967296", "format=", "format=default",
	"format=extended", "default", "service_provider=",
	"service_provider=svsm", "svsm", "service_guid=" GUID_TEXT, GUID_TEXT,
	"service_manifest_version=", "service_manifest_version=1", "batch=",
	"batch=0", "batch=1", "=", "\r",
};

static u32 below(struct rnd_state *random, u32 limit)
{
	return prandom_u32_state(random) % limit;
}

static size_t fuzz_text(struct rnd_state *random, char *text)
{
	/* Mostly few, or hardly any text would be right. */
	u32 pieces = below(random, below(random, FUZZ_PIECES) + 1) + 1;
	size_t len = 0;

	while (pieces--) {
		u32 piece = below(random, ARRAY_SIZE(fuzz_pieces));
		ssize_t rc = strscpy(text + len, fuzz_pieces[piece],
				     FUZZ_TEXT_MAX - len);

		if (rc < 0)
			break;
		len += rc;
	}

	/* Now and then a byte that is of no grammar, NUL among them. */
	len = strlen(text);
	if (len && !below(random, 8))
		text[below(random, len)] = below(random, 256);
	return len;
}

/* Options that were set from a text, whatever it was. */
static bool options_are_sound(const struct tsmfd_options *options)
{
	const u32 known = TSMFD_OPT_PRIVLEVEL | TSMFD_OPT_SERVICE_PROVIDER |
			  TSMFD_OPT_SERVICE_GUID |
			  TSMFD_OPT_SERVICE_MANIFEST_VERSION |
			  TSMFD_OPT_BATCH;
	const char *service = options->service_provider;
	size_t service_len = strnlen(service, TSMFD_SERVICE_PROVIDER_MAX);

	return !tsmfd_options_validate(options, &able) &&
	       !(options->given & ~known) &&
	       !memchr_inv(options->inblob + options->inblob_len, 0,
			   sizeof(options->inblob) - options->inblob_len) &&
	       service_len < TSMFD_SERVICE_PROVIDER_MAX &&
	       !memchr_inv(service + service_len, 0,
			   TSMFD_SERVICE_PROVIDER_MAX - service_len) &&
	       !(options->given & TSMFD_OPT_SERVICE_PROVIDER) == !service_len;
}

static void test_any_text_is_set_whole_or_not_at_all(struct kunit *test)
{
	char *text = kunit_kmalloc(test, FUZZ_TEXT_MAX, GFP_KERNEL);
	struct tsmfd_options options = {}, before;
	unsigned int set = 0, refused = 0;
	struct rnd_state random;
	size_t len;
	int i, rc;

	KUNIT_ASSERT_NOT_NULL(test, text);
	prandom_seed_state(&random, 20230814);

	for (i = 0; i < FUZZ_TEXTS; i++) {
		len = fuzz_text(&random, text);
		before = options;
		rc = parse_bytes(test, &options, &able, text, len);
		if (rc) {
			/* The latter for a batch for a service. */
			if (rc != -EOPNOTSUPP)
				KUNIT_ASSERT_EQ(test, -EINVAL, rc);
			KUNIT_ASSERT_MEMEQ_MSG(test, &options, &before,
					       sizeof(options), "%*pE",
					       (int)len, text);
			refused++;
		} else {
			KUNIT_ASSERT_TRUE_MSG(test,
					      options_are_sound(&options),
					      "%*pE", (int)len, text);
			set++;
		}
	}

	KUNIT_EXPECT_GT(test, set, (unsigned int)FUZZ_OUTCOME_MIN);
	KUNIT_EXPECT_GT(test, refused, (unsigned int)FUZZ_OUTCOME_MIN);
}

static struct kunit_case options_cases[] = {
	KUNIT_CASE_PARAM(test_a_right_text_sets_what_it_names,
			 accepted_text_gen_params),
	KUNIT_CASE_PARAM(test_a_wrong_text_changes_nothing,
			 refused_text_gen_params),
	KUNIT_CASE_PARAM(test_a_text_with_a_nul_changes_nothing,
			 text_with_nul_gen_params),
	KUNIT_CASE(test_an_inblob_of_64_bytes_is_accepted),
	KUNIT_CASE(test_a_shorter_inblob_has_zeros_behind_it),
	KUNIT_CASE(test_what_is_not_named_stays),
	KUNIT_CASE(test_a_new_value_replaces_a_former_one),
	KUNIT_CASE(test_reset_forgets_what_was_given_before),
	KUNIT_CASE(test_reset_takes_what_is_named_behind_it),
	KUNIT_CASE(test_a_long_text_is_read_to_its_end),
	KUNIT_CASE_PARAM(test_a_privlevel_is_held_to_the_providers,
			 privlevel_range_gen_params),
	KUNIT_CASE_PARAM(test_what_a_provider_lacks_is_not_supported,
			 unsupported_gen_params),
	KUNIT_CASE(test_a_report_for_a_service_is_not_batched),
	KUNIT_CASE(test_a_batch_can_be_called_off),
	KUNIT_CASE_PARAM(test_options_of_any_origin_are_validated,
			 validation_gen_params),
	KUNIT_CASE_PARAM(test_options_that_differ_are_not_equal,
			 difference_gen_params),
	KUNIT_CASE(test_a_privlevel_of_0_differs_from_none),
	KUNIT_CASE(test_equality_does_not_look_at_history),
	KUNIT_CASE_SLOW(test_any_text_is_set_whole_or_not_at_all),
	{}
};

static struct kunit_suite options_suite = {
	.name		= "tsmfd_options",
	.test_cases	= options_cases,
};

kunit_test_suite(options_suite);

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the commands that are sent to a TPM, against bytes written down from
 * the TPM 2.0 library specification, part 3, and of the selection of PCRs.
 */
#include <kunit/test.h>
#include <linux/string.h>
#include <linux/tsmfd.h>

#include "../providers/tpm_pcrs.h"
#include "../providers/tpm_quote.h"

#define HANDLE	0x80fffffe

static int command_init(struct kunit *test)
{
	test->priv = kunit_kzalloc(test, TPM_BUFSIZE, GFP_KERNEL);
	return test->priv ? 0 : -ENOMEM;
}

#define EXPECT_COMMAND(test, buf, ...)						\
do {										\
	static const u8 expected[] = { __VA_ARGS__ };				\
										\
	KUNIT_EXPECT_EQ(test, (u32)sizeof(expected), tpm_buf_length(buf));	\
	KUNIT_EXPECT_MEMEQ(test, (buf)->data, expected, sizeof(expected));	\
} while (0)

static void test_a_key_is_made_from_the_template(struct kunit *test)
{
	struct tpm_buf *buf = test->priv;

	tpm_quote_create_primary(buf);
	EXPECT_COMMAND(test, buf,
		       0x80, 0x02, 0x00, 0x00, 0x00, 0x41, 0x00, 0x00, 0x01, 0x31,
		       0x40, 0x00, 0x00, 0x0b,			/* endorsement */
		       0x00, 0x00, 0x00, 0x09,			/* authorization */
		       0x40, 0x00, 0x00, 0x09, 0x00, 0x00, 0x00, 0x00, 0x00,
		       0x00, 0x04, 0x00, 0x00, 0x00, 0x00,	/* inSensitive */
		       0x00, 0x18,				/* inPublic */
		       0x00, 0x23, 0x00, 0x0b, 0x00, 0x05, 0x04, 0x72,
		       0x00, 0x00, 0x00, 0x10, 0x00, 0x18, 0x00, 0x0b,
		       0x00, 0x03, 0x00, 0x10, 0x00, 0x00, 0x00, 0x00,
		       0x00, 0x00,				/* outsideInfo */
		       0x00, 0x00, 0x00, 0x00);			/* creationPCR */
}

static void test_a_quote_names_its_pcrs_and_its_challenge(struct kunit *test)
{
	const struct tpm_span qualifying = { .data = (const u8 *)"\xaa\xbb\xcc", .len = 3 };
	struct tpm_buf *buf = test->priv;
	struct tpm_pcrs pcrs;

	KUNIT_ASSERT_EQ(test, 0, tpm_pcrs_parse("sha256:0-9+sha1:23", &pcrs));
	tpm_quote_quote(buf, HANDLE, &pcrs, qualifying);
	EXPECT_COMMAND(test, buf,
		       0x80, 0x02, 0x00, 0x00, 0x00, 0x32, 0x00, 0x00, 0x01, 0x58,
		       0x80, 0xff, 0xff, 0xfe,
		       0x00, 0x00, 0x00, 0x09,
		       0x40, 0x00, 0x00, 0x09, 0x00, 0x00, 0x00, 0x00, 0x00,
		       0x00, 0x03, 0xaa, 0xbb, 0xcc,
		       0x00, 0x10,				/* inScheme */
		       0x00, 0x00, 0x00, 0x02,			/* PCRselect */
		       0x00, 0x0b, 0x03, 0xff, 0x03, 0x00,
		       0x00, 0x04, 0x03, 0x00, 0x00, 0x80);
}

static void test_the_longest_challenge_fits_with_every_bank(struct kunit *test)
{
	u8 bytes[TSMFD_INBLOB_MAX] = {};
	const struct tpm_span qualifying = { .data = bytes, .len = sizeof(bytes) };
	struct tpm_buf *buf = test->priv;
	static const char all[] = "sha1:0-23+sha256:0-23+sha384:0-23+sha512:0-23+sm3_256:0-23";
	struct tpm_pcrs pcrs;

	KUNIT_ASSERT_EQ(test, 0, tpm_pcrs_parse(all, &pcrs));
	KUNIT_EXPECT_EQ(test, (u32)TPM_PCRS_BANKS_MAX, pcrs.count);
	tpm_quote_quote(buf, HANDLE, &pcrs, qualifying);
	KUNIT_EXPECT_EQ(test, 0U, buf->flags & TPM_BUF_INVALID);
	KUNIT_EXPECT_EQ(test, 10U + 4 + 4 + 9 + 2 + 64 + 2 + 4 + 5 * 6, tpm_buf_length(buf));
}

static void test_a_context_goes_out_and_back(struct kunit *test)
{
	const struct tpm_span context = { .data = (const u8 *)"\x01\x02\x03\x04\x05", .len = 5 };
	struct tpm_buf *buf = test->priv;

	tpm_quote_context_save(buf, HANDLE);
	EXPECT_COMMAND(test, buf, 0x80, 0x01, 0x00, 0x00, 0x00, 0x0e, 0x00, 0x00, 0x01, 0x62,
		       0x80, 0xff, 0xff, 0xfe);
	tpm_quote_context_load(buf, context);
	EXPECT_COMMAND(test, buf, 0x80, 0x01, 0x00, 0x00, 0x00, 0x0f, 0x00, 0x00, 0x01, 0x61,
		       0x01, 0x02, 0x03, 0x04, 0x05);
	tpm_quote_flush(buf, HANDLE);
	EXPECT_COMMAND(test, buf, 0x80, 0x01, 0x00, 0x00, 0x00, 0x0e, 0x00, 0x00, 0x01, 0x65,
		       0x80, 0xff, 0xff, 0xfe);
}

static void test_an_index_is_read_by_its_own_password(struct kunit *test)
{
	struct tpm_buf *buf = test->priv;

	tpm_quote_nv_read_public(buf, 0x01c0000a);
	EXPECT_COMMAND(test, buf, 0x80, 0x01, 0x00, 0x00, 0x00, 0x0e, 0x00, 0x00, 0x01, 0x69,
		       0x01, 0xc0, 0x00, 0x0a);
	tpm_quote_nv_read(buf, 0x01c0000a, 0x01c0000a, 0x0400, 0x01ff);
	EXPECT_COMMAND(test, buf, 0x80, 0x02, 0x00, 0x00, 0x00, 0x23, 0x00, 0x00, 0x01, 0x4e,
		       0x01, 0xc0, 0x00, 0x0a, 0x01, 0xc0, 0x00, 0x0a,
		       0x00, 0x00, 0x00, 0x09,
		       0x40, 0x00, 0x00, 0x09, 0x00, 0x00, 0x00, 0x00, 0x00,
		       0x01, 0xff, 0x04, 0x00);
}

static void test_an_index_is_the_owners_to_define_and_write(struct kunit *test)
{
	const struct tpm_span data = { .data = (const u8 *)"\xaa\xbb\xcc", .len = 3 };
	struct tpm_buf *buf = test->priv;

	tpm_quote_nv_define(buf, 0x01400002, 64);
	EXPECT_COMMAND(test, buf, 0x80, 0x02, 0x00, 0x00, 0x00, 0x2d, 0x00, 0x00, 0x01, 0x2a,
		       0x40, 0x00, 0x00, 0x01,
		       0x00, 0x00, 0x00, 0x09,
		       0x40, 0x00, 0x00, 0x09, 0x00, 0x00, 0x00, 0x00, 0x00,
		       0x00, 0x00,				/* auth */
		       0x00, 0x0e,				/* publicInfo */
		       0x01, 0x40, 0x00, 0x02, 0x00, 0x0b, 0x00, 0x06, 0x00, 0x06,
		       0x00, 0x00, 0x00, 0x40);
	tpm_quote_nv_write(buf, 0x01400002, data);
	EXPECT_COMMAND(test, buf, 0x80, 0x02, 0x00, 0x00, 0x00, 0x26, 0x00, 0x00, 0x01, 0x37,
		       0x40, 0x00, 0x00, 0x01, 0x01, 0x40, 0x00, 0x02,
		       0x00, 0x00, 0x00, 0x09,
		       0x40, 0x00, 0x00, 0x09, 0x00, 0x00, 0x00, 0x00, 0x00,
		       0x00, 0x03, 0xaa, 0xbb, 0xcc, 0x00, 0x00);
	tpm_quote_nv_read(buf, TPM_QUOTE_OWNER, 0x01400001, 0, 0x0200);
	EXPECT_COMMAND(test, buf, 0x80, 0x02, 0x00, 0x00, 0x00, 0x23, 0x00, 0x00, 0x01, 0x4e,
		       0x40, 0x00, 0x00, 0x01, 0x01, 0x40, 0x00, 0x01,
		       0x00, 0x00, 0x00, 0x09,
		       0x40, 0x00, 0x00, 0x09, 0x00, 0x00, 0x00, 0x00, 0x00,
		       0x02, 0x00, 0x00, 0x00);
}

static void test_a_key_is_asked_for_by_its_handle(struct kunit *test)
{
	struct tpm_buf *buf = test->priv;

	tpm_quote_read_public(buf, 0x81000003);
	EXPECT_COMMAND(test, buf, 0x80, 0x01, 0x00, 0x00, 0x00, 0x0e, 0x00, 0x00, 0x01, 0x73,
		       0x81, 0x00, 0x00, 0x03);
}

static void test_a_property_is_asked_for_alone(struct kunit *test)
{
	struct tpm_buf *buf = test->priv;

	tpm_quote_get_property(buf, 0x00000120);
	EXPECT_COMMAND(test, buf, 0x80, 0x01, 0x00, 0x00, 0x00, 0x16, 0x00, 0x00, 0x01, 0x7a,
		       0x00, 0x00, 0x00, 0x06,			/* TPM_CAP_TPM_PROPERTIES */
		       0x00, 0x00, 0x01, 0x20,			/* TPM_PT_MAX_DIGEST */
		       0x00, 0x00, 0x00, 0x01);			/* propertyCount */
}

struct selection_case {
	const char	*text;
	u16		alg;
	u32		pcrs;
};

static const struct selection_case selected[] = {
	{ "sha256:0-9",			0x000b, 0x0003ff },
	{ "sha1:0",			0x0004, 0x000001 },
	{ "sha384:23",			0x000c, 0x800000 },
	{ "sha512:0,2,4-5",		0x000d, 0x000035 },
	{ "sm3_256:0-23",		0x0012, 0xffffff },
};

static void selection_name(const struct selection_case *selection, char *name)
{
	strscpy(name, selection->text, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(selected, selected, selection_name);

static void test_a_selection_is_read(struct kunit *test)
{
	const struct selection_case *selection = test->param_value;
	struct tpm_pcrs pcrs;

	KUNIT_ASSERT_EQ(test, 0, tpm_pcrs_parse(selection->text, &pcrs));
	KUNIT_EXPECT_EQ(test, 1U, pcrs.count);
	KUNIT_EXPECT_EQ(test, selection->alg, pcrs.banks[0].alg);
	KUNIT_EXPECT_EQ(test, selection->pcrs, pcrs.banks[0].pcrs);
}

static void test_a_selection_keeps_the_order_of_its_banks(struct kunit *test)
{
	struct tpm_pcrs pcrs;

	KUNIT_ASSERT_EQ(test, 0, tpm_pcrs_parse("sha384:7+sha1:1+sha256:3", &pcrs));
	KUNIT_ASSERT_EQ(test, 3U, pcrs.count);
	KUNIT_EXPECT_EQ(test, 0x000c, pcrs.banks[0].alg);
	KUNIT_EXPECT_EQ(test, 0x0004, pcrs.banks[1].alg);
	KUNIT_EXPECT_EQ(test, 0x000b, pcrs.banks[2].alg);
}

static const struct selection_case refused[] = {
	{ "" }, { "+" }, { ":" }, { "sha256" }, { "sha256:" }, { "sha256:24" },
	{ "sha256:0-24" }, { "sha256:9-0" }, { "sha256:x" }, { "sha256:-1" }, { "md5:0" },
	{ "SHA256:0" }, { "sha256:0+" }, { "+sha256:0" }, { "sha256:0+sha256:1" },
	{ "sha256:0:1" }, { ":0" }, { "sha256:99999999999999999999" },
};

KUNIT_ARRAY_PARAM(refused, refused, selection_name);

static void test_a_wrong_selection_changes_nothing(struct kunit *test)
{
	const struct selection_case *selection = test->param_value;
	struct tpm_pcrs pcrs, before;

	memset(&pcrs, 0x5a, sizeof(pcrs));
	before = pcrs;
	KUNIT_EXPECT_EQ(test, -EINVAL, tpm_pcrs_parse(selection->text, &pcrs));
	KUNIT_EXPECT_MEMEQ(test, &pcrs, &before, sizeof(pcrs));
}

static struct kunit_case command_cases[] = {
	KUNIT_CASE(test_a_key_is_made_from_the_template),
	KUNIT_CASE(test_a_quote_names_its_pcrs_and_its_challenge),
	KUNIT_CASE(test_the_longest_challenge_fits_with_every_bank),
	KUNIT_CASE(test_a_context_goes_out_and_back),
	KUNIT_CASE(test_an_index_is_read_by_its_own_password),
	KUNIT_CASE(test_an_index_is_the_owners_to_define_and_write),
	KUNIT_CASE(test_a_key_is_asked_for_by_its_handle),
	KUNIT_CASE(test_a_property_is_asked_for_alone),
	KUNIT_CASE_PARAM(test_a_selection_is_read, selected_gen_params),
	KUNIT_CASE(test_a_selection_keeps_the_order_of_its_banks),
	KUNIT_CASE_PARAM(test_a_wrong_selection_changes_nothing, refused_gen_params),
	{}
};

static struct kunit_suite command_suite = {
	.name		= "tsmfd_tpm_command",
	.init		= command_init,
	.test_cases	= command_cases,
};

kunit_test_suite(command_suite);

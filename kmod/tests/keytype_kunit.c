// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the key type "tsm": what payloads it takes, what of them reaches the
 * firmware, and how the key then reads. The keys are the kernel's own, in a
 * keyring that nobody else sees.
 */
#include <kunit/test.h>
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/hex.h>
#include <linux/key-type.h>
#include <linux/key.h>
#include <linux/limits.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "fake_provider.h"

#define HEX_64								\
	"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"	\
	"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

enum {
	TEXT_MAX	= 512,
};

/**
 * struct key_fixture - where a test's keys are
 * @fake: the provider that they name
 * @keyring: they are in
 */
struct key_fixture {
	struct fake_provider	*fake;
	struct key		*keyring;
};

static int key_test_init(struct kunit *test)
{
	struct key_fixture *fixture = kunit_kzalloc(test, sizeof(*fixture),
						    GFP_KERNEL);

	if (!fixture)
		return -ENOMEM;
	fixture->keyring = keyring_alloc("tsmfd_kunit", GLOBAL_ROOT_UID,
					 GLOBAL_ROOT_GID, current_cred(),
					 KEY_POS_ALL, KEY_ALLOC_NOT_IN_QUOTA,
					 NULL, NULL);
	if (IS_ERR(fixture->keyring))
		return PTR_ERR(fixture->keyring);
	test->priv = fixture;

	fixture->fake = fake_new(test);
	fake_register(fixture->fake);
	return 0;
}

static void key_test_exit(struct kunit *test)
{
	struct key_fixture *fixture = test->priv;

	if (!fixture)
		return;
	keyring_clear(fixture->keyring);
	key_put(fixture->keyring);
}

/* @payload: gets the fake's name where it has %s. The key, put by key_test_exit(). */
static struct key *add_bytes(struct kunit *test, const void *payload, size_t len)
{
	struct key_fixture *fixture = test->priv;
	key_ref_t ref;

	ref = key_create_or_update(make_key_ref(fixture->keyring, true), "tsm",
				   "of the test", payload, len, KEY_POS_ALL,
				   KEY_ALLOC_NOT_IN_QUOTA);
	if (IS_ERR(ref))
		return ERR_CAST(ref);
	/* The keyring keeps it. */
	key_ref_put(ref);
	return key_ref_to_ptr(ref);
}

static struct key *add(struct kunit *test, const char *payload)
{
	struct key_fixture *fixture = test->priv;
	char *text = kunit_kzalloc(test, TEXT_MAX, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, text);
	KUNIT_ASSERT_LT(test, snprintf(text, TEXT_MAX, "%s provider=%s", payload,
				       dev_name(&fixture->fake->provider->dev)),
			TEXT_MAX);
	return add_bytes(test, text, strlen(text));
}

/* As user space reads it: the length, or an error. */
static long read_key(struct kunit *test, struct key *key, char *buffer,
		     size_t len)
{
	long rc;

	down_read(&key->sem);
	rc = key->type->read(key, buffer, len);
	up_read(&key->sem);
	return rc;
}

struct payload_case {
	const char	*text;
	u8		inblob_len;
	u32		privlevel;	/* TSMFD_PRIVLEVEL_MAX + 1: none given */
	u32		format;
};

#define NO_PRIVLEVEL	(TSMFD_PRIVLEVEL_MAX + 1)

static const struct payload_case accepted_cases[] = {
	{ "auth 00", 1, NO_PRIVLEVEL },
	{ "auth " HEX_64, 64, NO_PRIVLEVEL },
	{ "auth 0011 privlevel=2", 2, 2 },
	{ "auth 0011 privlevel=0x3", 2, 3 },
	{ "auth 0011 format=extended", 2, NO_PRIVLEVEL, TSMFD_FORMAT_EXTENDED },
	{ "auth 00 privlevel=1 format=extended", 1, 1, TSMFD_FORMAT_EXTENDED },
	{ "auth 00 format=extended privlevel=1", 1, 1, TSMFD_FORMAT_EXTENDED },
	{ "auth\t00\tprivlevel=1", 1, 1 },
	{ " auth   00\t privlevel=1 ", 1, 1 },
	{ "inblob=00", 1, NO_PRIVLEVEL },
	{ "inblob=" HEX_64 " privlevel=3 format=default", 64, 3 },
	{ "format=extended\nprivlevel=0\ninblob=00", 1, 0, TSMFD_FORMAT_EXTENDED },
};

static const struct payload_case refused_cases[] = {
	{ "" },
	{ "auth" },
	{ "auth " },
	{ "auth 0" },
	{ "auth 001" },
	{ "auth 0g" },
	{ "auth " HEX_64 "00" },
	{ "auth privlevel=1" },
	{ "auth 00 00" },
	{ "auth 00 auth 00" },
	{ "auth 00 inblob=00" },
	{ "inblob=00 auth 00" },
	{ "privlevel=1 auth 00" },
	{ "auth 00 privlevel=4" },
	{ "auth 00 privlevel=-1" },
	{ "auth 00 privlevel=4294967296" },
	{ "auth 00 privlevel=" },
	{ "auth 00 privlevel=1 privlevel=1" },
	{ "auth 00 format=default format=default" },
	{ "auth 00 format=sixteen_letters_" },
	{ "auth 00 format=" },
	{ "auth 00 unknown=1" },
	{ "auth 00 provider=tsmfd0" },
	{ "AUTH 00" },
	{ "authentic 00" },
	{ "inblob=" },
	{ "privlevel=1" },
};

static void describe_payload(const struct payload_case *payload, char *desc)
{
	size_t i;

	strscpy(desc, *payload->text ? payload->text : "nothing",
		KUNIT_PARAM_DESC_SIZE);
	for (i = 0; desc[i]; i++) {
		if (desc[i] == '\n' || desc[i] == '\t')
			desc[i] = ' ';
	}
}

KUNIT_ARRAY_PARAM(accepted, accepted_cases, describe_payload);
KUNIT_ARRAY_PARAM(refused, refused_cases, describe_payload);

static void test_a_payload_reaches_the_firmware(struct kunit *test)
{
	const struct payload_case *payload = test->param_value;
	struct key_fixture *fixture = test->priv;
	const struct tsmfd_options *seen = &fixture->fake->seen;
	struct key *key = add(test, payload->text);
	bool has_privlevel = payload->privlevel != NO_PRIVLEVEL;

	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(key), "%ld", PTR_ERR(key));
	KUNIT_ASSERT_GT(test, read_key(test, key, NULL, 0), 0);
	KUNIT_EXPECT_EQ(test, payload->inblob_len, seen->inblob_len);
	KUNIT_EXPECT_EQ(test, has_privlevel,
			!!(seen->given & TSMFD_OPT_PRIVLEVEL));
	if (has_privlevel)
		KUNIT_EXPECT_EQ(test, payload->privlevel, seen->privlevel);
	KUNIT_EXPECT_EQ(test, payload->format, seen->format);
}

static void test_a_wrong_payload_is_refused(struct kunit *test)
{
	const struct payload_case *payload = test->param_value;
	struct key *key = add(test, payload->text);

	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EINVAL), key);
}

static void test_bytes_that_are_no_text_are_refused(struct kunit *test)
{
	static const char nul_inside[] = "auth 00\0privlevel=1";
	static const char nul_behind[] = "auth 00";

	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EINVAL),
			    add_bytes(test, nul_inside, sizeof(nul_inside) - 1));
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EINVAL),
			    add_bytes(test, nul_behind, sizeof(nul_behind)));
}

static void test_a_payload_longer_than_a_write_is_refused(struct kunit *test)
{
	size_t len = TSMFD_WRITE_MAX + 1;
	char *text = kunit_kzalloc(test, len, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, text);
	memset(text, ' ', len);
	memcpy(text, "auth 00", strlen("auth 00"));
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EINVAL), add_bytes(test, text, len));
	KUNIT_EXPECT_FALSE(test, IS_ERR(add_bytes(test, text, len - 1)));
}

static void test_a_provider_that_is_not_there_is_enodev(struct kunit *test)
{
	static const char payload[] = "auth 00 provider=tsmfd4711";

	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-ENODEV),
			    add_bytes(test, payload, strlen(payload)));
}

/* "<hex inblob> <provider>[:<format>] <hex report>", and no byte more. */
static void expect_line(struct kunit *test, const char *payload,
			const char *names_format)
{
	struct key_fixture *fixture = test->priv;
	struct key *key = add(test, payload);
	char *expected = kunit_kzalloc(test, TEXT_MAX, GFP_KERNEL);
	char *line = kunit_kzalloc(test, TEXT_MAX, GFP_KERNEL);
	u32 id = 0;
	long len;

	KUNIT_ASSERT_FALSE(test, IS_ERR(key));
	KUNIT_ASSERT_NOT_NULL(test, expected);
	KUNIT_ASSERT_NOT_NULL(test, line);

	len = read_key(test, key, line, TEXT_MAX - 1);
	memcpy(&id, fixture->fake->seen.inblob, sizeof(id));
	snprintf(expected, TEXT_MAX, "00112233 %s%s %*phN",
		 fixture->fake->provider->info.provider, names_format,
		 (int)sizeof(id), &id);
	KUNIT_EXPECT_EQ(test, (long)strlen(expected), len);
	KUNIT_EXPECT_STREQ(test, expected, line);
}

static void test_a_key_of_2023_reads_as_it_did(struct kunit *test)
{
	struct key_fixture *fixture = test->priv;

	fixture->fake->blob_len[0] = sizeof(u32);
	expect_line(test, "auth 00112233", "");
	expect_line(test, "auth 00112233 format=default", ":default");
	expect_line(test, "auth 00112233 format=extended", ":extended");
}

static void test_a_short_buffer_gets_the_length_and_no_byte(struct kunit *test)
{
	struct key *key = add(test, "auth 00");
	char buffer[4] = "\xa5\xa5\xa5\xa5";
	long len;

	KUNIT_ASSERT_FALSE(test, IS_ERR(key));
	len = read_key(test, key, NULL, 0);
	KUNIT_EXPECT_GT(test, len, (long)sizeof(buffer));
	KUNIT_EXPECT_EQ(test, len,
			read_key(test, key, buffer, sizeof(buffer)));
	KUNIT_EXPECT_MEMEQ(test, buffer, "\xa5\xa5\xa5\xa5", sizeof(buffer));
}

static void test_the_firmware_is_asked_once_until_an_update(struct kunit *test)
{
	struct key_fixture *fixture = test->priv;
	struct key *key = add(test, "auth 00");

	KUNIT_ASSERT_FALSE(test, IS_ERR(key));
	KUNIT_EXPECT_GT(test, read_key(test, key, NULL, 0), 0);
	KUNIT_EXPECT_GT(test, read_key(test, key, NULL, 0), 0);
	KUNIT_EXPECT_EQ(test, 1, fixture->fake->calls);

	/* A key of the same description is updated. */
	KUNIT_ASSERT_PTR_EQ(test, key, add(test, "auth 01"));
	KUNIT_EXPECT_GT(test, read_key(test, key, NULL, 0), 0);
	KUNIT_EXPECT_EQ(test, 2, fixture->fake->calls);
	KUNIT_EXPECT_EQ(test, 1, fixture->fake->seen.inblob[0]);
}

static void test_an_update_that_is_refused_changes_nothing(struct kunit *test)
{
	struct key_fixture *fixture = test->priv;
	struct key *key = add(test, "auth 07");

	KUNIT_ASSERT_FALSE(test, IS_ERR(key));
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EINVAL), add(test, "auth 0"));
	KUNIT_EXPECT_GT(test, read_key(test, key, NULL, 0), 0);
	KUNIT_EXPECT_EQ(test, 7, fixture->fake->seen.inblob[0]);
}

/* Runs @work without CAP_SYS_ADMIN. */
static void without_privilege(struct kunit *test,
			      void (*work)(struct kunit *test))
{
	struct cred *lesser = prepare_creds();
	const struct cred *before;

	KUNIT_ASSERT_NOT_NULL(test, lesser);
	cap_lower(lesser->cap_effective, CAP_SYS_ADMIN);
	before = override_creds(lesser);
	work(test);
	revert_creds(before);
	put_cred(lesser);
}

static void expect_eperm(struct kunit *test)
{
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EPERM), add(test, "auth 08"));
	/* Before anything is looked into. */
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EPERM), add(test, "nonsense"));
}

static void test_adding_and_updating_take_a_capability(struct kunit *test)
{
	struct key_fixture *fixture = test->priv;
	struct key *key;

	without_privilege(test, expect_eperm);

	/* Of the same description, so that the next is an update. */
	key = add(test, "auth 07");
	KUNIT_ASSERT_FALSE(test, IS_ERR(key));
	without_privilege(test, expect_eperm);
	KUNIT_EXPECT_GT(test, read_key(test, key, NULL, 0), 0);
	KUNIT_EXPECT_EQ(test, 7, fixture->fake->seen.inblob[0]);
}

static void test_a_long_report_is_charged_what_a_key_can_count(struct kunit *test)
{
	struct key_fixture *fixture = test->priv;
	struct key *key;

	fake_unregister(fixture->fake);
	fixture->fake = fake_new(test);
	fixture->fake->ops.outblob_max = SZ_128K;
	fixture->fake->blob_len[0] = USHRT_MAX + 100;
	fake_register(fixture->fake);

	key = add(test, "inblob=00");
	KUNIT_ASSERT_FALSE(test, IS_ERR(key));
	KUNIT_EXPECT_EQ(test, USHRT_MAX + 100L, read_key(test, key, NULL, 0));
	KUNIT_EXPECT_EQ(test, USHRT_MAX, key->datalen);
}

static void test_a_key_outlives_its_provider(struct kunit *test)
{
	struct key_fixture *fixture = test->priv;
	struct key *key = add(test, "auth 00");

	KUNIT_ASSERT_FALSE(test, IS_ERR(key));
	fake_unregister(fixture->fake);
	KUNIT_EXPECT_EQ(test, -ENODEV, read_key(test, key, NULL, 0));
}

static struct kunit_case keytype_cases[] = {
	KUNIT_CASE_PARAM(test_a_payload_reaches_the_firmware,
			 accepted_gen_params),
	KUNIT_CASE_PARAM(test_a_wrong_payload_is_refused, refused_gen_params),
	KUNIT_CASE(test_bytes_that_are_no_text_are_refused),
	KUNIT_CASE(test_a_payload_longer_than_a_write_is_refused),
	KUNIT_CASE(test_a_provider_that_is_not_there_is_enodev),
	KUNIT_CASE(test_a_key_of_2023_reads_as_it_did),
	KUNIT_CASE(test_a_short_buffer_gets_the_length_and_no_byte),
	KUNIT_CASE(test_the_firmware_is_asked_once_until_an_update),
	KUNIT_CASE(test_an_update_that_is_refused_changes_nothing),
	KUNIT_CASE(test_adding_and_updating_take_a_capability),
	KUNIT_CASE(test_a_long_report_is_charged_what_a_key_can_count),
	KUNIT_CASE(test_a_key_outlives_its_provider),
	{}
};

static struct kunit_suite keytype_suite = {
	.name		= "tsmfd_keytype",
	.init		= key_test_init,
	.exit		= key_test_exit,
	.test_cases	= keytype_cases,
};

kunit_test_suite(keytype_suite);

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the registry: which providers it takes, their numbers, their end.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "fake_provider.h"

struct spoiled_ops {
	const char *desc;
	size_t member;
	u32 value;
};

/* Each spoils one number of ops that are sound. */
static const struct spoiled_ops spoiled_ops_cases[] = {
	{ "no format", offsetof(struct tsmfd_ops, formats), 0 },
	{ "an unknown format", offsetof(struct tsmfd_ops, formats),
	  BIT(TSMFD_FORMAT_DEFAULT) | BIT(TSMFD_FORMAT_EXTENDED + 1) },
	{ "a feature that the core derives",
	  offsetof(struct tsmfd_ops, features), TSMFD_FEATURE_PRIVLEVEL },
	{ "a feature that the core adds",
	  offsetof(struct tsmfd_ops, features), TSMFD_FEATURE_BATCH },
	{ "an unknown feature", offsetof(struct tsmfd_ops, features), BIT(31) },
	{ "a privlevel_floor above privlevel_max",
	  offsetof(struct tsmfd_ops, privlevel_floor), 3 },
	{ "a privlevel_max above all",
	  offsetof(struct tsmfd_ops, privlevel_max), TSMFD_PRIVLEVEL_MAX + 1 },
	{ "no inblob_min", offsetof(struct tsmfd_ops, inblob_min), 0 },
	{ "an inblob_min above inblob_max",
	  offsetof(struct tsmfd_ops, inblob_min), TSMFD_INBLOB_MAX + 1 },
	{ "too high an inblob_max", offsetof(struct tsmfd_ops, inblob_max),
	  TSMFD_INBLOB_MAX + 1 },
	{ "no outblob_max", offsetof(struct tsmfd_ops, outblob_max), 0 },
	{ "too high an outblob_max", offsetof(struct tsmfd_ops, outblob_max),
	  TSMFD_BLOB_MAX + 1 },
	{ "too high an auxblob_max", offsetof(struct tsmfd_ops, auxblob_max),
	  TSMFD_BLOB_MAX + 1 },
	{ "too high a manifestblob_max",
	  offsetof(struct tsmfd_ops, manifestblob_max), TSMFD_BLOB_MAX + 1 },
	{ "no max_inflight", offsetof(struct tsmfd_ops, max_inflight), 0 },
	{ "too high a max_inflight", offsetof(struct tsmfd_ops, max_inflight),
	  TSMFD_INFLIGHT_MAX + 1 },
};

KUNIT_ARRAY_PARAM_DESC(spoiled_ops, spoiled_ops_cases, desc);

static void expect_refused(struct kunit *test, struct fake_provider *fake)
{
	struct tsmfd_provider *provider = tsmfd_register(&fake->ops, fake, NULL);

	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EINVAL), provider);
	if (!IS_ERR(provider))
		tsmfd_unregister(provider);
}

static void test_ops_with_a_wrong_number_are_refused(struct kunit *test)
{
	const struct spoiled_ops *spoiled = test->param_value;
	struct fake_provider *fake = fake_new(test);

	fake->ops.privlevel_max = 2;
	*(u32 *)((void *)&fake->ops + spoiled->member) = spoiled->value;
	expect_refused(test, fake);
}

static void test_ops_without_report_are_refused(struct kunit *test)
{
	struct fake_provider *fake = fake_new(test);

	fake->ops.report = NULL;
	expect_refused(test, fake);
}

struct bad_name {
	const char *desc;
	const char *name;
};

static const struct bad_name bad_names[] = {
	{ "none", NULL },
	{ "empty", "" },
	{ "of 32 letters", "a-name-of-thirty-two-letters-all" },
};

KUNIT_ARRAY_PARAM_DESC(bad_name, bad_names, desc);

static void test_ops_with_a_bad_name_are_refused(struct kunit *test)
{
	const struct bad_name *bad = test->param_value;
	struct fake_provider *fake = fake_new(test);

	fake->ops.name = bad->name;
	expect_refused(test, fake);
}

static void test_ops_at_every_limit_are_accepted(struct kunit *test)
{
	struct fake_provider *fake = fake_new(test);

	fake->ops.name = "a-name-of-thirty-one-letters-ok";
	fake->ops.formats = BIT(TSMFD_FORMAT_DEFAULT) |
			    BIT(TSMFD_FORMAT_EXTENDED);
	fake->ops.features = TSMFD_FEATURE_SERVICE;
	fake->ops.privlevel_floor = TSMFD_PRIVLEVEL_MAX;
	fake->ops.privlevel_max = TSMFD_PRIVLEVEL_MAX;
	fake->ops.outblob_max = TSMFD_BLOB_MAX;
	fake->ops.auxblob_max = TSMFD_BLOB_MAX;
	fake->ops.manifestblob_max = TSMFD_BLOB_MAX;
	fake->ops.max_inflight = TSMFD_INFLIGHT_MAX;
	fake_register(fake);
	KUNIT_EXPECT_STREQ(test, fake->ops.name, fake->provider->info.provider);
}

static void test_info_says_what_the_ops_said(struct kunit *test)
{
	struct fake_provider *fake = fake_new(test);
	const struct tsmfd_info *info;

	fake->ops.formats = BIT(TSMFD_FORMAT_EXTENDED);
	fake->ops.features = TSMFD_FEATURE_SERVICE;
	fake->ops.privlevel_floor = 1;
	fake->ops.privlevel_max = 2;
	fake->ops.inblob_min = 32;
	fake->ops.inblob_max = 50;
	fake->ops.outblob_max = 100;
	fake->ops.auxblob_max = 200;
	fake->ops.manifestblob_max = 300;
	fake->ops.max_inflight = 5;
	fake_register(fake);
	info = &fake->provider->info;

	KUNIT_EXPECT_STREQ(test, "fake", info->provider);
	KUNIT_EXPECT_EQ(test, info->index,
			(u32)tsmfd_provider_index(fake->provider));
	KUNIT_EXPECT_EQ(test, info->formats,
			(u32)BIT(TSMFD_FORMAT_EXTENDED));
	/* A batch's root would not fit into 50 bytes. */
	KUNIT_EXPECT_EQ(test, info->features,
			TSMFD_FEATURE_SERVICE | TSMFD_FEATURE_PRIVLEVEL);
	KUNIT_EXPECT_EQ(test, 1u, info->privlevel_floor);
	KUNIT_EXPECT_EQ(test, 2u, info->privlevel_max);
	KUNIT_EXPECT_EQ(test, 32u, info->inblob_min);
	KUNIT_EXPECT_EQ(test, 50u, info->inblob_max);
	KUNIT_EXPECT_EQ(test, 100u, info->outblob_max);
	KUNIT_EXPECT_EQ(test, 200u, info->auxblob_max);
	KUNIT_EXPECT_EQ(test, 300u, info->manifestblob_max);
	KUNIT_EXPECT_EQ(test, 5u, info->max_inflight);
}

static void test_one_privlevel_is_no_feature(struct kunit *test)
{
	struct fake_provider *fake = fake_new(test);

	fake->ops.privlevel_floor = 2;
	fake->ops.privlevel_max = 2;
	fake_register(fake);
	KUNIT_EXPECT_EQ(test, 0u, fake->provider->info.features &
				  TSMFD_FEATURE_PRIVLEVEL);
}

static void test_a_device_is_named_for_its_number(struct kunit *test)
{
	struct fake_provider *fake = fake_new(test);
	char name[16];

	fake_register(fake);
	snprintf(name, sizeof(name), TSMFD_CLASS_NAME "%d",
		 tsmfd_provider_index(fake->provider));
	KUNIT_EXPECT_STREQ(test, name, dev_name(&fake->provider->dev));
}

enum { MANY = 20 };

static void test_many_providers_answer_for_themselves(struct kunit *test)
{
	struct fake_provider *fakes[MANY];
	int i, j;

	for (i = 0; i < MANY; i++) {
		fakes[i] = fake_new(test);
		fake_register(fakes[i]);
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_NE(test, fakes[i]->provider->info.index,
					fakes[j]->provider->info.index);
	}
	for (i = 0; i < MANY; i++)
		fake_submit(fakes[i], fakes[i]->flows[0], i);
	for (i = 0; i < MANY; i++) {
		fake_await_answer(fakes[i], i);
		KUNIT_EXPECT_EQ(test, 1u, fakes[i]->calls);
		KUNIT_EXPECT_EQ(test, (u32)i, fakes[i]->log[0].id);
	}
}

static void test_one_provider_does_not_wait_for_another(struct kunit *test)
{
	struct fake_provider *slow = fake_new(test), *quick = fake_new(test);

	slow->gated = true;
	fake_register(slow);
	fake_register(quick);
	fake_submit(slow, slow->flows[0], 1);
	fake_await_call(slow);
	fake_submit(quick, quick->flows[0], 2);
	fake_await_answer(quick, 2);
	KUNIT_EXPECT_FALSE(test, tsmfd_request_done(slow->requests[1]));
}

static void test_the_number_of_one_that_left_is_given_again(struct kunit *test)
{
	struct fake_provider *first = fake_new(test), *second = fake_new(test);

	fake_register(first);
	fake_unregister(first);
	/* Though this test still refers to the first. */
	fake_register(second);
	KUNIT_EXPECT_EQ(test, tsmfd_provider_index(first->provider),
			tsmfd_provider_index(second->provider));
}

static void test_who_holds_one_that_left_does_not_get_its_successor(struct kunit *test)
{
	struct fake_provider *first = fake_new(test), *second = fake_new(test);

	fake_register(first);
	fake_unregister(first);
	fake_register(second);
	fake_submit(first, first->flows[0], 1);
	fake_submit(second, second->flows[0], 2);
	fake_await_answer(first, 1);
	fake_await_answer(second, 2);
	KUNIT_EXPECT_EQ(test, -ENODEV, first->requests[1]->error);
	KUNIT_EXPECT_EQ(test, 0, second->requests[2]->error);
	KUNIT_EXPECT_EQ(test, 1u, second->calls);
}

static void test_info_can_be_read_when_the_provider_has_left(struct kunit *test)
{
	struct fake_provider *fake = fake_new(test);

	fake_register(fake);
	KUNIT_EXPECT_FALSE(test, tsmfd_provider_is_gone(fake->provider));
	fake_unregister(fake);
	memset(&fake->ops, 0, sizeof(fake->ops));

	KUNIT_EXPECT_TRUE(test, tsmfd_provider_is_gone(fake->provider));
	KUNIT_EXPECT_STREQ(test, "fake", fake->provider->info.provider);
	KUNIT_EXPECT_EQ(test, 4096u, fake->provider->info.outblob_max);
}

static void test_a_device_leaves_with_its_provider(struct kunit *test)
{
	struct fake_provider *fake = fake_new(test);

	fake_register(fake);
	KUNIT_EXPECT_TRUE(test, device_is_registered(&fake->provider->dev));
	fake_unregister(fake);
	KUNIT_EXPECT_FALSE(test, device_is_registered(&fake->provider->dev));
}

static void test_leaving_waits_for_a_call_under_way(struct kunit *test)
{
	struct fake_provider *fake = fake_new(test);

	fake->gated = true;
	fake_register(fake);
	fake_submit(fake, fake->flows[0], 1);
	fake_await_call(fake);
	/* Nobody wants it any more, but the provider is still at it. */
	fake_put(fake, 1);
	fake_begin_to_leave(fake);
	msleep(jiffies_to_msecs(FAKE_A_WHILE));
	KUNIT_EXPECT_FALSE(test, fake_has_left(fake));

	fake_open_gate(fake);
	fake_join_threads(fake);
	KUNIT_EXPECT_TRUE(test, fake_has_left(fake));
	KUNIT_EXPECT_EQ(test, 0u, fake->running);
}

static void test_leaving_does_not_wait_for_those_who_hold_requests(struct kunit *test)
{
	struct fake_provider *fake = fake_new(test);

	fake_register(fake);
	fake_submit(fake, fake->flows[0], 1);
	fake_await_answer(fake, 1);
	fake_prepare(fake, fake->flows[0], 2);
	fake_unregister(fake);
	KUNIT_EXPECT_EQ(test, 0, fake->requests[1]->error);
	KUNIT_EXPECT_EQ(test, 1u, fake_report_id(&fake->requests[1]->report));
}

enum { ALLOCATIONS_MAX = 2000 };

/* Has the nth of registration's allocations fail; false if there are not n. */
static bool register_short_of_memory(struct kunit *test,
				     struct fake_provider *fake, unsigned int n)
{
	struct tsmfd_provider *provider;
	bool failed;

	fake_fail_allocation(n);
	provider = tsmfd_register(&fake->ops, fake, NULL);
	failed = fake_has_failed_allocation();

	/* Some that the driver core makes are not vital to it. */
	if (IS_ERR(provider))
		KUNIT_EXPECT_PTR_EQ_MSG(test, ERR_PTR(-ENOMEM), provider,
					"allocation %u", n);
	else
		tsmfd_unregister(provider);
	return failed;
}

static void test_registration_can_fail_at_any_allocation(struct kunit *test)
{
	struct fake_provider *fake = fake_new(test);
	unsigned int n = 1;
	int number;

	fake_need_failslab(test);
	fake_register(fake);
	number = tsmfd_provider_index(fake->provider) + 1;
	while (n < ALLOCATIONS_MAX && register_short_of_memory(test, fake, n))
		n++;

	KUNIT_EXPECT_GT(test, n, 10u);
	KUNIT_EXPECT_LT(test, n, (unsigned int)ALLOCATIONS_MAX);
	/* No number was lost. */
	fake = fake_new(test);
	fake_register(fake);
	KUNIT_EXPECT_EQ(test, number, tsmfd_provider_index(fake->provider));
}

static void test_there_is_an_end_of_numbers(struct kunit *test)
{
	enum { NUMBERS = 256 };
	struct fake_provider *fake = fake_new(test);
	struct tsmfd_provider **providers;
	int i, taken, error = 0;

	providers = kunit_kcalloc(test, NUMBERS + 1, sizeof(*providers),
				  GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, providers);
	for (taken = 0; taken <= NUMBERS; taken++) {
		providers[taken] = tsmfd_register(&fake->ops, fake, NULL);
		error = PTR_ERR_OR_ZERO(providers[taken]);
		if (error)
			break;
	}
	for (i = 0; i < taken; i++)
		tsmfd_unregister(providers[i]);

	KUNIT_EXPECT_EQ(test, -ENOSPC, error);
}

static struct kunit_case registry_cases[] = {
	KUNIT_CASE_PARAM(test_ops_with_a_wrong_number_are_refused,
			 spoiled_ops_gen_params),
	KUNIT_CASE(test_ops_without_report_are_refused),
	KUNIT_CASE_PARAM(test_ops_with_a_bad_name_are_refused,
			 bad_name_gen_params),
	KUNIT_CASE(test_ops_at_every_limit_are_accepted),
	KUNIT_CASE(test_info_says_what_the_ops_said),
	KUNIT_CASE(test_one_privlevel_is_no_feature),
	KUNIT_CASE(test_a_device_is_named_for_its_number),
	KUNIT_CASE(test_many_providers_answer_for_themselves),
	KUNIT_CASE(test_one_provider_does_not_wait_for_another),
	KUNIT_CASE(test_the_number_of_one_that_left_is_given_again),
	KUNIT_CASE(test_who_holds_one_that_left_does_not_get_its_successor),
	KUNIT_CASE(test_info_can_be_read_when_the_provider_has_left),
	KUNIT_CASE(test_a_device_leaves_with_its_provider),
	KUNIT_CASE(test_leaving_waits_for_a_call_under_way),
	KUNIT_CASE(test_leaving_does_not_wait_for_those_who_hold_requests),
	KUNIT_CASE(test_registration_can_fail_at_any_allocation),
	KUNIT_CASE_SLOW(test_there_is_an_end_of_numbers),
	{}
};

static struct kunit_suite registry_suite = {
	.name		= "tsmfd_registry",
	.test_cases	= registry_cases,
};

kunit_test_suite(registry_suite);

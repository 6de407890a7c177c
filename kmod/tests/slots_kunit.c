// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of slots: how many there are, and what the guard keeps from happening.
 */
#include <kunit/test.h>

#include "../core/slots.h"
#include "fake_provider.h"

static void test_no_more_are_taken_than_there_are(struct kunit *test)
{
	struct tsmfd_slots slots = {};

	KUNIT_EXPECT_EQ(test, 1u, tsmfd_slots_try_take(&slots, 2));
	KUNIT_EXPECT_EQ(test, 2u, tsmfd_slots_try_take(&slots, 2));
	KUNIT_EXPECT_EQ(test, 0u, tsmfd_slots_try_take(&slots, 2));
	KUNIT_EXPECT_EQ(test, 2u, tsmfd_slots_taken(&slots));
	KUNIT_EXPECT_TRUE(test, tsmfd_slots_try_give(&slots));
	KUNIT_EXPECT_EQ(test, 2u, tsmfd_slots_try_take(&slots, 2));
}

static void test_a_guarded_one_is_neither_taken_nor_given_back(struct kunit *test)
{
	struct tsmfd_slots slots = {};

	KUNIT_ASSERT_EQ(test, 1u, tsmfd_slots_try_take(&slots, 256));
	tsmfd_slots_guard(&slots, true);
	KUNIT_EXPECT_TRUE(test, tsmfd_slots_guarded(&slots));
	KUNIT_EXPECT_EQ(test, 0u, tsmfd_slots_try_take(&slots, 256));
	KUNIT_EXPECT_FALSE(test, tsmfd_slots_try_give(&slots));
	KUNIT_EXPECT_EQ(test, 1u, tsmfd_slots_taken(&slots));

	tsmfd_slots_guard(&slots, false);
	KUNIT_EXPECT_FALSE(test, tsmfd_slots_guarded(&slots));
	KUNIT_EXPECT_EQ(test, 2u, tsmfd_slots_try_take(&slots, 256));
	KUNIT_EXPECT_TRUE(test, tsmfd_slots_try_give(&slots));
}

static void test_the_lock_takes_and_gives_guarded_ones(struct kunit *test)
{
	struct tsmfd_slots slots = {};

	tsmfd_slots_guard(&slots, true);
	tsmfd_slots_guard(&slots, true);
	tsmfd_slots_take(&slots);
	tsmfd_slots_take(&slots);
	KUNIT_EXPECT_EQ(test, 2u, tsmfd_slots_taken(&slots));
	KUNIT_EXPECT_EQ(test, 1u, tsmfd_slots_give(&slots));
	tsmfd_slots_guard(&slots, false);
	KUNIT_EXPECT_EQ(test, 0u, tsmfd_slots_give(&slots));
}

static bool is_guarded(struct fake_provider *fake)
{
	return tsmfd_slots_guarded(&fake->provider->queue.slots);
}

static void test_a_queue_is_guarded_while_something_is_queued(struct kunit *test)
{
	struct fake_provider *fake = fake_new(test);
	struct tsmfd_flow *flow = &fake->flows[0];

	fake->gated = true;
	fake_register(fake);
	KUNIT_EXPECT_FALSE(test, is_guarded(fake));
	fake_submit(fake, flow, 0);
	fake_await_call(fake);
	fake_submit(fake, flow, 1);
	KUNIT_EXPECT_TRUE(test, is_guarded(fake));

	fake_open_gate(fake);
	fake_await_answer(fake, 1);
	flush_workqueue(fake->provider->queue.workqueue);
	KUNIT_EXPECT_FALSE(test, is_guarded(fake));
	KUNIT_EXPECT_EQ(test, 0u,
			tsmfd_slots_taken(&fake->provider->queue.slots));
}

static struct kunit_case slots_cases[] = {
	KUNIT_CASE(test_no_more_are_taken_than_there_are),
	KUNIT_CASE(test_a_guarded_one_is_neither_taken_nor_given_back),
	KUNIT_CASE(test_the_lock_takes_and_gives_guarded_ones),
	KUNIT_CASE(test_a_queue_is_guarded_while_something_is_queued),
	{}
};

static struct kunit_suite slots_suite = {
	.name		= "tsmfd_slots",
	.test_cases	= slots_cases,
};

kunit_test_suite(slots_suite);

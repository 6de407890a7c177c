// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of a firmware that says it is busy: it is asked again.
 */
#include <kunit/test.h>
#include <linux/completion.h>

#include "fake_provider.h"

static void restore_timeout(void *arg)
{
	tsmfd_busy_timeout_ms = *(unsigned int *)arg;
}

/* Busy, and to be asked again after @retry_ms. */
static struct fake_provider *busy_fake(struct kunit *test, u32 retry_ms)
{
	struct fake_provider *fake = fake_new(test);
	unsigned int *before;

	before = kunit_kmalloc(test, sizeof(*before), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, before);
	*before = tsmfd_busy_timeout_ms;
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, restore_timeout,
						  before));
	fake->ops.busy_retry_ms = retry_ms;
	fake->error = -EBUSY;
	fake_register(fake);
	return fake;
}

/* Long enough for nothing to come again while the test looks. */
enum { A_LONG_TIME_MS = 3600 * MSEC_PER_SEC };

/* Whose request 0 has met it busy and waits for it to be asked again. */
static struct fake_provider *throttled_fake(struct kunit *test, u32 retry_ms)
{
	struct fake_provider *fake = busy_fake(test, retry_ms);

	fake_submit(fake, fake_flow(fake), 0);
	fake_await_call(fake);
	/* By then the call has come to its end, too. */
	flush_workqueue(fake->provider->queue.workqueue);
	return fake;
}

static void test_a_busy_firmware_is_asked_again(struct kunit *test)
{
	struct fake_provider *fake = busy_fake(test, 1);

	fake_submit(fake, fake_flow(fake), 1);
	fake_await_call(fake);
	fake_await_call(fake);
	fake_await_call(fake);
	WRITE_ONCE(fake->error, 0);
	fake_await_answer(fake, 1);
	KUNIT_EXPECT_EQ(test, 0, fake->requests[1]->error);
	KUNIT_EXPECT_EQ(test, 1u, fake_report_id(&fake->requests[1]->report));
	KUNIT_EXPECT_EQ(test, 1u, fake->most_running);
}

static void test_a_busy_firmware_is_asked_again_for_a_caller_of_its_own(struct kunit *test)
{
	struct fake_provider *fake = busy_fake(test, 1);

	fake->pace = TSMFD_PACE_SHORT;
	fake_submit(fake, fake_flow(fake), 1);
	KUNIT_EXPECT_FALSE(test, tsmfd_request_done(fake->requests[1]));
	fake_await_call(fake);
	fake_await_call(fake);
	WRITE_ONCE(fake->error, 0);
	fake_await_answer(fake, 1);
	KUNIT_EXPECT_EQ(test, 0, fake->requests[1]->error);
}

static void test_it_is_left_alone_meanwhile(struct kunit *test)
{
	struct fake_provider *fake = throttled_fake(test, A_LONG_TIME_MS);

	fake_submit(fake, &fake->flows[1], 1);
	fake->pace = TSMFD_PACE_SHORT;
	fake_submit(fake, &fake->flows[2], 2);
	KUNIT_EXPECT_FALSE(test, fake_call_comes(fake));
	KUNIT_EXPECT_EQ(test, 1u, fake->calls);
	KUNIT_EXPECT_EQ(test, 3u, fake->provider->queue.queued);
	KUNIT_EXPECT_EQ(test, 0u, tsmfd_slots_taken(&fake->provider->queue.slots));
}

static void test_those_who_came_meanwhile_are_served_behind(struct kunit *test)
{
	struct fake_provider *fake = throttled_fake(test, 200);

	WRITE_ONCE(fake->error, 0);
	fake_submit(fake, fake_flow(fake), 1);
	fake_await_answer(fake, 0);
	fake_await_answer(fake, 1);
	KUNIT_EXPECT_EQ(test, 0u, fake->log[fake->calls - 2].id);
	KUNIT_EXPECT_EQ(test, 1u, fake->log[fake->calls - 1].id);
}

static void test_who_waits_may_give_up(struct kunit *test)
{
	struct fake_provider *fake = throttled_fake(test, A_LONG_TIME_MS);

	KUNIT_EXPECT_EQ(test, -ETIMEDOUT,
			tsmfd_request_wait(fake->requests[0], 1));
	fake_put(fake, 0);
	KUNIT_EXPECT_EQ(test, 0u, fake->provider->queue.queued);
}

static void test_who_waits_fails_at_once_when_the_provider_leaves(struct kunit *test)
{
	struct fake_provider *fake = throttled_fake(test, A_LONG_TIME_MS);

	fake_unregister(fake);
	KUNIT_EXPECT_TRUE(test, tsmfd_request_done(fake->requests[0]));
	KUNIT_EXPECT_EQ(test, -ENODEV, fake->requests[0]->error);
}

static void test_patience_ends(struct kunit *test)
{
	struct fake_provider *fake = busy_fake(test, 1);

	tsmfd_busy_timeout_ms = 20;
	fake_submit(fake, fake_flow(fake), 1);
	fake_await_answer(fake, 1);
	KUNIT_EXPECT_EQ(test, -EBUSY, fake->requests[1]->error);
	KUNIT_EXPECT_GT(test, fake->calls, 1u);
}

static void test_another_failure_is_no_reason_to_ask_again(struct kunit *test)
{
	struct fake_provider *fake = busy_fake(test, 1);

	fake->error = -EIO;
	fake_submit(fake, fake_flow(fake), 1);
	fake_await_answer(fake, 1);
	KUNIT_EXPECT_EQ(test, -EIO, fake->requests[1]->error);
	KUNIT_EXPECT_EQ(test, 1u, fake->calls);
}

static void test_a_batch_grows_meanwhile(struct kunit *test)
{
	struct fake_provider *fake = busy_fake(test, 200);
	u32 id;

	if (!tsmfd_merkle_available())
		kunit_skip(test, "the kernel has no SHA-512");

	fake->options.given = TSMFD_OPT_BATCH;
	fake_submit(fake, fake_flow(fake), 0);
	fake_await_call(fake);
	flush_workqueue(fake->provider->queue.workqueue);
	WRITE_ONCE(fake->error, 0);
	for (id = 1; id < 4; id++)
		fake_submit(fake, &fake->flows[1], id);
	for (id = 0; id < 4; id++)
		fake_await_answer(fake, id);

	KUNIT_EXPECT_EQ(test, 0, fake->requests[0]->error);
	KUNIT_ASSERT_NOT_NULL(test, fake->requests[0]->batch);
	KUNIT_EXPECT_EQ(test, 4u, fake->requests[0]->batch->tree->leaves);
	for (id = 1; id < 4; id++) {
		KUNIT_EXPECT_PTR_EQ(test, fake->requests[0]->batch,
				    fake->requests[id]->batch);
		KUNIT_EXPECT_EQ(test, id, fake->requests[id]->leaf_index);
	}
}

static void test_blobs_of_a_busy_call_are_freed(struct kunit *test)
{
	struct fake_provider *fake = fake_new(test);

	fake->in_vmalloc = true;
	fake->ops.busy_retry_ms = A_LONG_TIME_MS;
	fake->error = -EBUSY;
	fake_register(fake);
	fake_submit(fake, fake_flow(fake), 1);
	fake_await_call(fake);
	flush_workqueue(fake->provider->queue.workqueue);
	KUNIT_ASSERT_NOT_NULL(test, fake->blobs[0]);
	KUNIT_EXPECT_TRUE(test, fake_blobs_are_freed(fake));
}

static struct kunit_case throttle_cases[] = {
	KUNIT_CASE(test_a_busy_firmware_is_asked_again),
	KUNIT_CASE(test_a_busy_firmware_is_asked_again_for_a_caller_of_its_own),
	KUNIT_CASE(test_it_is_left_alone_meanwhile),
	KUNIT_CASE(test_those_who_came_meanwhile_are_served_behind),
	KUNIT_CASE(test_who_waits_may_give_up),
	KUNIT_CASE(test_who_waits_fails_at_once_when_the_provider_leaves),
	KUNIT_CASE(test_patience_ends),
	KUNIT_CASE(test_another_failure_is_no_reason_to_ask_again),
	KUNIT_CASE(test_a_batch_grows_meanwhile),
	KUNIT_CASE(test_blobs_of_a_busy_call_are_freed),
	{}
};

static struct kunit_suite throttle_suite = {
	.name		= "tsmfd_throttle",
	.test_cases	= throttle_cases,
};

kunit_test_suite(throttle_suite);

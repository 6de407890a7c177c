// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the runner: in whose context a call is made, and how many are at once.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "../core/merkle.h"
#include "../core/session.h"
#include "fake_provider.h"

/*
 * A provider of whose callers each makes his call himself, unless a test takes away
 * one of the conditions.
 */
static struct fake_provider *brief_fake(struct kunit *test)
{
	struct fake_provider *fake = fake_new(test);

	fake->brief = true;
	fake->waits = true;
	return fake;
}

static void expect_run_by_caller(struct fake_provider *fake)
{
	fake_submit(fake, fake_flow(fake), 1);
	KUNIT_EXPECT_TRUE(fake->test, tsmfd_request_done(fake->requests[1]));
	KUNIT_EXPECT_PTR_EQ(fake->test, current, fake->log[0].task);
}

static void expect_run_by_worker(struct fake_provider *fake)
{
	fake_submit(fake, fake_flow(fake), 1);
	fake_await_answer(fake, 1);
	KUNIT_EXPECT_EQ(fake->test, 1u, fake->calls);
	KUNIT_EXPECT_PTR_NE(fake->test, current, fake->log[0].task);
}

static void test_a_brief_call_is_made_by_who_waits_for_it(struct kunit *test)
{
	struct fake_provider *fake = brief_fake(test);

	fake_register(fake);
	expect_run_by_caller(fake);
}

static void test_a_brief_call_for_a_batch_of_one_is_too(struct kunit *test)
{
	struct fake_provider *fake = brief_fake(test);

	if (!tsmfd_merkle_available())
		kunit_skip(test, "the kernel has no SHA-512");

	fake_register(fake);
	fake->options.given = TSMFD_OPT_BATCH;
	expect_run_by_caller(fake);
}

static void test_who_does_not_wait_makes_no_call(struct kunit *test)
{
	struct fake_provider *fake = brief_fake(test);

	fake->waits = false;
	fake_register(fake);
	expect_run_by_worker(fake);
}

static void test_nobody_makes_a_call_that_is_not_brief(struct kunit *test)
{
	struct fake_provider *fake = brief_fake(test);

	fake->brief = false;
	fake_register(fake);
	expect_run_by_worker(fake);
}

static void test_calls_are_not_brief_unless_a_provider_says_so(struct kunit *test)
{
	struct fake_provider *fake = brief_fake(test);

	fake->ops.brief = NULL;
	fake_register(fake);
	expect_run_by_worker(fake);
}

/* Request 0's call, under way in a context of its own. */
static struct task_struct *caller_under_way(struct fake_provider *fake)
{
	struct task_struct *caller;

	fake->gated = true;
	fake_register(fake);
	fake_prepare(fake, fake_flow(fake), 0);
	caller = fake_thread_run(fake, fake_submit_0, fake);
	fake_await_call(fake);
	KUNIT_ASSERT_PTR_EQ(fake->test, caller, fake->log[0].task);
	return caller;
}

static void test_nobody_makes_a_call_for_which_there_is_no_room(struct kunit *test)
{
	struct fake_provider *fake = fake_new_busy(test);

	fake->brief = true;
	fake->waits = true;
	fake_submit(fake, fake->flows[1], 1);
	KUNIT_EXPECT_FALSE(test, fake_call_comes(fake));

	fake_open_gate(fake);
	fake_await_answer(fake, 1);
	KUNIT_EXPECT_PTR_NE(test, current, fake->log[1].task);
}

static void test_a_callers_own_call_takes_room(struct kunit *test)
{
	struct fake_provider *fake = brief_fake(test);

	caller_under_way(fake);
	fake_submit(fake, fake->flows[1], 1);
	KUNIT_EXPECT_FALSE(test, fake_call_comes(fake));

	fake_open_gate(fake);
	fake_await_answer(fake, 1);
	KUNIT_EXPECT_PTR_NE(test, current, fake->log[1].task);
	KUNIT_EXPECT_EQ(test, 1u, fake->most_running);
}

static int submit_and_wait(void *request)
{
	tsmfd_queue_submit(request, true);
	return 0;
}

static void test_a_call_may_be_made_beside_another_if_there_is_room(struct kunit *test)
{
	struct fake_provider *fake = brief_fake(test);
	struct task_struct *second;

	fake->ops.max_inflight = 2;
	caller_under_way(fake);
	second = fake_thread_run(fake, submit_and_wait,
				 fake_prepare(fake, fake->flows[1], 1));
	fake_await_call(fake);
	KUNIT_EXPECT_PTR_EQ(test, second, fake->log[1].task);
	KUNIT_EXPECT_EQ(test, 2u, fake->most_running);
}

struct blocker {
	struct work_struct	work;
	struct completion	*go_on;
};

static void block(struct work_struct *work)
{
	wait_for_completion(container_of(work, struct blocker, work)->go_on);
}

/* The queue's workers, asked to run, stay asked as long as @go_on is not done. */
static void block_workers(struct fake_provider *fake, struct completion *go_on)
{
	u32 i, each = fake->ops.max_inflight;
	struct kunit *test = fake->test;
	struct blocker *blockers;
	int cpu;

	blockers = kunit_kcalloc(test, nr_cpu_ids * each, sizeof(*blockers),
				 GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, blockers);
	for_each_online_cpu(cpu) {
		for (i = 0; i < each; i++) {
			struct blocker *blocker = &blockers[cpu * each + i];

			blocker->go_on = go_on;
			INIT_WORK(&blocker->work, block);
			queue_work_on(cpu, fake->provider->queue.runner.workqueue,
				      &blocker->work);
		}
	}
}

static void test_nobody_makes_a_call_while_another_request_is_queued(struct kunit *test)
{
	DECLARE_COMPLETION_ONSTACK(go_on);
	struct fake_provider *fake = brief_fake(test);
	unsigned int early;

	/* So that there is room for both. */
	fake->ops.max_inflight = 2;
	fake_register(fake);
	fake_prepare(fake, fake_flow(fake), 1);
	fake_prepare(fake, fake->flows[1], 2);
	block_workers(fake, &go_on);
	tsmfd_queue_submit(fake->requests[1], false);
	tsmfd_queue_submit(fake->requests[2], true);
	early = READ_ONCE(fake->calls);
	complete_all(&go_on);
	fake_await_workers(fake);

	KUNIT_EXPECT_EQ(test, 0u, early);
	fake_await_answer(fake, 1);
	fake_await_answer(fake, 2);
	KUNIT_EXPECT_PTR_NE(test, current, fake->log[0].task);
	KUNIT_EXPECT_PTR_NE(test, current, fake->log[1].task);
}

static void test_a_caller_makes_no_call_but_its_own(struct kunit *test)
{
	struct fake_provider *fake = brief_fake(test);
	struct task_struct *caller = caller_under_way(fake);
	u32 id;

	for (id = 1; id <= 4; id++)
		fake_submit(fake, fake->flows[1], id);
	fake_open_gate(fake);
	for (id = 0; id <= 4; id++)
		fake_await_answer(fake, id);

	KUNIT_ASSERT_EQ(test, 5u, fake->calls);
	for (id = 1; id <= 4; id++)
		KUNIT_EXPECT_PTR_NE(test, caller, fake->log[id].task);
	KUNIT_EXPECT_EQ(test, 1u, fake->most_running);
}

static void test_a_caller_that_is_done_does_not_wait_for_others(struct kunit *test)
{
	struct fake_provider *fake = brief_fake(test);

	caller_under_way(fake);
	fake_submit(fake, fake->flows[1], 1);
	fake_let_through(fake, 1);
	/* Request 1's, which stays at the gate. */
	fake_await_call(fake);
	KUNIT_EXPECT_NE_MSG(test, 0,
			    wait_for_completion_timeout(&fake->threads[0].ended,
							FAKE_PATIENCE),
			    "the caller has not returned");
	/* For fake_join_threads(), which waits for it too. */
	complete(&fake->threads[0].ended);
	KUNIT_EXPECT_FALSE(test, tsmfd_request_done(fake->requests[1]));
}

static void test_many_calls_are_made_by_no_more_than_may_be(struct kunit *test)
{
	struct fake_provider *fake = brief_fake(test);
	u32 id;

	fake->ops.max_inflight = 3;
	caller_under_way(fake);
	/* Who waits would do so at the gate. */
	fake->waits = false;
	for (id = 1; id <= 5; id++)
		fake_submit(fake, fake->flows[1], id);
	fake_await_call(fake);
	fake_await_call(fake);
	KUNIT_EXPECT_FALSE(test, fake_call_comes(fake));
	KUNIT_EXPECT_EQ(test, 3u, fake->most_running);

	fake_let_through(fake, 1);
	fake_await_call(fake);
	KUNIT_EXPECT_FALSE(test, fake_call_comes(fake));
	KUNIT_EXPECT_EQ(test, 3u, fake->most_running);
	fake_open_gate(fake);
	for (id = 0; id <= 5; id++)
		fake_await_answer(fake, id);
	KUNIT_EXPECT_EQ(test, 3u, fake->most_running);
}

/* Its provider gives up when a signal comes, which is for the caller alone. */
static void test_who_shared_a_call_that_a_signal_ended_retries(struct kunit *test)
{
	struct fake_provider *fake = fake_new(test);

	fake->error = -EINTR;
	fake_register(fake);
	fake_submit(fake, fake_flow(fake), 1);
	fake_await_answer(fake, 1);
	fake->error = -EIO;
	fake_submit(fake, fake_flow(fake), 2);
	fake_await_answer(fake, 2);

	KUNIT_EXPECT_TRUE(test, tsmfd_session_is_to_retry(fake->requests[1]));
	KUNIT_EXPECT_FALSE(test, tsmfd_session_is_to_retry(fake->requests[2]));
	allow_signal(SIGTERM);
	send_sig(SIGTERM, current, 1);
	KUNIT_EXPECT_FALSE(test, tsmfd_session_is_to_retry(fake->requests[1]));
	flush_signals(current);
	disallow_signal(SIGTERM);
}

static struct kunit_case runner_cases[] = {
	KUNIT_CASE(test_a_brief_call_is_made_by_who_waits_for_it),
	KUNIT_CASE(test_a_brief_call_for_a_batch_of_one_is_too),
	KUNIT_CASE(test_who_does_not_wait_makes_no_call),
	KUNIT_CASE(test_nobody_makes_a_call_that_is_not_brief),
	KUNIT_CASE(test_calls_are_not_brief_unless_a_provider_says_so),
	KUNIT_CASE(test_nobody_makes_a_call_for_which_there_is_no_room),
	KUNIT_CASE(test_a_callers_own_call_takes_room),
	KUNIT_CASE(test_a_call_may_be_made_beside_another_if_there_is_room),
	KUNIT_CASE(test_nobody_makes_a_call_while_another_request_is_queued),
	KUNIT_CASE(test_a_caller_makes_no_call_but_its_own),
	KUNIT_CASE(test_a_caller_that_is_done_does_not_wait_for_others),
	KUNIT_CASE(test_many_calls_are_made_by_no_more_than_may_be),
	KUNIT_CASE(test_who_shared_a_call_that_a_signal_ended_retries),
	{}
};

static struct kunit_suite runner_suite = {
	.name		= "tsmfd_runner",
	.test_cases	= runner_cases,
};

kunit_test_suite(runner_suite);

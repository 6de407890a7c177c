// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the runner: in whose context a call is made, and when its answer is given.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/preempt.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "../core/stats.h"
#include "fake_provider.h"

/* Request 1, the first of a provider that comes for it. */
static void submit_first(struct fake_provider *fake, bool patient)
{
	struct tsmfd_flow *flow;

	fake_register(fake);
	flow = fake_flow(fake);
	flow->patient = patient;
	fake_submit(fake, flow, 1);
}

static void expect_run_by_worker(struct kunit *test, struct fake_provider *fake)
{
	fake_await_answer(fake, 1);
	KUNIT_EXPECT_PTR_NE(test, current, fake->log[0].task);
}

static void expect_run_by_caller(struct kunit *test, struct fake_provider *fake)
{
	KUNIT_EXPECT_TRUE(test, tsmfd_request_done(fake->requests[1]));
	KUNIT_EXPECT_PTR_EQ(test, current, fake->log[0].task);
}

static void test_a_request_is_run_by_a_worker(struct kunit *test)
{
	struct fake_provider *fake = fake_new(test);

	fake->ops.pace = NULL;
	submit_first(fake, false);
	expect_run_by_worker(test, fake);
}

static void test_a_call_that_is_not_short_is_run_by_a_worker(struct kunit *test)
{
	struct fake_provider *fake = fake_new(test);

	fake->pace = TSMFD_PACE_LONG;
	submit_first(fake, false);
	expect_run_by_worker(test, fake);
}

static void test_a_short_call_is_run_by_its_caller(struct kunit *test)
{
	struct fake_provider *fake = fake_new(test);

	fake->pace = TSMFD_PACE_SHORT;
	submit_first(fake, false);
	expect_run_by_caller(test, fake);
}

static void test_a_short_call_waits_behind_one_under_way(struct kunit *test)
{
	struct fake_provider *fake = fake_new_busy(test);

	fake->pace = TSMFD_PACE_SHORT;
	fake_submit(fake, &fake->flows[1], 1);
	KUNIT_EXPECT_EQ(test, 1u, fake->calls);

	fake_open_gate(fake);
	fake_await_answer(fake, 1);
	KUNIT_EXPECT_PTR_NE(test, current, fake->log[1].task);
}

/* One whose call, request 0's, is under way in a thread's own context. */
static struct task_struct *caller_under_way(struct kunit *test,
					    struct fake_provider *fake,
					    bool patient)
{
	struct tsmfd_flow *flow = fake_flow(fake);
	struct task_struct *caller;

	flow->patient = patient;
	fake_prepare(fake, flow, 0);
	caller = fake_thread_run(fake, fake_submit_0, fake);
	fake_await_call(fake);
	KUNIT_ASSERT_PTR_EQ(test, caller, fake->log[0].task);
	return caller;
}

static struct task_struct *direct_caller(struct kunit *test,
					 struct fake_provider *fake)
{
	fake->pace = TSMFD_PACE_SHORT;
	return caller_under_way(test, fake, false);
}

static void test_whoever_comes_during_a_short_call_is_served(struct kunit *test)
{
	struct fake_provider *fake = fake_new_gated(test, 1);
	struct task_struct *caller = direct_caller(test, fake);

	fake_submit(fake, &fake->flows[1], 1);
	fake_submit(fake, &fake->flows[2], 2);
	KUNIT_EXPECT_FALSE(test, fake_call_comes(fake));
	fake_open_gate(fake);
	fake_await_answer(fake, 1);
	fake_await_answer(fake, 2);
	KUNIT_EXPECT_EQ(test, 1u, fake->most_running);
	KUNIT_EXPECT_EQ(test, 1u, fake_report_id(&fake->requests[1]->report));
	KUNIT_EXPECT_EQ(test, 2u, fake_report_id(&fake->requests[2]->report));
	KUNIT_EXPECT_EQ(test, 1u, fake->log[1].id);
	KUNIT_EXPECT_EQ(test, 2u, fake->log[2].id);
	/* Where nothing else wants the processor, by the same caller. */
	if (fake->log[1].task != caller)
		kunit_info(test, "the caller was asked to leave its processor");
}

/* A worker has run two short calls, and is at a third. */
static struct fake_provider *fake_with_held_answers(struct kunit *test)
{
	struct fake_provider *fake = fake_new_busy(test);

	WRITE_ONCE(fake->pace, TSMFD_PACE_SHORT);
	fake_submit(fake, &fake->flows[1], 1);
	fake_submit(fake, &fake->flows[1], 2);
	fake_let_through(fake, 2);
	fake_await_call(fake);
	fake_await_call(fake);
	return fake;
}

/* Or one who is woken may take the processor, and with it everybody's slot. */
static void test_nobody_is_woken_while_there_are_short_calls_to_make(struct kunit *test)
{
	struct fake_provider *fake = fake_with_held_answers(test);

	KUNIT_EXPECT_EQ(test, 3u, fake->calls);
	KUNIT_EXPECT_FALSE(test, tsmfd_request_done(fake->requests[0]));
	KUNIT_EXPECT_FALSE(test, tsmfd_request_done(fake->requests[1]));
	fake_open_gate(fake);
	fake_await_answer(fake, 0);
	fake_await_answer(fake, 1);
	fake_await_answer(fake, 2);
}

static void test_an_answer_that_is_held_back_may_be_given_up(struct kunit *test)
{
	struct fake_provider *fake = fake_with_held_answers(test);
	struct tsmfd_face_stats sum = {};

	fake_put(fake, 1);
	fake_open_gate(fake);
	fake_await_answer(fake, 0);
	fake_await_answer(fake, 2);
	fake_unregister(fake);
	tsmfd_stats_sum(fake->provider->queue.stats, TSMFD_FACE_CHARDEV, &sum);
	KUNIT_EXPECT_EQ(test, 2ull, sum.reports);
	KUNIT_EXPECT_EQ(test, 1ull, sum.cancelled);
}

static void test_held_answers_are_given_before_a_failure(struct kunit *test)
{
	struct fake_provider *fake = fake_with_held_answers(test);

	/* Of the third, as it has yet to be decided, and of the fourth. */
	WRITE_ONCE(fake->error, -EIO);
	fake_submit(fake, &fake->flows[1], 3);
	fake_let_through(fake, 1);
	fake_await_call(fake);
	KUNIT_EXPECT_TRUE(test, tsmfd_request_done(fake->requests[0]));
	KUNIT_EXPECT_TRUE(test, tsmfd_request_done(fake->requests[1]));
	KUNIT_EXPECT_TRUE(test, tsmfd_request_done(fake->requests[2]));
	KUNIT_EXPECT_EQ(test, 0, fake->requests[1]->error);
	KUNIT_EXPECT_EQ(test, -EIO, fake->requests[2]->error);
	fake_open_gate(fake);
	fake_await_answer(fake, 3);
}

static void test_a_caller_leaves_many_to_a_worker(struct kunit *test)
{
	struct fake_provider *fake = fake_new_gated(test, 1);
	struct task_struct *caller = direct_caller(test, fake);
	unsigned int by_caller = 0;
	u32 id;

	for (id = 1; id < 20; id++)
		fake_submit(fake, &fake->flows[1], id);
	fake_open_gate(fake);
	for (id = 1; id < 20; id++)
		fake_await_answer(fake, id);

	for (id = 1; id < 20; id++)
		by_caller += fake->log[id].task == caller;
	KUNIT_EXPECT_LE(test, by_caller, 16u);
	KUNIT_EXPECT_PTR_NE(test, caller, fake->log[19].task);
	KUNIT_EXPECT_EQ(test, 1u, fake->most_running);
}

static void test_calls_that_are_no_longer_short_are_left_to_a_worker(struct kunit *test)
{
	struct fake_provider *fake = fake_new_gated(test, 1);
	struct task_struct *caller = direct_caller(test, fake);

	fake_submit(fake, &fake->flows[1], 1);
	WRITE_ONCE(fake->pace, TSMFD_PACE_LONG);
	fake_open_gate(fake);
	fake_await_answer(fake, 1);
	KUNIT_EXPECT_PTR_NE(test, caller, fake->log[1].task);
}

static void test_a_batch_is_left_to_a_worker(struct kunit *test)
{
	struct fake_provider *fake = fake_new_gated(test, 1);
	struct task_struct *caller = direct_caller(test, fake);

	if (!tsmfd_merkle_available())
		kunit_skip(test, "the kernel has no SHA-512");

	fake->options.given = TSMFD_OPT_BATCH;
	fake_submit(fake, &fake->flows[1], 1);
	fake_submit(fake, &fake->flows[2], 2);
	fake_open_gate(fake);
	fake_await_answer(fake, 1);
	fake_await_answer(fake, 2);
	KUNIT_EXPECT_EQ(test, 2u, fake->calls);
	KUNIT_EXPECT_PTR_NE(test, caller, fake->log[1].task);
}

static void test_a_caller_with_a_signal_leaves_the_others_to_a_worker(struct kunit *test)
{
	struct fake_provider *fake = fake_new_gated(test, 1);
	struct task_struct *caller = direct_caller(test, fake);

	fake_submit(fake, &fake->flows[1], 1);
	send_sig(SIGUSR1, caller, 1);
	fake_open_gate(fake);
	fake_await_answer(fake, 1);
	KUNIT_EXPECT_EQ(test, 0, fake->requests[1]->error);
	KUNIT_EXPECT_PTR_NE(test, caller, fake->log[1].task);
}

static void test_a_call_that_anothers_signal_ended_is_made_again(struct kunit *test)
{
	struct fake_provider *fake = fake_new_gated(test, 1);
	struct task_struct *caller = direct_caller(test, fake);

	fake_submit(fake, &fake->flows[1], 1);
	fake_let_through(fake, 1);
	fake_await_call(fake);
	if (fake->log[1].task != caller)
		kunit_skip(test, "the caller was asked to leave its processor");
	send_sig(SIGUSR1, caller, 1);
	WRITE_ONCE(fake->error, -EINTR);
	fake_let_through(fake, 1);
	fake_await_call(fake);
	WRITE_ONCE(fake->error, 0);
	fake_open_gate(fake);
	fake_await_answer(fake, 1);

	KUNIT_EXPECT_EQ(test, 0, fake->requests[1]->error);
	KUNIT_EXPECT_EQ(test, 3u, fake->calls);
	KUNIT_EXPECT_EQ(test, 1u, fake->log[2].id);
	KUNIT_EXPECT_PTR_NE(test, caller, fake->log[2].task);
}

static void test_a_call_that_its_own_failure_ended_is_not_made_again(struct kunit *test)
{
	struct fake_provider *fake = fake_new_gated(test, 1);

	direct_caller(test, fake);
	fake_submit(fake, &fake->flows[1], 1);
	WRITE_ONCE(fake->error, -EINTR);
	fake_open_gate(fake);
	fake_await_answer(fake, 1);
	KUNIT_EXPECT_EQ(test, -EINTR, fake->requests[1]->error);
	KUNIT_EXPECT_EQ(test, 2u, fake->calls);
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
			queue_work_on(cpu, fake->provider->queue.workqueue,
				      &blocker->work);
		}
	}
}

static void test_a_short_call_waits_behind_one_queued(struct kunit *test)
{
	DECLARE_COMPLETION_ONSTACK(go_on);
	struct fake_provider *fake = fake_new(test);
	unsigned int early;

	fake->ops.max_inflight = 2;
	fake_register(fake);
	fake_prepare(fake, fake_flow(fake), 1);
	fake_prepare(fake, &fake->flows[1], 2);
	block_workers(fake, &go_on);
	tsmfd_queue_submit(fake->requests[1]);
	WRITE_ONCE(fake->pace, TSMFD_PACE_SHORT);
	tsmfd_queue_submit(fake->requests[2]);
	early = READ_ONCE(fake->calls);
	complete_all(&go_on);
	flush_workqueue(fake->provider->queue.workqueue);

	KUNIT_EXPECT_EQ(test, 0u, early);
	fake_await_answer(fake, 1);
	fake_await_answer(fake, 2);
	KUNIT_EXPECT_PTR_NE(test, current, fake->log[0].task);
	KUNIT_EXPECT_PTR_NE(test, current, fake->log[1].task);
}

static void test_a_brief_call_is_run_by_a_patient_caller(struct kunit *test)
{
	struct fake_provider *fake = fake_new(test);

	fake->pace = TSMFD_PACE_BRIEF;
	submit_first(fake, true);
	expect_run_by_caller(test, fake);
}

static void test_a_brief_call_is_not_run_by_others(struct kunit *test)
{
	struct fake_provider *fake = fake_new(test);

	fake->pace = TSMFD_PACE_BRIEF;
	submit_first(fake, false);
	expect_run_by_worker(test, fake);
}

static void test_a_long_call_is_not_run_by_a_patient_caller(struct kunit *test)
{
	struct fake_provider *fake = fake_new(test);

	fake->pace = TSMFD_PACE_LONG;
	submit_first(fake, true);
	expect_run_by_worker(test, fake);
}

static void test_whoever_comes_during_a_brief_call_is_left_to_a_worker(struct kunit *test)
{
	struct fake_provider *fake = fake_new_gated(test, 1);
	struct task_struct *caller;

	fake->pace = TSMFD_PACE_BRIEF;
	caller = caller_under_way(test, fake, true);
	/* Or others would spin for a slot that is held asleep. */
	KUNIT_EXPECT_NULL(test, READ_ONCE(fake->provider->queue.runner));

	fake->flows[1].patient = true;
	fake_submit(fake, &fake->flows[1], 1);
	KUNIT_EXPECT_FALSE(test, fake_call_comes(fake));
	fake_open_gate(fake);
	fake_await_answer(fake, 0);
	fake_await_answer(fake, 1);
	KUNIT_EXPECT_EQ(test, 1u, fake->most_running);
	KUNIT_EXPECT_PTR_NE(test, caller, fake->log[1].task);
}

static unsigned int reports_in(struct fake_provider *fake, unsigned int bucket)
{
	struct tsmfd_face_stats sum = {};

	tsmfd_stats_sum(fake->provider->queue.stats, TSMFD_FACE_CHARDEV, &sum);
	return sum.latency[bucket];
}

static void test_of_short_calls_one_in_four_is_timed(struct kunit *test)
{
	struct fake_provider *fake = fake_new(test);
	unsigned int bucket = 0;
	u32 id;

	fake->pace = TSMFD_PACE_SHORT;
	/* Longer than any of the others, lest those be thought to be timed. */
	fake->call_us = 5000;
	fake_register(fake);
	migrate_disable();
	fake_submit(fake, fake_flow(fake), 1);
	fake->call_us = 0;
	for (id = 2; id <= 5; id++)
		fake_submit(fake, fake_flow(fake), id);
	migrate_enable();

	KUNIT_EXPECT_NE(test, 0ull, fake->requests[1]->submitted_ns);
	for (id = 2; id <= 4; id++)
		KUNIT_EXPECT_EQ(test, 0ull, fake->requests[id]->submitted_ns);
	KUNIT_EXPECT_NE(test, 0ull, fake->requests[5]->submitted_ns);

	while (bucket < TSMFD_LATENCY_BUCKETS - 1 && reports_in(fake, bucket) < 4)
		bucket++;
	KUNIT_EXPECT_GE(test, reports_in(fake, bucket), 4u);
	KUNIT_EXPECT_GE(test, bucket, tsmfd_latency_bucket(5000 * NSEC_PER_USEC));
}

static void test_whoever_waits_is_timed(struct kunit *test)
{
	struct fake_provider *fake = fake_new_busy(test);

	fake->pace = TSMFD_PACE_SHORT;
	migrate_disable();
	fake_submit(fake, &fake->flows[1], 1);
	fake_submit(fake, &fake->flows[1], 2);
	migrate_enable();
	fake_open_gate(fake);
	fake_await_answer(fake, 1);
	fake_await_answer(fake, 2);
	KUNIT_EXPECT_NE(test, 0ull, fake->requests[1]->submitted_ns);
	KUNIT_EXPECT_NE(test, 0ull, fake->requests[2]->submitted_ns);
}

static struct kunit_case runner_cases[] = {
	KUNIT_CASE(test_a_request_is_run_by_a_worker),
	KUNIT_CASE(test_a_call_that_is_not_short_is_run_by_a_worker),
	KUNIT_CASE(test_a_short_call_is_run_by_its_caller),
	KUNIT_CASE(test_a_short_call_waits_behind_one_under_way),
	KUNIT_CASE(test_whoever_comes_during_a_short_call_is_served),
	KUNIT_CASE(test_nobody_is_woken_while_there_are_short_calls_to_make),
	KUNIT_CASE(test_an_answer_that_is_held_back_may_be_given_up),
	KUNIT_CASE(test_held_answers_are_given_before_a_failure),
	KUNIT_CASE(test_a_caller_leaves_many_to_a_worker),
	KUNIT_CASE(test_calls_that_are_no_longer_short_are_left_to_a_worker),
	KUNIT_CASE(test_a_batch_is_left_to_a_worker),
	KUNIT_CASE(test_a_caller_with_a_signal_leaves_the_others_to_a_worker),
	KUNIT_CASE(test_a_call_that_anothers_signal_ended_is_made_again),
	KUNIT_CASE(test_a_call_that_its_own_failure_ended_is_not_made_again),
	KUNIT_CASE(test_a_short_call_waits_behind_one_queued),
	KUNIT_CASE(test_a_brief_call_is_run_by_a_patient_caller),
	KUNIT_CASE(test_a_brief_call_is_not_run_by_others),
	KUNIT_CASE(test_a_long_call_is_not_run_by_a_patient_caller),
	KUNIT_CASE(test_whoever_comes_during_a_brief_call_is_left_to_a_worker),
	KUNIT_CASE(test_of_short_calls_one_in_four_is_timed),
	KUNIT_CASE(test_whoever_waits_is_timed),
	{}
};

static struct kunit_suite runner_suite = {
	.name		= "tsmfd_runner",
	.test_cases	= runner_cases,
};

kunit_test_suite(runner_suite);

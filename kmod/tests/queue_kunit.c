// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the queue: who is next at the firmware, and in whose context.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "../core/stats.h"
#include "fake_provider.h"

static struct tsmfd_flow *flow_of(struct fake_provider *fake)
{
	return &fake->flows[0];
}

static struct fake_provider *gated_fake(struct kunit *test, u32 max_inflight)
{
	struct fake_provider *fake = fake_new(test);

	fake->gated = true;
	fake->ops.max_inflight = max_inflight;
	fake_register(fake);
	return fake;
}

/* One whose only call, request 0's, is under way and at the gate. */
static struct fake_provider *busy_fake(struct kunit *test)
{
	struct fake_provider *fake = gated_fake(test, 1);

	fake_submit(fake, flow_of(fake), 0);
	fake_await_call(fake);
	return fake;
}

struct turns {
	const char *desc;
	const char *submitted;
	const char *served;
};

/* A letter is a request; which letter, its flow. */
static const struct turns turns_cases[] = {
	{ "one flow", "AAAA", "AAAA" },
	{ "a flood and one that comes late", "AAAAAAAAAAB", "ABAAAAAAAAA" },
	{ "a flood and one that came early", "BAAAAAAAAAA", "BAAAAAAAAAA" },
	{ "two alternating flows", "ABABAB", "ABABAB" },
	{ "three flows, one after the other", "AAABBBCCC", "ABCABCABC" },
	{ "three flows of unequal length", "AAAABCC", "ABCACAA" },
};

KUNIT_ARRAY_PARAM_DESC(turns, turns_cases, desc);

static void test_flows_take_turns(struct kunit *test)
{
	const struct turns *turns = test->param_value;
	size_t len = strlen(turns->submitted), i;
	struct fake_provider *fake = gated_fake(test, 1);
	u32 latest[26] = {};

	/* Of a flow of its own, for the others to wait behind. */
	fake_submit(fake, &fake->flows[FAKE_FLOWS - 1], 0);
	fake_await_call(fake);
	for (i = 0; i < len; i++)
		fake_submit(fake, &fake->flows[turns->submitted[i] - 'A'],
			    i + 1);
	fake_open_gate(fake);
	for (i = 0; i < len; i++)
		fake_await_answer(fake, i + 1);

	KUNIT_ASSERT_EQ(test, len + 1, (size_t)fake->calls);
	for (i = 0; i < len; i++) {
		u32 id = fake->log[i + 1].id;
		char letter = turns->submitted[id - 1];

		KUNIT_EXPECT_EQ_MSG(test, turns->served[i], letter,
				    "call %zu", i);
		/* In the order they came within a flow. */
		KUNIT_EXPECT_LT(test, latest[letter - 'A'], id);
		latest[letter - 'A'] = id;
	}
}

static void test_a_flow_that_comes_back_goes_behind_the_others(struct kunit *test)
{
	struct fake_provider *fake = busy_fake(test);

	fake_submit(fake, &fake->flows[1], 1);
	fake_submit(fake, &fake->flows[2], 2);
	fake_submit(fake, &fake->flows[2], 3);
	fake_let_through(fake, 1);
	fake_await_call(fake);
	fake_submit(fake, &fake->flows[1], 4);
	fake_open_gate(fake);
	fake_await_answer(fake, 3);
	fake_await_answer(fake, 4);

	KUNIT_EXPECT_EQ(test, 1u, fake->log[1].id);
	KUNIT_EXPECT_EQ(test, 2u, fake->log[2].id);
	KUNIT_EXPECT_EQ(test, 4u, fake->log[3].id);
	KUNIT_EXPECT_EQ(test, 3u, fake->log[4].id);
}

static void test_no_more_than_one_call_is_under_way(struct kunit *test)
{
	struct fake_provider *fake = busy_fake(test);

	fake_submit(fake, &fake->flows[1], 1);
	KUNIT_EXPECT_FALSE(test, fake_call_comes(fake));
	fake_let_through(fake, 1);
	fake_await_call(fake);
	KUNIT_EXPECT_EQ(test, 1u, fake->most_running);
}

static void test_as_many_calls_are_under_way_as_may_be(struct kunit *test)
{
	struct fake_provider *fake = gated_fake(test, 4);
	u32 id;

	for (id = 0; id < 6; id++)
		fake_submit(fake, flow_of(fake), id);
	for (id = 0; id < 4; id++)
		fake_await_call(fake);
	KUNIT_EXPECT_FALSE(test, fake_call_comes(fake));

	fake_let_through(fake, 1);
	fake_await_call(fake);
	KUNIT_EXPECT_FALSE(test, fake_call_comes(fake));
	KUNIT_EXPECT_EQ(test, 4u, fake->most_running);
}

static void test_a_request_is_run_by_a_worker(struct kunit *test)
{
	struct fake_provider *fake = fake_new(test);

	fake->ops.direct = NULL;
	fake_register(fake);
	fake_submit(fake, flow_of(fake), 1);
	fake_await_answer(fake, 1);
	KUNIT_EXPECT_PTR_NE(test, current, fake->log[0].task);
}

static void test_a_call_that_is_not_short_is_run_by_a_worker(struct kunit *test)
{
	struct fake_provider *fake = fake_new(test);

	fake->direct = false;
	fake_register(fake);
	fake_submit(fake, flow_of(fake), 1);
	fake_await_answer(fake, 1);
	KUNIT_EXPECT_PTR_NE(test, current, fake->log[0].task);
}

static void test_a_short_call_is_run_by_its_caller(struct kunit *test)
{
	struct fake_provider *fake = fake_new(test);

	fake->direct = true;
	fake_register(fake);
	fake_submit(fake, flow_of(fake), 1);
	KUNIT_EXPECT_TRUE(test, tsmfd_request_done(fake->requests[1]));
	KUNIT_EXPECT_PTR_EQ(test, current, fake->log[0].task);
}

static void test_a_short_call_waits_behind_one_under_way(struct kunit *test)
{
	struct fake_provider *fake = busy_fake(test);

	fake->direct = true;
	fake_submit(fake, &fake->flows[1], 1);
	KUNIT_EXPECT_EQ(test, 1u, fake->calls);

	fake_open_gate(fake);
	fake_await_answer(fake, 1);
	KUNIT_EXPECT_PTR_NE(test, current, fake->log[1].task);
}

static int submit_request_0(void *arg)
{
	struct fake_provider *fake = arg;

	/* For those tests that send it. */
	allow_signal(SIGUSR1);
	tsmfd_queue_submit(fake->requests[0]);
	return 0;
}

/* One whose call, request 0's, is under way in a thread's own context. */
static struct task_struct *direct_caller(struct kunit *test,
					 struct fake_provider *fake)
{
	struct task_struct *caller;

	fake->direct = true;
	fake_prepare(fake, flow_of(fake), 0);
	caller = fake_thread_run(fake, submit_request_0, fake);
	fake_await_call(fake);
	KUNIT_ASSERT_PTR_EQ(test, caller, fake->log[0].task);
	return caller;
}

static void test_whoever_comes_during_a_short_call_is_served(struct kunit *test)
{
	struct fake_provider *fake = gated_fake(test, 1);
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
	struct fake_provider *fake = busy_fake(test);

	WRITE_ONCE(fake->direct, true);
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
	struct fake_provider *fake = gated_fake(test, 1);
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
	struct fake_provider *fake = gated_fake(test, 1);
	struct task_struct *caller = direct_caller(test, fake);

	fake_submit(fake, &fake->flows[1], 1);
	WRITE_ONCE(fake->direct, false);
	fake_open_gate(fake);
	fake_await_answer(fake, 1);
	KUNIT_EXPECT_PTR_NE(test, caller, fake->log[1].task);
}

static void test_a_batch_is_left_to_a_worker(struct kunit *test)
{
	struct fake_provider *fake = gated_fake(test, 1);
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
	struct fake_provider *fake = gated_fake(test, 1);
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
	struct fake_provider *fake = gated_fake(test, 1);
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
	struct fake_provider *fake = gated_fake(test, 1);

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
	fake_prepare(fake, flow_of(fake), 1);
	fake_prepare(fake, &fake->flows[1], 2);
	block_workers(fake, &go_on);
	tsmfd_queue_submit(fake->requests[1]);
	WRITE_ONCE(fake->direct, true);
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

static void test_a_flow_is_woken_when_its_request_is_answered(struct kunit *test)
{
	struct fake_provider *fake = busy_fake(test);
	struct fake_watch mine, other;

	fake_watch(&mine, &flow_of(fake)->wait);
	fake_watch(&other, &fake->flows[1].wait);
	fake_open_gate(fake);
	/* Which waits for the answer. */
	fake_unregister(fake);
	fake_unwatch(&mine);
	fake_unwatch(&other);

	KUNIT_EXPECT_EQ(test, 1u, mine.wakeups);
	KUNIT_EXPECT_EQ(test, (__force u32)(EPOLLIN | EPOLLRDNORM),
			(__force u32)mine.key);
	KUNIT_EXPECT_EQ(test, 0u, other.wakeups);
}

static void test_all_are_woken_when_the_provider_leaves(struct kunit *test)
{
	struct fake_provider *fake = fake_new(test);
	struct fake_watch gone;

	fake_register(fake);
	fake_watch(&gone, &fake->provider->queue.gone);
	fake_unregister(fake);
	fake_unwatch(&gone);

	KUNIT_EXPECT_EQ(test, 1u, gone.wakeups);
	KUNIT_EXPECT_TRUE(test, gone.key & EPOLLHUP);
}

struct failure {
	const char *desc;
	int error;
};

static const struct failure failures[] = {
	{ "EIO", -EIO },
	{ "EBUSY", -EBUSY },
	{ "ENXIO", -ENXIO },
	{ "EINTR", -EINTR },
	{ "EAGAIN", -EAGAIN },
};

KUNIT_ARRAY_PARAM_DESC(failure, failures, desc);

static void test_the_providers_error_is_the_answer(struct kunit *test)
{
	const struct failure *failure = test->param_value;
	struct fake_provider *fake = fake_new(test);

	fake->error = failure->error;
	fake_register(fake);
	fake_submit(fake, flow_of(fake), 1);
	fake_await_answer(fake, 1);
	KUNIT_EXPECT_EQ(test, failure->error, fake->requests[1]->error);
}

struct blobs {
	const char *desc;
	size_t len[FAKE_BLOBS];
	int error;
};

/* Of a provider that said 32, 16 and 0 bytes at most. */
static const struct blobs blobs_cases[] = {
	{ "an outblob", { 31, 0, 0 }, 0 },
	{ "all as long as may be", { 32, 16, 0 }, 0 },
	{ "no outblob", { 0, 0, 0 }, -EBADMSG },
	{ "no outblob but an auxblob", { 0, 16, 0 }, -EBADMSG },
	{ "an outblob too long", { 33, 16, 0 }, -EBADMSG },
	{ "an auxblob too long", { 32, 17, 0 }, -EBADMSG },
	{ "a manifestblob where there should be none", { 32, 16, 1 },
	  -EBADMSG },
};

KUNIT_ARRAY_PARAM_DESC(blobs, blobs_cases, desc);

static struct fake_provider *measured_fake(struct kunit *test,
					   const struct blobs *blobs)
{
	struct fake_provider *fake = fake_new(test);

	fake->in_vmalloc = true;
	memcpy(fake->blob_len, blobs->len, sizeof(fake->blob_len));
	fake->ops.outblob_max = 32;
	fake->ops.auxblob_max = 16;
	fake->ops.manifestblob_max = 0;
	fake_register(fake);
	return fake;
}

static void test_a_provider_is_held_to_what_it_announced(struct kunit *test)
{
	const struct blobs *blobs = test->param_value;
	struct fake_provider *fake = measured_fake(test, blobs);

	fake_submit(fake, flow_of(fake), 1);
	fake_await_answer(fake, 1);
	KUNIT_EXPECT_EQ(test, blobs->error, fake->requests[1]->error);
}

static void test_blobs_of_a_bad_report_are_freed_too(struct kunit *test)
{
	const struct blobs *blobs = test->param_value;
	struct fake_provider *fake = measured_fake(test, blobs);

	fake_submit(fake, flow_of(fake), 1);
	fake_await_answer(fake, 1);
	fake_put(fake, 1);
	KUNIT_EXPECT_TRUE(test, fake_blobs_are_freed(fake));
}

static void test_blobs_of_a_failed_call_are_freed_too(struct kunit *test)
{
	struct fake_provider *fake = fake_new(test);

	fake->in_vmalloc = true;
	fake->error = -EIO;
	fake_register(fake);
	fake_submit(fake, flow_of(fake), 1);
	fake_await_answer(fake, 1);
	KUNIT_ASSERT_NOT_NULL(test, fake->blobs[0]);

	fake_put(fake, 1);
	KUNIT_EXPECT_TRUE(test, fake_blobs_are_freed(fake));
}

static void test_a_generation_is_counted_for_a_success_only(struct kunit *test)
{
	struct fake_provider *fake = fake_new(test);

	fake_register(fake);
	fake_submit(fake, flow_of(fake), 1);
	fake_await_answer(fake, 1);
	fake->error = -EIO;
	fake_submit(fake, flow_of(fake), 2);
	fake_await_answer(fake, 2);
	fake->error = 0;
	fake->blob_len[0] = 0;
	fake_submit(fake, flow_of(fake), 3);
	fake_await_answer(fake, 3);
	fake->blob_len[0] = sizeof(u32);
	fake_submit(fake, flow_of(fake), 4);
	fake_await_answer(fake, 4);

	KUNIT_EXPECT_EQ(test, 1ull, fake->requests[1]->generation);
	KUNIT_EXPECT_EQ(test, 0ull, fake->requests[2]->generation);
	KUNIT_EXPECT_EQ(test, 0ull, fake->requests[3]->generation);
	KUNIT_EXPECT_EQ(test, 2ull, fake->requests[4]->generation);
	KUNIT_EXPECT_EQ(test, 2ll,
			atomic64_read(&fake->provider->queue.served));
}

static void test_every_outcome_is_counted(struct kunit *test)
{
	struct fake_provider *fake = busy_fake(test);
	struct tsmfd_face_stats sum = {}, other = {};

	fake_submit(fake, flow_of(fake), 1);
	fake_submit(fake, flow_of(fake), 2);
	/* One while it is queued, one while it runs. */
	fake_put(fake, 1);
	fake_put(fake, 0);
	fake_open_gate(fake);
	fake_await_answer(fake, 2);
	fake->error = -EIO;
	fake_submit(fake, flow_of(fake), 3);
	fake_await_answer(fake, 3);
	fake_unregister(fake);
	fake_submit(fake, flow_of(fake), 4);

	tsmfd_stats_sum(fake->provider->queue.stats, TSMFD_FACE_CHARDEV, &sum);
	KUNIT_EXPECT_EQ(test, 5ull, sum.requests);
	KUNIT_EXPECT_EQ(test, 1ull, sum.reports);
	KUNIT_EXPECT_EQ(test, 2ull, sum.failures);
	KUNIT_EXPECT_EQ(test, 2ull, sum.cancelled);
	tsmfd_stats_sum(fake->provider->queue.stats, TSMFD_FACE_KEY, &other);
	KUNIT_EXPECT_EQ(test, 0ull, other.requests);
}

static int unregister(void *arg)
{
	fake_unregister(arg);
	return 0;
}

static void test_what_is_queued_fails_at_once_when_the_provider_leaves(struct kunit *test)
{
	struct fake_provider *fake = busy_fake(test);

	fake_submit(fake, flow_of(fake), 1);
	fake_submit(fake, &fake->flows[1], 2);
	fake_submit(fake, &fake->flows[1], 3);
	fake_thread_run(fake, unregister, fake);

	fake_await_answer(fake, 1);
	fake_await_answer(fake, 2);
	fake_await_answer(fake, 3);
	KUNIT_EXPECT_EQ(test, -ENODEV, fake->requests[1]->error);
	KUNIT_EXPECT_EQ(test, -ENODEV, fake->requests[2]->error);
	KUNIT_EXPECT_EQ(test, -ENODEV, fake->requests[3]->error);
	/* All that while the firmware was at another. */
	KUNIT_EXPECT_FALSE(test, tsmfd_request_done(fake->requests[0]));
}

static void test_what_runs_is_waited_for_when_the_provider_leaves(struct kunit *test)
{
	struct fake_provider *fake = busy_fake(test);

	fake_thread_run(fake, unregister, fake);
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT,
			tsmfd_request_wait(fake->requests[0], FAKE_A_WHILE));
	KUNIT_EXPECT_FALSE(test, fake_has_left(fake));

	fake_open_gate(fake);
	fake_join_threads(fake);
	KUNIT_EXPECT_TRUE(test, fake_has_left(fake));
	KUNIT_EXPECT_TRUE(test, tsmfd_request_done(fake->requests[0]));
	KUNIT_EXPECT_EQ(test, 0, fake->requests[0]->error);
	KUNIT_EXPECT_EQ(test, 0u, fake_report_id(&fake->requests[0]->report));
}

static void test_a_short_call_is_waited_for_when_the_provider_leaves(struct kunit *test)
{
	struct fake_provider *fake = gated_fake(test, 1);

	fake->direct = true;
	fake_prepare(fake, flow_of(fake), 0);
	fake_thread_run(fake, submit_request_0, fake);
	fake_await_call(fake);
	fake_thread_run(fake, unregister, fake);
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT,
			tsmfd_request_wait(fake->requests[0], FAKE_A_WHILE));
	KUNIT_EXPECT_FALSE(test, fake_has_left(fake));

	fake_open_gate(fake);
	fake_join_threads(fake);
	KUNIT_EXPECT_TRUE(test, fake_has_left(fake));
	KUNIT_EXPECT_EQ(test, 0, fake->requests[0]->error);
}

static void test_nothing_is_taken_once_the_provider_has_left(struct kunit *test)
{
	struct fake_provider *fake = fake_new(test);

	fake_register(fake);
	fake_unregister(fake);
	fake_submit(fake, flow_of(fake), 1);
	KUNIT_EXPECT_TRUE(test, tsmfd_request_done(fake->requests[1]));
	KUNIT_EXPECT_EQ(test, -ENODEV, fake->requests[1]->error);
	KUNIT_EXPECT_EQ(test, 0u, fake->calls);
}

static void test_a_short_call_is_not_made_once_the_provider_has_left(struct kunit *test)
{
	struct fake_provider *fake = fake_new(test);

	fake->direct = true;
	fake_register(fake);
	fake_unregister(fake);
	fake_submit(fake, flow_of(fake), 1);
	KUNIT_EXPECT_TRUE(test, tsmfd_request_done(fake->requests[1]));
	KUNIT_EXPECT_EQ(test, -ENODEV, fake->requests[1]->error);
	KUNIT_EXPECT_EQ(test, 0u, fake->calls);
}

static struct kunit_case queue_cases[] = {
	KUNIT_CASE_PARAM(test_flows_take_turns, turns_gen_params),
	KUNIT_CASE(test_a_flow_that_comes_back_goes_behind_the_others),
	KUNIT_CASE(test_no_more_than_one_call_is_under_way),
	KUNIT_CASE(test_as_many_calls_are_under_way_as_may_be),
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
	KUNIT_CASE(test_a_flow_is_woken_when_its_request_is_answered),
	KUNIT_CASE(test_all_are_woken_when_the_provider_leaves),
	KUNIT_CASE_PARAM(test_the_providers_error_is_the_answer,
			 failure_gen_params),
	KUNIT_CASE_PARAM(test_a_provider_is_held_to_what_it_announced,
			 blobs_gen_params),
	KUNIT_CASE_PARAM(test_blobs_of_a_bad_report_are_freed_too,
			 blobs_gen_params),
	KUNIT_CASE(test_blobs_of_a_failed_call_are_freed_too),
	KUNIT_CASE(test_a_generation_is_counted_for_a_success_only),
	KUNIT_CASE(test_every_outcome_is_counted),
	KUNIT_CASE(test_what_is_queued_fails_at_once_when_the_provider_leaves),
	KUNIT_CASE(test_what_runs_is_waited_for_when_the_provider_leaves),
	KUNIT_CASE(test_a_short_call_is_waited_for_when_the_provider_leaves),
	KUNIT_CASE(test_nothing_is_taken_once_the_provider_has_left),
	KUNIT_CASE(test_a_short_call_is_not_made_once_the_provider_has_left),
	{}
};

static struct kunit_suite queue_suite = {
	.name		= "tsmfd_queue",
	.test_cases	= queue_cases,
};

kunit_test_suite(queue_suite);

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the runner's back-off: a firmware that says it is busy is asked again.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/memcontrol.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>

#include "../compat/workqueue.h"
#include "../core/batch.h"
#include "fake_provider.h"

/* Long enough for nothing to come again while the test looks. */
enum { A_LONG_TIME_MS = 3600 * MSEC_PER_SEC };

static void restore_timeout(void *arg)
{
	tsmfd_busy_timeout_ms = *(unsigned int *)arg;
}

/* Busy, and to be asked again after @retry_ms; not yet registered. */
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
	return fake;
}

/* Whose request 0 has met it busy and waits for end_back_off(). */
static struct fake_provider *throttled_fake(struct kunit *test)
{
	struct fake_provider *fake = busy_fake(test, A_LONG_TIME_MS);

	fake_register(fake);
	fake_submit(fake, fake_flow(fake), 0);
	fake_await_call(fake);
	/* By then the call has come to its end, too. */
	fake_await_workers(fake);
	return fake;
}

static void end_back_off(struct fake_provider *fake)
{
	WRITE_ONCE(fake->error, 0);
	mod_delayed_work(system_percpu_wq, &fake->provider->queue.runner.again, 0);
}

static void test_a_busy_firmware_is_asked_again(struct kunit *test)
{
	struct fake_provider *fake = busy_fake(test, 1);

	fake_register(fake);
	fake_submit(fake, fake_flow(fake), 1);
	fake_await_call(fake);
	fake_await_call(fake);
	fake_await_call(fake);
	WRITE_ONCE(fake->error, 0);
	fake_await_answer(fake, 1);
	KUNIT_EXPECT_EQ(test, 0, fake->requests[1]->error);
	KUNIT_EXPECT_EQ(test, 1u, fake_report_id(fake->requests[1]->answer));
	KUNIT_EXPECT_EQ(test, 1u, fake->most_running);
}

static void test_it_is_asked_again_by_a_worker(struct kunit *test)
{
	struct fake_provider *fake = busy_fake(test, 1);

	fake->brief = true;
	fake->waits = true;
	fake_register(fake);
	fake_submit(fake, fake_flow(fake), 1);
	fake_await_call(fake);
	KUNIT_EXPECT_PTR_EQ(test, current, fake->log[0].task);
	fake_await_call(fake);
	fake_await_call(fake);
	WRITE_ONCE(fake->error, 0);
	fake_await_answer(fake, 1);
	KUNIT_EXPECT_EQ(test, 0, fake->requests[1]->error);
	KUNIT_EXPECT_PTR_NE(test, current, fake->log[1].task);
	KUNIT_EXPECT_PTR_NE(test, current, fake->log[2].task);
}

static void test_it_is_left_alone_meanwhile(struct kunit *test)
{
	struct fake_provider *fake = throttled_fake(test);

	fake_submit(fake, fake->flows[1], 1);
	/* Nor does somebody make the call himself. */
	fake->brief = true;
	fake->waits = true;
	fake_submit(fake, fake->flows[2], 2);
	KUNIT_EXPECT_FALSE(test, fake_call_comes(fake));
	KUNIT_EXPECT_EQ(test, 1u, fake->calls);
	KUNIT_EXPECT_EQ(test, 3u, fake_queued(fake));
	KUNIT_EXPECT_EQ(test, 0u, fake->provider->queue.runner.in_flight);
}

static void test_nobody_makes_a_call_while_it_is_left_alone(struct kunit *test)
{
	struct fake_provider *fake = throttled_fake(test);

	fake_put(fake, 0);
	KUNIT_ASSERT_EQ(test, 0u, fake_queued(fake));
	fake->brief = true;
	fake->waits = true;
	fake_submit(fake, fake_flow(fake), 1);
	KUNIT_EXPECT_EQ(test, 1u, fake->calls);
	KUNIT_EXPECT_EQ(test, 1u, fake_queued(fake));
}

static void test_those_who_came_meanwhile_are_served_behind(struct kunit *test)
{
	struct fake_provider *fake = throttled_fake(test);

	fake_submit(fake, fake_flow(fake), 1);
	end_back_off(fake);
	fake_await_answer(fake, 0);
	fake_await_answer(fake, 1);
	KUNIT_EXPECT_EQ(test, 0u, fake->log[fake->calls - 2].id);
	KUNIT_EXPECT_EQ(test, 1u, fake->log[fake->calls - 1].id);
}

static void test_as_many_calls_as_may_be_are_made_afterwards(struct kunit *test)
{
	struct fake_provider *fake = busy_fake(test, A_LONG_TIME_MS);
	u32 id;

	fake->ops.max_inflight = 3;
	fake_register(fake);
	fake_submit(fake, fake_flow(fake), 0);
	fake_await_call(fake);
	fake_await_workers(fake);
	fake->gated = true;
	for (id = 1; id <= 4; id++)
		fake_submit(fake, fake->flows[1], id);

	end_back_off(fake);
	fake_await_call(fake);
	fake_await_call(fake);
	fake_await_call(fake);
	KUNIT_EXPECT_FALSE(test, fake_call_comes(fake));
	KUNIT_EXPECT_EQ(test, 3u, fake->most_running);
}

static void test_who_waits_may_give_up(struct kunit *test)
{
	struct fake_provider *fake = throttled_fake(test);

	KUNIT_EXPECT_EQ(test, -ETIMEDOUT,
			fake_wait(fake->requests[0], 1));
	fake_put(fake, 0);
	KUNIT_EXPECT_EQ(test, 0u, fake_queued(fake));
}

static void test_nothing_is_retried_for_who_has_given_up(struct kunit *test)
{
	struct fake_provider *fake = busy_fake(test, 1);
	struct tsmfd_user *user;

	fake->gated = true;
	fake_register(fake);
	user = fake_flow(fake)->user;
	fake_submit(fake, fake_flow(fake), 0);
	fake_await_call(fake);
	fake_put(fake, 0);
	fake_open_gate(fake);
	KUNIT_EXPECT_FALSE(test, fake_call_comes(fake));
	KUNIT_EXPECT_EQ(test, 1u, fake->calls);
	KUNIT_EXPECT_EQ(test, 0u, fake_queued(fake));
	KUNIT_EXPECT_EQ(test, 0ll, atomic64_read(&user->held));
	KUNIT_EXPECT_EQ(test, 1ull, fake_stats(fake).cancelled);
}

static void test_who_waits_fails_at_once_when_the_provider_leaves(struct kunit *test)
{
	struct fake_provider *fake = throttled_fake(test);

	fake_unregister(fake);
	KUNIT_EXPECT_TRUE(test, tsmfd_request_done(fake->requests[0]));
	KUNIT_EXPECT_EQ(test, -ENODEV, fake->requests[0]->error);
}

static void test_a_provider_that_leaves_is_not_asked_again(struct kunit *test)
{
	struct fake_provider *fake = busy_fake(test, 1);

	fake->gated = true;
	fake_register(fake);
	fake_submit(fake, fake_flow(fake), 0);
	fake_await_call(fake);
	fake_begin_to_leave(fake);
	while (!tsmfd_provider_is_gone(fake->provider))
		schedule_timeout_uninterruptible(1);
	fake_open_gate(fake);
	fake_join_threads(fake);
	KUNIT_EXPECT_TRUE(test, tsmfd_request_done(fake->requests[0]));
	KUNIT_EXPECT_EQ(test, -EBUSY, fake->requests[0]->error);
	KUNIT_EXPECT_EQ(test, 1u, fake->calls);
}

static void test_patience_ends(struct kunit *test)
{
	struct fake_provider *fake = busy_fake(test, 1);

	tsmfd_busy_timeout_ms = 20;
	fake_register(fake);
	fake_submit(fake, fake_flow(fake), 1);
	fake_await_answer(fake, 1);
	KUNIT_EXPECT_EQ(test, -EBUSY, fake->requests[1]->error);
	KUNIT_EXPECT_GT(test, fake->calls, 1u);
}

static void test_another_failure_is_no_reason_to_ask_again(struct kunit *test)
{
	struct fake_provider *fake = busy_fake(test, 1);

	fake->error = -EIO;
	fake_register(fake);
	fake_submit(fake, fake_flow(fake), 1);
	fake_await_answer(fake, 1);
	KUNIT_EXPECT_EQ(test, -EIO, fake->requests[1]->error);
	KUNIT_EXPECT_EQ(test, 1u, fake->calls);
}

static void test_the_delay_is_doubled_each_time(struct kunit *test)
{
	struct fake_provider *fake = busy_fake(test, 1);
	const struct tsmfd_runner *runner;
	u32 delay_ms;

	fake->gated = true;
	fake_register(fake);
	runner = &fake->provider->queue.runner;
	fake_submit(fake, fake_flow(fake), 1);
	fake_await_call(fake);
	KUNIT_EXPECT_EQ(test, 0u, runner->delay_ms);
	for (delay_ms = 1; delay_ms <= 16; delay_ms *= 2) {
		fake_let_through(fake, 1);
		fake_await_call(fake);
		KUNIT_EXPECT_EQ(test, delay_ms, runner->delay_ms);
	}

	/* And begins anew with a call that is not refused, whatever comes of it. */
	WRITE_ONCE(fake->error, -EIO);
	fake_open_gate(fake);
	fake_await_workers(fake);
	KUNIT_EXPECT_TRUE(test, tsmfd_request_done(fake->requests[1]));
	KUNIT_EXPECT_EQ(test, 0u, runner->delay_ms);
}

struct long_delay {
	const char *desc;
	u32 retry_ms;
	u32 former_ms;
	u32 delay_ms;
};

static const struct long_delay long_delays[] = {
	{ "near the longest", 1, 999, 1998 },
	{ "the longest", 1, 1000, 2000 },
	{ "longer than the longest", 1, 1001, 2000 },
	{ "the longest again", 1, 2000, 2000 },
	/* A provider that wants a longer one has it. */
	{ "longer from the start", 3000, 0, 3000 },
	{ "longer from the start, again", 3000, 3000, 3000 },
};

KUNIT_ARRAY_PARAM_DESC(long_delay, long_delays, desc);

static void test_there_is_a_longest_delay(struct kunit *test)
{
	const struct long_delay *delay = test->param_value;
	struct fake_provider *fake = busy_fake(test, delay->retry_ms);
	struct tsmfd_queue *queue;

	fake_register(fake);
	queue = &fake->provider->queue;
	spin_lock(&queue->lock);
	queue->runner.delay_ms = delay->former_ms;
	spin_unlock(&queue->lock);
	fake_submit(fake, fake_flow(fake), 1);
	fake_await_call(fake);
	fake_await_workers(fake);
	KUNIT_EXPECT_EQ(test, delay->delay_ms, queue->runner.delay_ms);
	KUNIT_EXPECT_TRUE(test, queue->runner.backing_off);
}

/*
 * Requests 1 to 3, batched, have met it busy and wait for end_back_off(). While
 * they were RUNNING, @meanwhile was called, if there is one.
 */
static struct fake_provider *
throttled_batch(struct kunit *test,
		void (*meanwhile)(struct fake_provider *fake))
{
	struct fake_provider *fake = busy_fake(test, A_LONG_TIME_MS);
	u32 id;

	fake->in_vmalloc = true;
	fake->error = 0;
	fake_start_for_batch(fake);
	for (id = 1; id <= 3; id++)
		fake_submit(fake, fake->flows[id], id);
	fake_let_through(fake, 1);
	fake_await_call(fake);

	WRITE_ONCE(fake->error, -EBUSY);
	if (meanwhile)
		meanwhile(fake);
	fake_open_gate(fake);
	fake_await_workers(fake);
	KUNIT_ASSERT_EQ(test, 2u, fake->calls);
	KUNIT_EXPECT_TRUE(test, fake_blobs_are_freed(fake));
	return fake;
}

/* Those of @ids, 0 at the end, have been answered by one call, and nobody else. */
static void expect_shared_call(struct fake_provider *fake, const u32 *ids)
{
	struct tsmfd_batch *batch = fake->requests[*ids]->batch;
	struct kunit *test = fake->test;
	u32 members = 0, leaves = 0;

	KUNIT_ASSERT_NOT_NULL(test, batch->tree);
	for (; *ids; ids++, members++) {
		struct tsmfd_request *request = fake->requests[*ids];

		KUNIT_EXPECT_EQ(test, 0, request->error);
		KUNIT_ASSERT_PTR_EQ(test, batch, request->batch);
		KUNIT_ASSERT_LT(test, request->leaf_index, batch->tree->leaves);
		leaves |= BIT(request->leaf_index);
		KUNIT_EXPECT_MEMEQ(test, &request->leaf,
				   &batch->tree->nodes[request->leaf_index],
				   sizeof(request->leaf));
	}
	KUNIT_EXPECT_EQ(test, members, batch->tree->leaves);
	KUNIT_EXPECT_EQ(test, (u32)GENMASK(members - 1, 0), leaves);
}

static void end_back_off_and_await(struct fake_provider *fake, const u32 *ids)
{
	end_back_off(fake);
	for (; *ids; ids++)
		fake_await_answer(fake, *ids);
}

static void expect_retry_for(struct fake_provider *fake, const u32 *ids)
{
	end_back_off_and_await(fake, ids);
	expect_shared_call(fake, ids);
	KUNIT_EXPECT_EQ(fake->test, 3u, fake->calls);
}

static void test_a_batch_grows_meanwhile(struct kunit *test)
{
	struct fake_provider *fake = throttled_batch(test, NULL);
	static const u32 ids[] = { 1, 2, 3, 4, 5, 0 };

	KUNIT_EXPECT_EQ(test, 3u, fake_queued(fake));
	KUNIT_EXPECT_NULL(test, fake->requests[1]->batch->tree);
	fake_submit(fake, fake_flow(fake), 4);
	fake_submit(fake, fake->flows[1], 5);
	expect_retry_for(fake, ids);
	/* The firmware was asked for the root of the new tree. */
	KUNIT_EXPECT_MEMEQ(test, fake->seen.inblob,
			   tsmfd_tree_root(fake->requests[1]->batch->tree),
			   TSMFD_HASH_LEN);
	/* The call that it refused has answered nobody. */
	KUNIT_EXPECT_EQ(test, 1ll,
			atomic64_read(&fake->provider->queue.runner.batches));
}

static void put_2(struct fake_provider *fake)
{
	fake_put(fake, 2);
}

static void test_a_batch_is_retried_without_who_gave_up_during_the_call(struct kunit *test)
{
	struct fake_provider *fake = throttled_batch(test, put_2);
	static const u32 ids[] = { 1, 3, 0 };

	KUNIT_EXPECT_EQ(test, 2u, fake_queued(fake));
	expect_retry_for(fake, ids);
	KUNIT_EXPECT_EQ(test, 1ull, fake_stats(fake).cancelled);
}

static void test_a_batch_is_retried_without_who_gives_up_meanwhile(struct kunit *test)
{
	struct fake_provider *fake = throttled_batch(test, NULL);
	static const u32 ids[] = { 2, 4, 0 };

	fake_put(fake, 1);
	fake_put(fake, 3);
	KUNIT_EXPECT_EQ(test, 1u, fake_queued(fake));
	fake_submit(fake, fake_flow(fake), 4);
	expect_retry_for(fake, ids);
}

static void put_all(struct fake_provider *fake)
{
	fake_put(fake, 1);
	fake_put(fake, 2);
	fake_put(fake, 3);
}

static void test_a_batch_that_all_gave_up_is_not_retried(struct kunit *test)
{
	struct fake_provider *fake = throttled_batch(test, put_all);
	static const u32 ids[] = { 4, 0 };

	KUNIT_EXPECT_EQ(test, 0u, fake_queued(fake));
	fake_submit(fake, fake_flow(fake), 4);
	expect_retry_for(fake, ids);
}

/* As if it had come long before the others. */
static void age_2(struct fake_provider *fake)
{
	struct tsmfd_request *request = fake->requests[2];

	request->submitted = ktime_sub_ms(request->submitted,
					  tsmfd_busy_timeout_ms);
}

static void test_a_batch_is_retried_without_who_has_no_patience(struct kunit *test)
{
	struct fake_provider *fake = throttled_batch(test, age_2);
	static const u32 ids[] = { 1, 3, 0 };

	KUNIT_EXPECT_TRUE(test, tsmfd_request_done(fake->requests[2]));
	KUNIT_EXPECT_EQ(test, -EBUSY, fake->requests[2]->error);
	expect_retry_for(fake, ids);
}

static void submit_4(struct fake_provider *fake)
{
	fake_submit(fake, fake_flow(fake), 4);
}

static void test_who_came_during_the_call_shares_the_next(struct kunit *test)
{
	struct fake_provider *fake = throttled_batch(test, submit_4);
	static const u32 first[] = { 1, 2, 3, 0 }, next[] = { 4, 5, 0 };

	fake_submit(fake, fake_flow(fake), 5);
	end_back_off_and_await(fake, first);
	end_back_off_and_await(fake, next);
	expect_shared_call(fake, first);
	expect_shared_call(fake, next);
	KUNIT_EXPECT_EQ(test, 4u, fake->calls);
}

static void test_blobs_of_a_busy_call_are_freed(struct kunit *test)
{
	struct fake_provider *fake = busy_fake(test, A_LONG_TIME_MS);

	fake->in_vmalloc = true;
	fake_register(fake);
	fake_submit(fake, fake_flow(fake), 1);
	fake_await_call(fake);
	fake_await_workers(fake);
	KUNIT_ASSERT_NOT_NULL(test, fake->blobs[0]);
	KUNIT_EXPECT_TRUE(test, fake_blobs_are_freed(fake));
}

/* Of the task that has loaded the tests, and so not that of a thread. */
static struct mem_cgroup *callers_memcg;

/* As if the task that has loaded the tests had made the request. */
static void prepare_for_caller(struct fake_provider *fake, u32 id)
{
	struct mem_cgroup *before;

	if (!callers_memcg)
		kunit_skip(fake->test, "needs memory cgroups");

	before = set_active_memcg(callers_memcg);
	fake_prepare(fake, fake_flow(fake), id);
	set_active_memcg(before);
}

static void test_the_caller_pays_for_a_call_of_a_worker(struct kunit *test)
{
	struct fake_provider *fake = fake_new(test);

	fake_register(fake);
	prepare_for_caller(fake, 1);
	tsmfd_queue_submit(fake->requests[1], false);
	fake_await_answer(fake, 1);
	KUNIT_EXPECT_PTR_NE(test, current, fake->log[0].task);
	KUNIT_EXPECT_PTR_EQ(test, callers_memcg, fake->log[0].memcg);
}

static void test_the_caller_pays_for_a_retry_of_his_own_call(struct kunit *test)
{
	struct fake_provider *fake = busy_fake(test, 1);
	struct mem_cgroup *before, *after;

	fake->brief = true;
	fake_register(fake);
	prepare_for_caller(fake, 1);
	before = set_active_memcg(NULL);
	tsmfd_queue_submit(fake->requests[1], true);
	after = set_active_memcg(before);
	fake_await_call(fake);
	fake_await_call(fake);
	WRITE_ONCE(fake->error, 0);
	fake_await_answer(fake, 1);

	KUNIT_EXPECT_NULL(test, after);
	KUNIT_EXPECT_PTR_EQ(test, current, fake->log[0].task);
	KUNIT_EXPECT_PTR_EQ(test, callers_memcg, fake->log[0].memcg);
	KUNIT_EXPECT_PTR_NE(test, current, fake->log[1].task);
	KUNIT_EXPECT_PTR_EQ(test, callers_memcg, fake->log[1].memcg);
}

static struct kunit_case throttle_cases[] = {
	KUNIT_CASE(test_a_busy_firmware_is_asked_again),
	KUNIT_CASE(test_it_is_asked_again_by_a_worker),
	KUNIT_CASE(test_it_is_left_alone_meanwhile),
	KUNIT_CASE(test_nobody_makes_a_call_while_it_is_left_alone),
	KUNIT_CASE(test_those_who_came_meanwhile_are_served_behind),
	KUNIT_CASE(test_as_many_calls_as_may_be_are_made_afterwards),
	KUNIT_CASE(test_who_waits_may_give_up),
	KUNIT_CASE(test_nothing_is_retried_for_who_has_given_up),
	KUNIT_CASE(test_who_waits_fails_at_once_when_the_provider_leaves),
	KUNIT_CASE(test_a_provider_that_leaves_is_not_asked_again),
	KUNIT_CASE(test_patience_ends),
	KUNIT_CASE(test_another_failure_is_no_reason_to_ask_again),
	KUNIT_CASE(test_the_delay_is_doubled_each_time),
	KUNIT_CASE_PARAM(test_there_is_a_longest_delay, long_delay_gen_params),
	KUNIT_CASE(test_a_batch_grows_meanwhile),
	KUNIT_CASE(test_a_batch_is_retried_without_who_gave_up_during_the_call),
	KUNIT_CASE(test_a_batch_is_retried_without_who_gives_up_meanwhile),
	KUNIT_CASE(test_a_batch_that_all_gave_up_is_not_retried),
	KUNIT_CASE(test_a_batch_is_retried_without_who_has_no_patience),
	KUNIT_CASE(test_who_came_during_the_call_shares_the_next),
	KUNIT_CASE(test_blobs_of_a_busy_call_are_freed),
	KUNIT_CASE(test_the_caller_pays_for_a_call_of_a_worker),
	KUNIT_CASE(test_the_caller_pays_for_a_retry_of_his_own_call),
	{}
};

static int throttle_suite_init(struct kunit_suite *suite)
{
	callers_memcg = get_mem_cgroup_from_mm(current->mm);
	return 0;
}

static void throttle_suite_exit(struct kunit_suite *suite)
{
	mem_cgroup_put(callers_memcg);
}

static struct kunit_suite throttle_suite = {
	.name		= "tsmfd_throttle",
	.suite_init	= throttle_suite_init,
	.suite_exit	= throttle_suite_exit,
	.test_cases	= throttle_cases,
};

kunit_test_suite(throttle_suite);

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the queue: who is next at the firmware, and what comes of a call.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/spinlock.h>

#include "../core/merkle.h"
#include "fake_provider.h"

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
	struct fake_provider *fake = fake_new_gated(test, 1);
	u32 latest[26] = {};

	/* Of a flow of its own, for the others to wait behind. */
	fake_submit(fake, fake->flows[FAKE_FLOWS - 1], 0);
	fake_await_call(fake);
	for (i = 0; i < len; i++)
		fake_submit(fake, fake->flows[turns->submitted[i] - 'A'],
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
	struct fake_provider *fake = fake_new_busy(test);

	fake_submit(fake, fake->flows[1], 1);
	fake_submit(fake, fake->flows[2], 2);
	fake_submit(fake, fake->flows[2], 3);
	fake_let_through(fake, 1);
	fake_await_call(fake);
	fake_submit(fake, fake->flows[1], 4);
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
	struct fake_provider *fake = fake_new_busy(test);

	fake_submit(fake, fake->flows[1], 1);
	KUNIT_EXPECT_FALSE(test, fake_call_comes(fake));
	fake_let_through(fake, 1);
	fake_await_call(fake);
	KUNIT_EXPECT_EQ(test, 1u, fake->most_running);
}

static void test_as_many_calls_are_under_way_as_may_be(struct kunit *test)
{
	struct fake_provider *fake = fake_new_gated(test, 4);
	u32 id;

	for (id = 0; id < 6; id++)
		fake_submit(fake, fake_flow(fake), id);
	for (id = 0; id < 4; id++)
		fake_await_call(fake);
	KUNIT_EXPECT_FALSE(test, fake_call_comes(fake));

	fake_let_through(fake, 1);
	fake_await_call(fake);
	KUNIT_EXPECT_FALSE(test, fake_call_comes(fake));
	KUNIT_EXPECT_EQ(test, 4u, fake->most_running);
}

static void test_a_flow_is_woken_when_its_request_is_answered(struct kunit *test)
{
	struct fake_provider *fake = fake_new_busy(test);
	struct fake_watch mine, other;

	fake_watch(&mine, &fake_flow(fake)->wait);
	fake_watch(&other, &fake->flows[1]->wait);
	fake_open_gate(fake);
	/* Which waits for the answer. */
	fake_unregister(fake);
	fake_unwatch(&mine);
	fake_unwatch(&other);

	KUNIT_EXPECT_EQ(test, 1u, mine.wakeups);
	/* For pollers of whatever event. */
	KUNIT_EXPECT_EQ(test, 0u, (__force u32)mine.key);
	KUNIT_EXPECT_EQ(test, 0u, other.wakeups);
}

static void test_all_users_are_woken_when_the_provider_leaves(struct kunit *test)
{
	struct fake_provider *fake = fake_new(test);
	struct fake_watch watches[2];
	int i;

	fake->uids[1] = KUIDT_INIT(1);
	fake_register(fake);
	for (i = 0; i < 2; i++)
		fake_watch(&watches[i], &fake->flows[i]->user->wait);
	fake_unregister(fake);
	for (i = 0; i < 2; i++) {
		fake_unwatch(&watches[i]);
		KUNIT_EXPECT_EQ(test, 1u, watches[i].wakeups);
		/* For pollers of whatever event. */
		KUNIT_EXPECT_EQ(test, 0u, (__force u32)watches[i].key);
	}
}

struct failure {
	const char *desc;
	int given;
	int answer;
};

static const struct failure failures[] = {
	{ "EIO", -EIO, -EIO },
	{ "EBUSY", -EBUSY, -EBUSY },
	{ "ENXIO", -ENXIO, -ENXIO },
	{ "EINTR", -EINTR, -EINTR },
	{ "EAGAIN", -EAGAIN, -EAGAIN },
	{ "the last errno", -MAX_ERRNO, -MAX_ERRNO },
	/* Would restart the system call of whoever gets it. */
	{ "ERESTARTSYS", -ERESTARTSYS, -EINTR },
	{ "ERESTARTNOINTR", -ERESTARTNOINTR, -EINTR },
	{ "ERESTARTNOHAND", -ERESTARTNOHAND, -EINTR },
	{ "ERESTART_RESTARTBLOCK", -ERESTART_RESTARTBLOCK, -EINTR },
	/* Are no errno at all. */
	{ "behind the last errno", -MAX_ERRNO - 1, -EIO },
	{ "the least number", INT_MIN, -EIO },
	{ "positive", EBUSY, -EIO },
	{ "one", 1, -EIO },
	{ "the greatest number", INT_MAX, -EIO },
};

KUNIT_ARRAY_PARAM_DESC(failure, failures, desc);

static void test_the_providers_error_is_the_answer(struct kunit *test)
{
	const struct failure *failure = test->param_value;
	struct fake_provider *fake = fake_new(test);

	fake->error = failure->given;
	fake_register(fake);
	fake_submit(fake, fake_flow(fake), 1);
	fake_await_answer(fake, 1);
	KUNIT_EXPECT_EQ(test, failure->answer, fake->requests[1]->error);
	KUNIT_EXPECT_EQ(test, 1u, fake->calls);
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

	fake_submit(fake, fake_flow(fake), 1);
	fake_await_answer(fake, 1);
	KUNIT_EXPECT_EQ(test, blobs->error, fake->requests[1]->error);
}

static void test_blobs_of_a_bad_report_are_freed_too(struct kunit *test)
{
	const struct blobs *blobs = test->param_value;
	struct fake_provider *fake = measured_fake(test, blobs);

	fake_submit(fake, fake_flow(fake), 1);
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
	fake_submit(fake, fake_flow(fake), 1);
	fake_await_answer(fake, 1);
	KUNIT_ASSERT_NOT_NULL(test, fake->blobs[0]);

	fake_put(fake, 1);
	KUNIT_EXPECT_TRUE(test, fake_blobs_are_freed(fake));
}

static void test_a_generation_is_counted_for_a_success_only(struct kunit *test)
{
	struct fake_provider *fake = fake_new(test);

	fake_register(fake);
	fake_submit(fake, fake_flow(fake), 1);
	fake_await_answer(fake, 1);
	fake->error = -EIO;
	fake_submit(fake, fake_flow(fake), 2);
	fake_await_answer(fake, 2);
	fake->error = 0;
	fake->blob_len[0] = 0;
	fake_submit(fake, fake_flow(fake), 3);
	fake_await_answer(fake, 3);
	fake->blob_len[0] = sizeof(u32);
	fake_submit(fake, fake_flow(fake), 4);
	fake_await_answer(fake, 4);

	KUNIT_EXPECT_EQ(test, 1ull, fake->requests[1]->generation);
	KUNIT_EXPECT_EQ(test, 0ull, fake->requests[2]->generation);
	KUNIT_EXPECT_EQ(test, 0ull, fake->requests[3]->generation);
	KUNIT_EXPECT_EQ(test, 2ull, fake->requests[4]->generation);
	KUNIT_EXPECT_EQ(test, 2ll,
			atomic64_read(&fake->provider->queue.runner.served));
}

static u64 timed(const struct tsmfd_face_stats *stats)
{
	u64 sum = 0;
	int i;

	for (i = 0; i < TSMFD_LATENCY_BUCKETS; i++)
		sum += stats->latency[i];
	return sum;
}

static void test_every_outcome_is_counted(struct kunit *test)
{
	struct fake_provider *fake = fake_new_busy(test);
	struct tsmfd_face_stats sum, other = {};

	fake_submit(fake, fake_flow(fake), 1);
	fake_submit(fake, fake_flow(fake), 2);
	/* One while it is queued, one while it runs. */
	fake_put(fake, 1);
	fake_put(fake, 0);
	fake_open_gate(fake);
	fake_await_answer(fake, 2);
	fake->error = -EIO;
	fake_submit(fake, fake_flow(fake), 3);
	fake_await_answer(fake, 3);
	fake_unregister(fake);
	fake_submit(fake, fake_flow(fake), 4);

	sum = fake_stats(fake);
	KUNIT_EXPECT_EQ(test, 5ull, sum.requests);
	KUNIT_EXPECT_EQ(test, 1ull, sum.reports);
	KUNIT_EXPECT_EQ(test, 2ull, sum.failures);
	KUNIT_EXPECT_EQ(test, 2ull, sum.cancelled);
	KUNIT_EXPECT_EQ(test, 3ull, timed(&sum));
	tsmfd_stats_sum(fake->provider->users.stats, TSMFD_FACE_KEY, &other);
	KUNIT_EXPECT_EQ(test, 0ull, other.requests);
}

/* Submits @requests from @id on, in a run of their own, and waits for them. */
static void run_some(struct fake_provider *fake, u32 id, u32 requests)
{
	u32 end = id + requests;
	u32 i;

	for (i = id; i < end; i++)
		fake_submit(fake, fake->flows[i % FAKE_FLOWS], i);
	for (i = id; i < end; i++)
		fake_await_answer(fake, i);
}

/* However it is run, and whatever becomes of it. */
static void test_every_answered_request_is_timed_once(struct kunit *test)
{
	struct fake_provider *fake = fake_new(test);
	struct tsmfd_face_stats sum;
	unsigned int before;

	fake->ops.busy_retry_ms = 1;
	fake_register(fake);
	/* By workers, then by the caller, alone and batched. */
	run_some(fake, 0, 10);
	fake->waits = true;
	fake->brief = true;
	run_some(fake, 10, 10);
	if (fake->provider->info.features & TSMFD_FEATURE_BATCH) {
		fake->options.given = TSMFD_OPT_BATCH;
		run_some(fake, 20, 10);
		fake->waits = false;
		run_some(fake, 30, 10);
		fake->options.given = 0;
	}
	/* Retried, in both ways, and failed. */
	fake->waits = true;
	WRITE_ONCE(fake->error, -EBUSY);
	before = fake->calls;
	fake_submit(fake, fake_flow(fake), 40);
	fake_submit(fake, fake_flow(fake), 41);
	while (READ_ONCE(fake->calls) < before + 3)
		fake_await_call(fake);
	WRITE_ONCE(fake->error, 0);
	fake_await_answer(fake, 40);
	fake_await_answer(fake, 41);
	fake->error = -EIO;
	run_some(fake, 50, 10);
	fake_unregister(fake);
	run_some(fake, 60, 10);

	sum = fake_stats(fake);
	KUNIT_EXPECT_EQ(test, 20ull, sum.failures);
	KUNIT_EXPECT_EQ(test, sum.requests, sum.reports + sum.failures);
	KUNIT_EXPECT_EQ(test, sum.requests, timed(&sum));
}

/* A request takes as long as whoever waits for it has waited. */
static void test_time_begins_when_a_request_is_submitted(struct kunit *test)
{
	struct fake_provider *fake = fake_new_busy(test);
	struct tsmfd_face_stats sum;
	u64 slow = 0;
	int i;

	fake_submit(fake, fake_flow(fake), 1);
	msleep(50);
	fake_open_gate(fake);
	fake_await_answer(fake, 0);
	fake_await_answer(fake, 1);
	sum = fake_stats(fake);
	for (i = tsmfd_latency_bucket(50 * NSEC_PER_MSEC);
	     i < TSMFD_LATENCY_BUCKETS; i++)
		slow += sum.latency[i];
	KUNIT_EXPECT_EQ(test, 2ull, slow);
}

static void test_what_is_queued_fails_at_once_when_the_provider_leaves(struct kunit *test)
{
	struct fake_provider *fake = fake_new_busy(test);

	fake_submit(fake, fake_flow(fake), 1);
	fake_submit(fake, fake->flows[1], 2);
	fake_submit(fake, fake->flows[1], 3);
	fake_begin_to_leave(fake);

	fake_await_answer(fake, 1);
	fake_await_answer(fake, 2);
	fake_await_answer(fake, 3);
	KUNIT_EXPECT_EQ(test, -ENODEV, fake->requests[1]->error);
	KUNIT_EXPECT_EQ(test, -ENODEV, fake->requests[2]->error);
	KUNIT_EXPECT_EQ(test, -ENODEV, fake->requests[3]->error);
	/* All that while the firmware was at another. */
	KUNIT_EXPECT_FALSE(test, tsmfd_request_done(fake->requests[0]));
}

/* Whose request 0 is under way and at the gate. */
static void expect_to_be_waited_for(struct fake_provider *fake)
{
	struct tsmfd_request *request = fake->requests[0];
	struct kunit *test = fake->test;

	fake_begin_to_leave(fake);
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, fake_wait(request, FAKE_A_WHILE));
	KUNIT_EXPECT_FALSE(test, fake_has_left(fake));

	fake_open_gate(fake);
	fake_join_threads(fake);
	KUNIT_EXPECT_TRUE(test, fake_has_left(fake));
	KUNIT_EXPECT_TRUE(test, tsmfd_request_done(request));
	KUNIT_EXPECT_EQ(test, 0, request->error);
	KUNIT_EXPECT_EQ(test, 0u, fake_report_id(request->answer));
}

static void test_what_runs_is_waited_for_when_the_provider_leaves(struct kunit *test)
{
	expect_to_be_waited_for(fake_new_busy(test));
}

static void test_a_callers_own_call_is_waited_for_when_the_provider_leaves(struct kunit *test)
{
	struct fake_provider *fake = fake_new_gated(test, 1);

	fake->brief = true;
	fake_prepare(fake, fake_flow(fake), 0);
	fake_thread_run(fake, fake_submit_0, fake);
	fake_await_call(fake);
	expect_to_be_waited_for(fake);
}

static void test_nothing_is_taken_once_the_provider_has_left(struct kunit *test)
{
	struct fake_provider *fake = fake_new(test);

	fake_register(fake);
	fake_unregister(fake);
	fake_submit(fake, fake_flow(fake), 1);
	KUNIT_EXPECT_TRUE(test, tsmfd_request_done(fake->requests[1]));
	KUNIT_EXPECT_EQ(test, -ENODEV, fake->requests[1]->error);
	KUNIT_EXPECT_EQ(test, 0u, fake->calls);
}

static void test_a_callers_own_call_is_not_made_once_the_provider_has_left(struct kunit *test)
{
	struct fake_provider *fake = fake_new(test);

	fake->brief = true;
	fake->waits = true;
	fake_register(fake);
	fake_unregister(fake);
	fake_submit(fake, fake_flow(fake), 1);
	KUNIT_EXPECT_TRUE(test, tsmfd_request_done(fake->requests[1]));
	KUNIT_EXPECT_EQ(test, -ENODEV, fake->requests[1]->error);
	KUNIT_EXPECT_EQ(test, 0u, fake->calls);
}

enum {
	MANY		= 1000,
	/* As queue.c has it. */
	TURNS_MAX	= 16,
};

static_assert(MANY < (int)FAKE_REQUESTS);

/**
 * struct emptying - what is seen of a queue while it is emptied
 * @entry: where its requests' flow is woken
 * @queue: which
 * @left: how many were queued when it was looked at last
 * @most_taken: the most that were taken off between two looks
 * @answers: that were given
 * @locked: answers that were given with the queue's lock
 */
struct emptying {
	struct wait_queue_entry	entry;
	struct tsmfd_queue	*queue;
	u32			left;
	u32			most_taken;
	unsigned int		answers;
	unsigned int		locked;
};

/* In the context of whoever answers. */
static int look_at_queue(struct wait_queue_entry *entry, unsigned int mode,
			 int flags, void *key)
{
	struct emptying *emptying = container_of(entry, struct emptying, entry);
	struct tsmfd_queue *queue = emptying->queue;
	u32 left;

	emptying->answers++;
	if (!spin_trylock(&queue->lock)) {
		emptying->locked++;
		return 0;
	}
	left = queue->order.queued;
	spin_unlock(&queue->lock);
	emptying->most_taken = max(emptying->most_taken, emptying->left - left);
	emptying->left = left;
	return 0;
}

struct crowd {
	const char *desc;
	u32 given;	/* by every other one */
	u32 taken_at_once;
};

/* A batch is one turn. */
static const struct crowd crowds[] = {
	{ "alone", 0, TURNS_MAX },
	{ "every other one batched", TSMFD_OPT_BATCH,
	  MANY / 2 + TURNS_MAX },
};

KUNIT_ARRAY_PARAM_DESC(crowd, crowds, desc);

static void test_a_full_queue_is_emptied_in_pieces(struct kunit *test)
{
	const struct crowd *crowd = test->param_value;
	struct fake_provider *fake = fake_new_busy(test);
	struct emptying emptying = {
		.queue = &fake->provider->queue, .left = MANY,
	};
	struct tsmfd_flow *flow = fake->flows[1];
	u32 id;

	if (crowd->given && !tsmfd_merkle_available())
		kunit_skip(test, "the kernel has no SHA-512");

	for (id = 1; id <= MANY; id++) {
		fake->options.given = id % 2 ? crowd->given : 0;
		fake_submit(fake, flow, id);
	}
	KUNIT_ASSERT_EQ(test, (u32)MANY, fake_queued(fake));

	init_waitqueue_func_entry(&emptying.entry, look_at_queue);
	add_wait_queue(&flow->wait, &emptying.entry);
	fake_begin_to_leave(fake);
	for (id = 1; id <= MANY; id++)
		fake_wait(fake->requests[id], FAKE_PATIENCE);
	/* All that while the firmware is at another. */
	KUNIT_EXPECT_FALSE(test, tsmfd_request_done(fake->requests[0]));
	fake_open_gate(fake);
	fake_join_threads(fake);
	remove_wait_queue(&flow->wait, &emptying.entry);

	for (id = 1; id <= MANY; id++) {
		KUNIT_ASSERT_TRUE(test, tsmfd_request_done(fake->requests[id]));
		KUNIT_ASSERT_EQ(test, -ENODEV, fake->requests[id]->error);
	}
	KUNIT_EXPECT_EQ(test, (unsigned int)MANY, emptying.answers);
	KUNIT_EXPECT_EQ(test, 0u, emptying.locked);
	KUNIT_EXPECT_LE(test, emptying.most_taken, crowd->taken_at_once);
	KUNIT_EXPECT_EQ(test, 0u, fake_queued(fake));
}

static struct kunit_case queue_cases[] = {
	KUNIT_CASE_PARAM(test_flows_take_turns, turns_gen_params),
	KUNIT_CASE(test_a_flow_that_comes_back_goes_behind_the_others),
	KUNIT_CASE(test_no_more_than_one_call_is_under_way),
	KUNIT_CASE(test_as_many_calls_are_under_way_as_may_be),
	KUNIT_CASE(test_a_flow_is_woken_when_its_request_is_answered),
	KUNIT_CASE(test_all_users_are_woken_when_the_provider_leaves),
	KUNIT_CASE_PARAM(test_the_providers_error_is_the_answer,
			 failure_gen_params),
	KUNIT_CASE_PARAM(test_a_provider_is_held_to_what_it_announced,
			 blobs_gen_params),
	KUNIT_CASE_PARAM(test_blobs_of_a_bad_report_are_freed_too,
			 blobs_gen_params),
	KUNIT_CASE(test_blobs_of_a_failed_call_are_freed_too),
	KUNIT_CASE(test_a_generation_is_counted_for_a_success_only),
	KUNIT_CASE(test_every_outcome_is_counted),
	KUNIT_CASE(test_every_answered_request_is_timed_once),
	KUNIT_CASE(test_time_begins_when_a_request_is_submitted),
	KUNIT_CASE(test_what_is_queued_fails_at_once_when_the_provider_leaves),
	KUNIT_CASE_PARAM(test_a_full_queue_is_emptied_in_pieces,
			 crowd_gen_params),
	KUNIT_CASE(test_what_runs_is_waited_for_when_the_provider_leaves),
	KUNIT_CASE(test_a_callers_own_call_is_waited_for_when_the_provider_leaves),
	KUNIT_CASE(test_nothing_is_taken_once_the_provider_has_left),
	KUNIT_CASE(test_a_callers_own_call_is_not_made_once_the_provider_has_left),
	{}
};

static struct kunit_suite queue_suite = {
	.name		= "tsmfd_queue",
	.test_cases	= queue_cases,
};

kunit_test_suite(queue_suite);

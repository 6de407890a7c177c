// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of requests: what they keep, who frees them, and how they are read.
 */
#include <kunit/test.h>
#include <linux/err.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uio.h>
#include <linux/xarray.h>

#include "fake_provider.h"

static struct tsmfd_request *new_request(struct fake_provider *fake,
					 const struct tsmfd_options *options)
{
	return tsmfd_request_new(&fake->provider->queue, fake_flow(fake),
				 options);
}

static void test_an_empty_inblob_is_refused(struct kunit *test)
{
	struct fake_provider *fake = fake_new(test);
	const struct tsmfd_options options = {};

	fake_register(fake);
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EINVAL),
			    new_request(fake, &options));
}

static void test_options_of_another_provider_are_refused(struct kunit *test)
{
	struct fake_provider *fake = fake_new(test);
	struct tsmfd_options options = fake_options(1);

	fake->ops.formats = BIT(TSMFD_FORMAT_DEFAULT);
	fake_register(fake);
	options.format = TSMFD_FORMAT_EXTENDED;
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EOPNOTSUPP),
			    new_request(fake, &options));
}

static void test_a_request_keeps_the_options_of_its_making(struct kunit *test)
{
	struct fake_provider *fake = fake_new(test);
	struct tsmfd_options options = fake_options(1);
	struct tsmfd_options before;

	options.given = TSMFD_OPT_PRIVLEVEL;
	options.privlevel = 2;
	before = options;
	fake_register(fake);
	fake->requests[1] = new_request(fake, &options);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, fake->requests[1]);

	memset(&options, 0xff, sizeof(options));
	tsmfd_queue_submit(fake->requests[1], false);
	fake_await_answer(fake, 1);

	KUNIT_EXPECT_MEMEQ(test, &fake->seen, &before, sizeof(before));
}

static void test_an_unset_privlevel_becomes_the_floor(struct kunit *test)
{
	struct fake_provider *fake = fake_new(test);

	fake->ops.privlevel_floor = 1;
	fake_register(fake);
	fake_submit(fake, fake_flow(fake), 1);
	fake_await_answer(fake, 1);

	KUNIT_EXPECT_EQ(test, 1u, fake->seen.privlevel);
	KUNIT_EXPECT_EQ(test, 0u, fake->seen.given);
}

static void test_a_request_that_is_new_can_be_put(struct kunit *test)
{
	struct fake_provider *fake = fake_new(test);

	fake_register(fake);
	fake_prepare(fake, fake_flow(fake), 1);
	fake_put(fake, 1);

	KUNIT_EXPECT_FALSE(test, fake_call_comes(fake));
	KUNIT_EXPECT_EQ(test, 0ll, atomic64_read(&fake_flow(fake)->user->held));
	KUNIT_EXPECT_EQ(test, 0ull, fake_stats(fake).requests);
}

static void test_null_can_be_put(struct kunit *test)
{
	tsmfd_request_put(NULL);
}

static void test_a_queued_request_that_is_put_is_cancelled(struct kunit *test)
{
	struct fake_provider *fake = fake_new_busy(test);

	fake_submit(fake, fake_flow(fake), 1);
	fake_submit(fake, fake_flow(fake), 2);
	fake_put(fake, 1);

	fake_open_gate(fake);
	fake_await_answer(fake, 2);
	fake_unregister(fake);
	KUNIT_EXPECT_EQ(test, 2u, fake->calls);
	KUNIT_EXPECT_EQ(test, 0u, fake->log[0].id);
	KUNIT_EXPECT_EQ(test, 2u, fake->log[1].id);
}

static void test_a_request_is_not_cancelled_before_all_put_it(struct kunit *test)
{
	struct fake_provider *fake = fake_new_busy(test);
	struct tsmfd_request *request;

	request = fake_submit(fake, fake_flow(fake), 1);
	tsmfd_request_get(request);
	tsmfd_request_put(request);

	fake_open_gate(fake);
	fake_await_answer(fake, 1);
	KUNIT_EXPECT_EQ(test, 0, request->error);
}

static void test_the_last_of_its_callers_cancels_a_queued_request(struct kunit *test)
{
	struct fake_provider *fake = fake_new_busy(test);
	struct tsmfd_request *request;

	request = fake_submit(fake, fake_flow(fake), 1);
	tsmfd_request_get(request);
	tsmfd_request_get(request);
	tsmfd_request_put(request);
	tsmfd_request_put(request);
	KUNIT_EXPECT_EQ(test, 1u, fake_queued(fake));
	KUNIT_EXPECT_EQ(test, 0ull, fake_stats(fake).cancelled);

	fake_put(fake, 1);
	KUNIT_EXPECT_EQ(test, 0u, fake_queued(fake));
	KUNIT_EXPECT_EQ(test, 1ull, fake_stats(fake).cancelled);
	fake_open_gate(fake);
	fake_unregister(fake);
	KUNIT_EXPECT_EQ(test, 1u, fake->calls);
}

static struct tsmfd_flow *flow_of_user_7(struct fake_provider *fake)
{
	struct tsmfd_flow *flow;

	flow = tsmfd_flow_new(&fake->provider->users, TSMFD_FACE_CHARDEV,
			      KUIDT_INIT(7));
	KUNIT_ASSERT_NOT_ERR_OR_NULL(fake->test, flow);
	return flow;
}

static bool user_7_is_known(struct fake_provider *fake)
{
	return xa_load(&fake->provider->users.by_uid, 7);
}

static void test_a_flow_may_go_when_its_requests_are_put(struct kunit *test)
{
	struct fake_provider *fake = fake_new_gated(test, 1);
	struct tsmfd_flow *flow = flow_of_user_7(fake);

	/* One that runs and two that wait, between those of another flow. */
	fake_submit(fake, flow, 0);
	fake_await_call(fake);
	fake_submit(fake, fake_flow(fake), 1);
	fake_submit(fake, flow, 2);
	fake_submit(fake, flow, 3);
	fake_submit(fake, fake_flow(fake), 4);
	fake_put(fake, 3);
	fake_put(fake, 0);
	fake_put(fake, 2);
	tsmfd_flow_put(flow);

	fake_open_gate(fake);
	fake_await_answer(fake, 1);
	fake_await_answer(fake, 4);
	KUNIT_EXPECT_EQ(test, 3u, fake->calls);
}

/* KASAN sees whoever looks at the flow or its user too late. */
static void test_a_running_request_keeps_its_flow_and_its_user(struct kunit *test)
{
	struct fake_provider *fake = fake_new_gated(test, 1);
	struct tsmfd_flow *flow = flow_of_user_7(fake);

	fake_submit(fake, flow, 0);
	fake_await_call(fake);
	fake_put(fake, 0);
	tsmfd_flow_put(flow);
	KUNIT_EXPECT_TRUE(test, user_7_is_known(fake));

	fake_open_gate(fake);
	fake_await_workers(fake);
	KUNIT_EXPECT_FALSE(test, user_7_is_known(fake));
	KUNIT_EXPECT_EQ(test, 1ull, fake_stats(fake).cancelled);
}

static void test_an_answer_outlives_its_flow_but_not_its_user(struct kunit *test)
{
	struct fake_provider *fake = fake_new_busy(test);
	struct tsmfd_flow *flow = flow_of_user_7(fake);

	fake_submit(fake, flow, 1);
	tsmfd_flow_put(flow);
	fake_open_gate(fake);
	fake_await_answer(fake, 1);
	KUNIT_EXPECT_EQ(test, 0, fake->requests[1]->error);
	fake_await_workers(fake);
	KUNIT_EXPECT_TRUE(test, user_7_is_known(fake));
	fake_put(fake, 1);
	KUNIT_EXPECT_FALSE(test, user_7_is_known(fake));
}

static void test_a_running_request_that_is_put_is_freed_at_last(struct kunit *test)
{
	struct fake_provider *fake = fake_new(test);
	int i;

	fake->gated = true;
	fake->in_vmalloc = true;
	for (i = 0; i < FAKE_BLOBS; i++)
		fake->blob_len[i] = 100;
	fake_register(fake);
	fake_submit(fake, fake_flow(fake), 1);
	fake_await_call(fake);

	fake_put(fake, 1);
	fake_open_gate(fake);
	fake_unregister(fake);

	KUNIT_EXPECT_EQ(test, 1u, fake->calls);
	KUNIT_ASSERT_NOT_NULL(test, fake->blobs[2]);
	KUNIT_EXPECT_TRUE(test, fake_blobs_are_freed(fake));
}

static void test_a_running_request_that_is_put_keeps_nobody_waiting(struct kunit *test)
{
	struct fake_provider *fake = fake_new_busy(test);

	fake_submit(fake, fake_flow(fake), 1);
	fake_put(fake, 0);
	fake_open_gate(fake);
	fake_await_answer(fake, 1);
	KUNIT_EXPECT_EQ(test, 0, fake->requests[1]->error);
}

static void test_a_report_lives_as_long_as_its_request(struct kunit *test)
{
	struct fake_provider *fake = fake_new(test);
	int i;

	fake->in_vmalloc = true;
	for (i = 0; i < FAKE_BLOBS; i++)
		fake->blob_len[i] = 100;
	fake_register(fake);
	fake_submit(fake, fake_flow(fake), 1);
	fake_await_answer(fake, 1);
	fake_unregister(fake);

	KUNIT_EXPECT_EQ(test, 1u,
			fake_report_id(&fake->requests[1]->report));
	fake_put(fake, 1);
	KUNIT_EXPECT_TRUE(test, fake_blobs_are_freed(fake));
}

static void test_a_wait_can_time_out(struct kunit *test)
{
	struct fake_provider *fake = fake_new_busy(test);
	struct tsmfd_request *request = fake->requests[0];

	KUNIT_EXPECT_EQ(test, -ETIMEDOUT,
			fake_wait(request, FAKE_A_WHILE));
	KUNIT_EXPECT_FALSE(test, tsmfd_request_done(request));
}

static void test_a_request_goes_on_after_a_time_out(struct kunit *test)
{
	struct fake_provider *fake = fake_new_busy(test);
	struct tsmfd_request *request = fake->requests[0];

	KUNIT_ASSERT_EQ(test, -ETIMEDOUT, fake_wait(request, 0));
	fake_open_gate(fake);
	fake_await_answer(fake, 0);
	KUNIT_EXPECT_TRUE(test, tsmfd_request_done(request));
	KUNIT_EXPECT_EQ(test, 0, request->error);
}

static void test_a_wait_ends_at_its_deadline(struct kunit *test)
{
	struct fake_provider *fake = fake_new_busy(test);
	struct tsmfd_request *request = fake->requests[0];
	int i;

	for (i = 0; i < 10; i++) {
		request->deadline = ktime_add_us(ktime_get(), 1000 * i + 500);
		KUNIT_EXPECT_EQ(test, -ETIMEDOUT,
				tsmfd_request_wait(request, TASK_INTERRUPTIBLE));
		KUNIT_EXPECT_GE(test, ktime_get(), request->deadline);
	}
	/* It is the same one for whoever comes again. */
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT,
			tsmfd_request_wait(request, TASK_INTERRUPTIBLE));
	KUNIT_EXPECT_LT(test, ktime_ms_delta(ktime_get(), request->deadline),
			(s64)jiffies_to_msecs(FAKE_PATIENCE));
}

/* With a signal pending. */
static int wait_under_signal(struct tsmfd_request *request, unsigned int state)
{
	int rc;

	allow_signal(SIGTERM);
	send_sig(SIGTERM, current, 1);
	rc = tsmfd_request_wait(request, state);
	flush_signals(current);
	disallow_signal(SIGTERM);
	return rc;
}

static void test_a_signal_ends_the_wait_of_who_may_see_it(struct kunit *test)
{
	struct fake_provider *fake = fake_new_busy(test);
	struct tsmfd_request *request = fake->requests[0];

	KUNIT_EXPECT_EQ(test, -ERESTARTSYS,
			wait_under_signal(request, TASK_INTERRUPTIBLE));
	KUNIT_EXPECT_FALSE(test, tsmfd_request_done(request));
	fake_open_gate(fake);
	fake_await_answer(fake, 0);
	KUNIT_EXPECT_EQ(test, 0, request->error);
}

static int open_gate_after_a_while(void *arg)
{
	schedule_timeout_uninterruptible(FAKE_A_WHILE);
	fake_open_gate(arg);
	return 0;
}

static void test_a_signal_does_not_end_the_wait_of_who_may_not(struct kunit *test)
{
	struct fake_provider *fake = fake_new_busy(test);
	struct tsmfd_request *request = fake->requests[0];

	fake_thread_run(fake, open_gate_after_a_while, fake);
	KUNIT_EXPECT_EQ(test, 0, wait_under_signal(request, TASK_KILLABLE));
	KUNIT_EXPECT_TRUE(test, tsmfd_request_done(request));
}

static void test_a_wait_for_what_is_done_is_none(struct kunit *test)
{
	struct fake_provider *fake = fake_new(test);

	fake_register(fake);
	fake_submit(fake, fake_flow(fake), 1);
	fake_await_answer(fake, 1);

	/* Any number of times, by any number of callers. */
	KUNIT_EXPECT_EQ(test, 0, fake_wait(fake->requests[1], 0));
	KUNIT_EXPECT_EQ(test, 0, fake_wait(fake->requests[1], 0));
}

struct waiter {
	struct tsmfd_request *request;
	int result;
};

static int wait_for_request(void *arg)
{
	struct waiter *waiter = arg;

	waiter->result = fake_wait(waiter->request, FAKE_PATIENCE);
	return 0;
}

static void test_all_who_wait_are_answered(struct kunit *test)
{
	enum { WAITERS = 3 };
	struct fake_provider *fake = fake_new_busy(test);
	struct waiter *waiters;
	int i;

	waiters = kunit_kcalloc(test, WAITERS, sizeof(*waiters), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, waiters);
	for (i = 0; i < WAITERS; i++) {
		waiters[i].request = fake->requests[0];
		waiters[i].result = 1;
		fake_thread_run(fake, wait_for_request, &waiters[i]);
	}
	/* Time for them to fall asleep. */
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT,
			fake_wait(fake->requests[0], FAKE_A_WHILE));
	fake_open_gate(fake);
	fake_join_threads(fake);
	for (i = 0; i < WAITERS; i++)
		KUNIT_EXPECT_EQ(test, 0, waiters[i].result);
}

static void test_a_blob_has_the_length_asked_for(struct kunit *test)
{
	struct tsmfd_blob blob = {};

	KUNIT_ASSERT_NOT_NULL(test, tsmfd_blob_alloc(&blob, 5));
	KUNIT_EXPECT_NOT_NULL(test, blob.data);
	KUNIT_EXPECT_EQ(test, (size_t)5, blob.len);
	kvfree(blob.data);
}

static void test_a_blob_without_memory_is_empty(struct kunit *test)
{
	struct tsmfd_blob blob = {};

	fake_need_failslab(test);
	fake_fail_allocation(1);
	tsmfd_blob_alloc(&blob, 5);

	KUNIT_ASSERT_TRUE(test, fake_has_failed_allocation());
	KUNIT_EXPECT_NULL(test, blob.data);
	KUNIT_EXPECT_EQ(test, (size_t)0, blob.len);
}

static void test_a_request_without_memory_is_none(struct kunit *test)
{
	struct tsmfd_options options = fake_options(1);
	struct fake_provider *fake = fake_new(test);
	struct tsmfd_request *request;

	fake_need_failslab(test);
	fake_register(fake);
	fake_fail_allocation(1);
	request = new_request(fake, &options);

	KUNIT_ASSERT_TRUE(test, fake_has_failed_allocation());
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-ENOMEM), request);
	KUNIT_EXPECT_EQ(test, 0ll, atomic64_read(&fake_flow(fake)->user->held));
}

struct report_shape {
	const char *desc;
	const char *blobs[FAKE_BLOBS];
	const char *whole;
};

static const struct report_shape report_shapes[] = {
	{ "no blob", { "", "", "" }, "" },
	{ "outblob alone", { "abcde", "", "" }, "abcde" },
	{ "outblob and auxblob", { "abcde", "fgh", "" }, "abcdefgh" },
	{ "outblob and manifestblob", { "abcde", "", "ijklmno" },
	  "abcdeijklmno" },
	{ "all three", { "abcde", "fgh", "ijklmno" }, "abcdefghijklmno" },
	{ "three of a byte each", { "a", "f", "i" }, "afi" },
};

KUNIT_ARRAY_PARAM_DESC(report_shape, report_shapes, desc);

static struct tsmfd_report report_of(const struct report_shape *shape)
{
	struct tsmfd_report report = {
		.outblob.data		= (void *)shape->blobs[0],
		.outblob.len		= strlen(shape->blobs[0]),
		.auxblob.data		= (void *)shape->blobs[1],
		.auxblob.len		= strlen(shape->blobs[1]),
		.manifestblob.data	= (void *)shape->blobs[2],
		.manifestblob.len	= strlen(shape->blobs[2]),
	};

	return report;
}

static void test_a_report_is_as_long_as_its_blobs(struct kunit *test)
{
	const struct report_shape *shape = test->param_value;
	struct tsmfd_report report = report_of(shape);

	KUNIT_EXPECT_EQ(test, strlen(shape->whole), tsmfd_report_len(&report));
}

enum { COPY_MAX = 20 };

static void expect_copy(struct kunit *test, const struct report_shape *shape,
			size_t offset, size_t room)
{
	struct tsmfd_report report = report_of(shape);
	size_t len = strlen(shape->whole);
	char is[COPY_MAX], should_be[COPY_MAX];
	struct kvec vec = { .iov_base = is, .iov_len = room };
	size_t expected = offset < len ? min(len - offset, room) : 0;
	struct iov_iter to;

	memset(is, '.', sizeof(is));
	memset(should_be, '.', sizeof(should_be));
	if (expected)
		memcpy(should_be, shape->whole + offset, expected);

	iov_iter_kvec(&to, ITER_DEST, &vec, 1, room);
	KUNIT_EXPECT_EQ_MSG(test, (ssize_t)expected,
			    tsmfd_report_copy(&report, offset, &to),
			    "offset %zu, room %zu", offset, room);
	KUNIT_EXPECT_MEMEQ_MSG(test, is, should_be, sizeof(is),
			       "offset %zu, room %zu", offset, room);
}

static void test_any_piece_of_a_report_can_be_copied(struct kunit *test)
{
	const struct report_shape *shape = test->param_value;
	size_t offset, room;

	for (offset = 0; offset < COPY_MAX; offset++) {
		for (room = 0; room <= COPY_MAX; room++)
			expect_copy(test, shape, offset, room);
	}
}

static void test_a_piece_can_be_copied_to_scattered_room(struct kunit *test)
{
	const struct report_shape *shape = &report_shapes[4];
	struct tsmfd_report report = report_of(shape);
	char first[4], second[9];
	struct kvec vecs[] = {
		{ .iov_base = first, .iov_len = sizeof(first) },
		{ .iov_base = second, .iov_len = sizeof(second) },
	};
	struct iov_iter to;

	iov_iter_kvec(&to, ITER_DEST, vecs, ARRAY_SIZE(vecs),
		      sizeof(first) + sizeof(second));
	KUNIT_EXPECT_EQ(test, (ssize_t)13, tsmfd_report_copy(&report, 1, &to));
	KUNIT_EXPECT_MEMEQ(test, first, "bcde", sizeof(first));
	KUNIT_EXPECT_MEMEQ(test, second, "fghijklmn", sizeof(second));
}

static void test_there_is_nothing_far_behind_the_end(struct kunit *test)
{
	struct tsmfd_report report = report_of(&report_shapes[4]);
	char byte = '.';
	struct kvec vec = { .iov_base = &byte, .iov_len = 1 };
	struct iov_iter to;

	iov_iter_kvec(&to, ITER_DEST, &vec, 1, 1);
	KUNIT_EXPECT_EQ(test, (ssize_t)0,
			tsmfd_report_copy(&report, LLONG_MAX, &to));
	KUNIT_EXPECT_EQ(test, '.', byte);
}

static void test_a_copy_to_where_nothing_can_be_is_a_fault(struct kunit *test)
{
	struct tsmfd_report report = report_of(&report_shapes[4]);
	struct iov_iter to;

	iov_iter_ubuf(&to, ITER_DEST, (void __user *)8, 4);
	KUNIT_EXPECT_EQ(test, (ssize_t)-EFAULT,
			tsmfd_report_copy(&report, 0, &to));
}

static struct kunit_case request_cases[] = {
	KUNIT_CASE(test_an_empty_inblob_is_refused),
	KUNIT_CASE(test_options_of_another_provider_are_refused),
	KUNIT_CASE(test_a_request_keeps_the_options_of_its_making),
	KUNIT_CASE(test_an_unset_privlevel_becomes_the_floor),
	KUNIT_CASE(test_a_request_that_is_new_can_be_put),
	KUNIT_CASE(test_null_can_be_put),
	KUNIT_CASE(test_a_queued_request_that_is_put_is_cancelled),
	KUNIT_CASE(test_a_request_is_not_cancelled_before_all_put_it),
	KUNIT_CASE(test_the_last_of_its_callers_cancels_a_queued_request),
	KUNIT_CASE(test_a_flow_may_go_when_its_requests_are_put),
	KUNIT_CASE(test_a_running_request_keeps_its_flow_and_its_user),
	KUNIT_CASE(test_an_answer_outlives_its_flow_but_not_its_user),
	KUNIT_CASE(test_a_running_request_that_is_put_is_freed_at_last),
	KUNIT_CASE(test_a_running_request_that_is_put_keeps_nobody_waiting),
	KUNIT_CASE(test_a_report_lives_as_long_as_its_request),
	KUNIT_CASE(test_a_wait_can_time_out),
	KUNIT_CASE(test_a_request_goes_on_after_a_time_out),
	KUNIT_CASE(test_a_wait_ends_at_its_deadline),
	KUNIT_CASE(test_a_signal_ends_the_wait_of_who_may_see_it),
	KUNIT_CASE(test_a_signal_does_not_end_the_wait_of_who_may_not),
	KUNIT_CASE(test_a_wait_for_what_is_done_is_none),
	KUNIT_CASE(test_all_who_wait_are_answered),
	KUNIT_CASE(test_a_blob_has_the_length_asked_for),
	KUNIT_CASE(test_a_blob_without_memory_is_empty),
	KUNIT_CASE(test_a_request_without_memory_is_none),
	KUNIT_CASE_PARAM(test_a_report_is_as_long_as_its_blobs,
			 report_shape_gen_params),
	KUNIT_CASE_PARAM(test_any_piece_of_a_report_can_be_copied,
			 report_shape_gen_params),
	KUNIT_CASE(test_a_piece_can_be_copied_to_scattered_room),
	KUNIT_CASE(test_there_is_nothing_far_behind_the_end),
	KUNIT_CASE(test_a_copy_to_where_nothing_can_be_is_a_fault),
	{}
};

static struct kunit_suite request_suite = {
	.name		= "tsmfd_request",
	.test_cases	= request_cases,
};

kunit_test_suite(request_suite);

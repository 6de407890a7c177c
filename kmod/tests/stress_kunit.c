// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the queue under many callers at once.
 */
#include <kunit/test.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/prandom.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../core/batch.h"
#include "../core/stats.h"
#include "fake_provider.h"

enum {
	CALLERS		= 8,
	EACH		= 50,
	ROUNDS		= 25,
	CALL_US		= 100,
};

static_assert(CALLERS <= (int)FAKE_THREADS);
static_assert(CALLERS * EACH <= (int)FAKE_CALLS);

struct firmware {
	const char *desc;
	u32 max_inflight;
	bool brief;
	bool batched;
};

static const struct firmware firmwares[] = {
	{ "one call at once", 1, false, false },
	{ "one brief call at once", 1, true, false },
	{ "four calls at once", 4, false, false },
	{ "four brief calls at once", 4, true, false },
	{ "one call at once, batched", 1, false, true },
	{ "four brief calls at once, batched", 4, true, true },
};

KUNIT_ARRAY_PARAM_DESC(firmware, firmwares, desc);

/**
 * struct caller - a thread that submits requests
 * @fake: to whom
 * @flow: its own
 * @number: its own
 * @answered: requests that got their report
 * @refused: requests that failed with ENODEV
 * @wrong: anything else
 */
struct caller {
	struct fake_provider	*fake;
	struct tsmfd_flow	*flow;
	u32			number;
	unsigned int		answered;
	unsigned int		refused;
	unsigned int		wrong;
};

/* Of three users. */
static int init_flow(struct caller *caller)
{
	caller->flow = tsmfd_flow_new(&caller->fake->provider->users,
				      TSMFD_FACE_CHARDEV,
				      KUIDT_INIT(caller->number % 3));
	return PTR_ERR_OR_ZERO(caller->flow);
}

static void put_flow(void *arg)
{
	struct caller *caller = arg;

	tsmfd_flow_put(caller->flow);
}

static struct caller *make_callers(struct kunit *test,
				   struct fake_provider *fake)
{
	struct caller *callers;
	int i;

	callers = kunit_kcalloc(test, CALLERS, sizeof(*callers), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, callers);
	for (i = 0; i < CALLERS; i++) {
		callers[i].fake = fake;
		callers[i].number = i;
		KUNIT_ASSERT_EQ(test, 0, init_flow(&callers[i]));
		KUNIT_ASSERT_EQ(test, 0,
				kunit_add_action_or_reset(test, put_flow,
							  &callers[i]));
	}
	return callers;
}

static void run_callers(struct fake_provider *fake, struct caller *callers,
			int (*function)(void *caller))
{
	int i;

	for (i = 0; i < CALLERS; i++)
		fake_thread_run(fake, function, &callers[i]);
}

static struct fake_provider *stressed_fake(struct kunit *test)
{
	const struct firmware *firmware = test->param_value;
	struct fake_provider *fake = fake_new(test);

	fake->call_us = CALL_US;
	fake->ops.max_inflight = firmware->max_inflight;
	fake->brief = firmware->brief;
	fake_register(fake);
	if (firmware->batched) {
		if (!tsmfd_merkle_available())
			kunit_skip(test, "the kernel has no SHA-512");
		fake->options.given = TSMFD_OPT_BATCH;
	}
	return fake;
}

static struct tsmfd_request *submit(struct caller *caller, u32 id)
{
	struct tsmfd_options options = fake_options(id);
	struct tsmfd_request *request;

	options.given = caller->fake->options.given;
	request = tsmfd_request_new(&caller->fake->provider->queue,
				    caller->flow, &options);
	if (IS_ERR(request)) {
		caller->wrong++;
		return NULL;
	}
	tsmfd_queue_submit(request, true);
	return request;
}

static bool is_answer_to(const struct tsmfd_request *request, u32 id)
{
	const struct tsmfd_batch *batch = request->batch;

	if (!batch)
		return fake_report_id(&request->report) == id;
	return !memcmp(&batch->tree->nodes[request->leaf_index],
		       &request->leaf, sizeof(request->leaf));
}

static void judge(struct caller *caller, const struct tsmfd_request *request,
		  u32 id)
{
	if (request->error == -ENODEV)
		caller->refused++;
	else if (!request->error && is_answer_to(request, id))
		caller->answered++;
	else
		caller->wrong++;
}

static void ask(struct caller *caller, u32 id)
{
	struct tsmfd_request *request = submit(caller, id);

	if (!request)
		return;
	if (!fake_wait(request, FAKE_PATIENCE))
		judge(caller, request, id);
	else
		caller->wrong++;
	tsmfd_request_put(request);
}

static int ask_many(void *arg)
{
	struct caller *caller = arg;
	u32 i;

	for (i = 0; i < EACH; i++)
		ask(caller, caller->number * EACH + i);
	return 0;
}

static void expect_a_call_for_each(struct kunit *test,
				   struct fake_provider *fake)
{
	u8 *calls = kunit_kzalloc(test, CALLERS * EACH, GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, calls);
	KUNIT_ASSERT_EQ(test, (unsigned int)(CALLERS * EACH), fake->calls);
	for (i = 0; i < CALLERS * EACH; i++)
		calls[fake->log[i].id]++;
	for (i = 0; i < CALLERS * EACH; i++)
		KUNIT_EXPECT_EQ_MSG(test, 1, calls[i], "request %u", i);
}

static void test_every_request_is_answered_once(struct kunit *test)
{
	const struct firmware *firmware = test->param_value;
	struct fake_provider *fake = stressed_fake(test);
	struct caller *callers = make_callers(test, fake);
	struct fake_watch watches[CALLERS];
	int i;

	for (i = 0; i < CALLERS; i++)
		fake_watch(&watches[i], &callers[i].flow->wait);
	run_callers(fake, callers, ask_many);
	fake_join_threads(fake);
	for (i = 0; i < CALLERS; i++)
		fake_unwatch(&watches[i]);

	for (i = 0; i < CALLERS; i++) {
		KUNIT_EXPECT_EQ(test, (unsigned int)EACH, callers[i].answered);
		KUNIT_EXPECT_EQ(test, (unsigned int)EACH, watches[i].wakeups);
	}
	KUNIT_EXPECT_LE(test, fake->most_running, firmware->max_inflight);
	if (!firmware->batched)
		expect_a_call_for_each(test, fake);
}

static int ask_until_refused(void *arg)
{
	struct caller *caller = arg;

	while (!caller->refused && !caller->wrong)
		ask(caller, caller->number);
	return 0;
}

static void test_a_provider_can_leave_under_load(struct kunit *test)
{
	struct fake_provider *fake = stressed_fake(test);
	struct caller *callers = make_callers(test, fake);
	unsigned int answered = 0;
	int i;

	run_callers(fake, callers, ask_until_refused);
	for (i = 0; i < ROUNDS; i++)
		fake_await_call(fake);
	fake_unregister(fake);
	fake_join_threads(fake);

	for (i = 0; i < CALLERS; i++) {
		KUNIT_EXPECT_EQ(test, 1u, callers[i].refused);
		KUNIT_EXPECT_EQ(test, 0u, callers[i].wrong);
		answered += callers[i].answered;
	}
	if (!fake->options.given)
		KUNIT_EXPECT_EQ(test, fake->calls, answered);
	KUNIT_EXPECT_EQ(test, 0u, fake->late_calls);
}

/*
 * Two requests at once, put before, while or after they are run, and then the
 * flow too is gone.
 */
static int ask_and_abandon(void *arg)
{
	struct caller *caller = arg;
	struct tsmfd_flow *kept = caller->flow;
	struct tsmfd_request *first, *second;
	struct rnd_state random;
	u32 i;

	prandom_seed_state(&random, caller->number);
	for (i = 0; i < ROUNDS; i++) {
		if (init_flow(caller)) {
			caller->wrong++;
			break;
		}
		first = submit(caller, 0);
		second = submit(caller, 1);
		if (second && prandom_u32_state(&random) % 2)
			fake_wait(second, prandom_u32_state(&random) % 3);
		if (first && tsmfd_request_done(first))
			judge(caller, first, 0);
		/* The flow may go first: its requests hold it. */
		put_flow(caller);
		tsmfd_request_put(first);
		tsmfd_request_put(second);
	}
	caller->flow = kept;
	return 0;
}

static void expect_all_is_counted(struct kunit *test,
				  struct fake_provider *fake)
{
	struct tsmfd_face_stats sum = fake_stats(fake);
	u64 answered = 0;
	int i;

	KUNIT_EXPECT_EQ(test, 2ull * CALLERS * ROUNDS, sum.requests);
	KUNIT_EXPECT_EQ(test, sum.requests,
			sum.reports + sum.failures + sum.cancelled);
	for (i = 0; i < TSMFD_LATENCY_BUCKETS; i++)
		answered += sum.latency[i];
	KUNIT_EXPECT_EQ(test, sum.reports + sum.failures, answered);
}

static void test_a_caller_can_leave_at_any_moment(struct kunit *test)
{
	const struct firmware *firmware = test->param_value;
	struct fake_provider *fake = stressed_fake(test);
	struct caller *callers = make_callers(test, fake);
	int i;

	run_callers(fake, callers, ask_and_abandon);
	fake_join_threads(fake);
	fake_unregister(fake);

	for (i = 0; i < CALLERS; i++) {
		KUNIT_EXPECT_EQ(test, 0u, callers[i].refused);
		KUNIT_EXPECT_EQ(test, 0u, callers[i].wrong);
	}
	KUNIT_EXPECT_EQ(test, 0u, fake->running);
	KUNIT_EXPECT_EQ(test, 0u, fake_queued(fake));
	KUNIT_EXPECT_LE(test, fake->most_running, firmware->max_inflight);
	expect_all_is_counted(test, fake);
}

#define slow	((struct kunit_attributes){ .speed = KUNIT_SPEED_SLOW })

static struct kunit_case stress_cases[] = {
	KUNIT_CASE_PARAM_ATTR(test_every_request_is_answered_once,
			      firmware_gen_params, slow),
	KUNIT_CASE_PARAM_ATTR(test_a_provider_can_leave_under_load,
			      firmware_gen_params, slow),
	KUNIT_CASE_PARAM_ATTR(test_a_caller_can_leave_at_any_moment,
			      firmware_gen_params, slow),
	{}
};

static struct kunit_suite stress_suite = {
	.name		= "tsmfd_stress",
	.test_cases	= stress_cases,
};

kunit_test_suite(stress_suite);

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of users: they take turns, have quotas, and may ask for so much.
 */
#include <kunit/test.h>
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/xarray.h>

#include "../core/merkle.h"
#include "fake_provider.h"

struct turns {
	const char *desc;
	const char *users;
	const char *submitted;
	const char *served;
};

/* A letter is a request; which letter, its flow; below it in @users, its user. */
static const struct turns turns_cases[] = {
	{ "a user with two files and one with one",
	  "112", "AAABBBC", "ACBABAB" },
	{ "a flood of two files and a polite one that comes last",
	  "112", "AAAAABBBBBC", "ACBABABABAB" },
	{ "a user alone", "111", "AABBCC", "ABCABC" },
	{ "three users", "123", "AAABBC", "ABCABA" },
	{ "a polite one with two requests", "112", "AAABBCC", "ACBCABA" },
};

KUNIT_ARRAY_PARAM_DESC(turns, turns_cases, desc);

static void test_users_take_turns(struct kunit *test)
{
	const struct turns *turns = test->param_value;
	size_t len = strlen(turns->submitted), i;
	struct fake_provider *fake = fake_new(test);

	fake->gated = true;
	for (i = 0; turns->users[i]; i++)
		fake->uids[i] = KUIDT_INIT(turns->users[i]);
	fake_register(fake);
	/* Of a user of its own, for the others to wait behind. */
	fake_submit(fake, fake->flows[FAKE_FLOWS - 1], 0);
	fake_await_call(fake);
	for (i = 0; i < len; i++)
		fake_submit(fake, fake->flows[turns->submitted[i] - 'A'],
			    i + 1);
	fake_open_gate(fake);
	for (i = 0; i < len; i++)
		fake_await_answer(fake, i + 1);

	for (i = 0; i < len; i++) {
		u32 id = fake->log[i + 1].id;

		KUNIT_EXPECT_EQ_MSG(test, turns->served[i],
				    turns->submitted[id - 1], "call %zu", i);
	}
}

static void test_who_comes_back_goes_before_who_was_served_since(struct kunit *test)
{
	struct fake_provider *fake = fake_new(test);
	u32 id;

	fake->gated = true;
	fake->uids[1] = KUIDT_INIT(1);
	fake_register(fake);
	/* A flood, and one whose turn comes between two of its requests. */
	for (id = 0; id < 4; id++)
		fake_submit(fake, fake->flows[0], id);
	fake_await_call(fake);
	fake_submit(fake, fake->flows[1], 4);
	fake_let_through(fake, 3);
	fake_await_answer(fake, 4);
	/* The flood's next is under way: no other is to come between. */
	for (id = 0; id < 3; id++)
		fake_await_call(fake);
	fake_submit(fake, fake->flows[1], 5);
	fake_open_gate(fake);
	for (id = 0; id < 6; id++)
		fake_await_answer(fake, id);

	/* As nothing is known of him at first, he loses a turn. */
	KUNIT_EXPECT_EQ(test, 1u, fake->log[1].id);
	KUNIT_EXPECT_EQ(test, 4u, fake->log[2].id);
	KUNIT_EXPECT_EQ(test, 2u, fake->log[3].id);
	KUNIT_EXPECT_EQ(test, 5u, fake->log[4].id);
	KUNIT_EXPECT_EQ(test, 3u, fake->log[5].id);
}

static void test_who_pauses_saves_no_turns(struct kunit *test)
{
	struct fake_provider *fake = fake_new(test);
	u32 id;

	fake->gated = true;
	fake->uids[1] = KUIDT_INIT(1);
	fake_register(fake);
	/* He has a turn, and pauses while a flood has ten. */
	fake_submit(fake, fake->flows[1], 0);
	fake_await_call(fake);
	for (id = 1; id <= 16; id++)
		fake_submit(fake, fake->flows[0], id);
	fake_let_through(fake, 10);
	for (id = 1; id <= 10; id++)
		fake_await_call(fake);
	for (id = 20; id <= 22; id++)
		fake_submit(fake, fake->flows[1], id);
	fake_open_gate(fake);
	for (id = 0; id <= 22; id++) {
		if (fake->requests[id])
			fake_await_answer(fake, id);
	}

	KUNIT_EXPECT_EQ(test, 10u, fake->log[10].id);
	KUNIT_EXPECT_EQ(test, 20u, fake->log[11].id);
	KUNIT_EXPECT_EQ(test, 11u, fake->log[12].id);
	KUNIT_EXPECT_EQ(test, 21u, fake->log[13].id);
	KUNIT_EXPECT_EQ(test, 12u, fake->log[14].id);
	KUNIT_EXPECT_EQ(test, 22u, fake->log[15].id);
}

enum {
	LOOPERS_MAX	= 4,
	FLOOD_ID	= 100,
	FLOOD_UID	= 100,
	LOOPED_CALLS	= 60,
	/* By then all of them are in the middle of their loops. */
	WARM_UP_CALLS	= 10,
};

/**
 * struct company - users who ask in loops, each when he has his answer
 * @desc: who they are
 * @flood: requests that one more user always has queued
 * @loopers: a letter for each: 'o' has an open file, 'r' opens one for each request
 *	and then closes it
 * @gap_max: how many calls there are from one of the first looper's to his next
 */
struct company {
	const char *desc;
	u32 flood;
	const char *loopers;
	u32 gap_max;
};

static const struct company companies[] = {
	{ "one alone", 0, "o", 1 },
	{ "one beside two who reopen", 0, "orr", 3 },
	{ "one beside three who reopen", 0, "orrr", 4 },
	{ "one beside two with open files", 0, "ooo", 3 },
	{ "one beside one of each", 0, "oro", 3 },
	{ "one who reopens, alone", 0, "r", 1 },
	{ "one who reopens beside one with an open file", 0, "ro", 2 },
	{ "one who reopens beside two with open files", 0, "roo", 3 },
	{ "one who reopens beside two who do", 0, "rrr", 3 },
	{ "one beside a flood", 20, "o", 2 },
	{ "one beside a flood and two who reopen", 20, "orr", 4 },
	/* He loses a turn, which is what keeps reopening from paying. */
	{ "one who reopens beside a flood", 20, "r", 3 },
};

KUNIT_ARRAY_PARAM_DESC(company, companies, desc);

static struct tsmfd_flow *open_for(struct fake_provider *fake, u32 uid)
{
	struct tsmfd_flow *flow;

	flow = tsmfd_flow_new(&fake->provider->users, TSMFD_FACE_CHARDEV,
			      KUIDT_INIT(uid));
	KUNIT_ASSERT_NOT_ERR_OR_NULL(fake->test, flow);
	return flow;
}

/* His request has the id that he has, and his flow is at that place. */
static void ask_again(struct fake_provider *fake, const struct company *company,
		      u32 id)
{
	bool is_of_flood = id >= FLOOD_ID;
	u32 place = is_of_flood ? LOOPERS_MAX - 1 : id;

	fake_put(fake, id);
	if (!is_of_flood && company->loopers[id] == 'r') {
		tsmfd_flow_put(fake->flows[place]);
		fake->flows[place] = NULL;
		fake->flows[place] = open_for(fake, id);
	}
	fake_submit(fake, fake->flows[place], id);
}

/* One call ends, and the next one begins; only then does who is served ask again. */
static void make_call(struct fake_provider *fake, const struct company *company)
{
	u32 served = fake->log[fake->calls - 1].id;
	bool is_alone = !fake_queued(fake);

	fake_let_through(fake, 1);
	fake_await_answer(fake, served);
	if (is_alone)
		fake_await_workers(fake);
	else
		fake_await_call(fake);
	ask_again(fake, company, served);
	if (is_alone)
		fake_await_call(fake);
}

static void test_each_user_gets_his_share(struct kunit *test)
{
	const struct company *company = test->param_value;
	struct fake_provider *fake = fake_new(test);
	u32 i, latest = 0, gap = 0;

	fake->gated = true;
	for (i = 0; i < LOOPERS_MAX; i++)
		fake->uids[i] = KUIDT_INIT(i);
	if (company->flood)
		fake->uids[LOOPERS_MAX - 1] = KUIDT_INIT(FLOOD_UID);
	fake_register(fake);
	for (i = 0; i < company->flood; i++)
		fake_submit(fake, fake->flows[LOOPERS_MAX - 1], FLOOD_ID + i);
	for (i = 0; company->loopers[i]; i++)
		fake_submit(fake, fake->flows[i], i);
	fake_await_call(fake);
	for (i = 0; i < LOOPED_CALLS; i++)
		make_call(fake, company);

	for (i = WARM_UP_CALLS; i < LOOPED_CALLS; i++) {
		if (fake->log[i].id)
			continue;
		if (latest)
			gap = max(gap, i - latest);
		latest = i;
	}
	KUNIT_EXPECT_GT(test, gap, 0u);
	KUNIT_EXPECT_LE(test, gap, company->gap_max);
}

static void restore_quota(void *arg)
{
	tsmfd_quota = *(struct tsmfd_quota *)arg;
}

/* Flows 0 and 1 are of one user, 2 of another; calls stay at the gate. */
static struct fake_provider *limited_fake(struct kunit *test)
{
	struct fake_provider *fake = fake_new(test);
	struct tsmfd_quota *before;

	before = kunit_kmalloc(test, sizeof(*before), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, before);
	*before = tsmfd_quota;
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, restore_quota,
							   before));
	fake->gated = true;
	fake->uids[0] = KUIDT_INIT(1);
	fake->uids[1] = KUIDT_INIT(1);
	fake->uids[2] = KUIDT_INIT(2);
	fake_register(fake);
	return fake;
}

/* What a request may come to, not being extended, and what an answer does. */
static unsigned long bytes_at_most(const struct fake_provider *fake)
{
	return sizeof(struct tsmfd_request) + fake->ops.outblob_max +
	       fake->ops.manifestblob_max;
}

static unsigned long bytes_of_answer(const struct fake_provider *fake)
{
	return sizeof(struct tsmfd_request) + fake->blob_len[0] +
	       fake->blob_len[1] + fake->blob_len[2];
}

static struct tsmfd_request *one_more(struct fake_provider *fake, int flow)
{
	struct tsmfd_options options = fake_options(99);

	options.format = fake->options.format;
	return tsmfd_request_new(&fake->provider->queue, fake->flows[flow],
				 &options);
}

/* As a task without CAP_SYS_ADMIN has it; tests have it. */
static const struct cred *drop_privilege(void)
{
	struct cred *cred = prepare_creds();

	if (!cred)
		return NULL;
	cap_lower(cred->cap_effective, CAP_SYS_ADMIN);
	return override_creds(cred);
}

static void regain_privilege(const struct cred *before)
{
	const struct cred *cred = current_cred();

	revert_creds(before);
	put_cred(cred);
}

static struct tsmfd_request *one_more_unprivileged(struct fake_provider *fake,
						   int flow)
{
	const struct cred *before = drop_privilege();
	struct tsmfd_request *request;

	KUNIT_ASSERT_NOT_NULL(fake->test, before);
	request = one_more(fake, flow);
	regain_privilege(before);
	return request;
}

static void expect_refused(struct fake_provider *fake, int flow)
{
	struct tsmfd_request *request = one_more_unprivileged(fake, flow);

	KUNIT_EXPECT_PTR_EQ(fake->test, ERR_PTR(-EDQUOT), request);
	if (!IS_ERR(request))
		tsmfd_request_put(request);
}

static void expect_let_in(struct fake_provider *fake, int flow)
{
	struct tsmfd_request *request = one_more_unprivileged(fake, flow);

	KUNIT_EXPECT_NOT_ERR_OR_NULL(fake->test, request);
	if (!IS_ERR(request))
		tsmfd_request_put(request);
}

/* Which has as many requests as it may: 0 runs, 1 and 2 are queued. */
static struct fake_provider *full_fake(struct kunit *test)
{
	struct fake_provider *fake = limited_fake(test);

	tsmfd_quota.requests = 3;
	fake_submit(fake, fake->flows[0], 0);
	fake_await_call(fake);
	fake_submit(fake, fake->flows[1], 1);
	fake_submit(fake, fake->flows[0], 2);
	return fake;
}

static void test_a_user_over_its_requests_is_refused(struct kunit *test)
{
	struct fake_provider *fake = full_fake(test);

	expect_refused(fake, 0);
	expect_refused(fake, 1);
	KUNIT_EXPECT_EQ(test, 2ll, atomic64_read(&fake->provider->users.refused));
}

static void test_a_user_over_its_bytes_is_refused(struct kunit *test)
{
	struct fake_provider *fake = limited_fake(test);

	fake_submit(fake, fake->flows[0], 0);
	tsmfd_quota.bytes = 2 * bytes_at_most(fake) - 1;
	expect_refused(fake, 0);
	tsmfd_quota.bytes = 2 * bytes_at_most(fake);
	expect_let_in(fake, 0);
}

static void test_an_extended_report_counts_for_more(struct kunit *test)
{
	struct fake_provider *fake = limited_fake(test);

	fake->options.format = TSMFD_FORMAT_EXTENDED;
	tsmfd_quota.bytes = bytes_at_most(fake) + fake->ops.auxblob_max - 1;
	expect_refused(fake, 0);
	tsmfd_quota.bytes = bytes_at_most(fake) + fake->ops.auxblob_max;
	expect_let_in(fake, 0);
}

static void test_another_user_is_not_refused(struct kunit *test)
{
	expect_let_in(full_fake(test), 2);
}

static void test_no_limit_refuses_nobody(struct kunit *test)
{
	struct fake_provider *fake = full_fake(test);

	tsmfd_quota.requests = 0;
	expect_let_in(fake, 0);
	tsmfd_quota.bytes = 0;
	expect_let_in(fake, 0);
}

static void test_who_has_the_privilege_is_not_refused(struct kunit *test)
{
	struct fake_provider *fake = full_fake(test);
	struct tsmfd_request *request = one_more(fake, 0);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, request);
	tsmfd_request_put(request);
	KUNIT_EXPECT_EQ(test, 0ll, atomic64_read(&fake->provider->users.refused));
}

static void test_who_has_the_privilege_is_counted(struct kunit *test)
{
	struct fake_provider *fake = full_fake(test);
	struct tsmfd_request *request = one_more(fake, 0);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, request);
	/* Without it there would now be room. */
	fake_put(fake, 1);
	expect_refused(fake, 0);
	tsmfd_request_put(request);
	expect_let_in(fake, 0);
}

static void test_an_answer_that_nobody_reads_counts(struct kunit *test)
{
	struct fake_provider *fake = full_fake(test);
	u32 id;

	fake_open_gate(fake);
	for (id = 0; id < 3; id++)
		fake_await_answer(fake, id);
	fake_await_workers(fake);
	expect_refused(fake, 0);
	fake_put(fake, 1);
	expect_let_in(fake, 0);
}

static void test_an_answer_counts_for_what_it_comes_to(struct kunit *test)
{
	struct fake_provider *fake = limited_fake(test);

	fake->blob_len[0] = 1000;
	fake->blob_len[1] = 200;
	fake->blob_len[2] = 30;
	fake->options.format = TSMFD_FORMAT_EXTENDED;
	fake_submit(fake, fake->flows[0], 0);
	fake_open_gate(fake);
	fake_await_answer(fake, 0);
	fake->options.format = TSMFD_FORMAT_DEFAULT;
	tsmfd_quota.bytes = bytes_of_answer(fake) + bytes_at_most(fake) - 1;
	expect_refused(fake, 0);
	tsmfd_quota.bytes++;
	expect_let_in(fake, 0);
}

static void test_a_failure_counts_for_no_report(struct kunit *test)
{
	struct fake_provider *fake = limited_fake(test);

	fake->error = -EIO;
	fake_submit(fake, fake->flows[0], 0);
	fake_open_gate(fake);
	fake_await_answer(fake, 0);
	tsmfd_quota.bytes = sizeof(struct tsmfd_request) +
			    bytes_at_most(fake) - 1;
	expect_refused(fake, 0);
	tsmfd_quota.bytes++;
	expect_let_in(fake, 0);
}

static void test_giving_up_what_is_queued_makes_room(struct kunit *test)
{
	struct fake_provider *fake = full_fake(test);

	fake_put(fake, 1);
	expect_let_in(fake, 0);
}

/* The firmware is still at it, and its report will need memory. */
static void test_giving_up_what_runs_makes_no_room_until_it_is_freed(struct kunit *test)
{
	struct fake_provider *fake = full_fake(test);

	fake_put(fake, 0);
	expect_refused(fake, 0);
	fake_let_through(fake, 1);
	/* The next one's, made by the same worker. */
	fake_await_call(fake);
	expect_let_in(fake, 0);
}

static void test_all_is_given_back(struct kunit *test)
{
	struct fake_provider *fake = full_fake(test);
	struct tsmfd_user *user = fake->flows[0]->user;

	fake_put(fake, 1);
	fake_put(fake, 0);
	fake_open_gate(fake);
	fake_await_answer(fake, 2);
	fake_put(fake, 2);
	fake_await_workers(fake);
	KUNIT_EXPECT_EQ(test, 0ll, atomic64_read(&user->held));
	/* A refusal takes nothing. */
	tsmfd_quota.bytes = 1;
	expect_refused(fake, 0);
	KUNIT_EXPECT_EQ(test, 0ll, atomic64_read(&user->held));
}

static void test_who_was_refused_is_woken_once_when_something_is_freed(struct kunit *test)
{
	struct fake_provider *fake = full_fake(test);
	struct fake_watch mine, other;

	fake_watch(&mine, &fake->flows[0]->user->wait);
	fake_watch(&other, &fake->flows[2]->user->wait);
	expect_refused(fake, 0);
	KUNIT_EXPECT_EQ(test, 0u, mine.wakeups);
	fake_put(fake, 1);
	KUNIT_EXPECT_EQ(test, 1u, mine.wakeups);
	fake_put(fake, 2);
	fake_unwatch(&mine);
	fake_unwatch(&other);

	KUNIT_EXPECT_EQ(test, 1u, mine.wakeups);
	/* For pollers of whatever event. */
	KUNIT_EXPECT_EQ(test, 0u, (__force u32)mine.key);
	KUNIT_EXPECT_EQ(test, 0u, other.wakeups);
}

static void test_who_was_refused_again_is_woken_again(struct kunit *test)
{
	struct fake_provider *fake = full_fake(test);
	struct fake_watch watch;

	tsmfd_quota.requests = 1;
	fake_watch(&watch, &fake->flows[0]->user->wait);
	expect_refused(fake, 0);
	fake_put(fake, 1);
	expect_refused(fake, 0);
	fake_put(fake, 2);
	fake_unwatch(&watch);
	KUNIT_EXPECT_EQ(test, 2u, watch.wakeups);
}

static void test_nobody_is_woken_who_was_not_refused(struct kunit *test)
{
	struct fake_provider *fake = full_fake(test);
	struct tsmfd_request *request;
	struct fake_watch watch;

	fake_watch(&watch, &fake->flows[0]->user->wait);
	/* Over the quota, but let in. */
	request = one_more(fake, 0);
	KUNIT_EXPECT_NOT_ERR_OR_NULL(test, request);
	if (!IS_ERR_OR_NULL(request))
		tsmfd_request_put(request);
	fake_put(fake, 1);
	fake_open_gate(fake);
	fake_await_answer(fake, 2);
	fake_put(fake, 0);
	fake_put(fake, 2);
	fake_await_workers(fake);
	fake_unwatch(&watch);
	KUNIT_EXPECT_EQ(test, 0u, watch.wakeups);
}

/* It was charged with the longest that might come. */
static void test_an_answer_that_is_shorter_wakes_who_was_refused(struct kunit *test)
{
	struct fake_provider *fake = limited_fake(test);
	struct fake_watch watch;

	tsmfd_quota.bytes = bytes_at_most(fake) + bytes_of_answer(fake);
	fake_submit(fake, fake->flows[0], 0);
	fake_await_call(fake);
	fake_watch(&watch, &fake->flows[0]->user->wait);
	expect_refused(fake, 0);
	fake_open_gate(fake);
	fake_await_answer(fake, 0);
	fake_unwatch(&watch);
	KUNIT_EXPECT_EQ(test, 1u, watch.wakeups);
	expect_let_in(fake, 0);
}

enum { TRIES = 3000 };

/**
 * struct trier - asks again and again without the privilege, and puts at once
 * @fake: whom
 * @format: for what
 * @let_in: how often there was a request
 * @refused: how often he was over the quota
 */
struct trier {
	struct fake_provider	*fake;
	enum tsmfd_format	format;
	unsigned int		let_in;
	unsigned int		refused;
};

static int try_often(void *arg)
{
	const struct cred *before = drop_privilege();
	struct tsmfd_options options = fake_options(1);
	struct trier *trier = arg;
	struct tsmfd_request *request;
	unsigned int i;

	if (!before)
		return -ENOMEM;
	options.format = trier->format;
	for (i = 0; i < TRIES; i++) {
		request = tsmfd_request_new(&trier->fake->provider->queue,
					    trier->fake->flows[0], &options);
		if (request == ERR_PTR(-EDQUOT))
			trier->refused++;
		if (!IS_ERR(request)) {
			trier->let_in++;
			tsmfd_request_put(request);
		}
		cond_resched();
	}
	regain_privilege(before);
	return 0;
}

/* One that never fits, beside one that always does. */
static void test_what_is_refused_takes_no_room_meanwhile(struct kunit *test)
{
	struct fake_provider *fake = limited_fake(test);
	struct trier *small, *large;

	small = kunit_kzalloc(test, sizeof(*small), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, small);
	large = kunit_kzalloc(test, sizeof(*large), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, large);
	tsmfd_quota.bytes = bytes_at_most(fake);
	*small = (struct trier) { fake, TSMFD_FORMAT_DEFAULT };
	*large = (struct trier) { fake, TSMFD_FORMAT_EXTENDED };
	fake_thread_run(fake, try_often, small);
	fake_thread_run(fake, try_often, large);
	fake_join_threads(fake);

	KUNIT_EXPECT_EQ(test, (unsigned int)TRIES, large->refused);
	KUNIT_EXPECT_EQ(test, 0u, small->refused);
	KUNIT_EXPECT_EQ(test, (unsigned int)TRIES, small->let_in);
}

static void test_flows_of_a_user_share_it(struct kunit *test)
{
	struct fake_provider *fake = limited_fake(test);

	KUNIT_EXPECT_PTR_EQ(test, fake->flows[0]->user, fake->flows[1]->user);
	KUNIT_EXPECT_PTR_NE(test, fake->flows[0]->user, fake->flows[2]->user);
	KUNIT_EXPECT_EQ(test, 2u, refcount_read(&fake->flows[0]->user->refs));
}

static void test_a_user_is_forgotten_with_his_last_flow(struct kunit *test)
{
	struct fake_provider *fake = limited_fake(test);
	struct xarray *by_uid = &fake->provider->users.by_uid;

	KUNIT_EXPECT_PTR_EQ(test, (void *)fake->flows[0]->user,
			    xa_load(by_uid, 1));
	tsmfd_flow_put(fake->flows[0]);
	fake->flows[0] = NULL;
	KUNIT_EXPECT_NOT_NULL(test, xa_load(by_uid, 1));
	tsmfd_flow_put(fake->flows[1]);
	fake->flows[1] = NULL;
	KUNIT_EXPECT_NULL(test, xa_load(by_uid, 1));
	KUNIT_EXPECT_NOT_NULL(test, xa_load(by_uid, 2));
}

static void test_a_flow_can_fail_at_any_allocation(struct kunit *test)
{
	struct fake_provider *fake = limited_fake(test);
	struct xarray *by_uid = &fake->provider->users.by_uid;
	unsigned int nth, failures = 0;
	struct tsmfd_flow *flow;

	fake_need_failslab(test);
	for (nth = 1; nth < 20; nth++) {
		fake_fail_allocation(nth);
		/* Far from all others, so that there is no place for him yet. */
		flow = tsmfd_flow_new(&fake->provider->users,
				      TSMFD_FACE_CHARDEV, KUIDT_INIT(1000000));
		if (!fake_has_failed_allocation())
			break;
		if (!IS_ERR(flow)) {
			tsmfd_flow_put(flow);
			continue;
		}
		failures++;
		KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-ENOMEM), flow);
		KUNIT_EXPECT_NULL(test, xa_load(by_uid, 1000000));
	}
	/* The flow and the user at least; kmemleak's own are no failures. */
	KUNIT_EXPECT_GE(test, failures, 2u);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, flow);
	tsmfd_flow_put(flow);
}

static struct tsmfd_request *of_privlevel(struct fake_provider *fake, u32 level,
					  bool given)
{
	struct tsmfd_options options = fake_options(1);

	options.privlevel = level;
	options.given = given ? TSMFD_OPT_PRIVLEVEL : 0;
	return tsmfd_request_new(&fake->provider->queue, fake->flows[0],
				 &options);
}

static void test_a_privlevel_below_the_openers_is_refused(struct kunit *test)
{
	struct fake_provider *fake = limited_fake(test);
	struct tsmfd_request *request;

	fake->flows[0]->privlevel_floor = 2;
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EPERM),
			    of_privlevel(fake, 0, true));
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EPERM),
			    of_privlevel(fake, 1, true));
	request = of_privlevel(fake, 2, true);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, request);
	tsmfd_request_put(request);
	KUNIT_EXPECT_EQ(test, 0ll,
			atomic64_read(&fake->flows[0]->user->held));
}

struct level {
	const char *desc;
	u32 floor;	/* the opener's */
	u32 asked;	/* above TSMFD_PRIVLEVEL_MAX: none */
	int error;
	u32 used;
};

enum { NOT_ASKED = TSMFD_PRIVLEVEL_MAX + 1 };

/* At a provider that has 1 and 2. */
static const struct level levels[] = {
	{ "none, of who may have all", 1, NOT_ASKED, 0, 1 },
	{ "none, of who may have some", 2, NOT_ASKED, 0, 2 },
	{ "none, of who may have none", 3, NOT_ASKED, -EPERM },
	{ "the highest, of who may have all", 1, 2, 0, 2 },
	{ "the highest, of who may have none", 3, 2, -EPERM },
	{ "the lowest, of who may have some", 2, 1, -EPERM },
	{ "what the provider does not have", 3, 3, -EINVAL },
	{ "below the provider's, of who may have all", 1, 0, -EINVAL },
};

KUNIT_ARRAY_PARAM_DESC(level, levels, desc);

static void test_a_privlevel_is_the_openers_and_the_providers(struct kunit *test)
{
	const struct level *level = test->param_value;
	struct fake_provider *fake = fake_new(test);
	struct tsmfd_request *request;

	fake->ops.privlevel_floor = 1;
	fake->ops.privlevel_max = 2;
	fake_register(fake);
	fake->flows[0]->privlevel_floor = level->floor;
	request = of_privlevel(fake, level->asked % NOT_ASKED,
			       level->asked != NOT_ASKED);
	if (level->error) {
		KUNIT_ASSERT_PTR_EQ(test, ERR_PTR(level->error), request);
		return;
	}
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, request);
	fake->requests[1] = request;
	KUNIT_EXPECT_EQ(test, level->used, request->options.privlevel);
	/* As the provider is asked, too. */
	tsmfd_queue_submit(request, false);
	fake_await_answer(fake, 1);
	KUNIT_EXPECT_EQ(test, level->used, fake->seen.privlevel);
}

static void test_a_batch_uses_the_openers_privlevel(struct kunit *test)
{
	struct fake_provider *fake = fake_new(test);
	struct tsmfd_options leaf_options;
	struct tsmfd_hash leaf;

	fake_register(fake);
	if (!(fake->provider->info.features & TSMFD_FEATURE_BATCH))
		kunit_skip(test, "the kernel has no SHA-512");

	fake->flows[0]->privlevel_floor = 2;
	fake->options.given = TSMFD_OPT_BATCH;
	fake_submit(fake, fake->flows[0], 1);
	fake_await_answer(fake, 1);
	KUNIT_EXPECT_EQ(test, 0, fake->requests[1]->error);
	KUNIT_EXPECT_EQ(test, 2u, fake->seen.privlevel);
	/* And the leaf binds it. */
	leaf_options = fake_options(1);
	leaf_options.privlevel = 2;
	KUNIT_ASSERT_EQ(test, 0, tsmfd_merkle_leaf(&leaf_options, &leaf));
	KUNIT_EXPECT_MEMEQ(test, &leaf, &fake->requests[1]->leaf, sizeof(leaf));
}

static struct kunit_case user_cases[] = {
	KUNIT_CASE_PARAM(test_users_take_turns, turns_gen_params),
	KUNIT_CASE(test_who_comes_back_goes_before_who_was_served_since),
	KUNIT_CASE(test_who_pauses_saves_no_turns),
	KUNIT_CASE_PARAM(test_each_user_gets_his_share, company_gen_params),
	KUNIT_CASE(test_a_user_over_its_requests_is_refused),
	KUNIT_CASE(test_a_user_over_its_bytes_is_refused),
	KUNIT_CASE(test_an_extended_report_counts_for_more),
	KUNIT_CASE(test_another_user_is_not_refused),
	KUNIT_CASE(test_no_limit_refuses_nobody),
	KUNIT_CASE(test_who_has_the_privilege_is_not_refused),
	KUNIT_CASE(test_who_has_the_privilege_is_counted),
	KUNIT_CASE(test_an_answer_that_nobody_reads_counts),
	KUNIT_CASE(test_an_answer_counts_for_what_it_comes_to),
	KUNIT_CASE(test_a_failure_counts_for_no_report),
	KUNIT_CASE(test_giving_up_what_is_queued_makes_room),
	KUNIT_CASE(test_giving_up_what_runs_makes_no_room_until_it_is_freed),
	KUNIT_CASE(test_all_is_given_back),
	KUNIT_CASE(test_who_was_refused_is_woken_once_when_something_is_freed),
	KUNIT_CASE(test_who_was_refused_again_is_woken_again),
	KUNIT_CASE(test_nobody_is_woken_who_was_not_refused),
	KUNIT_CASE(test_an_answer_that_is_shorter_wakes_who_was_refused),
	KUNIT_CASE(test_what_is_refused_takes_no_room_meanwhile),
	KUNIT_CASE(test_flows_of_a_user_share_it),
	KUNIT_CASE(test_a_user_is_forgotten_with_his_last_flow),
	KUNIT_CASE(test_a_flow_can_fail_at_any_allocation),
	KUNIT_CASE(test_a_privlevel_below_the_openers_is_refused),
	KUNIT_CASE_PARAM(test_a_privlevel_is_the_openers_and_the_providers,
			 level_gen_params),
	KUNIT_CASE(test_a_batch_uses_the_openers_privlevel),
	{}
};

static struct kunit_suite user_suite = {
	.name		= "tsmfd_user",
	.test_cases	= user_cases,
};

kunit_test_suite(user_suite);

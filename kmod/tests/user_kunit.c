// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of users: they take turns, have quotas, and may ask for so much.
 */
#include <kunit/test.h>
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/err.h>

#include "../core/user.h"
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
	fake_submit(fake, &fake->flows[FAKE_FLOWS - 1], 0);
	fake_await_call(fake);
	for (i = 0; i < len; i++)
		fake_submit(fake, &fake->flows[turns->submitted[i] - 'A'],
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
		fake_submit(fake, &fake->flows[0], id);
	fake_await_call(fake);
	fake_submit(fake, &fake->flows[1], 4);
	fake_let_through(fake, 2);
	fake_await_answer(fake, 4);
	/* The flood's next is under way: no other is to come between. */
	fake_await_call(fake);
	fake_await_call(fake);
	fake_submit(fake, &fake->flows[1], 5);
	fake_open_gate(fake);
	for (id = 0; id < 6; id++)
		fake_await_answer(fake, id);

	KUNIT_EXPECT_EQ(test, 4u, fake->log[1].id);
	KUNIT_EXPECT_EQ(test, 1u, fake->log[2].id);
	KUNIT_EXPECT_EQ(test, 5u, fake->log[3].id);
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

static struct tsmfd_request *one_more(struct fake_provider *fake, int flow)
{
	struct tsmfd_options options = fake_options(99);

	return tsmfd_request_new(fake->provider, &fake->flows[flow], &options);
}

/* As a task without CAP_SYS_ADMIN has it; tests have it. */
static struct tsmfd_request *one_more_unprivileged(struct fake_provider *fake,
						   int flow)
{
	struct cred *cred = prepare_creds();
	struct tsmfd_request *request;
	const struct cred *before;

	KUNIT_ASSERT_NOT_NULL(fake->test, cred);
	cap_lower(cred->cap_effective, CAP_SYS_ADMIN);
	before = override_creds(cred);
	request = one_more(fake, flow);
	revert_creds(before);
	put_cred(cred);
	return request;
}

static void expect_refused(struct fake_provider *fake, int flow)
{
	KUNIT_EXPECT_PTR_EQ(fake->test, ERR_PTR(-EDQUOT),
			    one_more_unprivileged(fake, flow));
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
	fake_submit(fake, &fake->flows[0], 0);
	fake_await_call(fake);
	fake_submit(fake, &fake->flows[1], 1);
	fake_submit(fake, &fake->flows[0], 2);
	return fake;
}

static void test_a_user_over_its_requests_is_refused(struct kunit *test)
{
	struct fake_provider *fake = full_fake(test);

	expect_refused(fake, 0);
	expect_refused(fake, 1);
	KUNIT_EXPECT_EQ(test, 2ll,
			atomic64_read(&fake->provider->queue.refused));
}

static long bytes_in_flight(const struct tsmfd_user *user)
{
	return tsmfd_quota_bytes(atomic64_read(&user->in_flight));
}

static void test_a_user_over_its_bytes_is_refused(struct kunit *test)
{
	struct fake_provider *fake = limited_fake(test);

	fake_submit(fake, &fake->flows[0], 0);
	tsmfd_quota.bytes = bytes_in_flight(fake->flows[0].user);
	expect_refused(fake, 0);
	tsmfd_quota.bytes *= 2;
	expect_let_in(fake, 0);
}

static void test_an_extended_report_counts_for_more(struct kunit *test)
{
	struct fake_provider *fake = limited_fake(test);
	struct tsmfd_user *user = fake->flows[0].user;
	long plain;

	fake_submit(fake, &fake->flows[0], 0);
	plain = bytes_in_flight(user);
	fake->options.format = TSMFD_FORMAT_EXTENDED;
	fake_submit(fake, &fake->flows[0], 1);
	KUNIT_EXPECT_EQ(test, 2 * plain + fake->ops.auxblob_max,
			bytes_in_flight(user));
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
}

static void test_who_has_the_privilege_is_not_refused(struct kunit *test)
{
	struct fake_provider *fake = limited_fake(test);
	struct tsmfd_request *request;

	tsmfd_quota.requests = 1;
	fake_submit(fake, &fake->flows[0], 0);
	request = one_more(fake, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, request);
	tsmfd_request_put(request);
}

static void test_an_answer_makes_room(struct kunit *test)
{
	struct fake_provider *fake = full_fake(test);

	fake_let_through(fake, 1);
	fake_await_answer(fake, 0);
	expect_let_in(fake, 0);
}

static void test_giving_up_what_is_queued_makes_room(struct kunit *test)
{
	struct fake_provider *fake = full_fake(test);

	fake_put(fake, 1);
	expect_let_in(fake, 0);
}

static void test_giving_up_what_runs_makes_room(struct kunit *test)
{
	struct fake_provider *fake = full_fake(test);

	fake_put(fake, 0);
	expect_let_in(fake, 0);
}

static void test_all_is_given_back(struct kunit *test)
{
	struct fake_provider *fake = full_fake(test);
	struct tsmfd_user *user = fake->flows[0].user;

	fake_put(fake, 1);
	fake_put(fake, 0);
	fake_open_gate(fake);
	fake_await_answer(fake, 2);
	fake_put(fake, 2);
	expect_let_in(fake, 0);
	KUNIT_EXPECT_EQ(test, 0ll, atomic64_read(&user->in_flight));
}

static void test_flows_of_a_user_share_it(struct kunit *test)
{
	struct fake_provider *fake = limited_fake(test);

	KUNIT_EXPECT_PTR_EQ(test, fake->flows[0].user, fake->flows[1].user);
	KUNIT_EXPECT_PTR_NE(test, fake->flows[0].user, fake->flows[2].user);
	KUNIT_EXPECT_EQ(test, 2u, refcount_read(&fake->flows[0].user->refs));
}

static struct tsmfd_request *of_privlevel(struct fake_provider *fake, u32 level,
					  bool given)
{
	struct tsmfd_options options = fake_options(1);

	options.privlevel = level;
	options.given = given ? TSMFD_OPT_PRIVLEVEL : 0;
	return tsmfd_request_new(fake->provider, &fake->flows[0], &options);
}

static void test_a_privlevel_below_the_openers_is_refused(struct kunit *test)
{
	struct fake_provider *fake = limited_fake(test);
	struct tsmfd_request *request;

	fake->flows[0].privlevel_floor = 2;
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EPERM),
			    of_privlevel(fake, 0, true));
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EPERM),
			    of_privlevel(fake, 1, true));
	request = of_privlevel(fake, 2, true);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, request);
	tsmfd_request_put(request);
}

static void test_without_a_privlevel_it_is_the_openers(struct kunit *test)
{
	struct fake_provider *fake = limited_fake(test);
	struct tsmfd_request *request;

	fake->flows[0].privlevel_floor = 2;
	request = of_privlevel(fake, 0, false);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, request);
	KUNIT_EXPECT_EQ(test, 2u, request->options.privlevel);
	tsmfd_request_put(request);
}

static struct kunit_case user_cases[] = {
	KUNIT_CASE_PARAM(test_users_take_turns, turns_gen_params),
	KUNIT_CASE(test_who_comes_back_goes_before_who_was_served_since),
	KUNIT_CASE(test_a_user_over_its_requests_is_refused),
	KUNIT_CASE(test_a_user_over_its_bytes_is_refused),
	KUNIT_CASE(test_an_extended_report_counts_for_more),
	KUNIT_CASE(test_another_user_is_not_refused),
	KUNIT_CASE(test_no_limit_refuses_nobody),
	KUNIT_CASE(test_who_has_the_privilege_is_not_refused),
	KUNIT_CASE(test_an_answer_makes_room),
	KUNIT_CASE(test_giving_up_what_is_queued_makes_room),
	KUNIT_CASE(test_giving_up_what_runs_makes_room),
	KUNIT_CASE(test_all_is_given_back),
	KUNIT_CASE(test_flows_of_a_user_share_it),
	KUNIT_CASE(test_a_privlevel_below_the_openers_is_refused),
	KUNIT_CASE(test_without_a_privlevel_it_is_the_openers),
	{}
};

static struct kunit_suite user_suite = {
	.name		= "tsmfd_user",
	.test_cases	= user_cases,
};

kunit_test_suite(user_suite);

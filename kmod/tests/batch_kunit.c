// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of batches: who shares a call, what it is for, and what each gets.
 */
#include <kunit/test.h>
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/uio.h>

#include "../core/batch.h"
#include "fake_provider.h"

/*
 * A provider whose only call, request 0's, is under way and at the gate. All
 * requests from then on may be batched.
 */
static struct fake_provider *busy_fake(struct kunit *test)
{
	struct fake_provider *fake = fake_new(test);

	fake_start_for_batch(fake);
	return fake;
}

static void answer_up_to(struct fake_provider *fake, u32 last)
{
	u32 id;

	fake_open_gate(fake);
	for (id = 0; id <= last; id++) {
		if (fake->requests[id])
			fake_await_answer(fake, id);
	}
}

static struct tsmfd_queue_counts counts_of(struct fake_provider *fake)
{
	struct tsmfd_queue_counts counts;

	tsmfd_queue_count(&fake->provider->queue, &counts);
	return counts;
}

static void test_requests_that_wait_share_a_call(struct kunit *test)
{
	struct fake_provider *fake = busy_fake(test);
	struct tsmfd_request **requests = fake->requests;
	u32 id;

	fake_submit(fake, fake->flows[1], 1);
	fake_submit(fake, fake->flows[1], 2);
	fake_submit(fake, fake->flows[2], 3);
	answer_up_to(fake, 3);

	KUNIT_EXPECT_EQ(test, 2u, fake->calls);
	KUNIT_ASSERT_NOT_NULL(test, requests[1]->batch);
	KUNIT_EXPECT_EQ(test, 3u, requests[1]->batch->tree->leaves);
	for (id = 1; id <= 3; id++) {
		KUNIT_EXPECT_EQ(test, 0, requests[id]->error);
		KUNIT_EXPECT_EQ(test, 2ull, requests[id]->generation);
		KUNIT_EXPECT_PTR_EQ(test, requests[1]->batch,
				    requests[id]->batch);
		KUNIT_EXPECT_EQ(test, id - 1, requests[id]->leaf_index);
	}
	KUNIT_EXPECT_EQ(test, 1ull, counts_of(fake).batches);
}

static void test_each_has_its_own_leaf(struct kunit *test)
{
	struct fake_provider *fake = busy_fake(test);
	u32 id;

	for (id = 1; id <= 3; id++)
		fake_submit(fake, fake_flow(fake), id);
	answer_up_to(fake, 3);

	for (id = 1; id <= 3; id++) {
		struct tsmfd_request *request = fake->requests[id];
		struct tsmfd_hash leaf;

		KUNIT_ASSERT_EQ(test, 3u, request->batch->tree->leaves);
		KUNIT_ASSERT_EQ(test, 0,
				tsmfd_merkle_leaf(&request->options, &leaf));
		KUNIT_EXPECT_MEMEQ(test, &leaf,
				   &request->batch->tree->nodes[id - 1],
				   sizeof(leaf));
	}
}

static void test_the_firmware_is_asked_for_the_root(struct kunit *test)
{
	struct fake_provider *fake = busy_fake(test);
	struct tsmfd_options expected = {
		.given		= TSMFD_OPT_PRIVLEVEL,
		.privlevel	= 2,
		.inblob_len	= TSMFD_HASH_LEN,
	};

	fake->options.given |= TSMFD_OPT_PRIVLEVEL;
	fake->options.privlevel = 2;
	fake_submit(fake, fake_flow(fake), 1);
	fake_submit(fake, fake_flow(fake), 2);
	answer_up_to(fake, 2);

	memcpy(expected.inblob,
	       tsmfd_tree_root(fake->requests[1]->batch->tree),
	       TSMFD_HASH_LEN);
	KUNIT_EXPECT_MEMEQ(test, &fake->seen, &expected, sizeof(expected));
}

static void test_an_idle_firmware_is_called_for_one(struct kunit *test)
{
	struct fake_provider *fake = busy_fake(test);

	answer_up_to(fake, 0);
	fake_submit(fake, fake_flow(fake), 1);
	fake_await_answer(fake, 1);

	KUNIT_EXPECT_EQ(test, 2u, fake->calls);
	KUNIT_EXPECT_EQ(test, 0, fake->requests[1]->error);
	KUNIT_EXPECT_EQ(test, 1u, fake->requests[1]->batch->tree->leaves);
	KUNIT_EXPECT_EQ(test, 0ull, counts_of(fake).batches);
}

struct stranger {
	const char *desc;
	struct tsmfd_options options;
};

static const struct stranger strangers[] = {
	{ "not to be batched", {} },
	{ "of another privlevel",
	  { .given = TSMFD_OPT_BATCH | TSMFD_OPT_PRIVLEVEL, .privlevel = 1 } },
	{ "of another format",
	  { .given = TSMFD_OPT_BATCH, .format = TSMFD_FORMAT_EXTENDED } },
};

KUNIT_ARRAY_PARAM_DESC(stranger, strangers, desc);

static void test_a_request_unlike_the_others_has_its_own_call(struct kunit *test)
{
	const struct stranger *stranger = test->param_value;
	struct fake_provider *fake = busy_fake(test);
	struct tsmfd_request **requests = fake->requests;

	fake_submit(fake, fake->flows[1], 1);
	fake->options = stranger->options;
	fake_submit(fake, fake->flows[2], 2);
	fake->options = (struct tsmfd_options) { .given = TSMFD_OPT_BATCH };
	fake_submit(fake, fake->flows[3], 3);
	answer_up_to(fake, 3);

	KUNIT_EXPECT_EQ(test, 3u, fake->calls);
	KUNIT_EXPECT_PTR_EQ(test, requests[1]->batch, requests[3]->batch);
	KUNIT_EXPECT_PTR_NE(test, requests[1]->batch, requests[2]->batch);
	KUNIT_EXPECT_EQ(test, 2u, requests[1]->batch->tree->leaves);
	KUNIT_EXPECT_EQ(test, 0, requests[2]->error);
}

static void test_one_not_to_be_batched_takes_nobody_along(struct kunit *test)
{
	struct fake_provider *fake = busy_fake(test);

	fake->options.given = 0;
	fake_submit(fake, fake->flows[1], 1);
	fake->options.given = TSMFD_OPT_BATCH;
	fake_submit(fake, fake->flows[2], 2);
	answer_up_to(fake, 2);

	KUNIT_EXPECT_EQ(test, 3u, fake->calls);
	KUNIT_EXPECT_NULL(test, fake->requests[1]->batch);
	KUNIT_EXPECT_NOT_NULL(test, fake->requests[2]->batch);
}

static void test_a_privlevel_given_equals_the_floor_unset(struct kunit *test)
{
	struct fake_provider *fake = busy_fake(test);

	fake_submit(fake, fake_flow(fake), 1);
	fake->options.given |= TSMFD_OPT_PRIVLEVEL;
	fake_submit(fake, fake_flow(fake), 2);
	answer_up_to(fake, 2);
	KUNIT_EXPECT_PTR_EQ(test, fake->requests[1]->batch,
			    fake->requests[2]->batch);
}

static void test_a_batch_is_one_turn(struct kunit *test)
{
	struct fake_provider *fake = busy_fake(test);

	/* Two of one flow, batched, before one of another that is not. */
	fake_submit(fake, fake->flows[1], 1);
	fake_submit(fake, fake->flows[1], 2);
	fake->options.given = 0;
	fake_submit(fake, fake->flows[2], 3);
	fake_submit(fake, fake->flows[1], 4);
	answer_up_to(fake, 4);

	KUNIT_EXPECT_EQ(test, 4u, fake->calls);
	KUNIT_EXPECT_EQ(test, 3u, fake->log[2].id);
	KUNIT_EXPECT_EQ(test, 4u, fake->log[3].id);
}

static void test_a_failed_call_fails_the_whole_batch(struct kunit *test)
{
	struct fake_provider *fake = busy_fake(test);

	fake_submit(fake, fake_flow(fake), 1);
	fake_submit(fake, fake_flow(fake), 2);
	fake->error = -EIO;
	answer_up_to(fake, 2);

	KUNIT_EXPECT_EQ(test, -EIO, fake->requests[1]->error);
	KUNIT_EXPECT_EQ(test, -EIO, fake->requests[2]->error);
}

static void test_a_request_that_is_put_is_not_in_the_tree(struct kunit *test)
{
	struct fake_provider *fake = busy_fake(test);
	struct tsmfd_request *last;

	fake_submit(fake, fake_flow(fake), 1);
	fake_submit(fake, fake_flow(fake), 2);
	fake_submit(fake, fake_flow(fake), 3);
	fake_put(fake, 2);
	fake_submit(fake, fake_flow(fake), 4);
	answer_up_to(fake, 4);

	last = fake->requests[4];
	KUNIT_EXPECT_EQ(test, 2u, fake->calls);
	KUNIT_EXPECT_EQ(test, 3u, last->batch->tree->leaves);
	KUNIT_EXPECT_EQ(test, 1u, fake->requests[3]->leaf_index);
	KUNIT_EXPECT_EQ(test, 2u, last->leaf_index);
	KUNIT_EXPECT_MEMEQ(test, &last->leaf, &last->batch->tree->nodes[2],
			   sizeof(last->leaf));
}

static void test_a_batch_that_all_put_is_joined_by_nobody(struct kunit *test)
{
	struct fake_provider *fake = busy_fake(test);

	fake_submit(fake, fake_flow(fake), 1);
	fake_submit(fake, fake_flow(fake), 2);
	fake_put(fake, 1);
	fake_put(fake, 2);
	fake_submit(fake, fake_flow(fake), 3);
	answer_up_to(fake, 3);

	KUNIT_EXPECT_EQ(test, 1u, fake->requests[3]->batch->tree->leaves);
	KUNIT_EXPECT_EQ(test, 2u, fake->calls);
}

static void test_what_is_queued_fails_when_the_provider_leaves(struct kunit *test)
{
	struct fake_provider *fake = busy_fake(test);

	fake_submit(fake, fake_flow(fake), 1);
	fake_submit(fake, fake->flows[1], 2);
	fake_begin_to_leave(fake);
	fake_await_answer(fake, 1);
	fake_await_answer(fake, 2);
	KUNIT_EXPECT_EQ(test, -ENODEV, fake->requests[1]->error);
	KUNIT_EXPECT_EQ(test, -ENODEV, fake->requests[2]->error);
}

/* Two, batched, whose call is under way and at the gate. */
static struct fake_provider *running_batch(struct kunit *test)
{
	struct fake_provider *fake = busy_fake(test);

	fake->in_vmalloc = true;
	fake_submit(fake, fake_flow(fake), 1);
	fake_submit(fake, fake_flow(fake), 2);
	fake_let_through(fake, 1);
	fake_await_call(fake);
	return fake;
}

static void test_a_batch_goes_on_without_one_that_is_put(struct kunit *test)
{
	struct fake_provider *fake = running_batch(test);
	struct tsmfd_request *other = fake->requests[2];

	fake_put(fake, 1);
	answer_up_to(fake, 2);
	KUNIT_EXPECT_EQ(test, 0, other->error);
	KUNIT_EXPECT_EQ(test, 2u, other->batch->tree->leaves);
	KUNIT_EXPECT_EQ(test, 1u, other->leaf_index);
}

static void test_a_batch_that_all_put_is_freed_at_last(struct kunit *test)
{
	struct fake_provider *fake = running_batch(test);

	fake_put(fake, 1);
	fake_put(fake, 2);
	fake_open_gate(fake);
	fake_unregister(fake);
	KUNIT_EXPECT_EQ(test, 2u, fake->calls);
	KUNIT_ASSERT_NOT_NULL(test, fake->blobs[0]);
	KUNIT_EXPECT_TRUE(test, fake_blobs_are_freed(fake));
}

static void test_a_batch_lives_as_long_as_its_last_request(struct kunit *test)
{
	struct fake_provider *fake = running_batch(test);

	answer_up_to(fake, 2);
	fake_put(fake, 1);
	KUNIT_EXPECT_FALSE(test, fake_blobs_are_freed(fake));
	fake_put(fake, 2);
	KUNIT_EXPECT_TRUE(test, fake_blobs_are_freed(fake));
}

/* All that a request is answered with, as one who reads it bytewise gets it. */
static void expect_same_bytewise(struct kunit *test,
				 const struct tsmfd_request *request,
				 const u8 *whole, size_t len)
{
	struct iov_iter to;
	struct kvec vec;
	size_t offset;
	u8 piece[3];

	vec.iov_base = piece;
	for (offset = 0; offset <= len; offset++) {
		size_t expected = min(sizeof(piece), len - offset);

		vec.iov_len = sizeof(piece);
		iov_iter_kvec(&to, ITER_DEST, &vec, 1, sizeof(piece));
		KUNIT_ASSERT_EQ(test, (ssize_t)expected,
				tsmfd_answer_copy(request, offset, &to));
		KUNIT_ASSERT_MEMEQ(test, piece, whole + offset, expected);
	}
}

static void test_a_proof_precedes_the_blobs(struct kunit *test)
{
	struct fake_provider *fake = busy_fake(test);
	struct tsmfd_request *request;
	struct tsmfd_batch_proof *proof;
	struct iov_iter to;
	struct kvec vec;
	const u8 *path;
	size_t len;
	u32 id;

	fake->blob_len[0] = 50;
	fake->blob_len[1] = 20;
	for (id = 1; id <= 3; id++)
		fake_submit(fake, fake_flow(fake), id);
	answer_up_to(fake, 3);
	request = fake->requests[2];

	len = tsmfd_answer_len(request);
	KUNIT_ASSERT_EQ(test, sizeof(*proof) + 2 * TSMFD_HASH_LEN + 70, len);
	proof = kunit_kzalloc(test, len, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, proof);
	vec.iov_base = proof;
	vec.iov_len = len;
	iov_iter_kvec(&to, ITER_DEST, &vec, 1, len);
	KUNIT_ASSERT_EQ(test, (ssize_t)len,
			tsmfd_answer_copy(request, 0, &to));

	KUNIT_EXPECT_MEMEQ(test, proof->magic, TSMFD_BATCH_PROOF_MAGIC, 8);
	KUNIT_EXPECT_EQ(test, 1u, le32_to_cpu(proof->version));
	KUNIT_EXPECT_EQ(test, 1u, le32_to_cpu(proof->leaf_index));
	KUNIT_EXPECT_EQ(test, 3u, le32_to_cpu(proof->tree_size));
	KUNIT_EXPECT_EQ(test, 2u, le32_to_cpu(proof->path_len));
	KUNIT_EXPECT_EQ(test, 50u, le32_to_cpu(proof->outblob_len));
	KUNIT_EXPECT_EQ(test, 20u, le32_to_cpu(proof->auxblob_len));
	KUNIT_EXPECT_EQ(test, 0u, le32_to_cpu(proof->manifestblob_len));
	path = (u8 *)proof + sizeof(*proof);
	KUNIT_EXPECT_MEMEQ(test, path, &fake->requests[1]->leaf,
			   TSMFD_HASH_LEN);
	KUNIT_EXPECT_MEMEQ(test, path + TSMFD_HASH_LEN,
			   &fake->requests[3]->leaf, TSMFD_HASH_LEN);
	KUNIT_EXPECT_MEMEQ(test, (u8 *)proof + len - 70,
			   request->batch->report.outblob.data, 50);
	KUNIT_EXPECT_MEMEQ(test, (u8 *)proof + len - 20,
			   request->batch->report.auxblob.data, 20);
	expect_same_bytewise(test, request, (u8 *)proof, len);
}

static void test_a_batch_can_fail_at_any_allocation(struct kunit *test)
{
	enum { BATCH = BIT(0), TREE = BIT(1), OUTBLOB = BIT(2) };
	struct fake_provider *fake = fake_new(test);
	u32 places = 0, id;

	fake_need_failslab(test);
	/* In the context of this test, whose allocations they then are. */
	fake->brief = true;
	fake->options.given = TSMFD_OPT_BATCH;
	fake_register(fake);
	if (!(fake->provider->info.features & TSMFD_FEATURE_BATCH))
		kunit_skip(test, "the kernel has no SHA-512");

	/*
	 * The kernel's debugging allocates at times, too, which fails nothing but
	 * may be what is counted to. So some rounds are needed.
	 */
	for (id = 1; id <= 3 * 20; id++) {
		struct tsmfd_request *request;
		u32 calls = fake->calls;
		bool failed;

		request = fake_prepare(fake, fake_flow(fake), id);
		fake_fail_allocation(id % 20 + 1);
		tsmfd_queue_submit(request, true);
		failed = fake_has_failed_allocation();
		KUNIT_ASSERT_TRUE(test, tsmfd_request_done(request));
		if (!request->error)
			continue;
		KUNIT_EXPECT_TRUE(test, failed);
		KUNIT_EXPECT_EQ(test, -ENOMEM, request->error);
		places |= !request->batch ? BATCH :
			  fake->calls == calls ? TREE : OUTBLOB;
	}
	KUNIT_EXPECT_EQ(test, (u32)(BATCH | TREE | OUTBLOB), places);
}

static void test_who_cannot_join_fails_alone(struct kunit *test)
{
	struct fake_provider *fake = busy_fake(test);
	bool failed = true;
	u32 n;

	fake_need_failslab(test);
	for (n = 1; failed && n < FAKE_REQUESTS; n++) {
		fake_prepare(fake, fake_flow(fake), n);
		fake_fail_allocation(n);
		tsmfd_queue_submit(fake->requests[n], true);
		failed = fake_has_failed_allocation();
		if (!fake->requests[n]->batch) {
			KUNIT_EXPECT_TRUE(test, failed);
			KUNIT_EXPECT_EQ(test, -ENOMEM,
					fake->requests[n]->error);
		}
	}
	KUNIT_EXPECT_NULL(test, fake->requests[1]->batch);
	KUNIT_EXPECT_FALSE(test, failed);
	answer_up_to(fake, n - 1);
	KUNIT_EXPECT_EQ(test, 0, fake->requests[n - 1]->error);
}

static struct kunit_case batch_cases[] = {
	KUNIT_CASE(test_requests_that_wait_share_a_call),
	KUNIT_CASE(test_each_has_its_own_leaf),
	KUNIT_CASE(test_the_firmware_is_asked_for_the_root),
	KUNIT_CASE(test_an_idle_firmware_is_called_for_one),
	KUNIT_CASE_PARAM(test_a_request_unlike_the_others_has_its_own_call,
			 stranger_gen_params),
	KUNIT_CASE(test_one_not_to_be_batched_takes_nobody_along),
	KUNIT_CASE(test_a_privlevel_given_equals_the_floor_unset),
	KUNIT_CASE(test_a_batch_is_one_turn),
	KUNIT_CASE(test_a_failed_call_fails_the_whole_batch),
	KUNIT_CASE(test_a_request_that_is_put_is_not_in_the_tree),
	KUNIT_CASE(test_a_batch_that_all_put_is_joined_by_nobody),
	KUNIT_CASE(test_what_is_queued_fails_when_the_provider_leaves),
	KUNIT_CASE(test_a_batch_goes_on_without_one_that_is_put),
	KUNIT_CASE(test_a_batch_that_all_put_is_freed_at_last),
	KUNIT_CASE(test_a_batch_lives_as_long_as_its_last_request),
	KUNIT_CASE(test_a_proof_precedes_the_blobs),
	KUNIT_CASE(test_a_batch_can_fail_at_any_allocation),
	KUNIT_CASE(test_who_cannot_join_fails_alone),
	{}
};

static struct kunit_suite batch_suite = {
	.name		= "tsmfd_batch",
	.test_cases	= batch_cases,
};

kunit_test_suite(batch_suite);

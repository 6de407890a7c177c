// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the Merkle tree against RFC 9162 section 2.1, told as it tells it.
 */
#include <crypto/hash.h>
#include <kunit/test.h>
#include <linux/err.h>
#include <linux/log2.h>
#include <linux/string.h>
#include <linux/types.h>

#include "../compat/hex.h"
#include "../core/merkle.h"

/* By Python's hashlib. */
#define LEAF_HEX							\
	"f3ab42616c1b5fb9518f4e7666a24ea2d2b5b75765bf7f5dddc8c10bc7932dc2" \
	"df03b0d713a00b1bb1004a7b48dfdd79d0a9cd0169c7c3c2945e59af5a0418f5"
#define ROOT_OF_7_HEX							\
	"3e772b6e5d1c55a58a7b6f155849bcffdb67c36233e5a416e368f1bd2ee3d5e4" \
	"468c7e42a8470fccc839619d05a4a16ac946b5c306ec8fb6debd0475565bb440"

/* By merkle_digests, beside this file. */
enum {
	LARGEST	= 1025,
};

#define EVERY_SIZE_HEX							\
	"700a7fbbcbf3ccd903e1d50421e8adf34d3dc4a39efbec9d93cdf40e9fbef9a6" \
	"a36825f52605b977235bae8c42ed110353662f082bb5b8ef038afb6cbe5a9156"
#define PATHS_OF_LARGEST_HEX						\
	"489f056b62c880779ee3dc3fe38dd2f970937e47bd44d993f40ceb35d0491512" \
	"2d0259e94efba5aa95bca0ca890fa0c5b1459d861164ed23df3dc2aa6f1f5a84"

static int merkle_init(struct kunit *test)
{
	struct crypto_shash *sha512;

	if (!tsmfd_merkle_available())
		kunit_skip(test, "the kernel has no SHA-512");

	sha512 = crypto_alloc_shash("sha512", 0, 0);
	if (IS_ERR(sha512))
		return PTR_ERR(sha512);
	test->priv = sha512;
	return 0;
}

static void merkle_exit(struct kunit *test)
{
	crypto_free_shash(test->priv);
}

static struct tsmfd_hash hash_of_node(struct kunit *test,
				      const struct tsmfd_hash *left,
				      const struct tsmfd_hash *right)
{
	u8 data[1 + 2 * sizeof(struct tsmfd_hash)] = { 0x01 };
	struct tsmfd_hash out;

	memcpy(data + 1, left, sizeof(*left));
	memcpy(data + 1 + sizeof(*left), right, sizeof(*right));
	KUNIT_ASSERT_EQ(test, 0,
			crypto_shash_tfm_digest(test->priv, data, sizeof(data),
						out.bytes));
	return out;
}

/* MTH() of section 2.1.1, word for word, but for leaves that are hashes. */
static struct tsmfd_hash hash_of_leaves(struct kunit *test,
					const struct tsmfd_hash *leaves, u32 n)
{
	struct tsmfd_hash left, right;
	u32 k;

	if (n == 1)
		return leaves[0];

	k = rounddown_pow_of_two(n - 1);
	left = hash_of_leaves(test, leaves, k);
	right = hash_of_leaves(test, leaves + k, n - k);
	return hash_of_node(test, &left, &right);
}

/* The algorithm of section 2.1.3.2, word for word. */
static bool proves_inclusion(struct kunit *test, u32 leaf_index, u32 tree_size,
			     const struct tsmfd_hash **path, u32 path_len,
			     const struct tsmfd_hash *leaf,
			     const struct tsmfd_hash *root)
{
	u32 fn = leaf_index, sn = tree_size - 1, i;
	struct tsmfd_hash r = *leaf;

	for (i = 0; i < path_len; i++) {
		if (!sn)
			return false;
		if ((fn & 1) || fn == sn) {
			r = hash_of_node(test, path[i], &r);
			while (!(fn & 1) && fn) {
				fn >>= 1;
				sn >>= 1;
			}
		} else {
			r = hash_of_node(test, &r, path[i]);
		}
		fn >>= 1;
		sn >>= 1;
	}
	return !sn && !memcmp(&r, root, sizeof(r));
}

static void free_tree(void *tree)
{
	tsmfd_tree_free(tree);
}

static struct tsmfd_tree *new_tree(struct kunit *test, u32 capacity)
{
	struct tsmfd_tree *tree = tsmfd_tree_new(capacity);

	KUNIT_ASSERT_NOT_NULL(test, tree);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, free_tree, tree));
	return tree;
}

/* Each leaf is 64 times the byte of its number. */
static struct tsmfd_tree *built_tree(struct kunit *test, u32 leaves)
{
	struct tsmfd_tree *tree = new_tree(test, leaves);
	u32 number;

	for (number = 0; number < leaves; number++)
		memset(&tree->nodes[number], number, sizeof(tree->nodes[number]));
	KUNIT_ASSERT_EQ(test, 0, tsmfd_tree_build(tree));
	return tree;
}

/* Over the leaves that it has, as the RFC has it. */
static void expect_root(struct kunit *test, const struct tsmfd_tree *tree)
{
	struct tsmfd_hash root = hash_of_leaves(test, tree->nodes, tree->leaves);

	KUNIT_EXPECT_MEMEQ(test, tsmfd_tree_root(tree), &root, sizeof(root));
}

static void expect_hash(struct kunit *test, const struct tsmfd_hash *is,
			const char *should_be)
{
	struct tsmfd_hash hash;

	KUNIT_ASSERT_EQ(test, 0,
			hex2bin(hash.bytes, should_be, sizeof(hash.bytes)));
	KUNIT_EXPECT_MEMEQ(test, is->bytes, hash.bytes, sizeof(hash.bytes));
}

static void test_a_leaf_is_the_hash_that_is_specified(struct kunit *test)
{
	const struct tsmfd_options options = {
		.given		= TSMFD_OPT_BATCH | TSMFD_OPT_PRIVLEVEL,
		.privlevel	= 2,
		.format		= TSMFD_FORMAT_EXTENDED,
		.inblob_len	= 3,
		.inblob		= { 0xa5, 0xb6, 0xc7 },
	};
	struct tsmfd_hash leaf;

	KUNIT_ASSERT_EQ(test, 0, tsmfd_merkle_leaf(&options, &leaf));
	expect_hash(test, &leaf, LEAF_HEX);
}

struct other_leaf {
	const char *desc;
	struct tsmfd_options options;
};

static const struct other_leaf other_leaves[] = {
	{ "another byte", { .inblob_len = 2, .inblob = { 1, 3 } } },
	{ "another length", { .inblob_len = 3, .inblob = { 1, 2 } } },
	{ "another privlevel",
	  { .inblob_len = 2, .inblob = { 1, 2 }, .privlevel = 1 } },
	{ "another format",
	  { .inblob_len = 2, .inblob = { 1, 2 },
	    .format = TSMFD_FORMAT_EXTENDED } },
};

KUNIT_ARRAY_PARAM_DESC(other_leaf, other_leaves, desc);

static void test_other_options_make_another_leaf(struct kunit *test)
{
	const struct other_leaf *other = test->param_value;
	const struct tsmfd_options options = {
		.inblob_len	= 2,
		.inblob		= { 1, 2 },
	};
	struct tsmfd_hash a, b;

	KUNIT_ASSERT_EQ(test, 0, tsmfd_merkle_leaf(&options, &a));
	KUNIT_ASSERT_EQ(test, 0, tsmfd_merkle_leaf(&other->options, &b));
	KUNIT_EXPECT_MEMNEQ(test, &a, &b, sizeof(a));
}

static void test_the_root_of_seven_is_as_computed_elsewhere(struct kunit *test)
{
	struct tsmfd_tree *tree = built_tree(test, 7);

	expect_hash(test, tsmfd_tree_root(tree), ROOT_OF_7_HEX);
}

struct size {
	const char *desc;
	u32 leaves;
};

static const struct size sizes[] = {
	{ "1 leaf", 1 },
	{ "2 leaves", 2 },
	{ "3 leaves", 3 },
	{ "4 leaves", 4 },
	{ "5 leaves", 5 },
	{ "6 leaves", 6 },
	{ "7 leaves", 7 },
	{ "8 leaves", 8 },
	{ "9 leaves", 9 },
	{ "15 leaves", 15 },
	{ "16 leaves", 16 },
	{ "17 leaves", 17 },
	{ "33 leaves", 33 },
	{ "64 leaves", 64 },
	{ "95 leaves", 95 },
	{ "129 leaves", 129 },
};

KUNIT_ARRAY_PARAM_DESC(size, sizes, desc);

static void test_the_root_is_that_of_the_rfc(struct kunit *test)
{
	const struct size *size = test->param_value;

	expect_root(test, built_tree(test, size->leaves));
}

static void test_every_path_proves_inclusion(struct kunit *test)
{
	const struct size *size = test->param_value;
	struct tsmfd_tree *tree = built_tree(test, size->leaves);
	const struct tsmfd_hash *path[TSMFD_TREE_PATH_MAX];
	u32 leaf, len;

	for (leaf = 0; leaf < size->leaves; leaf++) {
		len = tsmfd_tree_path(tree, leaf, path);
		KUNIT_EXPECT_TRUE_MSG(test,
				      proves_inclusion(test, leaf, size->leaves,
						       path, len,
						       &tree->nodes[leaf],
						       tsmfd_tree_root(tree)),
				      "leaf %u", leaf);
	}
}

static void test_a_path_proves_no_other_leaf(struct kunit *test)
{
	struct tsmfd_tree *tree = built_tree(test, 7);
	const struct tsmfd_hash *path[TSMFD_TREE_PATH_MAX];
	u32 len = tsmfd_tree_path(tree, 3, path);

	KUNIT_EXPECT_FALSE(test, proves_inclusion(test, 3, 7, path, len,
						  &tree->nodes[2],
						  tsmfd_tree_root(tree)));
	KUNIT_EXPECT_FALSE(test, proves_inclusion(test, 2, 7, path, len,
						  &tree->nodes[3],
						  tsmfd_tree_root(tree)));
}

static void test_the_largest_tree_has_room_for_its_paths(struct kunit *test)
{
	struct tsmfd_tree *tree = built_tree(test, TSMFD_BATCH_MAX);
	const struct tsmfd_hash *path[TSMFD_TREE_PATH_MAX];
	u32 last = TSMFD_BATCH_MAX - 1;
	u32 len = tsmfd_tree_path(tree, last, path);

	KUNIT_EXPECT_EQ(test, (u32)ilog2(TSMFD_BATCH_MAX), len);
	KUNIT_EXPECT_TRUE(test,
			  proves_inclusion(test, last, TSMFD_BATCH_MAX, path,
					   len, &tree->nodes[last],
					   tsmfd_tree_root(tree)));
}

static void digest_root(struct kunit *test, struct shash_desc *digest,
			const struct tsmfd_tree *tree)
{
	KUNIT_ASSERT_EQ(test, 0,
			crypto_shash_update(digest, tsmfd_tree_root(tree)->bytes,
					    sizeof(struct tsmfd_hash)));
}

static void digest_path(struct kunit *test, struct shash_desc *digest,
			const struct tsmfd_tree *tree, u32 leaf)
{
	const struct tsmfd_hash *path[TSMFD_TREE_PATH_MAX];
	u32 i, len = tsmfd_tree_path(tree, leaf, path);

	for (i = 0; i < len; i++)
		KUNIT_ASSERT_EQ(test, 0,
				crypto_shash_update(digest, path[i]->bytes,
						    sizeof(*path[i])));
}

static void expect_digest(struct kunit *test, struct shash_desc *digest,
			  const char *should_be)
{
	struct tsmfd_hash is;

	KUNIT_ASSERT_EQ(test, 0, crypto_shash_final(digest, is.bytes));
	expect_hash(test, &is, should_be);
}

/* A leaf is the hash of its number. */
static struct tsmfd_tree *tree_of_hashes(struct kunit *test, u32 leaves)
{
	struct tsmfd_tree *tree = tsmfd_tree_new(leaves);
	__le32 number;
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, tree);
	for (i = 0; i < leaves; i++) {
		number = cpu_to_le32(i);
		KUNIT_ASSERT_EQ(test, 0,
				crypto_shash_tfm_digest(test->priv,
							(const u8 *)&number,
							sizeof(number),
							tree->nodes[i].bytes));
	}
	KUNIT_ASSERT_EQ(test, 0, tsmfd_tree_build(tree));
	return tree;
}

static void test_trees_of_all_sizes_are_as_computed_elsewhere(struct kunit *test)
{
	SHASH_DESC_ON_STACK(digest, test->priv);
	struct tsmfd_tree *tree;
	u32 leaves, leaf;

	digest->tfm = test->priv;
	KUNIT_ASSERT_EQ(test, 0, crypto_shash_init(digest));
	for (leaves = 1; leaves <= LARGEST; leaves++) {
		tree = tree_of_hashes(test, leaves);
		digest_root(test, digest, tree);
		digest_path(test, digest, tree, 0);
		digest_path(test, digest, tree, leaves / 2);
		digest_path(test, digest, tree, leaves - 1);
		tsmfd_tree_free(tree);
	}
	expect_digest(test, digest, EVERY_SIZE_HEX);

	KUNIT_ASSERT_EQ(test, 0, crypto_shash_init(digest));
	tree = tree_of_hashes(test, LARGEST);
	for (leaf = 0; leaf < LARGEST; leaf++)
		digest_path(test, digest, tree, leaf);
	tsmfd_tree_free(tree);
	expect_digest(test, digest, PATHS_OF_LARGEST_HEX);
}

static struct kunit_case merkle_cases[] = {
	KUNIT_CASE(test_a_leaf_is_the_hash_that_is_specified),
	KUNIT_CASE_PARAM(test_other_options_make_another_leaf,
			 other_leaf_gen_params),
	KUNIT_CASE(test_the_root_of_seven_is_as_computed_elsewhere),
	KUNIT_CASE_PARAM(test_the_root_is_that_of_the_rfc, size_gen_params),
	KUNIT_CASE_PARAM(test_every_path_proves_inclusion, size_gen_params),
	KUNIT_CASE(test_a_path_proves_no_other_leaf),
	KUNIT_CASE_SLOW(test_trees_of_all_sizes_are_as_computed_elsewhere),
	KUNIT_CASE_SLOW(test_the_largest_tree_has_room_for_its_paths),
	{}
};

static struct kunit_suite merkle_suite = {
	.name		= "tsmfd_merkle",
	.init		= merkle_init,
	.exit		= merkle_exit,
	.test_cases	= merkle_cases,
};

kunit_test_suite(merkle_suite);

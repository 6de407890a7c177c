// SPDX-License-Identifier: GPL-2.0-only
/*
 * Merkle trees over SHA-512, as RFC 9162 section 2.1 defines them: the root, 64
 * bytes, is what a firmware signs for a whole batch of challenges, and a path is
 * what shows one of them to be in it. A leaf's hash starts from 0x00 and a
 * node's from 0x01, so that neither can be presented as the other.
 */
#include <crypto/hash.h>
#include <kunit/visibility.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/printk.h>

#include "merkle.h"

/* Written at module init and exit only. NULL: the kernel has no SHA-512. */
static struct crypto_shash *sha512;

/**
 * tsmfd_merkle_available() - can there be batches at all?
 *
 * Return: true if so.
 */
bool tsmfd_merkle_available(void)
{
	return sha512;
}
EXPORT_SYMBOL_IF_KUNIT(tsmfd_merkle_available);

static int hash(const void *data, unsigned int len, struct tsmfd_hash *out)
{
	SHASH_DESC_ON_STACK(desc, sha512);

	desc->tfm = sha512;
	return crypto_shash_digest(desc, data, len, out->bytes);
}

/**
 * tsmfd_merkle_leaf() - the hash that stands for one caller's options
 * @options: with the privlevel that the report is for
 * @leaf: set
 *
 * Return: 0 or an errno of the crypto API.
 */
int tsmfd_merkle_leaf(const struct tsmfd_options *options,
		      struct tsmfd_hash *leaf)
{
	struct {
		u8			prefix;
		struct tsmfd_batch_leaf	leaf;
	} __packed data = {
		.prefix = 0x00,
		.leaf = {
			.version = TSMFD_BATCH_LEAF_VERSION,
			.privlevel = cpu_to_le32(options->privlevel),
			.format = cpu_to_le32(options->format),
			.inblob_len = cpu_to_le32(options->inblob_len),
		},
	};

	memcpy(data.leaf.inblob, options->inblob, sizeof(data.leaf.inblob));
	return hash(&data, sizeof(data), leaf);
}
EXPORT_SYMBOL_IF_KUNIT(tsmfd_merkle_leaf);

static int hash_node(const struct tsmfd_hash *left,
		     const struct tsmfd_hash *right, struct tsmfd_hash *out)
{
	struct {
		u8			prefix;
		struct tsmfd_hash	left;
		struct tsmfd_hash	right;
	} __packed data = {
		.prefix = 0x01,
		.left = *left,
		.right = *right,
	};

	return hash(&data, sizeof(data), out);
}

/**
 * tsmfd_tree_new() - a tree whose leaves are to be filled in
 * @leaves: how many, 1 to TSMFD_BATCH_MAX
 *
 * Return: the tree, for kvfree(), or NULL.
 */
struct tsmfd_tree *tsmfd_tree_new(u32 leaves)
{
	struct tsmfd_tree *tree;
	u32 nodes = 0, width;

	/* Each level is half the one below, rounded up, to the root's one. */
	for (width = leaves; width > 1; width = DIV_ROUND_UP(width, 2))
		nodes += width;
	nodes++;

	tree = kvzalloc(struct_size(tree, nodes, nodes), GFP_KERNEL_ACCOUNT);
	if (!tree)
		return NULL;

	tree->leaves = leaves;
	for (width = leaves; width > 1; width = DIV_ROUND_UP(width, 2)) {
		tree->start[tree->levels + 1] = tree->start[tree->levels] + width;
		tree->levels++;
	}
	tree->levels++;
	return tree;
}
EXPORT_SYMBOL_IF_KUNIT(tsmfd_tree_new);

static u32 width_of(const struct tsmfd_tree *tree, u32 level)
{
	return DIV_ROUND_UP(tree->leaves, 1U << level);
}

/**
 * tsmfd_tree_build() - hash all the way up
 * @tree: with its leaves filled in
 *
 * Return: 0 or an errno of the crypto API.
 */
int tsmfd_tree_build(struct tsmfd_tree *tree)
{
	u32 level, i;

	for (level = 1; level < tree->levels; level++) {
		struct tsmfd_hash *below = tree->nodes + tree->start[level - 1];
		struct tsmfd_hash *here = tree->nodes + tree->start[level];
		u32 width = width_of(tree, level - 1);

		for (i = 0; i + 1 < width; i += 2) {
			int rc = hash_node(&below[i], &below[i + 1], &here[i / 2]);

			if (rc)
				return rc;
		}
		if (i < width)
			here[i / 2] = below[i];
	}
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(tsmfd_tree_build);

/**
 * tsmfd_tree_root() - what stands for all leaves
 * @tree: built
 *
 * Return: its hash, in the tree.
 */
const struct tsmfd_hash *tsmfd_tree_root(const struct tsmfd_tree *tree)
{
	return &tree->nodes[tree->start[tree->levels - 1]];
}
EXPORT_SYMBOL_IF_KUNIT(tsmfd_tree_root);

/**
 * tsmfd_tree_path() - what shows that a leaf is in the tree
 * @tree: built
 * @leaf: which, from 0
 * @path: room for TSMFD_TREE_LEVELS_MAX pointers; set to hashes in the tree, in
 *	the order of RFC 9162 section 2.1.3.1, the leaf's sibling first
 *
 * Return: how many there are.
 */
u32 tsmfd_tree_path(const struct tsmfd_tree *tree, u32 leaf,
		    const struct tsmfd_hash **path)
{
	u32 level, len = 0;

	for (level = 0; level + 1 < tree->levels; level++) {
		u32 sibling = (leaf >> level) ^ 1;

		/* The last of an odd number has none. */
		if (sibling < width_of(tree, level))
			path[len++] = &tree->nodes[tree->start[level] + sibling];
	}
	return len;
}
EXPORT_SYMBOL_IF_KUNIT(tsmfd_tree_path);

void __init tsmfd_merkle_init(void)
{
	struct crypto_shash *found = crypto_alloc_shash("sha512", 0, 0);

	if (IS_ERR(found)) {
		pr_info("tsmfd: no SHA-512 (error %ld), and so no batches\n",
			PTR_ERR(found));
		return;
	}
	sha512 = found;
}

void tsmfd_merkle_exit(void)
{
	if (sha512)
		crypto_free_shash(sha512);
}

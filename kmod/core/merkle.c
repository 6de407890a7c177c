// SPDX-License-Identifier: GPL-2.0-only
/*
 * Merkle trees over SHA-512, as RFC 9162 section 2.1 defines them. The root, 64
 * bytes, is what a firmware signs for a whole batch of challenges, and a path
 * shows that one of them is in the tree. A leaf's hash starts with a byte 0x00 and
 * a node's with 0x01, so that neither can be presented as the other.
 *
 * Owns: the hash algorithm. May include: options.
 */
#include <crypto/hash.h>
#include <kunit/visibility.h>
#include <linux/err.h>
#include <linux/math.h>
#include <linux/overflow.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "merkle.h"

/* Written at module init and exit only. NULL: the kernel has no SHA-512. */
static struct crypto_shash *merkle_sha512;

/* False if the kernel has no SHA-512: then there are no batches. */
bool tsmfd_merkle_available(void)
{
	return merkle_sha512;
}
EXPORT_SYMBOL_IF_KUNIT(tsmfd_merkle_available);

static int merkle_hash(const void *data, unsigned int len,
		       struct tsmfd_hash *out)
{
	SHASH_DESC_ON_STACK(desc, merkle_sha512);

	desc->tfm = merkle_sha512;
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
	return merkle_hash(&data, sizeof(data), leaf);
}
EXPORT_SYMBOL_IF_KUNIT(tsmfd_merkle_leaf);

static int merkle_hash_node(const struct tsmfd_hash *children,
			    struct tsmfd_hash *out)
{
	struct {
		u8			prefix;
		struct tsmfd_hash	children[2];
	} __packed data = { .prefix = 0x01 };

	memcpy(data.children, children, sizeof(data.children));
	return merkle_hash(&data, sizeof(data), out);
}

/* Over all levels. */
static u32 merkle_count_nodes(u32 leaves)
{
	u32 level, nodes = leaves;

	for (level = leaves; level > 1; nodes += level)
		level = DIV_ROUND_UP(level, 2);
	return nodes;
}

/**
 * tsmfd_tree_new() - a tree whose leaves are not set yet
 * @leaves: how many it has, 1 to TSMFD_BATCH_MAX
 *
 * The caller sets the first @leaves of its nodes, and then builds it.
 *
 * Return: the tree, for tsmfd_tree_free(), or NULL.
 */
struct tsmfd_tree *tsmfd_tree_new(u32 leaves)
{
	struct tsmfd_tree *tree;

	tree = kvmalloc(struct_size(tree, nodes, merkle_count_nodes(leaves)),
			GFP_KERNEL_ACCOUNT);
	if (tree)
		tree->leaves = leaves;
	return tree;
}
EXPORT_SYMBOL_IF_KUNIT(tsmfd_tree_new);

void tsmfd_tree_free(struct tsmfd_tree *tree)
{
	kvfree(tree);
}
EXPORT_SYMBOL_IF_KUNIT(tsmfd_tree_free);

/* @below has @count nodes; the level above it begins behind them. */
static int merkle_build_level(const struct tsmfd_hash *below, u32 count,
			      struct tsmfd_hash *above)
{
	u32 i;
	int rc;

	for (i = 0; i + 1 < count; i += 2) {
		rc = merkle_hash_node(&below[i], &above[i / 2]);
		if (rc)
			return rc;
	}
	if (i < count)
		above[i / 2] = below[i];
	return 0;
}

/* Hashes all the way up from the leaves. Returns 0 or an errno of the crypto API. */
int tsmfd_tree_build(struct tsmfd_tree *tree)
{
	struct tsmfd_hash *level = tree->nodes;
	u32 count = tree->leaves;
	int rc;

	while (count > 1) {
		rc = merkle_build_level(level, count, level + count);
		if (rc)
			return rc;
		level += count;
		count = DIV_ROUND_UP(count, 2);
	}
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(tsmfd_tree_build);

/* What stands for all leaves, in a tree that is built. */
const struct tsmfd_hash *tsmfd_tree_root(const struct tsmfd_tree *tree)
{
	return &tree->nodes[merkle_count_nodes(tree->leaves) - 1];
}
EXPORT_SYMBOL_IF_KUNIT(tsmfd_tree_root);

/**
 * tsmfd_tree_path() - what shows that a leaf is in the tree
 * @tree: built
 * @leaf: which, from 0
 * @path: room for TSMFD_TREE_PATH_MAX pointers; set to hashes in the tree, in the
 *	order of RFC 9162 section 2.1.3.1, the leaf's sibling first
 *
 * Return: how many there are.
 */
u32 tsmfd_tree_path(const struct tsmfd_tree *tree, u32 leaf,
		    const struct tsmfd_hash **path)
{
	const struct tsmfd_hash *level = tree->nodes;
	u32 count = tree->leaves, len = 0;

	while (count > 1) {
		/* The last of an odd number has no sibling. */
		if ((leaf ^ 1) < count)
			path[len++] = &level[leaf ^ 1];
		level += count;
		count = DIV_ROUND_UP(count, 2);
		leaf /= 2;
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
	merkle_sha512 = found;
}

void tsmfd_merkle_exit(void)
{
	if (merkle_sha512)
		crypto_free_shash(merkle_sha512);
}

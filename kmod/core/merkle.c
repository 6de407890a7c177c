// SPDX-License-Identifier: GPL-2.0-only
/*
 * Merkle trees over SHA-512, as RFC 9162 section 2.1 defines them: the root, 64
 * bytes, is what a firmware signs for a whole batch of challenges, and a path is
 * what shows one of them to be in it. A leaf's hash starts from 0x00 and a
 * node's from 0x01, so that neither can be presented as the other.
 */
#include <crypto/hash.h>
#include <kunit/visibility.h>
#include <linux/bitops.h>
#include <linux/bits.h>
#include <linux/err.h>
#include <linux/lockdep.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/printk.h>
#include <linux/slab.h>

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
 * tsmfd_tree_new() - a tree without leaves
 * @capacity: how many it can have, 1 to TSMFD_BATCH_MAX
 *
 * Return: the tree, for tsmfd_tree_free(), or NULL.
 */
struct tsmfd_tree *tsmfd_tree_new(u32 capacity)
{
	u32 pieces = DIV_ROUND_UP(2 * capacity - 1, TSMFD_TREE_PIECE);
	struct tsmfd_tree *tree;

	tree = kzalloc(struct_size(tree, pieces, pieces), GFP_KERNEL_ACCOUNT);
	if (!tree)
		return NULL;
	spin_lock_init(&tree->lock);
	tree->capacity = capacity;
	return tree;
}
EXPORT_SYMBOL_IF_KUNIT(tsmfd_tree_new);

/**
 * tsmfd_tree_free() - with its nodes
 * @tree: or NULL
 */
void tsmfd_tree_free(struct tsmfd_tree *tree)
{
	u32 piece;

	if (!tree)
		return;
	for (piece = 0; piece * TSMFD_TREE_PIECE < 2 * tree->leaves; piece++)
		kfree(tree->pieces[piece].nodes);
	kfree(tree);
}
EXPORT_SYMBOL_IF_KUNIT(tsmfd_tree_free);

/**
 * tsmfd_tree_new_nodes() - what a tree may need to grow
 * @capacity: at least the tree's
 *
 * Return: nodes, for tsmfd_tree_add() or kfree(), or NULL.
 */
struct tsmfd_hash *tsmfd_tree_new_nodes(u32 capacity)
{
	return kmalloc_array(min_t(u32, 2 * capacity - 1, TSMFD_TREE_PIECE),
			     sizeof(struct tsmfd_hash), GFP_KERNEL_ACCOUNT);
}
EXPORT_SYMBOL_IF_KUNIT(tsmfd_tree_new_nodes);

/*
 * A node is told by its level, 0 for the leaves, and its number there: it is over
 * the leaves from number << level on. Between those under its left child and those
 * under its right one is its place among all nodes.
 */
static u32 place_of(u32 level, u32 number)
{
	return ((2 * number + 1) << level) - 1;
}

static struct tsmfd_hash *node_at(const struct tsmfd_tree *tree, u32 level,
				  u32 number)
{
	u32 place = place_of(level, number);

	return &tree->pieces[place / TSMFD_TREE_PIECE]
			.nodes[place % TSMFD_TREE_PIECE];
}

/* Are all leaves there that it can be over? */
static bool is_complete(const struct tsmfd_tree *tree, u32 level, u32 number)
{
	return (number + 1) << level <= tree->leaves;
}

static bool is_done(const struct tsmfd_tree *tree, u32 level, u32 number)
{
	u32 place = place_of(level, number);

	return tree->pieces[place / TSMFD_TREE_PIECE].done &
	       BIT_ULL(place % TSMFD_TREE_PIECE);
}

static void set_done(struct tsmfd_tree *tree, u32 level, u32 number, bool done)
{
	u32 place = place_of(level, number);
	u64 bit = BIT_ULL(place % TSMFD_TREE_PIECE);
	u64 *all = &tree->pieces[place / TSMFD_TREE_PIECE].done;

	*all = done ? *all | bit : *all & ~bit;
}

static void put_leaf(struct tsmfd_tree *tree, u32 number,
		     const struct tsmfd_hash *leaf)
{
	*node_at(tree, 0, number) = *leaf;
	set_done(tree, 0, number, true);
}

/* Puts @leaf in the place of the leftmost that was given up. */
static u32 replace(struct tsmfd_tree *tree, const struct tsmfd_hash *leaf)
{
	struct tsmfd_tree_piece *piece = tree->pieces;
	u32 number, level;

	lockdep_assert_held(&tree->lock);

	while (!piece->given_up)
		piece++;
	number = __ffs(piece->given_up);
	piece->given_up &= ~BIT(number);
	number += (piece - tree->pieces) * (TSMFD_TREE_PIECE / 2);
	tree->given_up--;
	tree->replaced++;

	put_leaf(tree, number, leaf);
	for (level = 1; is_complete(tree, level, number >> level); level++)
		set_done(tree, level, number >> level, false);
	return number;
}

static int append(struct tsmfd_tree *tree, const struct tsmfd_hash *leaf,
		  struct tsmfd_hash **nodes)
{
	u32 number = tree->leaves;
	struct tsmfd_tree_piece *piece =
		&tree->pieces[place_of(0, number) / TSMFD_TREE_PIECE];

	lockdep_assert_held(&tree->lock);

	if (!piece->nodes) {
		if (!*nodes)
			return -EAGAIN;
		piece->nodes = *nodes;
		*nodes = NULL;
	}
	put_leaf(tree, number, leaf);
	tree->leaves++;
	return number;
}

/**
 * tsmfd_tree_add() - one more leaf
 * @tree: not closed, nor full; the caller sees to it that one leaf is added at a time
 * @leaf: copied
 * @nodes: from tsmfd_tree_new_nodes(), or NULL; set to NULL if the tree takes them
 *
 * Return: the leaf's number, or -EAGAIN if the tree needs nodes and there are none.
 */
int tsmfd_tree_add(struct tsmfd_tree *tree, const struct tsmfd_hash *leaf,
		   struct tsmfd_hash **nodes)
{
	int number;

	spin_lock(&tree->lock);
	if (tree->given_up)
		number = replace(tree, leaf);
	else
		number = append(tree, leaf, nodes);
	spin_unlock(&tree->lock);
	return number;
}
EXPORT_SYMBOL_IF_KUNIT(tsmfd_tree_add);

/**
 * tsmfd_tree_give_up() - nobody wants the path of a leaf any more
 * @tree: any
 * @leaf: of it; stays until it is replaced, so that a tree does not grow by those who
 *	come and go
 */
void tsmfd_tree_give_up(struct tsmfd_tree *tree, u32 leaf)
{
	u32 place = place_of(0, leaf);

	spin_lock(&tree->lock);
	tree->pieces[place / TSMFD_TREE_PIECE].given_up |=
		BIT(place % TSMFD_TREE_PIECE / 2);
	tree->given_up++;
	spin_unlock(&tree->lock);
}
EXPORT_SYMBOL_IF_KUNIT(tsmfd_tree_give_up);

/**
 * tsmfd_tree_is_full() - is there no place for one more leaf?
 * @tree: to which none is added meanwhile
 *
 * Return: true if so.
 */
bool tsmfd_tree_is_full(const struct tsmfd_tree *tree)
{
	return tree->leaves == tree->capacity && !tree->given_up;
}
EXPORT_SYMBOL_IF_KUNIT(tsmfd_tree_is_full);

/* Copies a node and its sibling, from left to right, if their parent can be made. */
static bool take_pair(struct tsmfd_tree *tree, u32 level, u32 number,
		      struct tsmfd_hash *pair)
{
	u32 sibling = number ^ 1;

	lockdep_assert_held(&tree->lock);

	if (tree->closed || !is_complete(tree, level, sibling) ||
	    !is_done(tree, level, sibling))
		return false;
	pair[number & 1] = *node_at(tree, level, number);
	pair[sibling & 1] = *node_at(tree, level, sibling);
	return true;
}

/* False if one of those it is over has changed meanwhile. */
static bool put_parent(struct tsmfd_tree *tree, u32 level, u32 number,
		       const struct tsmfd_hash *hash, u32 replaced)
{
	lockdep_assert_held(&tree->lock);

	if (tree->closed || tree->replaced != replaced)
		return false;
	*node_at(tree, level, number) = *hash;
	set_done(tree, level, number, true);
	return true;
}

/**
 * tsmfd_tree_climb() - hash what a leaf has completed
 * @tree: any
 * @leaf: of it; each one is climbed from once, by whoever added it
 *
 * As far up as both children are there: of two that come to the same parent, the
 * first stops and the second goes on. So when all have climbed, little is left to do
 * for who closes the tree; and if it is closed meanwhile, he does the rest.
 */
void tsmfd_tree_climb(struct tsmfd_tree *tree, u32 leaf)
{
	struct tsmfd_hash pair[2], parent;
	u32 level = 0, number = leaf;

	spin_lock(&tree->lock);
	while (take_pair(tree, level, number, pair)) {
		u32 replaced = tree->replaced;

		spin_unlock(&tree->lock);
		if (hash_node(&pair[0], &pair[1], &parent))
			return;
		level++;
		number /= 2;
		spin_lock(&tree->lock);
		if (!put_parent(tree, level, number, &parent, replaced))
			break;
	}
	spin_unlock(&tree->lock);
}
EXPORT_SYMBOL_IF_KUNIT(tsmfd_tree_climb);

/*
 * The node that stands for all leaves there are from number << level on: at the right
 * edge a node without a right child stands for itself further up, unhashed.
 */
static struct tsmfd_hash *top_of(const struct tsmfd_tree *tree, u32 level,
				 u32 number)
{
	while (level && (2 * number + 1) << (level - 1) >= tree->leaves) {
		level--;
		number *= 2;
	}
	return node_at(tree, level, number);
}

static int build_node(struct tsmfd_tree *tree, u32 level, u32 number)
{
	int rc;

	if (is_done(tree, level, number))
		return 0;
	rc = hash_node(top_of(tree, level - 1, 2 * number),
		       top_of(tree, level - 1, 2 * number + 1),
		       node_at(tree, level, number));
	/* One at the right edge is another one when leaves come. */
	if (!rc && is_complete(tree, level, number))
		set_done(tree, level, number, true);
	return rc;
}

/**
 * tsmfd_tree_close() - hash all the way up
 * @tree: with a leaf at least; it does not grow from now on, and nobody but the
 *	caller writes to it
 *
 * Return: 0 or an errno of the crypto API.
 */
int tsmfd_tree_close(struct tsmfd_tree *tree)
{
	u32 level, number;

	spin_lock(&tree->lock);
	tree->closed = true;
	spin_unlock(&tree->lock);

	for (level = 1; 1U << (level - 1) < tree->leaves; level++) {
		/* Of each that has a right child. */
		for (number = 0;
		     (2 * number + 1) << (level - 1) < tree->leaves; number++) {
			int rc = build_node(tree, level, number);

			if (rc)
				return rc;
		}
	}
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(tsmfd_tree_close);

/**
 * tsmfd_tree_reopen() - have it grow again
 * @tree: closed, by the caller
 */
void tsmfd_tree_reopen(struct tsmfd_tree *tree)
{
	spin_lock(&tree->lock);
	tree->closed = false;
	spin_unlock(&tree->lock);
}
EXPORT_SYMBOL_IF_KUNIT(tsmfd_tree_reopen);

/* The level of the root, over all leaves. */
static u32 root_level(const struct tsmfd_tree *tree)
{
	return order_base_2(tree->leaves);
}

/**
 * tsmfd_tree_root() - what stands for all leaves
 * @tree: closed
 *
 * Return: its hash, in the tree.
 */
const struct tsmfd_hash *tsmfd_tree_root(const struct tsmfd_tree *tree)
{
	return top_of(tree, root_level(tree), 0);
}
EXPORT_SYMBOL_IF_KUNIT(tsmfd_tree_root);

/**
 * tsmfd_tree_leaf() - one of the leaves
 * @tree: closed
 * @leaf: which, from 0
 *
 * Return: its hash, in the tree.
 */
const struct tsmfd_hash *tsmfd_tree_leaf(const struct tsmfd_tree *tree, u32 leaf)
{
	return node_at(tree, 0, leaf);
}
EXPORT_SYMBOL_IF_KUNIT(tsmfd_tree_leaf);

/* The last of an odd number has none. */
static bool has_sibling(const struct tsmfd_tree *tree, u32 level, u32 leaf)
{
	return ((leaf >> level) ^ 1) << level < tree->leaves;
}

/**
 * tsmfd_tree_path_len() - of tsmfd_tree_path()
 * @tree: closed
 * @leaf: which, from 0
 *
 * Return: how many hashes there are.
 */
u32 tsmfd_tree_path_len(const struct tsmfd_tree *tree, u32 leaf)
{
	u32 level, len = 0, levels = root_level(tree);

	for (level = 0; level < levels; level++)
		len += has_sibling(tree, level, leaf);
	return len;
}
EXPORT_SYMBOL_IF_KUNIT(tsmfd_tree_path_len);

/**
 * tsmfd_tree_path() - what shows that a leaf is in the tree
 * @tree: closed
 * @leaf: which, from 0
 * @path: room for TSMFD_TREE_LEVELS_MAX pointers; set to hashes in the tree, in
 *	the order of RFC 9162 section 2.1.3.1, the leaf's sibling first
 *
 * Return: how many there are.
 */
u32 tsmfd_tree_path(const struct tsmfd_tree *tree, u32 leaf,
		    const struct tsmfd_hash **path)
{
	u32 level, len = 0, levels = root_level(tree);

	for (level = 0; level < levels; level++) {
		if (has_sibling(tree, level, leaf))
			path[len++] = top_of(tree, level, (leaf >> level) ^ 1);
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

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TSMFD_CORE_MERKLE_H
#define TSMFD_CORE_MERKLE_H

#include <linux/spinlock.h>
#include <linux/tsmfd.h>

enum {
	/* A tree of TSMFD_BATCH_MAX leaves has its root this far up. */
	TSMFD_TREE_LEVELS_MAX	= 13,
	/* A page of nodes; every other one is a leaf. */
	TSMFD_TREE_PIECE	= 64,
};

/**
 * struct tsmfd_hash - a SHA-512 digest
 * @bytes: as the standard orders them
 */
struct tsmfd_hash {
	u8	bytes[TSMFD_HASH_LEN];
};

/**
 * struct tsmfd_tree_piece - some consecutive nodes of a tree
 * @nodes: TSMFD_TREE_PIECE of them, or as many as the tree can have if that is less;
 *	NULL as long as no leaf is so far to the right
 * @done: a bit for each of @nodes that is as its leaves are now
 * @given_up: a bit for each of its leaves that the next one to come may replace
 */
struct tsmfd_tree_piece {
	struct tsmfd_hash	*nodes;
	u64			done;
	u32			given_up;
};

/**
 * struct tsmfd_tree - a Merkle tree as RFC 9162 section 2.1 has it, that grows
 * @lock: protects what is below it, until @closed
 * @closed: it does not grow, and who closed it may do as he likes with it
 * @leaves: how many there are
 * @given_up: how many of them the next ones to come may replace
 * @replaced: how many were
 * @capacity: how many there can be
 * @pieces: the nodes, from left to right, each parent between its two children: so
 *	leaf k is the node 2k, and a node stays where it is when others come
 */
struct tsmfd_tree {
	spinlock_t		lock;	/* protects all below, until closed */
	bool			closed;
	u32			leaves;
	u32			given_up;
	u32			replaced;
	u32			capacity;
	struct tsmfd_tree_piece	pieces[];
};

bool tsmfd_merkle_available(void);
int tsmfd_merkle_leaf(const struct tsmfd_options *options,
		      struct tsmfd_hash *leaf);

struct tsmfd_tree *tsmfd_tree_new(u32 capacity);
void tsmfd_tree_free(struct tsmfd_tree *tree);
struct tsmfd_hash *tsmfd_tree_new_nodes(u32 capacity);
int tsmfd_tree_add(struct tsmfd_tree *tree, const struct tsmfd_hash *leaf,
		   struct tsmfd_hash **nodes);
void tsmfd_tree_give_up(struct tsmfd_tree *tree, u32 leaf);
bool tsmfd_tree_is_full(const struct tsmfd_tree *tree);
void tsmfd_tree_climb(struct tsmfd_tree *tree, u32 leaf);
int tsmfd_tree_close(struct tsmfd_tree *tree);
void tsmfd_tree_reopen(struct tsmfd_tree *tree);
const struct tsmfd_hash *tsmfd_tree_root(const struct tsmfd_tree *tree);
const struct tsmfd_hash *tsmfd_tree_leaf(const struct tsmfd_tree *tree, u32 leaf);
u32 tsmfd_tree_path_len(const struct tsmfd_tree *tree, u32 leaf);
u32 tsmfd_tree_path(const struct tsmfd_tree *tree, u32 leaf,
		    const struct tsmfd_hash **path);

void tsmfd_merkle_init(void);
void tsmfd_merkle_exit(void);

#endif /* TSMFD_CORE_MERKLE_H */

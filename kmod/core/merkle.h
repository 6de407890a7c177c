/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TSMFD_CORE_MERKLE_H
#define TSMFD_CORE_MERKLE_H

#include <linux/tsmfd.h>

enum {
	/* A tree of TSMFD_BATCH_MAX leaves has its root this far up. */
	TSMFD_TREE_LEVELS_MAX	= 13,
};

/**
 * struct tsmfd_hash - a SHA-512 digest
 * @bytes: as the standard orders them
 */
struct tsmfd_hash {
	u8	bytes[TSMFD_HASH_LEN];
};

/**
 * struct tsmfd_tree - a Merkle tree as RFC 9162 section 2.1 has it
 * @leaves: how many, at the start of @nodes
 * @levels: how many levels there are, that of the leaves and the root's counted
 * @start: where in @nodes each level starts
 * @nodes: level by level; where a level's number is odd, its last node stands
 *	for itself in the next level, unhashed
 */
struct tsmfd_tree {
	u32			leaves;
	u32			levels;
	u32			start[TSMFD_TREE_LEVELS_MAX + 1];
	struct tsmfd_hash	nodes[];
};

bool tsmfd_merkle_available(void);
int tsmfd_merkle_leaf(const struct tsmfd_options *options,
		      struct tsmfd_hash *leaf);

struct tsmfd_tree *tsmfd_tree_new(u32 leaves);
int tsmfd_tree_build(struct tsmfd_tree *tree);
const struct tsmfd_hash *tsmfd_tree_root(const struct tsmfd_tree *tree);
u32 tsmfd_tree_path(const struct tsmfd_tree *tree, u32 leaf,
		    const struct tsmfd_hash **path);

void tsmfd_merkle_init(void);
void tsmfd_merkle_exit(void);

#endif /* TSMFD_CORE_MERKLE_H */

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TSMFD_CORE_MERKLE_H
#define TSMFD_CORE_MERKLE_H

#include <linux/tsmfd.h>

enum {
	/* A tree of TSMFD_BATCH_MAX leaves has its root this far up. */
	TSMFD_TREE_PATH_MAX	= 12,
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
 * @leaves: how many there are
 * @nodes: level by level, the leaves first. A level has half as many nodes as the
 *	one below it, rounded up; a last node without a sibling is copied up.
 */
struct tsmfd_tree {
	u32			leaves;
	struct tsmfd_hash	nodes[];
};

bool tsmfd_merkle_available(void);
int tsmfd_merkle_leaf(const struct tsmfd_options *options,
		      struct tsmfd_hash *leaf);

struct tsmfd_tree *tsmfd_tree_new(u32 leaves);
void tsmfd_tree_free(struct tsmfd_tree *tree);
int tsmfd_tree_build(struct tsmfd_tree *tree);
const struct tsmfd_hash *tsmfd_tree_root(const struct tsmfd_tree *tree);
u32 tsmfd_tree_path(const struct tsmfd_tree *tree, u32 leaf,
		    const struct tsmfd_hash **path);

void tsmfd_merkle_init(void);
void tsmfd_merkle_exit(void);

#endif /* TSMFD_CORE_MERKLE_H */

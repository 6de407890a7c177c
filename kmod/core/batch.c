// SPDX-License-Identifier: GPL-2.0-only
/*
 * A batch: one firmware call for many challenges. The firmware signs the root of
 * a Merkle tree over them, and each caller gets the report with the path from
 * its own challenge to that root.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "batch.h"
#include "request.h"

/**
 * tsmfd_batch_new() - a batch without report
 * @leaves: how many requests it is for, 1 to TSMFD_BATCH_MAX
 *
 * Return: the batch, held by the caller until tsmfd_batch_put(), or NULL.
 */
struct tsmfd_batch *tsmfd_batch_new(u32 leaves)
{
	struct tsmfd_batch *batch = kzalloc(sizeof(*batch), GFP_KERNEL_ACCOUNT);

	if (!batch)
		return NULL;

	batch->tree = tsmfd_tree_new(leaves);
	if (!batch->tree) {
		kfree(batch);
		return NULL;
	}
	refcount_set(&batch->refs, 1);
	return batch;
}

/**
 * tsmfd_batch_free() - for tsmfd_batch_put()
 * @batch: that nobody has any more
 */
void tsmfd_batch_free(struct tsmfd_batch *batch)
{
	tsmfd_report_free(&batch->report);
	kvfree(batch->tree);
	kfree(batch);
}

/**
 * tsmfd_batch_options() - what to ask of the firmware
 * @batch: with its tree built
 * @member: any of the requests' options: all are for one privlevel and format
 * @options: set
 */
void tsmfd_batch_options(const struct tsmfd_batch *batch,
			 const struct tsmfd_options *member,
			 struct tsmfd_options *options)
{
	*options = (struct tsmfd_options) {
		.given = member->given & TSMFD_OPT_PRIVLEVEL,
		.privlevel = member->privlevel,
		.format = member->format,
		.inblob_len = TSMFD_HASH_LEN,
	};
	static_assert(TSMFD_HASH_LEN == TSMFD_INBLOB_MAX);
	memcpy(options->inblob, tsmfd_tree_root(batch->tree), TSMFD_HASH_LEN);
}

/**
 * tsmfd_batch_proof_len() - of one leaf
 * @batch: answered
 * @leaf: which
 *
 * Return: bytes.
 */
size_t tsmfd_batch_proof_len(const struct tsmfd_batch *batch, u32 leaf)
{
	const struct tsmfd_hash *path[TSMFD_TREE_LEVELS_MAX];

	return sizeof(struct tsmfd_batch_proof) +
	       TSMFD_HASH_LEN * tsmfd_tree_path(batch->tree, leaf, path);
}

/**
 * tsmfd_batch_proof() - that one leaf is in it
 * @batch: answered
 * @leaf: which
 * @proof: tsmfd_batch_proof_len() bytes
 */
void tsmfd_batch_proof(const struct tsmfd_batch *batch, u32 leaf,
		       struct tsmfd_batch_proof *proof)
{
	const struct tsmfd_hash *path[TSMFD_TREE_LEVELS_MAX];
	u32 len = tsmfd_tree_path(batch->tree, leaf, path);
	u8 *next = (u8 *)(proof + 1);
	u32 i;

	*proof = (struct tsmfd_batch_proof) {
		.magic = TSMFD_BATCH_PROOF_MAGIC,
		.version = cpu_to_le32(1),
		.leaf_index = cpu_to_le32(leaf),
		.tree_size = cpu_to_le32(batch->tree->leaves),
		.path_len = cpu_to_le32(len),
		.outblob_len = cpu_to_le32(batch->report.outblob.len),
		.auxblob_len = cpu_to_le32(batch->report.auxblob.len),
		.manifestblob_len = cpu_to_le32(batch->report.manifestblob.len),
	};
	for (i = 0; i < len; i++, next += TSMFD_HASH_LEN)
		memcpy(next, path[i], TSMFD_HASH_LEN);
}

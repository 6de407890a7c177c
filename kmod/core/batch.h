/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TSMFD_CORE_BATCH_H
#define TSMFD_CORE_BATCH_H

#include <linux/refcount.h>
#include <linux/tsmfd.h>

#include "merkle.h"

/**
 * struct tsmfd_batch - one report that answers many requests
 * @refs: one for each of them
 * @report: over the root of @tree
 * @tree: of their leaves
 *
 * Constant from the moment that the first of them is answered.
 */
struct tsmfd_batch {
	refcount_t		refs;
	struct tsmfd_report	report;
	struct tsmfd_tree	*tree;
};

struct tsmfd_batch *tsmfd_batch_new(u32 leaves);
void tsmfd_batch_free(struct tsmfd_batch *batch);

/**
 * tsmfd_batch_put() - one that it is for has gone
 * @batch: or NULL
 */
static inline void tsmfd_batch_put(struct tsmfd_batch *batch)
{
	if (batch && refcount_dec_and_test(&batch->refs))
		tsmfd_batch_free(batch);
}

void tsmfd_batch_options(const struct tsmfd_batch *batch,
			 const struct tsmfd_options *member,
			 struct tsmfd_options *options);
size_t tsmfd_batch_proof_len(const struct tsmfd_batch *batch, u32 leaf);
void tsmfd_batch_proof(const struct tsmfd_batch *batch, u32 leaf,
		       struct tsmfd_batch_proof *proof);

#endif /* TSMFD_CORE_BATCH_H */

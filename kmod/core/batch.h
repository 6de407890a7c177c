/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TSMFD_CORE_BATCH_H
#define TSMFD_CORE_BATCH_H

#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/tsmfd.h>

#include "merkle.h"

struct tsmfd_queue;
struct tsmfd_request;

/**
 * struct tsmfd_batch - one report that answers many requests
 * @refs: one for each of them, from when it joins, and the queue's while it is open
 * @group: what they have in common; its place in the queue's open batches
 * @members: those of them that are QUEUED. Protected by the queue's lock.
 * @report: over the root of @tree; constant from the moment that the first of them
 *	is answered
 * @tree: of their leaves. Requests are added with the queue's lock held.
 */
struct tsmfd_batch {
	refcount_t		refs;
	u32			group;
	struct list_head	members;
	struct tsmfd_report	report;
	struct tsmfd_tree	*tree;
};

/**
 * struct tsmfd_batch_room - memory that a request may need to join a batch
 * @batch: with a tree; or NULL
 * @nodes: for a tree; or NULL
 * @batch_is_needed: there was none to join
 */
struct tsmfd_batch_room {
	struct tsmfd_batch	*batch;
	struct tsmfd_hash	*nodes;
	bool			batch_is_needed;
};

int tsmfd_batch_make_room(struct tsmfd_batch_room *room);
void tsmfd_batch_free_room(struct tsmfd_batch_room *room);
int tsmfd_batch_join(struct tsmfd_queue *queue, struct tsmfd_request *request,
		     struct tsmfd_batch_room *room);
int tsmfd_batch_join_alone(struct tsmfd_request *request);
void tsmfd_batch_enter(struct tsmfd_queue *queue, struct tsmfd_request *request);
void tsmfd_batch_leave(struct tsmfd_queue *queue, struct tsmfd_request *request);
void tsmfd_batch_give_up(struct tsmfd_request *request);
void tsmfd_batch_reopen(struct tsmfd_queue *queue, struct tsmfd_batch *batch);
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

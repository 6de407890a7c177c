// SPDX-License-Identifier: GPL-2.0-only
/*
 * A batch: one firmware call for many challenges. The firmware signs the root of
 * a Merkle tree over them, and each caller gets the report with the path from
 * its own challenge to that root.
 */
#include <linux/lockdep.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "batch.h"
#include "queue.h"
#include "request.h"

static unsigned int batch_max = TSMFD_BATCH_MAX;

static int set_batch_max(const char *text, const struct kernel_param *param)
{
	return param_set_uint_minmax(text, param, 1, TSMFD_BATCH_MAX);
}

static const struct kernel_param_ops batch_max_ops = {
	.set = set_batch_max,
	.get = param_get_uint,
};
module_param_cb(batch_max, &batch_max_ops, &batch_max, 0644);
MODULE_PARM_DESC(batch_max,
		 "most requests that one firmware call answers, 1 to 4096 (default 4096)");

static struct tsmfd_batch *new_batch(u32 capacity)
{
	struct tsmfd_batch *batch = kzalloc(sizeof(*batch), GFP_KERNEL_ACCOUNT);

	if (!batch)
		return NULL;

	batch->tree = tsmfd_tree_new(capacity);
	if (!batch->tree) {
		kfree(batch);
		return NULL;
	}
	refcount_set(&batch->refs, 1);
	INIT_LIST_HEAD(&batch->members);
	return batch;
}

/**
 * tsmfd_batch_free() - for tsmfd_batch_put()
 * @batch: that nobody has any more
 */
void tsmfd_batch_free(struct tsmfd_batch *batch)
{
	tsmfd_report_free(&batch->report);
	tsmfd_tree_free(batch->tree);
	kfree(batch);
}

/**
 * tsmfd_batch_make_room() - allocate what tsmfd_batch_join() was short of
 * @room: which it was given
 *
 * Return: 0 or -ENOMEM.
 */
int tsmfd_batch_make_room(struct tsmfd_batch_room *room)
{
	if (room->batch_is_needed && !room->batch) {
		room->batch = new_batch(READ_ONCE(batch_max));
		if (!room->batch)
			return -ENOMEM;
	}
	if (!room->nodes) {
		/* Whichever batch will be open then, and however large. */
		room->nodes = tsmfd_tree_new_nodes(TSMFD_BATCH_MAX);
		if (!room->nodes)
			return -ENOMEM;
	}
	return 0;
}

/**
 * tsmfd_batch_free_room() - what was left of it
 * @room: not used any more
 */
void tsmfd_batch_free_room(struct tsmfd_batch_room *room)
{
	tsmfd_batch_put(room->batch);
	kfree(room->nodes);
}

static u32 group_of(const struct tsmfd_request *request)
{
	return 2 * request->options.privlevel + request->options.format;
}

/* It stays as long as its members. */
static void close_batch(struct tsmfd_queue *queue, struct tsmfd_batch *batch)
{
	if (queue->open[batch->group] != batch)
		return;
	queue->open[batch->group] = NULL;
	tsmfd_batch_put(batch);
}

static int add_leaf(struct tsmfd_batch *batch, struct tsmfd_request *request,
		    struct tsmfd_hash **nodes)
{
	int leaf = tsmfd_tree_add(batch->tree, &request->leaf, nodes);

	if (leaf < 0)
		return leaf;
	refcount_inc(&batch->refs);
	request->batch = batch;
	request->leaf_index = leaf;
	return 0;
}

/**
 * tsmfd_batch_join() - be answered together with others, by one call
 * @queue: locked
 * @request: that may be batched, NEW; to be QUEUED before the queue is unlocked
 * @room: zeroed, or what tsmfd_batch_make_room() has made of it
 *
 * Return: 0; or -EAGAIN if there has to be more room: the caller unlocks the queue,
 * makes it, and tries again.
 */
int tsmfd_batch_join(struct tsmfd_queue *queue, struct tsmfd_request *request,
		     struct tsmfd_batch_room *room)
{
	u32 group = group_of(request);
	struct tsmfd_batch *batch = queue->open[group];

	lockdep_assert_held(&queue->lock);

	if (batch && tsmfd_tree_is_full(batch->tree)) {
		close_batch(queue, batch);
		batch = NULL;
	}
	if (!batch) {
		room->batch_is_needed = true;
		if (!room->batch || !room->nodes)
			return -EAGAIN;
		batch = room->batch;
		room->batch = NULL;
		batch->group = group;
		queue->open[group] = batch;
	}
	return add_leaf(batch, request, &room->nodes);
}

/**
 * tsmfd_batch_join_alone() - a batch that nobody else can join
 * @request: that may be batched, and is run by its caller
 *
 * Return: 0 or -ENOMEM.
 */
int tsmfd_batch_join_alone(struct tsmfd_request *request)
{
	struct tsmfd_hash *nodes = tsmfd_tree_new_nodes(1);
	struct tsmfd_batch *batch = new_batch(1);
	int rc = -ENOMEM;

	if (batch && nodes) {
		batch->group = group_of(request);
		rc = add_leaf(batch, request, &nodes);
	}
	tsmfd_batch_put(batch);
	kfree(nodes);
	return rc;
}

/**
 * tsmfd_batch_enter() - a request that has joined becomes QUEUED
 * @queue: locked
 * @request: of a batch
 */
void tsmfd_batch_enter(struct tsmfd_queue *queue, struct tsmfd_request *request)
{
	lockdep_assert_held(&queue->lock);

	list_add_tail(&request->peers, &request->batch->members);
}

/**
 * tsmfd_batch_leave() - a request is no longer QUEUED
 * @queue: locked
 * @request: of a batch
 *
 * With the last of its members a batch is closed: they have been taken for a call, or
 * nobody wants to know any more.
 */
void tsmfd_batch_leave(struct tsmfd_queue *queue, struct tsmfd_request *request)
{
	lockdep_assert_held(&queue->lock);

	list_del_init(&request->peers);
	if (list_empty(&request->batch->members))
		close_batch(queue, request->batch);
}

/**
 * tsmfd_batch_give_up() - a request will not be answered by its batch
 * @request: of one; not QUEUED, and not to be so again
 *
 * Its leaf stays in the tree unless another request takes its place.
 */
void tsmfd_batch_give_up(struct tsmfd_request *request)
{
	tsmfd_tree_give_up(request->batch->tree, request->leaf_index);
}

/**
 * tsmfd_batch_reopen() - after a call that is to be made again
 * @queue: locked
 * @batch: closed, and its members QUEUED again
 *
 * Whoever comes until then is to share that call, unless others wait to share the
 * next already.
 */
void tsmfd_batch_reopen(struct tsmfd_queue *queue, struct tsmfd_batch *batch)
{
	lockdep_assert_held(&queue->lock);

	if (queue->open[batch->group] || list_empty(&batch->members) ||
	    tsmfd_tree_is_full(batch->tree))
		return;
	tsmfd_tree_reopen(batch->tree);
	refcount_inc(&batch->refs);
	queue->open[batch->group] = batch;
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
	return sizeof(struct tsmfd_batch_proof) +
	       TSMFD_HASH_LEN * tsmfd_tree_path_len(batch->tree, leaf);
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

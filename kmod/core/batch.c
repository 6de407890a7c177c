// SPDX-License-Identifier: GPL-2.0-only
/*
 * A batch: one firmware call for many challenges. The firmware signs the root of
 * a Merkle tree over them, and each caller gets the report with the path from
 * its own challenge to that root.
 *
 * Owns: which requests share a call, and what each is answered with in one piece.
 * May include: options, merkle, user, request.
 */
#include <kunit/visibility.h>
#include <linux/cleanup.h>
#include <linux/export.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uio.h>

#include "batch.h"

static unsigned int batch_max = TSMFD_BATCH_MAX;

static int batch_set_max(const char *text, const struct kernel_param *param)
{
	return param_set_uint_minmax(text, param, 1, TSMFD_BATCH_MAX);
}

static const struct kernel_param_ops batch_max_ops = {
	.set = batch_set_max,
	.get = param_get_uint,
};
module_param_cb(batch_max, &batch_max_ops, &batch_max, 0644);
MODULE_PARM_DESC(batch_max,
		 "most requests that one firmware call answers, 1 to 4096 (default 4096)");

/* With no members; NULL for want of memory. */
struct tsmfd_batch *tsmfd_batch_new(void)
{
	struct tsmfd_batch *batch = kzalloc(sizeof(*batch), GFP_KERNEL_ACCOUNT);

	if (!batch)
		return NULL;
	refcount_set(&batch->refs, 1);
	INIT_LIST_HEAD(&batch->members);
	return batch;
}

/* One that it is for has gone; NULL is let pass. */
void tsmfd_batch_put(struct tsmfd_batch *batch)
{
	if (!batch || !refcount_dec_and_test(&batch->refs))
		return;
	tsmfd_report_free(&batch->report);
	tsmfd_tree_free(batch->tree);
	kfree(batch);
}

static void batch_add(struct tsmfd_batch *batch, struct tsmfd_request *request)
{
	list_add_tail(&request->peers, &batch->members);
	batch->count++;
}

/**
 * tsmfd_batch_join() - be answered together with others, by one call
 * @batches: the queue is locked
 * @request: that may be batched; becomes QUEUED
 * @spare: a batch without members, which is taken, and set to NULL, if there is
 *	none that the request may join
 */
void tsmfd_batch_join(struct tsmfd_batches *batches,
		      struct tsmfd_request *request,
		      struct tsmfd_batch **spare)
{
	const struct tsmfd_options *options = &request->options;
	u32 group = 2 * options->privlevel + options->format;
	struct tsmfd_batch *batch = batches->open[group];

	if (batch && batch->count < READ_ONCE(batch_max)) {
		refcount_inc(&batch->refs);
	} else {
		batch = *spare;
		*spare = NULL;
		batch->group = group;
		batches->open[group] = batch;
	}
	request->batch = batch;
	request->answer = &batch->report;
	batch_add(batch, request);
}

/**
 * tsmfd_batch_join_again() - after a call that is to be made again
 * @batches: the queue is locked
 * @request: that was a member and became RUNNING; becomes QUEUED
 *
 * Those who come until the call is made share it, unless others wait to share the
 * next one already.
 */
void tsmfd_batch_join_again(struct tsmfd_batches *batches,
			    struct tsmfd_request *request)
{
	struct tsmfd_batch *batch = request->batch;

	batch_add(batch, request);
	if (!batches->open[batch->group])
		batches->open[batch->group] = batch;
}

/**
 * tsmfd_batch_leave() - a member is no longer QUEUED
 * @batches: the queue is locked
 * @request: a member
 *
 * When the last member has left, nobody can join any more.
 */
void tsmfd_batch_leave(struct tsmfd_batches *batches,
		       struct tsmfd_request *request)
{
	struct tsmfd_batch *batch = request->batch;

	list_del_init(&request->peers);
	if (!--batch->count && batches->open[batch->group] == batch)
		batches->open[batch->group] = NULL;
}

/**
 * tsmfd_batch_seal() - build the tree of those that are answered together
 * @batch: whose
 * @members: by their node; RUNNING
 * @count: how many they are
 * @options: set to what is to be asked of the firmware
 *
 * Return: 0, -ENOMEM or an errno of the crypto API.
 */
int tsmfd_batch_seal(struct tsmfd_batch *batch, struct list_head *members,
		     u32 count, struct tsmfd_options *options)
{
	const struct tsmfd_request *first =
		list_first_entry(members, struct tsmfd_request, node);
	struct tsmfd_tree *tree = tsmfd_tree_new(count);
	struct tsmfd_request *member;
	u32 leaf = 0;
	int rc;

	if (!tree)
		return -ENOMEM;
	batch->tree = tree;
	list_for_each_entry(member, members, node) {
		member->leaf_index = leaf;
		tree->nodes[leaf++] = member->leaf;
	}
	rc = tsmfd_tree_build(tree);
	if (rc)
		return rc;

	*options = (struct tsmfd_options) {
		.given = first->options.given & TSMFD_OPT_PRIVLEVEL,
		.privlevel = first->options.privlevel,
		.format = first->options.format,
		.inblob_len = TSMFD_HASH_LEN,
	};
	static_assert(TSMFD_HASH_LEN == TSMFD_INBLOB_MAX);
	memcpy(options->inblob, tsmfd_tree_root(tree), TSMFD_HASH_LEN);
	return 0;
}

/* The call failed, and may be made again; nobody has been answered. May sleep. */
void tsmfd_batch_unseal(struct tsmfd_batch *batch)
{
	tsmfd_tree_free(batch->tree);
	batch->tree = NULL;
	tsmfd_report_free(&batch->report);
}

/* Of the proof that a request is in its batch; 0 if it was not batched. */
size_t tsmfd_batch_proof_len(const struct tsmfd_request *request)
{
	const struct tsmfd_hash *path[TSMFD_TREE_PATH_MAX];

	if (!request->batch)
		return 0;
	return sizeof(struct tsmfd_batch_proof) +
	       TSMFD_HASH_LEN * tsmfd_tree_path(request->batch->tree,
						request->leaf_index, path);
}
EXPORT_SYMBOL_IF_KUNIT(tsmfd_batch_proof_len);

/* That a request is in its batch; @proof has room for tsmfd_batch_proof_len() bytes. */
void tsmfd_batch_proof(const struct tsmfd_request *request,
		       struct tsmfd_batch_proof *proof)
{
	const struct tsmfd_hash *path[TSMFD_TREE_PATH_MAX];
	const struct tsmfd_report *report = request->answer;
	u32 i, len = tsmfd_tree_path(request->batch->tree, request->leaf_index,
				     path);
	u8 *next = (u8 *)(proof + 1);

	*proof = (struct tsmfd_batch_proof) {
		.magic = TSMFD_BATCH_PROOF_MAGIC,
		.version = cpu_to_le32(1),
		.leaf_index = cpu_to_le32(request->leaf_index),
		.tree_size = cpu_to_le32(request->batch->tree->leaves),
		.path_len = cpu_to_le32(len),
		.outblob_len = cpu_to_le32(report->outblob.len),
		.auxblob_len = cpu_to_le32(report->auxblob.len),
		.manifestblob_len = cpu_to_le32(report->manifestblob.len),
	};
	for (i = 0; i < len; i++, next += TSMFD_HASH_LEN)
		memcpy(next, path[i], TSMFD_HASH_LEN);
}
EXPORT_SYMBOL_IF_KUNIT(tsmfd_batch_proof);

/**
 * tsmfd_answer_len() - of all that a request was answered with, in one piece
 * @request: DONE, without an error
 *
 * Return: bytes.
 */
size_t tsmfd_answer_len(const struct tsmfd_request *request)
{
	return tsmfd_batch_proof_len(request) +
	       tsmfd_report_len(request->answer);
}
EXPORT_SYMBOL_GPL(tsmfd_answer_len);

/* A piece of the proof, from @offset on. */
static ssize_t batch_copy_proof(const struct tsmfd_request *request, size_t len,
				size_t offset, struct iov_iter *to)
{
	size_t want = min(len - offset, iov_iter_count(to));
	size_t got;

	void *proof __free(kfree) = kmalloc(len, GFP_KERNEL);
	if (!proof)
		return -ENOMEM;

	tsmfd_batch_proof(request, proof);
	got = copy_to_iter(proof + offset, want, to);
	return got || !want ? got : -EFAULT;
}

/**
 * tsmfd_answer_copy() - a piece of all that a request was answered with
 * @request: DONE, without an error
 * @offset: where to start; a batch's proof comes first, then the blobs
 * @to: where to, and how much
 *
 * Return: bytes copied, 0 at the end, -EFAULT or -ENOMEM.
 */
ssize_t tsmfd_answer_copy(const struct tsmfd_request *request, size_t offset,
			  struct iov_iter *to)
{
	size_t proof_len = tsmfd_batch_proof_len(request);
	ssize_t proof = 0, blobs;

	if (offset < proof_len) {
		proof = batch_copy_proof(request, proof_len, offset, to);
		if (proof < 0 || offset + proof < proof_len)
			return proof;
		offset = proof_len;
	}
	blobs = tsmfd_report_copy(request->answer, offset - proof_len, to);
	return blobs < 0 && proof ? proof : proof + blobs;
}
EXPORT_SYMBOL_GPL(tsmfd_answer_copy);

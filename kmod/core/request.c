// SPDX-License-Identifier: GPL-2.0-only
/*
 * A request: one caller's options, and the answer to them.
 */
#include <kunit/visibility.h>
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uio.h>

#include "options.h"
#include "queue.h"
#include "registry.h"
#include "request.h"
#include "user.h"

static struct kmem_cache *request_cache;

/* Not under KASAN, which is to see who uses one that has ended. */
bool tsmfd_request_keeps_spares = !IS_ENABLED(CONFIG_KASAN);
EXPORT_SYMBOL_IF_KUNIT(tsmfd_request_keeps_spares);

/* Who asks again, as most do, is spared to have memory found and accounted for. */
static struct tsmfd_request *alloc_request(struct tsmfd_flow *flow)
{
	struct tsmfd_request *spare = NULL;

	if (READ_ONCE(flow->spare))
		spare = xchg(&flow->spare, NULL);
	return spare ?: kmem_cache_alloc(request_cache, GFP_KERNEL);
}

static void construct(void *memory)
{
	struct tsmfd_request *request = memory;

	INIT_LIST_HEAD(&request->node);
	INIT_LIST_HEAD(&request->peers);
	init_swait_queue_head(&request->waiters);
	request->report = (struct tsmfd_report) {};
	request->charged = 0;
}

/* All that is not constructed, and what a batched one has. */
static void init(struct tsmfd_request *request, struct tsmfd_provider *provider,
		 struct tsmfd_flow *flow, const struct tsmfd_options *options)
{
	refcount_set(&request->refs, 1);
	request->queue = &provider->queue;
	request->options = *options;
	if (!(options->given & TSMFD_OPT_PRIVLEVEL))
		request->options.privlevel = flow->privlevel_floor;
	request->flow = flow;
	request->face = flow->face;
	request->memcg = NULL;
	request->again = false;
	request->submitted_ns = 0;
	request->state = TSMFD_REQUEST_NEW;
	request->settled = false;
	request->error = 0;
	request->generation = 0;
	request->batch = NULL;
}

/**
 * tsmfd_request_new() - a request with a snapshot of a caller's options
 * @provider: held by the caller for as long as the request
 * @flow: whose turn it takes; kept until the request has been put by all
 * @options: copied
 *
 * Return: the request, with one reference, the caller's; or an ERR_PTR():
 * -EINVAL for an empty inblob, whatever tsmfd_options_validate() says, -EPERM
 * for what the flow's opener may not have, -EDQUOT over its quota.
 */
struct tsmfd_request *tsmfd_request_new(struct tsmfd_provider *provider,
					struct tsmfd_flow *flow,
					const struct tsmfd_options *options)
{
	struct tsmfd_request *request;
	int rc;

	if (!options->inblob_len)
		return ERR_PTR(-EINVAL);
	rc = tsmfd_options_validate(options, &provider->info) ?:
	     tsmfd_flow_check(flow, &provider->queue, options);
	if (rc)
		return ERR_PTR(rc);

	request = alloc_request(flow);
	if (!request)
		return ERR_PTR(-ENOMEM);

	init(request, provider, flow, options);
	/* Here, in the caller's own context, where it costs nobody else. */
	if (tsmfd_request_is_batched(request))
		rc = tsmfd_merkle_leaf(&request->options, &request->leaf);
	if (!rc)
		rc = tsmfd_quota_charge(request);
	if (rc) {
		kmem_cache_free(request_cache, request);
		return ERR_PTR(rc);
	}
	return request;
}
EXPORT_SYMBOL_GPL(tsmfd_request_new);

/* What is an end's, whatever becomes of the memory. */
static inline void end(struct tsmfd_request *request)
{
	tsmfd_report_free(&request->report);
	tsmfd_batch_put(request->batch);
	mem_cgroup_put(request->memcg);
}

/* The caller's was the last reference, so its flow is still there. */
static inline void recycle(struct tsmfd_request *request)
{
	struct tsmfd_flow *flow = request->flow;

	end(request);
	if (tsmfd_request_keeps_spares && !READ_ONCE(flow->spare) &&
	    !cmpxchg(&flow->spare, NULL, request))
		return;
	kmem_cache_free(request_cache, request);
}

/**
 * tsmfd_request_put() - a caller no longer wants the answer
 * @request: not to be touched by the caller afterwards; NULL is let pass
 *
 * The last to say so cancels a request that is still queued.
 */
void tsmfd_request_put(struct tsmfd_request *request)
{
	if (!request)
		return;
	/* Pairs with the release in turn.c's tsmfd_turn_answer(). */
	if (smp_load_acquire(&request->settled)) {
		if (!refcount_dec_and_test(&request->refs))
			return;
	} else if (!refcount_dec_and_lock(&request->refs, &request->queue->lock) ||
		   !tsmfd_queue_forget(request)) {
		return;
	}
	recycle(request);
}
EXPORT_SYMBOL_GPL(tsmfd_request_put);

/* All but the outblob. */
void tsmfd_report_free_others(struct tsmfd_report *report)
{
	tsmfd_blob_free(&report->auxblob);
	tsmfd_blob_free(&report->manifestblob);
}

/**
 * tsmfd_request_free() - the end of a request that nothing refers to
 * @request: neither held nor queued nor running; its flow may have gone
 */
void tsmfd_request_free(struct tsmfd_request *request)
{
	end(request);
	kmem_cache_free(request_cache, request);
}

/**
 * tsmfd_request_free_spare() - a flow has no next request
 * @flow: all of its requests have been put
 */
void tsmfd_request_free_spare(struct tsmfd_flow *flow)
{
	if (flow->spare)
		kmem_cache_free(request_cache, flow->spare);
}

/*
 * Not a completion, nor a wait_event(): those check that they may sleep, and
 * that yields to the worker that was just woken, which has to come back for the
 * caller to be put to sleep. That is a third switch in place of two.
 */

/**
 * tsmfd_request_wait() - until it is answered
 * @request: submitted
 * @timeout: jiffies, or MAX_SCHEDULE_TIMEOUT
 *
 * Return: 0 if it is answered, -ETIMEDOUT, or -ERESTARTSYS after a signal. The
 * request goes on in either case until the caller puts it.
 */
long tsmfd_request_wait(struct tsmfd_request *request, unsigned long timeout)
{
	long left;

	left = swait_event_interruptible_timeout_exclusive(request->waiters,
							   tsmfd_request_done(request),
							   timeout);
	if (left < 0)
		return left;
	return left ? 0 : -ETIMEDOUT;
}
EXPORT_SYMBOL_GPL(tsmfd_request_wait);

/**
 * tsmfd_request_sleep_killable() - for tsmfd_request_wait_killable()
 * @request: submitted
 *
 * Return: as it says.
 */
int tsmfd_request_sleep_killable(struct tsmfd_request *request)
{
	return ___swait_event(request->waiters, tsmfd_request_done(request),
			      TASK_KILLABLE, 0, schedule());
}
EXPORT_SYMBOL_GPL(tsmfd_request_sleep_killable);

/**
 * tsmfd_blob_alloc() - room for a blob, charged to the caller it is for
 * @blob: empty; data and len are set
 * @len: bytes, not zeroed
 *
 * Return: the bytes, or NULL.
 */
void *tsmfd_blob_alloc(struct tsmfd_blob *blob, size_t len)
{
	blob->data = kvmalloc(len, GFP_KERNEL_ACCOUNT);
	blob->len = blob->data ? len : 0;
	return blob->data;
}
EXPORT_SYMBOL_GPL(tsmfd_blob_alloc);

/**
 * tsmfd_report_len() - of its blobs, one behind the other
 * @report: a report
 *
 * Return: bytes.
 */
size_t tsmfd_report_len(const struct tsmfd_report *report)
{
	return report->outblob.len + report->auxblob.len +
	       report->manifestblob.len;
}
EXPORT_SYMBOL_GPL(tsmfd_report_len);

/**
 * tsmfd_report_copy() - a piece of its blobs, one behind the other
 * @report: a report
 * @offset: where to start, from the outblob's first byte
 * @to: where to, and how much
 *
 * Return: bytes copied, 0 at the end, or -EFAULT.
 */
ssize_t tsmfd_report_copy(const struct tsmfd_report *report, loff_t offset,
			  struct iov_iter *to)
{
	const struct tsmfd_blob *blobs[] = {
		&report->outblob, &report->auxblob, &report->manifestblob,
	};
	ssize_t copied = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(blobs) && iov_iter_count(to); i++) {
		size_t want, got;

		if (offset >= blobs[i]->len) {
			offset -= blobs[i]->len;
			continue;
		}
		want = min_t(size_t, blobs[i]->len - offset,
			     iov_iter_count(to));
		got = copy_to_iter(blobs[i]->data + offset, want, to);
		copied += got;
		if (got < want)
			return copied ?: -EFAULT;
		offset = 0;
	}

	return copied;
}
EXPORT_SYMBOL_IF_KUNIT(tsmfd_report_copy);

/**
 * tsmfd_request_len() - of all that it was answered with, in one piece
 * @request: DONE, without an error
 *
 * Return: bytes.
 */
size_t tsmfd_request_len(const struct tsmfd_request *request)
{
	size_t len = tsmfd_report_len(tsmfd_request_report(request));

	if (request->batch)
		len += tsmfd_batch_proof_len(request->batch,
					     request->leaf_index);
	return len;
}
EXPORT_SYMBOL_GPL(tsmfd_request_len);

/* A piece of the proof, from @offset on. */
static ssize_t copy_proof(const struct tsmfd_request *request, size_t len,
			  loff_t offset, struct iov_iter *to)
{
	size_t want = min_t(size_t, len - offset, iov_iter_count(to));
	size_t got;

	void *proof __free(kfree) = kmalloc(len, GFP_KERNEL);
	if (!proof)
		return -ENOMEM;

	tsmfd_batch_proof(request->batch, request->leaf_index, proof);
	got = copy_to_iter(proof + offset, want, to);
	return got || !want ? got : -EFAULT;
}

/**
 * tsmfd_request_copy() - a piece of all that it was answered with
 * @request: DONE, without an error
 * @offset: where to start; a batch's proof comes first, then the blobs
 * @to: where to, and how much
 *
 * Return: bytes copied, 0 at the end, -EFAULT or -ENOMEM.
 */
ssize_t tsmfd_request_copy(const struct tsmfd_request *request, loff_t offset,
			   struct iov_iter *to)
{
	const struct tsmfd_report *report = tsmfd_request_report(request);
	ssize_t proof = 0, blobs;
	size_t proof_len;

	if (!request->batch)
		return tsmfd_report_copy(report, offset, to);

	proof_len = tsmfd_batch_proof_len(request->batch, request->leaf_index);
	if (offset < proof_len) {
		proof = copy_proof(request, proof_len, offset, to);
		if (proof < 0 || offset + proof < proof_len)
			return proof;
		offset = proof_len;
	}
	blobs = tsmfd_report_copy(report, offset - proof_len, to);
	return blobs < 0 && proof ? proof : proof + blobs;
}
EXPORT_SYMBOL_GPL(tsmfd_request_copy);

int __init tsmfd_request_init(void)
{
	request_cache = kmem_cache_create("tsmfd_request",
					  sizeof(struct tsmfd_request), 0,
					  SLAB_ACCOUNT, construct);
	return request_cache ? 0 : -ENOMEM;
}

void tsmfd_request_exit(void)
{
	kmem_cache_destroy(request_cache);
}

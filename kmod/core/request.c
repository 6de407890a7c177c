// SPDX-License-Identifier: GPL-2.0-only
/*
 * A request: one caller's options, and the answer to them.
 *
 *	NEW -> QUEUED -> RUNNING -> DONE
 *	          ^---------'		the firmware was busy
 *
 * Owns: requests and reports, and what they are charged. May include: options,
 * merkle, user.
 */
#include <kunit/visibility.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/jiffies.h>
#include <linux/memcontrol.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uio.h>
#include <linux/wait.h>

#include "options.h"
#include "request.h"

/*
 * What the answer to a pending request is charged at most: as much as three of the
 * longest blobs of Linux 6.12's vendors' drivers. A provider may announce far more,
 * for the few reports that are long.
 */
#define REQUEST_PENDING_MAX	(3U * SZ_32K)

static struct kmem_cache *request_cache;

/* What the longest answer to a request comes to. */
static u32 request_answer_max(const struct tsmfd_info *info, const struct tsmfd_options *options)
{
	u32 bytes = info->outblob_max + info->manifestblob_max;

	return options->format == TSMFD_FORMAT_EXTENDED ? bytes + info->auxblob_max : bytes;
}

static struct tsmfd_request *request_alloc(struct tsmfd_queue *queue,
					   struct tsmfd_flow *flow,
					   const struct tsmfd_options *options)
{
	struct tsmfd_request *request = kmem_cache_zalloc(request_cache, GFP_KERNEL);

	if (!request)
		return NULL;
	refcount_set(&request->refs, 1);
	request->queue = queue;
	request->flow = tsmfd_flow_get(flow);
	request->options = *options;
	if (!(options->given & TSMFD_OPT_PRIVLEVEL))
		request->options.privlevel = flow->privlevel_floor;
	request->memcg = get_mem_cgroup_from_mm(current->mm);
	request->deadline = KTIME_MAX;
	init_completion(&request->done);
	request->answer = &request->report;
	INIT_LIST_HEAD(&request->node);
	INIT_LIST_HEAD(&request->peers);
	return request;
}

/**
 * tsmfd_request_new() - a request with a snapshot of a caller's options
 * @queue: where it is to go; the caller holds its provider for as long as the
 *	request
 * @flow: whose turn it takes
 * @options: copied
 *
 * What the calling task's memory cgroup is now pays for it and for its answer.
 *
 * Return: the request, with one reference, the caller's; or an ERR_PTR():
 * -EINVAL for an empty inblob, -EDQUOT over the quota, or what
 * tsmfd_flow_check() says.
 */
struct tsmfd_request *tsmfd_request_new(struct tsmfd_queue *queue,
					struct tsmfd_flow *flow,
					const struct tsmfd_options *options)
{
	u32 longest = request_answer_max(tsmfd_flow_info(flow), options);
	struct tsmfd_request *request;
	u32 bytes = sizeof(*request) + min(longest, REQUEST_PENDING_MAX);
	int rc;

	if (!options->inblob_len)
		return ERR_PTR(-EINVAL);
	rc = tsmfd_flow_check(flow, options);
	if (rc)
		return ERR_PTR(rc);
	rc = tsmfd_user_charge(flow->user, bytes);
	if (rc)
		return ERR_PTR(rc);

	request = request_alloc(queue, flow, options);
	if (!request) {
		tsmfd_user_release(flow->user, bytes);
		return ERR_PTR(-ENOMEM);
	}
	request->charged = bytes;
	request->may_grow = longest > REQUEST_PENDING_MAX && tsmfd_user_is_admin();

	/* In the caller's own context, where it costs nobody else. */
	if (tsmfd_request_is_batched(request))
		rc = tsmfd_merkle_leaf(&request->options, &request->leaf);
	if (rc) {
		tsmfd_request_free(request);
		return ERR_PTR(rc);
	}
	return request;
}
EXPORT_SYMBOL_IF_KUNIT(tsmfd_request_new);

/* The end of a request that nothing refers to, and whose batch has been put. */
void tsmfd_request_free(struct tsmfd_request *request)
{
	tsmfd_report_free(&request->report);
	mem_cgroup_put(request->memcg);
	tsmfd_user_release(request->flow->user, request->charged);
	tsmfd_flow_put(request->flow);
	kmem_cache_free(request_cache, request);
}

/* Charges an answer with what it really came to. Returns its error, or that this is too much. */
static int request_recharge(struct tsmfd_request *request, int error)
{
	u32 bytes = sizeof(*request) + (error ? 0 : tsmfd_report_len(request->answer));

	if (tsmfd_user_recharge(request->flow->user, request->charged, bytes, request->may_grow)) {
		tsmfd_report_free(&request->report);
		return request_recharge(request, -EDQUOT);
	}
	request->charged = bytes;
	return error;
}

/**
 * tsmfd_request_complete() - answer a request and wake who waits for it
 * @request: NEW, or RUNNING, and in no list; the calling context's reference to it
 *	stays
 * @error: 0 or an errno
 * @generation: of its report
 */
void tsmfd_request_complete(struct tsmfd_request *request, int error, u64 generation)
{
	struct tsmfd_flow *flow = request->flow;

	error = request_recharge(request, error);
	request->error = error;
	request->generation = generation;
	if (tsmfd_request_is_unwanted(request))
		this_cpu_inc(tsmfd_flow_stats(flow)->cancelled);
	else
		tsmfd_stats_answered(tsmfd_flow_stats(flow), error, request->submitted);

	/* Pairs with the acquire in tsmfd_request_done(). */
	smp_store_release(&request->state, TSMFD_REQUEST_DONE);
	complete_all(&request->done);
	if (wq_has_sleeper(&flow->wait))
		wake_up(&flow->wait);
}

/**
 * tsmfd_request_wait() - until it is answered
 * @request: submitted
 * @task_state: TASK_INTERRUPTIBLE, or TASK_KILLABLE for who may not see signals and
 *	sets no deadline
 *
 * The request goes on, whatever is returned, until the caller puts it.
 *
 * Return: 0 if it is answered, -ETIMEDOUT at its deadline, or -ERESTARTSYS after a
 * signal.
 */
int tsmfd_request_wait(struct tsmfd_request *request, unsigned int task_state)
{
	unsigned long timeout;
	s64 left_ns;
	long left;

	if (tsmfd_request_done(request))
		return 0;
	if (request->deadline == KTIME_MAX)
		return wait_for_completion_state(&request->done, task_state);

	left_ns = ktime_to_ns(ktime_sub(request->deadline, ktime_get()));
	timeout = nsecs_to_jiffies(max(left_ns, 0)) + 1;
	left = wait_for_completion_interruptible_timeout(&request->done, timeout);
	if (left < 0)
		return left;
	return left ? 0 : -ETIMEDOUT;
}
EXPORT_SYMBOL_GPL(tsmfd_request_wait);

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

/* Leaves it empty. */
void tsmfd_report_free(struct tsmfd_report *report)
{
	tsmfd_blob_free(&report->outblob);
	tsmfd_blob_free(&report->auxblob);
	tsmfd_blob_free(&report->manifestblob);
}

/* Of its blobs, one behind the other, in bytes. */
size_t tsmfd_report_len(const struct tsmfd_report *report)
{
	return report->outblob.len + report->auxblob.len +
	       report->manifestblob.len;
}
EXPORT_SYMBOL_IF_KUNIT(tsmfd_report_len);

/**
 * tsmfd_report_copy() - a piece of its blobs, one behind the other
 * @report: a report
 * @offset: where to start, from the outblob's first byte
 * @to: where to, and how much
 *
 * Return: bytes copied, 0 at the end, or -EFAULT.
 */
ssize_t tsmfd_report_copy(const struct tsmfd_report *report, size_t offset, struct iov_iter *to)
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
		want = min(blobs[i]->len - offset, iov_iter_count(to));
		got = copy_to_iter(blobs[i]->data + offset, want, to);
		copied += got;
		if (got < want)
			return copied ?: -EFAULT;
		offset = 0;
	}

	return copied;
}
EXPORT_SYMBOL_IF_KUNIT(tsmfd_report_copy);

int __init tsmfd_request_init(void)
{
	request_cache = kmem_cache_create("tsmfd_request",
					  sizeof(struct tsmfd_request), 0,
					  SLAB_ACCOUNT, NULL);
	return request_cache ? 0 : -ENOMEM;
}

void tsmfd_request_exit(void)
{
	kmem_cache_destroy(request_cache);
}

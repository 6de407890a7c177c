/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TSMFD_CORE_REQUEST_H
#define TSMFD_CORE_REQUEST_H

#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/refcount.h>
#include <linux/sched/clock.h>
#include <linux/swait.h>
#include <linux/tsmfd.h>
#include <uapi/linux/tsmfd_netlink.h>

#include "batch.h"
#include "merkle.h"
#include "queue.h"
#include "stats.h"

struct iov_iter;
struct mem_cgroup;
struct tsmfd_flow;
struct tsmfd_provider;

/**
 * enum tsmfd_request_state - where in its life a request is
 * @TSMFD_REQUEST_NEW: made, not yet submitted
 * @TSMFD_REQUEST_QUEUED: on its flow's list
 * @TSMFD_REQUEST_RUNNING: the firmware is at it
 * @TSMFD_REQUEST_ORPHAN: as RUNNING, but nobody waits for it any more; whoever
 *	runs it frees it
 * @TSMFD_REQUEST_DONE: answered, for good or ill; never changes again
 */
enum tsmfd_request_state {
	TSMFD_REQUEST_NEW,
	TSMFD_REQUEST_QUEUED,
	TSMFD_REQUEST_RUNNING,
	TSMFD_REQUEST_ORPHAN,
	TSMFD_REQUEST_DONE,
};

/**
 * struct tsmfd_request - one report's life
 *
 * What the cache's constructor has made is so again when a request ends:
 * @node: in @flow's pending list while QUEUED, and then in its turn's list of
 *	members. Protected by @queue->lock.
 * @peers: in @batch's list of members, while QUEUED. Protected by @queue->lock.
 * @waiters: those who sleep until it is DONE
 * @report: the answer, unless @batch is. Like @error, but freed when it ends.
 * @charged: bytes of the flow's user's quota, until it is answered or given up.
 *	Once submitted, as @state.
 *
 * What each request sets:
 * @refs: one for each caller that wants the answer. The queue holds none: the
 *	last caller to let go takes the request off the queue, or leaves it to
 *	whoever is running it (ORPHAN).
 * @queue: the provider's queue; every holder of a reference also holds the
 *	provider
 * @options: the caller's, a snapshot
 * @flow: whose turn it takes, and who is woken; kept until the request has been
 *	put by all, and not to be looked at by what frees an orphan
 * @face: @flow's, for when that is gone
 *
 * And what is zero at first:
 * @memcg: whom to charge for the blobs when a worker runs it
 * @again: the call for it failed and is to be made again; of whoever runs it
 * @submitted_ns: when, by local_clock(); 0 as long as it is not timed
 * @state: written under @queue->lock, or by a caller that holds it and runs it
 * @settled: it is DONE, and whoever answered it no longer touches it
 * @error: 0 or an errno; like the next one, written by whoever runs the request
 *	and constant from DONE on
 * @generation: the provider's count of reports, of this one
 * @batch: the answer, shared with others; a reference. NULL if not batched. Set
 *	when it is queued or run, and constant from then on.
 *
 * Set only if it may be batched:
 * @leaf: what stands for it in a batch
 * @leaf_index: which leaf of @batch is its own, from when @batch is set
 */
struct tsmfd_request {
	struct list_head		node;
	struct list_head		peers;
	struct swait_queue_head		waiters;
	struct tsmfd_report		report;
	u32				charged;

	refcount_t			refs;
	struct tsmfd_queue		*queue;
	struct tsmfd_options		options;
	struct tsmfd_flow		*flow;
	enum tsmfd_face			face;

	struct mem_cgroup		*memcg;
	bool				again;
	u64				submitted_ns;
	enum tsmfd_request_state	state;
	bool				settled;
	int				error;
	u64				generation;
	struct tsmfd_batch		*batch;

	struct tsmfd_hash		leaf;
	u32				leaf_index;
};

struct tsmfd_request *tsmfd_request_new(struct tsmfd_provider *provider,
					struct tsmfd_flow *flow,
					const struct tsmfd_options *options);
void tsmfd_request_put(struct tsmfd_request *request);
void tsmfd_request_free(struct tsmfd_request *request);
void tsmfd_request_free_spare(struct tsmfd_flow *flow);
long tsmfd_request_wait(struct tsmfd_request *request, unsigned long timeout);
int tsmfd_request_sleep_killable(struct tsmfd_request *request);

/**
 * tsmfd_request_get() - one more caller wants the answer
 * @request: a request that the caller already holds
 */
static inline void tsmfd_request_get(struct tsmfd_request *request)
{
	refcount_inc(&request->refs);
}

/**
 * tsmfd_request_done() - has it been answered?
 * @request: a request
 *
 * Return: true if so; its error, generation and report may then be read.
 */
static inline bool tsmfd_request_done(struct tsmfd_request *request)
{
	/* Pairs with the release in turn.c's tsmfd_turn_answer(). */
	return smp_load_acquire(&request->state) == TSMFD_REQUEST_DONE;
}

/* Where it is counted. */
static inline struct tsmfd_face_stats __percpu *
tsmfd_request_stats(const struct tsmfd_request *request)
{
	return &request->queue->stats->face[request->face];
}

/**
 * tsmfd_request_time() - its time counts from now on, unless it does already
 * @request: being submitted
 */
static inline void tsmfd_request_time(struct tsmfd_request *request)
{
	if (!request->submitted_ns)
		request->submitted_ns = local_clock();
}

/**
 * tsmfd_request_age_ns() - how long has it been submitted?
 * @request: submitted, and timed
 *
 * By a clock that takes half of what ktime_get() does, and may be behind on another
 * processor.
 *
 * Return: nanoseconds.
 */
static inline u64 tsmfd_request_age_ns(const struct tsmfd_request *request)
{
	s64 age = local_clock() - request->submitted_ns;

	return max(age, 0);
}

/**
 * tsmfd_request_wait_killable() - until it is answered
 * @request: submitted
 *
 * Return: 0 if it is answered, or -ERESTARTSYS after a deadly signal.
 */
static inline int tsmfd_request_wait_killable(struct tsmfd_request *request)
{
	return tsmfd_request_done(request) ?
	       0 : tsmfd_request_sleep_killable(request);
}

static inline bool tsmfd_request_is_batched(const struct tsmfd_request *request)
{
	return request->options.given & TSMFD_OPT_BATCH;
}

/**
 * tsmfd_request_report() - the blobs that it was answered with
 * @request: DONE, without an error
 *
 * Return: its own, or those that it shares.
 */
static inline const struct tsmfd_report *
tsmfd_request_report(const struct tsmfd_request *request)
{
	return request->batch ? &request->batch->report : &request->report;
}

size_t tsmfd_request_len(const struct tsmfd_request *request);
ssize_t tsmfd_request_copy(const struct tsmfd_request *request, loff_t offset,
			   struct iov_iter *to);
void tsmfd_report_free_others(struct tsmfd_report *report);
size_t tsmfd_report_len(const struct tsmfd_report *report);
ssize_t tsmfd_report_copy(const struct tsmfd_report *report, loff_t offset,
			  struct iov_iter *to);

/**
 * tsmfd_report_free() - leaves it empty
 * @report: whose blobs nobody uses any more
 */
static inline void tsmfd_report_free(struct tsmfd_report *report)
{
	tsmfd_blob_free(&report->outblob);
	if (report->auxblob.data || report->manifestblob.data)
		tsmfd_report_free_others(report);
}

extern bool tsmfd_request_keeps_spares;

int tsmfd_request_init(void);
void tsmfd_request_exit(void);

#endif /* TSMFD_CORE_REQUEST_H */

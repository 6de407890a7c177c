// SPDX-License-Identifier: GPL-2.0-only
/*
 * A turn: one call of the firmware, for one request or for a batch, and what
 * comes of it.
 */
#include <linux/errno.h>
#include <linux/list.h>
#include <linux/poll.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>

#include "batch.h"
#include "events.h"
#include "order.h"
#include "queue.h"
#include "request.h"
#include "stats.h"
#include "throttle.h"
#include "turn.h"
#include "user.h"

/*
 * What the provider gave is used only as far as it said it would: an empty
 * report with a success, or one longer than announced, is its failure.
 */
static inline bool is_as_announced(const struct tsmfd_queue *queue,
				   const struct tsmfd_report *report)
{
	const struct tsmfd_info *info = queue->info;

	return report->outblob.len &&
	       report->outblob.len <= info->outblob_max &&
	       report->auxblob.len <= info->auxblob_max &&
	       report->manifestblob.len <= info->manifestblob_max;
}

static noinline int failed(const struct tsmfd_queue *queue, int rc)
{
	tsmfd_event(rc == -EBUSY ? TSMFD_EVENT_THROTTLED : TSMFD_EVENT_FAILED,
		    queue->info, rc);
	return rc;
}

/* One call of the firmware. */
static inline int call(struct tsmfd_queue *queue,
		       const struct tsmfd_options *options,
		       struct tsmfd_report *report, u64 *generation)
{
	int rc;

	rc = queue->ops->report(queue->priv, options, report);
	if (!rc && !is_as_announced(queue, report))
		rc = -EBADMSG;
	if (rc)
		return failed(queue, rc);

	*generation = atomic64_inc_return(&queue->served);
	return 0;
}

static int run_batch(struct tsmfd_queue *queue,
		     const struct tsmfd_request *member, u64 *generation)
{
	struct tsmfd_batch *batch = member->batch;
	struct tsmfd_options options;
	int rc;

	rc = tsmfd_tree_close(batch->tree);
	if (rc)
		return rc;

	tsmfd_batch_options(batch, &member->options, &options);
	return call(queue, &options, &batch->report, generation);
}

/*
 * A provider may give up because of a signal to the caller in whose context it
 * works, which is nothing to those whose requests that caller runs as well.
 */
static bool was_given_up(const struct tsmfd_request *request,
			 const struct tsmfd_request *own, int error)
{
	return own && request != own && signal_pending(current) &&
	       (error == -EINTR || error == -ERESTARTSYS);
}

static bool is_to_be_run_again(const struct tsmfd_request *request,
			       const struct tsmfd_request *own, int error)
{
	return (error == -EBUSY && tsmfd_throttle_has_patience(request)) ||
	       was_given_up(request, own, error);
}

/* Of a batch as often as it has members, which does no harm. */
static void forget_answer(struct tsmfd_request *request)
{
	tsmfd_report_free(&request->report);
	if (request->batch)
		tsmfd_report_free(&request->batch->report);
}

static noinline void set_failure(struct tsmfd_request *request,
				 const struct tsmfd_request *own, int error)
{
	/* For how long it is patient. */
	if (error == -EBUSY)
		tsmfd_request_time(request);
	request->error = error;
	request->again = is_to_be_run_again(request, own, error);
	if (request->again)
		forget_answer(request);
}

static inline void set_result(struct tsmfd_request *request,
			      const struct tsmfd_request *own, int error,
			      u64 generation)
{
	if (error) {
		set_failure(request, own, error);
		return;
	}
	request->error = 0;
	request->again = false;
	request->generation = generation;
}

/**
 * tsmfd_turn_run() - have requests answered by one call
 * @queue: whose lock is not held; a slot of it is
 * @turn: the requests, RUNNING; one, or several that may share a call
 * @count: how many there are
 * @own: the calling caller's own request, in this turn or an earlier one; NULL
 *	for a worker
 *
 * If the call fails, it fails all of them.
 */
void tsmfd_turn_run(struct tsmfd_queue *queue, struct list_head *turn,
		    u32 count, const struct tsmfd_request *own)
{
	struct tsmfd_request *request =
		list_first_entry(turn, struct tsmfd_request, node);
	struct mem_cgroup *old = NULL;
	u64 generation = 0;
	int rc;

	/* A caller that runs its own is charged anyway. */
	if (request->memcg)
		old = set_active_memcg(request->memcg);

	if (tsmfd_request_is_batched(request))
		rc = run_batch(queue, request, &generation);
	else
		rc = call(queue, &request->options, &request->report,
			  &generation);

	if (request->memcg)
		set_active_memcg(old);

	list_for_each_entry(request, turn, node)
		set_result(request, own, rc, generation);
	if (count > 1)
		atomic64_inc(&queue->batches);
}

static inline void answer(struct tsmfd_request *request, bool own)
{
	struct tsmfd_face_stats __percpu *stats = tsmfd_request_stats(request);
	struct tsmfd_flow *flow = request->flow;
	unsigned int bucket;

	if (request->submitted_ns) {
		bucket = tsmfd_latency_bucket(tsmfd_request_age_ns(request));
		if (own)
			this_cpu_write(stats->usual, bucket);
	} else {
		bucket = this_cpu_read(stats->usual);
	}
	tsmfd_stats_answered(stats, request->error, bucket);
	tsmfd_quota_release(request);
	/* Pairs with the acquire in tsmfd_request_done(). */
	smp_store_release(&request->state, TSMFD_REQUEST_DONE);
	/* Who comes to sleep, or to poll, sees that it is DONE or is seen here. */
	smp_mb();
	if (swait_active(&request->waiters))
		swake_up_all(&request->waiters);
	/* Likewise: after the barrier. */
	if (waitqueue_active(&flow->wait))
		wake_up_poll(&flow->wait, EPOLLIN | EPOLLRDNORM);
	/* Pairs with the acquire in tsmfd_request_put(). */
	smp_store_release(&request->settled, true);
}

/**
 * tsmfd_turn_answer() - a request is done
 * @request: with its error, and the answer if that is 0; its queue is locked, or it
 *	is held by the caller, which could not queue it
 *
 * Until it is settled, a last tsmfd_request_put() waits for the lock; from then
 * on the request may be freed, and its flow go, at any moment.
 */
void tsmfd_turn_answer(struct tsmfd_request *request)
{
	answer(request, false);
}

static noinline int run_own_batch(struct tsmfd_queue *queue,
				  struct tsmfd_request *own)
{
	return tsmfd_batch_join_alone(own) ?:
	       run_batch(queue, own, &own->generation);
}

/**
 * tsmfd_turn_run_own() - have a caller's own request answered by a call
 * @queue: whose lock is not held; a slot of it is
 * @own: the calling caller's, RUNNING, and in no list
 *
 * Return: false if it has been run, but it takes the lock to answer it, or to queue
 * it again.
 */
bool tsmfd_turn_run_own(struct tsmfd_queue *queue, struct tsmfd_request *own)
{
	int rc;

	if (tsmfd_request_is_batched(own))
		rc = run_own_batch(queue, own);
	else
		rc = call(queue, &own->options, &own->report,
			  &own->generation);
	if (rc)
		set_failure(own, own, rc);

	if (own->again || tsmfd_slots_guarded(&queue->slots))
		return false;

	answer(own, true);
	return true;
}

static bool is_queued_again(struct tsmfd_queue *queue,
			    struct tsmfd_request *request)
{
	if (request->again && queue->dead)
		request->error = -ENODEV;
	return request->again && !queue->dead;
}

/* From the end, as each goes to the front of its flow. */
static void queue_again(struct tsmfd_queue *queue, struct list_head *turn)
{
	struct tsmfd_request *request, *next;

	list_for_each_entry_safe_reverse(request, next, turn, node) {
		if (request->error == -EBUSY)
			tsmfd_throttle_begin(queue);
		list_del_init(&request->node);
		tsmfd_order_add_back(queue, request);
		if (request->batch)
			tsmfd_batch_reopen(queue, request->batch);
	}
}

/*
 * Answers those that are not to be queued again, which stay. To wake somebody
 * takes longer than all that others need the lock for, so they get it in between;
 * but not after a failure, as the queue may die then and take nothing back.
 */
static void answer_all(struct tsmfd_queue *queue, struct list_head *turn,
		       struct list_head *orphans)
	__must_hold(&queue->lock)
{
	struct tsmfd_request *request, *next;

	list_for_each_entry_safe(request, next, turn, node) {
		bool orphan = request->state == TSMFD_REQUEST_ORPHAN;
		bool failed = request->error;

		if (!orphan && is_queued_again(queue, request))
			continue;
		/* Before it is answered, after which it may be gone. */
		list_del_init(&request->node);
		if (failed && request->batch)
			tsmfd_batch_give_up(request);
		if (orphan) {
			tsmfd_stats_cancelled(tsmfd_request_stats(request));
			list_add(&request->node, orphans);
			continue;
		}
		tsmfd_turn_answer(request);
		if (failed || list_entry_is_head(next, turn, node))
			continue;
		spin_unlock(&queue->lock);
		spin_lock(&queue->lock);
	}
}

static void free_orphans(struct tsmfd_queue *queue, struct list_head *orphans)
	__must_hold(&queue->lock)
{
	struct tsmfd_request *request, *next;

	if (list_empty(orphans))
		return;

	spin_unlock(&queue->lock);
	list_for_each_entry_safe(request, next, orphans, node) {
		list_del_init(&request->node);
		tsmfd_request_free(request);
	}
	spin_lock(&queue->lock);
}

/**
 * tsmfd_turn_answer_all() - answer requests, or queue them again
 * @queue: locked, and so on return, but not throughout
 * @requests: that have been run; emptied
 */
void tsmfd_turn_answer_all(struct tsmfd_queue *queue,
			   struct list_head *requests)
	__must_hold(&queue->lock)
{
	LIST_HEAD(orphans);

	answer_all(queue, requests, &orphans);
	queue_again(queue, requests);
	free_orphans(queue, &orphans);
}

/**
 * tsmfd_turn_end() - answer a turn's requests, or queue them again
 * @queue: locked, and so on return, but not throughout
 * @turn: from tsmfd_turn_run(); emptied
 */
void tsmfd_turn_end(struct tsmfd_queue *queue, struct list_head *turn)
	__must_hold(&queue->lock)
{
	const struct tsmfd_request *request =
		list_first_entry(turn, struct tsmfd_request, node);

	if (request->error != -EBUSY)
		tsmfd_throttle_over(queue);
	tsmfd_turn_answer_all(queue, turn);
}

/**
 * tsmfd_turn_hold() - rather than tsmfd_turn_end(), answer a turn later
 * @queue: locked
 * @turn: from tsmfd_turn_run(), of one request; emptied
 * @held: it goes to the end of these, for tsmfd_turn_answer_all()
 *
 * Return: false if it is to be ended now: it failed, or shares its call.
 */
bool tsmfd_turn_hold(struct tsmfd_queue *queue, struct list_head *turn,
		     struct list_head *held)
{
	const struct tsmfd_request *request =
		list_first_entry(turn, struct tsmfd_request, node);

	lockdep_assert_held(&queue->lock);

	if (request->error || tsmfd_request_is_batched(request))
		return false;
	tsmfd_throttle_over(queue);
	list_splice_tail_init(turn, held);
	return true;
}

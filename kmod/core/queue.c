// SPDX-License-Identifier: GPL-2.0-only
/*
 * The queue: requests come and go, and so does the provider.
 *
 * A request is run in one of two ways. If nothing is queued, the firmware has room,
 * the provider says that its calls are brief, and the caller would wait anyway,
 * then that caller makes the call itself. Or else the request is queued, and a
 * worker makes the call.
 *
 * The queue has a reference to each request from when it is submitted until it is
 * answered. So whoever answers may touch the request until the end, and needs no
 * lock for it.
 *
 * Owns: the lock. May include: options to runner.
 */
#include <kunit/visibility.h>
#include <linux/export.h>
#include <linux/sched.h>

#include "queue.h"

enum {
	/* Of so many turns at once is a dead queue emptied, under the lock. */
	QUEUE_TURNS_MAX = 16,
};

static void queue_put_last(struct tsmfd_request *request)
{
	tsmfd_batch_put(request->batch);
	tsmfd_request_free(request);
}

/* With the queue's own reference, which goes. */
static void queue_answer(struct tsmfd_request *request, int error, u64 generation)
{
	tsmfd_request_complete(request, error, generation);
	if (refcount_dec_and_test(&request->refs))
		queue_put_last(request);
}

static void queue_answer_all(struct list_head *requests, int error, u64 generation)
{
	struct tsmfd_request *request, *next;

	list_for_each_entry_safe(request, next, requests, node) {
		list_del_init(&request->node);
		queue_answer(request, error, generation);
	}
}

static void queue_again(struct tsmfd_queue *queue, struct tsmfd_request *request)
{
	lockdep_assert_held(&queue->lock);

	list_del_init(&request->node);
	if (request->batch)
		tsmfd_batch_join_again(&queue->batches, request);
	tsmfd_order_add(&queue->order, request, true);
}

/*
 * The firmware was busy. Those who have patience, and are still wanted, are queued
 * again, from the end, as each goes to the front of its flow; the others stay on
 * @turn.
 */
static void queue_back_off(struct tsmfd_queue *queue, struct list_head *turn)
{
	struct tsmfd_runner *runner = &queue->runner;
	struct tsmfd_request *request, *next;

	lockdep_assert_held(&queue->lock);

	if (queue->dead)
		return;
	list_for_each_entry_safe_reverse(request, next, turn, node) {
		if (tsmfd_runner_has_patience(runner, request) &&
		    !tsmfd_request_is_unwanted(request))
			queue_again(queue, request);
	}
	if (runner->ops->busy_retry_ms)
		tsmfd_runner_back_off(runner);
}

/*
 * One call, and its answers. The queue is locked before and after, and the caller
 * has begun a call.
 */
static void queue_run_turn(struct tsmfd_queue *queue, struct list_head *turn, u32 count)
	__must_hold(&queue->lock)
{
	u64 generation;
	int rc;

	spin_unlock(&queue->lock);
	rc = tsmfd_runner_call(&queue->runner, turn, count, &generation);
	spin_lock(&queue->lock);

	if (rc == -EBUSY)
		queue_back_off(queue, turn);
	else
		queue->runner.delay_ms = 0;

	spin_unlock(&queue->lock);
	queue_answer_all(turn, rc, generation);
	cond_resched();
	spin_lock(&queue->lock);
}

static void queue_wake_drained(struct tsmfd_queue *queue)
{
	lockdep_assert_held(&queue->lock);

	if (queue->dead && !queue->runner.in_flight)
		wake_up_all(&queue->drained);
}

static u32 queue_next_turn(struct tsmfd_queue *queue, struct list_head *turn)
{
	lockdep_assert_held(&queue->lock);

	if (queue->dead || queue->runner.backing_off)
		return 0;
	return tsmfd_order_next_turn(&queue->order, &queue->batches, turn);
}

/* What a worker does. */
static void queue_work_turns(struct work_struct *work)
{
	struct tsmfd_worker *worker =
		container_of(work, struct tsmfd_worker, work);
	struct tsmfd_queue *queue =
		container_of(worker->runner, struct tsmfd_queue, runner);
	LIST_HEAD(turn);
	u32 count;

	spin_lock(&queue->lock);
	while ((count = queue_next_turn(queue, &turn)))
		queue_run_turn(queue, &turn, count);
	tsmfd_runner_rest(&queue->runner, worker);
	queue_wake_drained(queue);
	spin_unlock(&queue->lock);
}

/* What a caller does whose request is the only one, and brief. */
static void queue_run_own(struct tsmfd_queue *queue)
	__must_hold(&queue->lock)
{
	struct tsmfd_runner *runner = &queue->runner;
	LIST_HEAD(turn);
	u32 count = queue_next_turn(queue, &turn);

	runner->in_flight++;
	queue_run_turn(queue, &turn, count);
	runner->in_flight--;
	if (!tsmfd_order_is_empty(&queue->order))
		tsmfd_runner_wake(runner);
	queue_wake_drained(queue);
}

/* A back-off is over. */
static void queue_end_back_off(struct work_struct *work)
{
	struct tsmfd_queue *queue =
		container_of(to_delayed_work(work), struct tsmfd_queue, runner.again);
	u32 left;

	spin_lock(&queue->lock);
	queue->runner.backing_off = false;
	/* All workers rest, and none wakes another. */
	for (left = queue->dead ? 0 : queue->order.queued;
	     left && tsmfd_runner_has_room(&queue->runner); left--)
		tsmfd_runner_wake(&queue->runner);
	spin_unlock(&queue->lock);
}

static void queue_add(struct tsmfd_queue *queue, struct tsmfd_request *request,
		      struct tsmfd_batch **spare, bool waits)
	__must_hold(&queue->lock)
{
	struct tsmfd_runner *runner = &queue->runner;
	bool is_own = waits && tsmfd_order_is_empty(&queue->order) &&
		      tsmfd_runner_has_room(runner) &&
		      tsmfd_runner_is_brief(runner);

	if (tsmfd_request_is_batched(request))
		tsmfd_batch_join(&queue->batches, request, spare);
	tsmfd_order_add(&queue->order, request, false);
	if (is_own)
		queue_run_own(queue);
	else
		tsmfd_runner_wake(runner);
}

/**
 * tsmfd_queue_submit() - have a request answered
 * @request: NEW; held by the caller
 * @waits: the caller is about to wait for the answer, whatever happens; it may then
 *	make a brief call itself
 *
 * The request is always answered sooner or later, with -ENODEV if the provider
 * leaves, or -ENOMEM; that may have happened on return.
 */
void tsmfd_queue_submit(struct tsmfd_request *request, bool waits)
{
	struct tsmfd_queue *queue = request->queue;
	struct tsmfd_batch *spare = NULL;
	int rc = 0;

	this_cpu_inc(tsmfd_flow_stats(request->flow)->requests);
	request->submitted = ktime_get();
	refcount_inc(&request->refs);

	if (tsmfd_request_is_batched(request)) {
		spare = tsmfd_batch_new();
		rc = spare ? 0 : -ENOMEM;
	}
	spin_lock(&queue->lock);
	if (queue->dead)
		rc = -ENODEV;
	if (!rc)
		queue_add(queue, request, &spare, waits);
	spin_unlock(&queue->lock);

	if (rc)
		queue_answer(request, rc, 0);
	tsmfd_batch_put(spare);
}
EXPORT_SYMBOL_IF_KUNIT(tsmfd_queue_submit);

/* Returns true if that was the last reference. */
static bool queue_let_go(struct tsmfd_queue *queue, struct tsmfd_request *request)
{
	bool is_last;

	spin_lock(&queue->lock);
	/* The caller's reference, and the queue's. */
	if (request->state == TSMFD_REQUEST_QUEUED &&
	    refcount_read(&request->refs) == 2) {
		tsmfd_order_remove(&queue->order, request);
		if (request->batch)
			tsmfd_batch_leave(&queue->batches, request);
		this_cpu_inc(tsmfd_flow_stats(request->flow)->cancelled);
		refcount_dec(&request->refs);
	}
	is_last = refcount_dec_and_test(&request->refs);
	spin_unlock(&queue->lock);
	return is_last;
}

/**
 * tsmfd_request_put() - a caller no longer wants the answer
 * @request: not to be touched by the caller afterwards; NULL is let pass
 *
 * The last to say so takes a request that is still queued off the queue. One that
 * the firmware is at goes on, and is freed by whoever runs it.
 */
void tsmfd_request_put(struct tsmfd_request *request)
{
	if (!request)
		return;
	if (tsmfd_request_done(request) ?
	    refcount_dec_and_test(&request->refs) :
	    queue_let_go(request->queue, request))
		queue_put_last(request);
}
EXPORT_SYMBOL_GPL(tsmfd_request_put);

/* With its workers; @users stay as long as the queue. Returns 0 or -ENOMEM. */
int tsmfd_queue_init(struct tsmfd_queue *queue, struct tsmfd_users *users,
		     const struct tsmfd_ops *ops, void *priv, const char *name)
{
	spin_lock_init(&queue->lock);
	queue->order = (struct tsmfd_order) { .users = RB_ROOT_CACHED };
	queue->batches = (struct tsmfd_batches) {};
	queue->dead = false;
	queue->users = users;
	init_waitqueue_head(&queue->drained);
	return tsmfd_runner_init(&queue->runner, ops, priv, users->info, name,
				 queue_work_turns, queue_end_back_off);
}

/* Answers what is queued, some at a time, so that nobody waits long for the lock. */
static void queue_empty(struct tsmfd_queue *queue)
{
	LIST_HEAD(requests);
	u32 turns;

	do {
		spin_lock(&queue->lock);
		for (turns = 0; turns < QUEUE_TURNS_MAX; turns++) {
			if (!tsmfd_order_next_turn(&queue->order, &queue->batches, &requests))
				break;
		}
		spin_unlock(&queue->lock);
		queue_answer_all(&requests, -ENODEV, 0);
		cond_resched();
	} while (turns == QUEUE_TURNS_MAX);
}

static bool queue_is_drained(struct tsmfd_queue *queue)
{
	bool is_drained;

	spin_lock(&queue->lock);
	is_drained = !queue->runner.in_flight;
	spin_unlock(&queue->lock);
	return is_drained;
}

/**
 * tsmfd_queue_shutdown() - the provider leaves
 * @queue: takes nothing more from now on
 *
 * What is queued gets -ENODEV at once; what the firmware is at is waited for.
 * Afterwards the provider's ops are not called again.
 */
void tsmfd_queue_shutdown(struct tsmfd_queue *queue)
{
	spin_lock(&queue->lock);
	WRITE_ONCE(queue->dead, true);
	spin_unlock(&queue->lock);

	tsmfd_users_wake(queue->users);
	queue_empty(queue);
	wait_event(queue->drained, queue_is_drained(queue));
	tsmfd_runner_stop(&queue->runner);
}

/* Shut down, and with no request left that refers to it. */
void tsmfd_queue_destroy(struct tsmfd_queue *queue)
{
	tsmfd_runner_destroy(&queue->runner);
}

/* What a queue is at, and has done. */
void tsmfd_queue_count(struct tsmfd_queue *queue, struct tsmfd_queue_counts *counts)
{
	spin_lock(&queue->lock);
	counts->queued = queue->order.queued;
	counts->in_flight = queue->runner.in_flight;
	spin_unlock(&queue->lock);
	counts->served = atomic64_read(&queue->runner.served);
	counts->batches = atomic64_read(&queue->runner.batches);
}
EXPORT_SYMBOL_IF_KUNIT(tsmfd_queue_count);

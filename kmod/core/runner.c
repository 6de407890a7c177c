// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who runs the firmware.
 *
 * Firmware calls run on workers, at most max_inflight at once. A worker goes
 * from one request to the next without a gap, and whoever waits for it can be
 * killed, time out or close its file meanwhile. Only a call that the provider
 * says is short runs in the caller's own context, which saves two switches. Such
 * a caller then also runs the calls of those who came during its own, so that
 * under load, too, the firmware does not wait for somebody to wake up. While
 * nobody comes it takes no lock; see struct tsmfd_slots.
 *
 * What is out of line here is so to spare a caller that is alone the registers and
 * the stack that the rest needs.
 *
 * A call that is not short but brief, some milliseconds, is run by its caller if
 * that is patient; others who come during it are left to a worker.
 */
#include <linux/cleanup.h>
#include <linux/list.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "order.h"
#include "queue.h"
#include "request.h"
#include "runner.h"
#include "spin.h"
#include "turn.h"

enum {
	/* What a caller does for others before it leaves them to a worker. */
	CALLS_OF_OTHERS_MAX	= 16,
	/* So many short calls the first of them waits for at most. */
	ANSWERS_HELD_MAX	= 256,
};

/**
 * struct held_answers - of short calls, to be given when there is no more to run
 * @requests: have been run, and are still RUNNING
 * @count: how many there are
 *
 * Who is woken may take the waker's processor, at the next allocation say. If the
 * waker still has a slot, all others queue, and sleep, until it runs again; so it
 * gives that back first.
 */
struct held_answers {
	struct list_head	requests;
	unsigned int		count;
};

/**
 * struct tsmfd_worker - one of a queue's hands at the firmware
 * @work: runs it
 * @node: in the queue's idle_workers while at rest. Protected by its lock.
 * @queue: whose it is
 */
struct tsmfd_worker {
	struct work_struct	work;
	struct list_head	node;
	struct tsmfd_queue	*queue;
};

/*
 * To be called when what it looks at may have changed. It may stay guarded for
 * nothing, which the next caller finds out, but not the reverse.
 */
static void update_guard(struct tsmfd_queue *queue)
{
	lockdep_assert_held(&queue->lock);

	tsmfd_slots_guard(&queue->slots,
			  queue->dead || !tsmfd_order_empty(queue) ||
			  tsmfd_throttle_is_on(&queue->throttle));
}

/**
 * tsmfd_runner_wake() - see to it that what is queued is run
 * @queue: locked
 *
 * Also for when the queue has died, or been throttled.
 */
void tsmfd_runner_wake(struct tsmfd_queue *queue)
{
	struct tsmfd_worker *worker;

	lockdep_assert_held(&queue->lock);

	/* First, so that no slot comes and goes unseen. */
	update_guard(queue);
	if (tsmfd_order_empty(queue) || queue->throttle.active ||
	    tsmfd_slots_taken(&queue->slots) >= queue->info->max_inflight)
		return;

	/* There is one: a queue has a worker for each call it may have under way. */
	worker = list_first_entry(&queue->idle_workers, struct tsmfd_worker,
				  node);
	list_del_init(&worker->node);
	tsmfd_slots_take(&queue->slots);
	queue_work(queue->workqueue, &worker->work);
}

/* @worker: NULL if a caller had the slot */
static void release_slot(struct tsmfd_queue *queue, struct tsmfd_worker *worker)
{
	u32 taken;

	lockdep_assert_held(&queue->lock);

	if (worker)
		list_add(&worker->node, &queue->idle_workers);
	else
		WRITE_ONCE(queue->runner, NULL);
	taken = tsmfd_slots_give(&queue->slots);
	tsmfd_runner_wake(queue);
	if (queue->dead && !taken)
		wake_up_all(&queue->drained);
}

/* The next turn for a worker. */
static u32 next_turn(struct tsmfd_queue *queue, struct list_head *turn)
{
	lockdep_assert_held(&queue->lock);

	if (queue->throttle.active)
		return 0;
	return tsmfd_order_next_turn(queue, turn);
}

static bool is_short(const struct tsmfd_queue *queue)
{
	return queue->ops->brief && queue->ops->brief(queue->priv);
}

static void give_held(struct tsmfd_queue *queue, struct held_answers *held)
	__must_hold(&queue->lock)
{
	tsmfd_turn_answer_all(queue, &held->requests);
	held->count = 0;
}

/* With the slot. */
static void end_turn(struct tsmfd_queue *queue, struct list_head *turn,
		     struct held_answers *held)
	__must_hold(&queue->lock)
{
	if (is_short(queue) && tsmfd_turn_hold(queue, turn, &held->requests)) {
		if (++held->count == ANSWERS_HELD_MAX)
			give_held(queue, held);
		return;
	}
	give_held(queue, held);
	tsmfd_turn_end(queue, turn);
}

static void work(struct work_struct *work)
{
	struct tsmfd_worker *worker =
		container_of(work, struct tsmfd_worker, work);
	struct held_answers held = { LIST_HEAD_INIT(held.requests) };
	struct tsmfd_queue *queue = worker->queue;
	LIST_HEAD(turn);
	u32 count;

	spin_lock(&queue->lock);
	while ((count = next_turn(queue, &turn))) {
		spin_unlock(&queue->lock);
		tsmfd_turn_run(queue, &turn, count, NULL);
		cond_resched();
		spin_lock(&queue->lock);
		end_turn(queue, &turn, &held);
	}
	release_slot(queue, worker);
	give_held(queue, &held);
	spin_unlock(&queue->lock);
}

/* The next turn for a caller that has had its own call, if it may have one. */
static u32 next_direct(struct tsmfd_queue *queue, unsigned int calls,
		       struct list_head *turn)
{
	lockdep_assert_held(&queue->lock);

	if (tsmfd_order_empty(queue) || calls > CALLS_OF_OTHERS_MAX ||
	    signal_pending(current) || need_resched() || tsmfd_order_next_is_batch(queue) ||
	    !is_short(queue))
		return 0;
	return next_turn(queue, turn);
}

/*
 * Whoever came meanwhile sleeps until it has its answer, and not until it may run
 * its call: the firmware would be idle while it wakes.
 *
 * @own has been run, and is @answered, unless it was found that it has to be with
 * the lock.
 */
static noinline void run_others(struct tsmfd_queue *queue,
				struct tsmfd_request *own, bool answered)
{
	struct held_answers held = { LIST_HEAD_INIT(held.requests) };
	unsigned int calls = 0;
	LIST_HEAD(turn);
	u32 count;

	spin_lock(&queue->lock);
	if (!answered) {
		list_add(&own->node, &turn);
		tsmfd_turn_end(queue, &turn);
	}
	while ((count = next_direct(queue, ++calls, &turn))) {
		spin_unlock(&queue->lock);
		tsmfd_turn_run(queue, &turn, count, own);
		spin_lock(&queue->lock);
		end_turn(queue, &turn, &held);
	}
	release_slot(queue, NULL);
	give_held(queue, &held);
	spin_unlock(&queue->lock);
}

/* With a slot, when others are no longer to spin for it. */
static void forget_runner(struct tsmfd_queue *queue)
{
	if (READ_ONCE(queue->runner) == current)
		WRITE_ONCE(queue->runner, NULL);
}

/* Mostly nobody has come, and this is done without the lock. */
static void run_own_and_others(struct tsmfd_queue *queue,
			       struct tsmfd_request *own)
{
	bool answered = tsmfd_turn_run_own(queue, own);

	if (answered) {
		forget_runner(queue);
		if (tsmfd_slots_try_give(&queue->slots))
			return;
	}
	run_others(queue, own, answered);
}

/* A slot, if none who is queued wants it; whether or not the queue is locked. */
static __always_inline bool try_take(struct tsmfd_queue *queue)
{
	u32 max = queue->info->max_inflight;
	u32 taken = tsmfd_slots_try_take(&queue->slots, max);

	if (taken == max)
		WRITE_ONCE(queue->runner, current);
	return taken;
}

/* The queue may no longer have to be guarded. */
static noinline bool try_take_guarded(struct tsmfd_queue *queue)
{
	bool taken;

	spin_lock(&queue->lock);
	update_guard(queue);
	taken = try_take(queue);
	spin_unlock(&queue->lock);
	return taken;
}

static noinline void give_back(struct tsmfd_queue *queue)
{
	spin_lock(&queue->lock);
	release_slot(queue, NULL);
	spin_unlock(&queue->lock);
}

/* May the caller run a call itself? If so it has a slot for it. */
static __always_inline bool claim(struct tsmfd_queue *queue, struct tsmfd_request *request)
{
	if (!queue->ops->brief)
		return false;
	if (!try_take(queue) && !(tsmfd_slots_guarded(&queue->slots) &&
				  try_take_guarded(queue)))
		return false;
	/* Only now is it certain that the provider is there. */
	if (is_short(queue)) {
		if (tsmfd_stats_is_timed(tsmfd_request_stats(request)))
			tsmfd_request_time(request);
		return true;
	}

	give_back(queue);
	return false;
}

static noinline bool spin_and_claim(struct tsmfd_queue *queue,
				    struct tsmfd_request *request)
{
	tsmfd_request_time(request);
	return tsmfd_spin_for_slot(queue) && claim(queue, request);
}

/**
 * tsmfd_runner_run() - in the caller's own context, if that may be
 * @queue: not locked
 * @request: NEW; held by the caller
 *
 * Return: false if it is to be queued, and has been timed; true if it has been run, and
 * is answered, or has become queued meanwhile.
 */
bool tsmfd_runner_run(struct tsmfd_queue *queue, struct tsmfd_request *request)
{
	/* Now, rather than with a slot that the others then have to wait for. */
	if (need_resched())
		cond_resched();
	if (!claim(queue, request) && !spin_and_claim(queue, request))
		return false;
	request->state = TSMFD_REQUEST_RUNNING;
	run_own_and_others(queue, request);
	return true;
}

/**
 * tsmfd_runner_init() - workers at rest
 * @queue: with its info
 * @name: of the workers
 *
 * Return: 0 or -ENOMEM.
 */
int tsmfd_runner_init(struct tsmfd_queue *queue, const char *name)
{
	u32 i, count = queue->info->max_inflight;

	INIT_LIST_HEAD(&queue->idle_workers);
	queue->workers = kcalloc(count, sizeof(*queue->workers), GFP_KERNEL);
	if (!queue->workers)
		return -ENOMEM;

	/*
	 * A worker runs on the processor of the caller that woke it, who is
	 * about to sleep: waking another one costs an interprocessor interrupt
	 * there and back, which in a guest whose host is busy took longer than
	 * 5 ms firmware (Documentation/design.rst).
	 */
	queue->workqueue = alloc_workqueue("tsmfd-%s",
					   WQ_HIGHPRI | WQ_CPU_INTENSIVE,
					   count, name);
	if (!queue->workqueue) {
		kfree(queue->workers);
		return -ENOMEM;
	}

	for (i = 0; i < count; i++) {
		struct tsmfd_worker *worker = &queue->workers[i];

		INIT_WORK(&worker->work, work);
		worker->queue = queue;
		list_add_tail(&worker->node, &queue->idle_workers);
	}
	return 0;
}

static bool is_drained(struct tsmfd_queue *queue)
{
	bool drained;

	spin_lock(&queue->lock);
	drained = !tsmfd_slots_taken(&queue->slots);
	spin_unlock(&queue->lock);
	return drained;
}

/**
 * tsmfd_runner_drain() - until no call is under way any more
 * @queue: dead, with nothing queued
 */
void tsmfd_runner_drain(struct tsmfd_queue *queue)
{
	wait_event(queue->drained, is_drained(queue));
	/* The last worker may still be on its way out. */
	flush_workqueue(queue->workqueue);
}

/**
 * tsmfd_runner_destroy() - give back what tsmfd_runner_init() took
 * @queue: drained
 */
void tsmfd_runner_destroy(struct tsmfd_queue *queue)
{
	destroy_workqueue(queue->workqueue);
	kfree(queue->workers);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The queue: who runs the firmware.
 *
 * Firmware calls run on workers, at most max_inflight at once. A worker goes
 * from one request to the next without a gap, and whoever waits for it can be
 * killed, time out or close its file meanwhile. Only a call that the provider
 * says is short runs in the caller's own context, which saves two switches. Such
 * a caller then also runs the calls of those who came during its own, so that
 * under load, too, the firmware does not wait for somebody to wake up.
 */
#include <linux/export.h>
#include <linux/memcontrol.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/workqueue.h>

#include "order.h"
#include "queue.h"
#include "request.h"
#include "spin.h"
#include "stats.h"
#include "turn.h"

enum {
	/* What a caller does for others before it leaves them to a worker. */
	CALLS_OF_OTHERS_MAX	= 16,
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

/**
 * tsmfd_flow_init() - with nothing pending
 * @flow: to be initialised
 * @face: whose it is
 */
void tsmfd_flow_init(struct tsmfd_flow *flow, enum tsmfd_face face)
{
	INIT_LIST_HEAD(&flow->node);
	INIT_LIST_HEAD(&flow->pending);
	init_waitqueue_head(&flow->wait);
	flow->face = face;
}
EXPORT_SYMBOL_GPL(tsmfd_flow_init);

/*
 * Until it is settled, a last tsmfd_request_put() waits for the lock; from then
 * on the request may be freed, and its flow go, at any moment.
 */
static void answer(struct tsmfd_request *request)
{
	struct tsmfd_flow *flow = request->flow;

	lockdep_assert_held(&request->queue->lock);

	tsmfd_stats_answered(request->queue->stats, flow->face, request->error,
			     ktime_get_ns() - request->submitted_ns);
	/* Pairs with the acquire in tsmfd_request_done(). */
	smp_store_release(&request->state, TSMFD_REQUEST_DONE);
	complete_all(&request->done);
	if (wq_has_sleeper(&flow->wait))
		wake_up_poll(&flow->wait, EPOLLIN | EPOLLRDNORM);
	/* Pairs with the acquire in tsmfd_request_put(). */
	smp_store_release(&request->settled, true);
}

/* Returns true if nobody wanted the answer and the request is to be freed. */
static bool finish(struct tsmfd_request *request)
{
	lockdep_assert_held(&request->queue->lock);

	if (request->state == TSMFD_REQUEST_ORPHAN) {
		tsmfd_stats_cancelled(request->queue->stats, request->face);
		return true;
	}

	answer(request);
	return false;
}

static bool has_room(const struct tsmfd_queue *queue)
{
	return queue->inflight < queue->info->max_inflight;
}

static void wake_worker(struct tsmfd_queue *queue)
{
	struct tsmfd_worker *worker;

	lockdep_assert_held(&queue->lock);

	/* There is one: a queue has a worker for each call it may have under way. */
	worker = list_first_entry(&queue->idle_workers, struct tsmfd_worker,
				  node);
	list_del_init(&worker->node);
	queue->inflight++;
	queue_work(queue->workqueue, &worker->work);
}

/* @worker: NULL if a caller had the slot */
static void release_slot(struct tsmfd_queue *queue, struct tsmfd_worker *worker)
{
	lockdep_assert_held(&queue->lock);

	if (worker)
		list_add(&worker->node, &queue->idle_workers);
	else
		WRITE_ONCE(queue->runner, NULL);
	queue->inflight--;
	if (!tsmfd_order_empty(queue))
		wake_worker(queue);
	else if (queue->dead && !queue->inflight)
		wake_up_all(&queue->drained);
}

/* Answers a turn's requests; those that nobody wants go to @orphans. */
static void finish_turn(struct list_head *turn, struct list_head *orphans)
{
	struct tsmfd_request *request, *next;

	list_for_each_entry_safe(request, next, turn, node) {
		/* Before it is answered, after which it may be gone. */
		list_del_init(&request->node);
		if (finish(request))
			list_add(&request->node, orphans);
	}
}

static void free_orphans(struct list_head *orphans)
{
	struct tsmfd_request *orphan, *next;

	list_for_each_entry_safe(orphan, next, orphans, node)
		tsmfd_request_free(orphan);
}

static void work(struct work_struct *work)
{
	struct tsmfd_worker *worker =
		container_of(work, struct tsmfd_worker, work);
	struct tsmfd_queue *queue = worker->queue;
	LIST_HEAD(turn);
	u32 count;

	spin_lock(&queue->lock);
	while ((count = tsmfd_order_next_turn(queue, &turn))) {
		LIST_HEAD(orphans);

		spin_unlock(&queue->lock);
		tsmfd_turn_run(queue, &turn, count);
		cond_resched();
		spin_lock(&queue->lock);
		finish_turn(&turn, &orphans);
		if (list_empty(&orphans))
			continue;
		spin_unlock(&queue->lock);
		free_orphans(&orphans);
		spin_lock(&queue->lock);
	}
	release_slot(queue, worker);
	spin_unlock(&queue->lock);
}

static bool is_direct(struct tsmfd_queue *queue)
{
	return queue->ops->direct && queue->ops->direct(queue->priv);
}

/*
 * A provider may give up because of a signal to the caller in whose context it
 * works, which is nothing to those whose requests that caller runs as well.
 */
static bool was_given_up(const struct tsmfd_request *request)
{
	return (request->error == -EINTR || request->error == -ERESTARTSYS) &&
	       signal_pending(current);
}

/* The next turn for a caller that has had its own call, if it may have one. */
static struct tsmfd_request *next_direct(struct tsmfd_queue *queue,
					 unsigned int calls)
{
	lockdep_assert_held(&queue->lock);

	if (calls == CALLS_OF_OTHERS_MAX || signal_pending(current) ||
	    need_resched() || tsmfd_order_next_is_batch(queue) ||
	    !is_direct(queue))
		return NULL;
	return tsmfd_order_next(queue);
}

static void run_one(struct tsmfd_queue *queue, struct tsmfd_request *request)
{
	LIST_HEAD(turn);

	list_add(&request->node, &turn);
	tsmfd_turn_run(queue, &turn, 1);
	list_del_init(&request->node);
}

/* Returns true if it is to have its turn again. */
static bool run_for_other(struct tsmfd_queue *queue,
			  struct tsmfd_request *request)
{
	run_one(queue, request);
	if (!was_given_up(request))
		return false;
	tsmfd_report_free(&request->report);
	return true;
}

/*
 * Whoever came meanwhile sleeps until it has its answer, and not until it may run
 * its call: the firmware would be idle while it wakes.
 */
static void run_others(struct tsmfd_queue *queue)
	__must_hold(&queue->lock)
{
	struct tsmfd_request *request;
	unsigned int calls = 0;

	while ((request = next_direct(queue, calls++))) {
		bool again;

		spin_unlock(&queue->lock);
		again = run_for_other(queue, request);
		spin_lock(&queue->lock);
		if (again && request->state == TSMFD_REQUEST_RUNNING) {
			tsmfd_order_add_back(queue, request);
		} else if (finish(request)) {
			spin_unlock(&queue->lock);
			tsmfd_request_free(request);
			spin_lock(&queue->lock);
		}
	}
}

static void run_direct(struct tsmfd_queue *queue, struct tsmfd_request *request)
{
	run_one(queue, request);

	spin_lock(&queue->lock);
	/* The caller that runs it holds it, so it is no orphan. */
	finish(request);
	run_others(queue);
	release_slot(queue, NULL);
	spin_unlock(&queue->lock);
}

/* May the caller run the request itself? If so a slot is taken for it. */
static bool claim_direct(struct tsmfd_queue *queue,
			 struct tsmfd_request *request)
{
	bool direct;

	spin_lock(&queue->lock);
	direct = !queue->dead && has_room(queue) && tsmfd_order_empty(queue) &&
		 is_direct(queue);
	if (direct) {
		request->state = TSMFD_REQUEST_RUNNING;
		queue->inflight++;
		if (!has_room(queue))
			WRITE_ONCE(queue->runner, current);
	}
	spin_unlock(&queue->lock);
	return direct;
}

/**
 * tsmfd_queue_submit() - have a request answered
 * @request: NEW; held by the caller
 * @flow: whose turn it takes; kept until the request has been put by all
 *
 * The request is always answered sooner or later, with -ENODEV if the provider
 * leaves; that may have happened on return.
 */
void tsmfd_queue_submit(struct tsmfd_request *request, struct tsmfd_flow *flow)
{
	struct tsmfd_queue *queue = request->queue;

	request->flow = flow;
	request->face = flow->face;
	request->submitted_ns = ktime_get_ns();
	tsmfd_stats_submitted(queue->stats, flow->face);
	/* Now, rather than with a slot that the others then have to wait for. */
	cond_resched();
	if (claim_direct(queue, request) ||
	    (tsmfd_spin_for_slot(queue) && claim_direct(queue, request))) {
		run_direct(queue, request);
		return;
	}

	request->memcg = get_mem_cgroup_from_mm(current->mm);

	spin_lock(&queue->lock);
	if (queue->dead) {
		request->error = -ENODEV;
		answer(request);
	} else {
		tsmfd_order_add(queue, request);
		if (has_room(queue))
			wake_worker(queue);
	}
	spin_unlock(&queue->lock);
}
EXPORT_SYMBOL_GPL(tsmfd_queue_submit);

/**
 * tsmfd_queue_forget() - nobody wants a request any more
 * @request: with no reference left; its queue's lock is held, and released here
 *
 * Return: true if the caller is to free it; false if whoever runs it will.
 */
bool tsmfd_queue_forget(struct tsmfd_request *request)
	__releases(&request->queue->lock)
{
	struct tsmfd_queue *queue = request->queue;
	bool running = request->state == TSMFD_REQUEST_RUNNING;

	if (request->state == TSMFD_REQUEST_QUEUED) {
		tsmfd_order_remove(queue, request);
		tsmfd_stats_cancelled(queue->stats, request->face);
	}
	if (running)
		request->state = TSMFD_REQUEST_ORPHAN;
	spin_unlock(&queue->lock);
	return !running;
}

/**
 * tsmfd_queue_init() - a queue with its workers
 * @queue: to be initialised
 * @ops: the provider's
 * @priv: the provider's
 * @info: what the provider is; stays as long as the queue
 * @name: of the workers
 *
 * Return: 0 or -ENOMEM.
 */
int tsmfd_queue_init(struct tsmfd_queue *queue, const struct tsmfd_ops *ops,
		     void *priv, const struct tsmfd_info *info,
		     const char *name)
{
	u32 i;

	queue->ops = ops;
	queue->priv = priv;
	queue->info = info;
	spin_lock_init(&queue->lock);
	tsmfd_order_init(queue);
	INIT_LIST_HEAD(&queue->idle_workers);
	init_waitqueue_head(&queue->gone);
	init_waitqueue_head(&queue->drained);

	queue->stats = alloc_percpu(struct tsmfd_stats);
	if (!queue->stats)
		return -ENOMEM;

	queue->workers = kcalloc(info->max_inflight, sizeof(*queue->workers),
				 GFP_KERNEL);
	if (!queue->workers)
		goto err_stats;

	/*
	 * A worker runs on the processor of the caller that woke it, who is
	 * about to sleep: waking another one costs an interprocessor interrupt
	 * there and back, which in a guest whose host is busy took longer than
	 * 5 ms firmware (Documentation/design.rst).
	 */
	queue->workqueue = alloc_workqueue("tsmfd-%s",
					   WQ_HIGHPRI | WQ_CPU_INTENSIVE,
					   info->max_inflight, name);
	if (!queue->workqueue)
		goto err_workers;

	for (i = 0; i < info->max_inflight; i++) {
		struct tsmfd_worker *worker = &queue->workers[i];

		INIT_WORK(&worker->work, work);
		worker->queue = queue;
		list_add_tail(&worker->node, &queue->idle_workers);
	}
	return 0;

err_workers:
	kfree(queue->workers);
err_stats:
	free_percpu(queue->stats);
	return -ENOMEM;
}

static bool is_drained(struct tsmfd_queue *queue)
{
	bool drained;

	spin_lock(&queue->lock);
	drained = !queue->inflight;
	spin_unlock(&queue->lock);
	return drained;
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
	struct tsmfd_request *request;

	spin_lock(&queue->lock);
	WRITE_ONCE(queue->dead, true);
	while ((request = tsmfd_order_next(queue))) {
		request->error = -ENODEV;
		answer(request);
	}
	spin_unlock(&queue->lock);

	wake_up_poll(&queue->gone, EPOLLHUP | EPOLLERR);

	wait_event(queue->drained, is_drained(queue));
	/* The last worker may still be on its way out. */
	flush_workqueue(queue->workqueue);
}

/**
 * tsmfd_queue_destroy() - give back what tsmfd_queue_init() took
 * @queue: shut down, and with no request left that refers to it
 */
void tsmfd_queue_destroy(struct tsmfd_queue *queue)
{
	destroy_workqueue(queue->workqueue);
	kfree(queue->workers);
	free_percpu(queue->stats);
}

/**
 * tsmfd_queue_emu_get() - the settings of an emulated provider
 * @queue: its queue
 * @values: TSMFD_EMU_SETTINGS of them
 *
 * Return: 0, -EOPNOTSUPP if it is not emulated, -ENODEV if it has gone.
 */
int tsmfd_queue_emu_get(struct tsmfd_queue *queue, u32 *values)
{
	int rc = 0;

	spin_lock(&queue->lock);
	if (queue->dead)
		rc = -ENODEV;
	else if (!queue->ops->emu_get)
		rc = -EOPNOTSUPP;
	else
		queue->ops->emu_get(queue->priv, values);
	spin_unlock(&queue->lock);
	return rc;
}

/**
 * tsmfd_queue_emu_set() - set an emulated provider, all or nothing
 * @queue: its queue
 * @values: TSMFD_EMU_SETTINGS of them
 * @given: a bit for each one that is to be set
 * @bad: set to the place of the first that is out of range
 *
 * Return: 0, -EINVAL if one is out of range, -EOPNOTSUPP if the provider is not
 * emulated, -ENODEV if it has gone.
 */
int tsmfd_queue_emu_set(struct tsmfd_queue *queue, const u32 *values,
			unsigned long given, int *bad)
{
	int rc;

	spin_lock(&queue->lock);
	if (queue->dead)
		rc = -ENODEV;
	else if (!queue->ops->emu_set)
		rc = -EOPNOTSUPP;
	else
		rc = queue->ops->emu_set(queue->priv, values, given, bad);
	spin_unlock(&queue->lock);
	return rc;
}

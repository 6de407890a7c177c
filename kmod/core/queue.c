// SPDX-License-Identifier: GPL-2.0-only
/*
 * The queue: who is next at the firmware.
 *
 * Firmware calls run on workers, at most max_inflight at once. A worker goes
 * from one request to the next without a gap, and whoever waits for it can be
 * killed, time out or close its file meanwhile. Only a call that the provider
 * says is short, when nobody else is waiting, runs in the caller's own context:
 * two switches saved.
 *
 * Flows (open files) take turns, so that one with a thousand requests delays
 * one with a single request by one call and not by a thousand.
 */
#include <linux/export.h>
#include <linux/err.h>
#include <linux/memcontrol.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/workqueue.h>

#include "events.h"
#include "queue.h"
#include "request.h"
#include "stats.h"

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

static void enqueue(struct tsmfd_queue *queue, struct tsmfd_request *request)
{
	struct tsmfd_flow *flow = request->flow;

	lockdep_assert_held(&queue->lock);

	queue->queued++;
	list_add_tail(&request->node, &flow->pending);
	if (list_empty(&flow->node))
		list_add_tail(&flow->node, &queue->flows);
}

static void dequeue(struct tsmfd_queue *queue, struct tsmfd_request *request)
{
	struct tsmfd_flow *flow = request->flow;

	lockdep_assert_held(&queue->lock);

	queue->queued--;
	list_del_init(&request->node);
	if (list_empty(&flow->pending))
		list_del_init(&flow->node);
}

/* Takes the next request off the queue; its flow goes behind the others. */
static struct tsmfd_request *next_request(struct tsmfd_queue *queue)
{
	struct tsmfd_request *request;
	struct tsmfd_flow *flow;

	lockdep_assert_held(&queue->lock);

	flow = list_first_entry_or_null(&queue->flows, struct tsmfd_flow, node);
	if (!flow)
		return NULL;

	list_move_tail(&flow->node, &queue->flows);
	request = list_first_entry(&flow->pending, struct tsmfd_request, node);
	dequeue(queue, request);
	request->state = TSMFD_REQUEST_RUNNING;
	return request;
}

/* From here on a last tsmfd_request_put() frees the request at any moment. */
static void answer(struct tsmfd_request *request)
{
	struct tsmfd_flow *flow = request->flow;

	lockdep_assert_held(&request->queue->lock);

	tsmfd_stats_answered(request->queue->stats, flow->face, request->error,
			     ktime_get_ns() - request->submitted_ns);
	/* Pairs with the acquire in tsmfd_request_done(). */
	smp_store_release(&request->state, TSMFD_REQUEST_DONE);
	complete_all(&request->done);
	wake_up_poll(&flow->wait, EPOLLIN | EPOLLRDNORM);
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

static bool has_room(const struct tsmfd_queue *queue)
{
	return queue->inflight < queue->info->max_inflight;
}

static void release_slot(struct tsmfd_queue *queue)
{
	lockdep_assert_held(&queue->lock);

	queue->inflight--;
	if (queue->dead && !queue->inflight)
		wake_up_all(&queue->drained);
}

/*
 * What the provider gave is used only as far as it said it would: an empty
 * report with a success, or one longer than announced, is its failure.
 */
static int check_report(const struct tsmfd_queue *queue,
			const struct tsmfd_report *report)
{
	const struct tsmfd_info *info = queue->info;

	if (!report->outblob.len)
		return -EBADMSG;
	if (report->outblob.len > info->outblob_max ||
	    report->auxblob.len > info->auxblob_max ||
	    report->manifestblob.len > info->manifestblob_max)
		return -EBADMSG;
	return 0;
}

static void run(struct tsmfd_queue *queue, struct tsmfd_request *request)
{
	int rc;

	rc = queue->ops->report(queue->priv, &request->options,
				&request->report);
	if (!rc)
		rc = check_report(queue, &request->report);
	if (!rc)
		request->generation = atomic64_inc_return(&queue->served);
	request->error = rc;
	if (rc)
		tsmfd_event(rc == -EBUSY ? TSMFD_EVENT_THROTTLED :
					   TSMFD_EVENT_FAILED, queue->info, rc);
}

static void run_charged(struct tsmfd_queue *queue,
			struct tsmfd_request *request)
{
	struct mem_cgroup *old = set_active_memcg(request->memcg);

	run(queue, request);
	set_active_memcg(old);
}

static void work(struct work_struct *work)
{
	struct tsmfd_worker *worker =
		container_of(work, struct tsmfd_worker, work);
	struct tsmfd_queue *queue = worker->queue;
	struct tsmfd_request *request;

	spin_lock(&queue->lock);
	while ((request = next_request(queue))) {
		bool orphan;

		spin_unlock(&queue->lock);
		run_charged(queue, request);
		cond_resched();
		spin_lock(&queue->lock);
		orphan = finish(request);
		if (!orphan)
			continue;
		spin_unlock(&queue->lock);
		tsmfd_request_free(request);
		spin_lock(&queue->lock);
	}
	list_add(&worker->node, &queue->idle_workers);
	release_slot(queue);
	spin_unlock(&queue->lock);
}

static void run_direct(struct tsmfd_queue *queue, struct tsmfd_request *request)
{
	run(queue, request);

	spin_lock(&queue->lock);
	/* The caller that runs it holds it, so it is no orphan. */
	finish(request);
	release_slot(queue);
	if (!list_empty(&queue->flows) && has_room(queue))
		wake_worker(queue);
	spin_unlock(&queue->lock);
}

/* May the caller run the request itself? If so a slot is taken for it. */
static bool claim_direct(struct tsmfd_queue *queue,
			 struct tsmfd_request *request)
{
	bool direct;

	spin_lock(&queue->lock);
	direct = !queue->dead && has_room(queue) && list_empty(&queue->flows) &&
		 queue->ops->direct && queue->ops->direct(queue->priv);
	if (direct) {
		request->state = TSMFD_REQUEST_RUNNING;
		queue->inflight++;
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
	if (claim_direct(queue, request)) {
		run_direct(queue, request);
		return;
	}

	request->memcg = get_mem_cgroup_from_mm(current->mm);

	spin_lock(&queue->lock);
	if (queue->dead) {
		request->error = -ENODEV;
		answer(request);
	} else {
		request->state = TSMFD_REQUEST_QUEUED;
		enqueue(queue, request);
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
		dequeue(queue, request);
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
	INIT_LIST_HEAD(&queue->flows);
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
	while ((request = next_request(queue))) {
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

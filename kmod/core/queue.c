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
#include <linux/memcontrol.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/workqueue.h>

#include "queue.h"
#include "request.h"
#include "stats.h"
#include "turn.h"

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

static struct list_head *peers_of(struct tsmfd_queue *queue,
				  const struct tsmfd_request *request)
{
	const struct tsmfd_options *options = &request->options;

	return &queue->peers[2 * options->privlevel + options->format];
}

static void enqueue(struct tsmfd_queue *queue, struct tsmfd_request *request)
{
	struct tsmfd_flow *flow = request->flow;

	lockdep_assert_held(&queue->lock);

	queue->queued++;
	list_add_tail(&request->node, &flow->pending);
	if (tsmfd_request_is_batched(request))
		list_add_tail(&request->peers, peers_of(queue, request));
	if (list_empty(&flow->node))
		list_add_tail(&flow->node, &queue->flows);
}

static void dequeue(struct tsmfd_queue *queue, struct tsmfd_request *request)
{
	struct tsmfd_flow *flow = request->flow;

	lockdep_assert_held(&queue->lock);

	queue->queued--;
	list_del_init(&request->node);
	list_del_init(&request->peers);
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

/*
 * Takes the next turn off the queue: a request, and if it may be batched all
 * others that may share its call, onto @members. They may be of any flows, which
 * lose nothing by it.
 */
static u32 next_turn(struct tsmfd_queue *queue, struct list_head *members)
{
	struct tsmfd_request *first = next_request(queue);
	struct tsmfd_request *peer, *next;
	u32 count = 1;

	if (!first)
		return 0;

	list_add(&first->node, members);
	if (!tsmfd_request_is_batched(first))
		return 1;

	list_for_each_entry_safe(peer, next, peers_of(queue, first), peers) {
		if (count == batch_max)
			break;
		dequeue(queue, peer);
		peer->state = TSMFD_REQUEST_RUNNING;
		list_add_tail(&peer->node, members);
		count++;
	}
	return count;
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

/* Answers the members of a turn; those that nobody wants stay in the list. */
static void finish_turn(struct list_head *members)
{
	struct tsmfd_request *member, *next;

	list_for_each_entry_safe(member, next, members, node) {
		/* Before it is answered, after which it may be gone. */
		list_del_init(&member->node);
		if (finish(member))
			list_add(&member->node, members);
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
	u32 count;

	spin_lock(&queue->lock);
	for (;;) {
		LIST_HEAD(members);

		count = next_turn(queue, &members);
		if (!count)
			break;
		spin_unlock(&queue->lock);
		tsmfd_turn_run(queue, &members, count);
		cond_resched();
		spin_lock(&queue->lock);
		finish_turn(&members);
		if (list_empty(&members))
			continue;
		spin_unlock(&queue->lock);
		free_orphans(&members);
		spin_lock(&queue->lock);
	}
	list_add(&worker->node, &queue->idle_workers);
	release_slot(queue);
	spin_unlock(&queue->lock);
}

static void run_direct(struct tsmfd_queue *queue, struct tsmfd_request *request)
{
	LIST_HEAD(members);

	list_add(&request->node, &members);
	tsmfd_turn_run(queue, &members, 1);

	spin_lock(&queue->lock);
	/* The caller that runs it holds it, so it is no orphan. */
	finish_turn(&members);
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
	for (i = 0; i < ARRAY_SIZE(queue->peers); i++)
		INIT_LIST_HEAD(&queue->peers[i]);
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

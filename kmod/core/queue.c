// SPDX-License-Identifier: GPL-2.0-only
/*
 * The queue: requests come and go, and so does the provider.
 */
#include <linux/bug.h>
#include <linux/export.h>
#include <linux/lockdep.h>
#include <linux/memcontrol.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/sched/clock.h>
#include <linux/xarray.h>

#include "batch.h"
#include "order.h"
#include "queue.h"
#include "request.h"
#include "runner.h"
#include "stats.h"
#include "throttle.h"
#include "turn.h"
#include "user.h"

/* Returns 0, -ENODEV, or -EAGAIN if there has to be more room. */
static int try_queue(struct tsmfd_queue *queue, struct tsmfd_request *request,
		     struct tsmfd_batch_room *room)
{
	int rc;

	lockdep_assert_held(&queue->lock);

	if (queue->dead)
		return -ENODEV;
	if (tsmfd_request_is_batched(request)) {
		rc = tsmfd_batch_join(queue, request, room);
		if (rc)
			return rc;
	}
	tsmfd_order_add(queue, request);
	tsmfd_runner_wake(queue);
	return 0;
}

static noinline int queue_request(struct tsmfd_queue *queue,
				  struct tsmfd_request *request)
{
	struct tsmfd_batch_room room = {};
	int rc;

	request->memcg = get_mem_cgroup_from_mm(current->mm);
	do {
		spin_lock(&queue->lock);
		rc = try_queue(queue, request, &room);
		spin_unlock(&queue->lock);
		if (rc != -EAGAIN)
			break;
		rc = tsmfd_batch_make_room(&room);
	} while (!rc);
	tsmfd_batch_free_room(&room);

	/* In the caller's own context, as its leaf was. */
	if (!rc && request->batch)
		tsmfd_tree_climb(request->batch->tree, request->leaf_index);
	return rc;
}

/**
 * tsmfd_queue_submit() - have a request answered
 * @request: NEW; held by the caller
 *
 * The request is always answered sooner or later, with -ENODEV if the provider
 * leaves, or -ENOMEM; that may have happened on return.
 */
void tsmfd_queue_submit(struct tsmfd_request *request)
{
	struct tsmfd_queue *queue = request->queue;
	int rc;

	tsmfd_stats_submitted(tsmfd_request_stats(request));
	if (tsmfd_runner_run(queue, request))
		return;

	rc = queue_request(queue, request);
	if (rc) {
		request->error = rc;
		tsmfd_turn_answer(request);
	}
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

	/* Here, for the flow, and with it the user, may go before an orphan. */
	if (request->state != TSMFD_REQUEST_DONE)
		tsmfd_quota_release(request);
	if (request->state == TSMFD_REQUEST_QUEUED) {
		tsmfd_order_remove(queue, request);
		if (request->batch)
			tsmfd_batch_give_up(request);
		tsmfd_stats_cancelled(tsmfd_request_stats(request));
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
	int rc;

	queue->ops = ops;
	queue->priv = priv;
	queue->info = info;
	spin_lock_init(&queue->lock);
	tsmfd_order_init(queue);
	tsmfd_throttle_init(&queue->throttle);
	init_waitqueue_head(&queue->gone);
	init_waitqueue_head(&queue->drained);
	xa_init(&queue->users);

	queue->stats = alloc_percpu(struct tsmfd_stats);
	if (!queue->stats)
		return -ENOMEM;

	rc = -ENOMEM;
	queue->root = tsmfd_user_get(queue, GLOBAL_ROOT_UID);
	if (!queue->root)
		goto free_stats;
	rc = tsmfd_runner_init(queue, name);
	if (rc)
		goto put_root;
	return 0;

put_root:
	tsmfd_user_put(queue, queue->root);
free_stats:
	free_percpu(queue->stats);
	return rc;
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
		tsmfd_turn_answer(request);
	}
	tsmfd_runner_wake(queue);
	spin_unlock(&queue->lock);

	wake_up_poll(&queue->gone, EPOLLHUP | EPOLLERR);

	tsmfd_throttle_stop(&queue->throttle);
	tsmfd_runner_drain(queue);
}

/**
 * tsmfd_queue_destroy() - give back what tsmfd_queue_init() took
 * @queue: shut down, and with no request left that refers to it
 */
void tsmfd_queue_destroy(struct tsmfd_queue *queue)
{
	tsmfd_user_put(queue, queue->root);
	/* Who has a flow holds the provider. */
	WARN_ON_ONCE(!xa_empty(&queue->users));
	tsmfd_runner_destroy(queue);
	free_percpu(queue->stats);
}

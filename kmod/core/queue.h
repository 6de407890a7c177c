/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TSMFD_CORE_QUEUE_H
#define TSMFD_CORE_QUEUE_H

#include <linux/spinlock.h>
#include <linux/tsmfd.h>
#include <linux/wait.h>

#include "batch.h"
#include "order.h"
#include "request.h"
#include "runner.h"

/**
 * struct tsmfd_queue - a provider's work
 * @lock: protects @order, @batches and @dead, and what @runner and the structures
 *	of users, flows and requests say it does. Taken in queue.c only, and never
 *	held across a call of the provider's report().
 * @order: what is queued
 * @batches: those that may be joined
 * @runner: who calls the firmware
 * @dead: the provider is leaving; nothing is queued any more
 * @users: of the provider, whose pollers are woken when it leaves; constant
 * @drained: woken when no call is in flight any more once @dead is set
 */
struct tsmfd_queue {
	spinlock_t		lock;	/* protects the four members below */
	struct tsmfd_order	order;
	struct tsmfd_batches	batches;
	struct tsmfd_runner	runner;
	bool			dead;
	struct tsmfd_users	*users;
	wait_queue_head_t	drained;
};

/**
 * struct tsmfd_queue_counts - what a queue is at, and has done
 * @queued: requests that wait
 * @in_flight: calls under way
 * @served: reports made
 * @batches: calls that answered more than one request
 */
struct tsmfd_queue_counts {
	u32	queued;
	u32	in_flight;
	u64	served;
	u64	batches;
};

int tsmfd_queue_init(struct tsmfd_queue *queue, struct tsmfd_users *users,
		     const struct tsmfd_ops *ops, void *priv, const char *name);
void tsmfd_queue_shutdown(struct tsmfd_queue *queue);
void tsmfd_queue_destroy(struct tsmfd_queue *queue);
void tsmfd_queue_submit(struct tsmfd_request *request, bool waits);
void tsmfd_request_put(struct tsmfd_request *request);
void tsmfd_queue_count(struct tsmfd_queue *queue,
		       struct tsmfd_queue_counts *counts);

/* Has its provider been unregistered? If so, for good. */
static inline bool tsmfd_queue_is_dead(const struct tsmfd_queue *queue)
{
	return READ_ONCE(queue->dead);
}

#endif /* TSMFD_CORE_QUEUE_H */

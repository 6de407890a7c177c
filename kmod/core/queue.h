/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TSMFD_CORE_QUEUE_H
#define TSMFD_CORE_QUEUE_H

#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/spinlock.h>
#include <linux/tsmfd.h>
#include <linux/wait.h>
#include <linux/xarray.h>

#include "flow.h"
#include "slots.h"
#include "throttle.h"

struct task_struct;
struct tsmfd_batch;
struct tsmfd_request;
struct tsmfd_stats;
struct tsmfd_user;
struct tsmfd_worker;
struct workqueue_struct;

/* Of each privlevel and each of the two formats. */
#define TSMFD_BATCH_GROUPS	(2 * (TSMFD_PRIVLEVEL_MAX + 1))

/**
 * struct tsmfd_queue - a provider's work, and its turns
 * @ops: the provider's; called only by who has one of the @slots, or has @lock and
 *	found @dead not set
 * @priv: the provider's
 * @info: the provider's limits, which a report is held to
 * @stats: what is counted
 * @lock: protects the members below it, and those of users, flows and requests
 *	that say so. Never held across a call of the provider's report().
 * @open: batches that requests may still join, by what they must have in common to
 *	share a call: privlevel and format. Each a reference, or NULL; it has a member
 *	on the flows' lists.
 * @turns: users with something pending, by when they had their last turn
 * @turn_count: turns there were
 * @idle_workers: those at rest
 * @queued: requests on the flows' lists
 * @runner: the caller that runs calls of its own and of others in the last slot,
 *	or NULL; to be looked at, without the lock, as spin.c does
 * @dead: the provider is leaving; nothing is queued any more
 * @throttle: the firmware said that it is busy
 * @users: those who have a flow, by uid. Its own lock is not taken inside of @lock.
 * @root: the usual one, a reference; so that opening a file for each report, one
 *	after the other, need not make him anew each time
 * @gone: woken when @dead is set
 * @drained: woken when no slot is taken any more once @dead is set
 * @workqueue: where workers run
 * @workers: info->max_inflight of them
 * @slots: of which info->max_inflight can be taken, each by one who calls the
 *	provider's report(); a worker has one for as long as it is not idle
 * @served: reports made
 * @batches: calls that answered more than one request
 * @refused: requests that were over their user's quota
 */
struct tsmfd_queue {
	const struct tsmfd_ops	*ops;
	void			*priv;
	const struct tsmfd_info	*info;
	struct tsmfd_stats __percpu *stats;

	/* What is above is read at every report, and what follows is written. */
	spinlock_t		lock ____cacheline_aligned_in_smp; /* protects to @throttle */
	struct tsmfd_batch	*open[TSMFD_BATCH_GROUPS];
	struct rb_root_cached	turns;
	u64			turn_count;
	struct list_head	idle_workers;
	unsigned int		queued;
	struct task_struct	*runner;
	bool			dead;
	struct tsmfd_throttle	throttle;

	struct xarray		users;
	struct tsmfd_user	*root;
	wait_queue_head_t	gone;
	wait_queue_head_t	drained;
	struct workqueue_struct	*workqueue;
	struct tsmfd_worker	*workers;
	struct tsmfd_slots	slots ____cacheline_aligned_in_smp;
	atomic64_t		served;
	atomic64_t		batches;
	atomic64_t		refused;
};

int tsmfd_queue_init(struct tsmfd_queue *queue, const struct tsmfd_ops *ops,
		     void *priv, const struct tsmfd_info *info,
		     const char *name);
void tsmfd_queue_shutdown(struct tsmfd_queue *queue);
void tsmfd_queue_destroy(struct tsmfd_queue *queue);
void tsmfd_queue_submit(struct tsmfd_request *request);
bool tsmfd_queue_forget(struct tsmfd_request *request);

#endif /* TSMFD_CORE_QUEUE_H */

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TSMFD_CORE_RUNNER_H
#define TSMFD_CORE_RUNNER_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/tsmfd.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "batch.h"
#include "request.h"

struct tsmfd_runner;

/**
 * struct tsmfd_worker - one of a runner's hands at the firmware
 * @work: runs it
 * @node: in the runner's idle workers while at rest. Protected by the queue's lock.
 * @runner: whose it is
 */
struct tsmfd_worker {
	struct work_struct	work;
	struct list_head	node;
	struct tsmfd_runner	*runner;
};

/**
 * struct tsmfd_runner - who calls a provider's firmware
 * @ops: the provider's; called only by whoever has begun a call, or by who holds the
 *	queue's lock while the provider is there
 * @priv: the provider's
 * @info: what the provider is, which a report is held to
 * @workqueue: where workers run
 * @workers: info->max_inflight of them
 * @again: ends a back-off
 * @served: reports made
 * @batches: calls that answered more than one request
 * @idle: workers at rest. Like all below, protected by the queue's lock.
 * @in_flight: calls under way, info->max_inflight at most; a worker counts for as
 *	long as it is not idle
 * @backing_off: the firmware said that it is busy, and is not called for now
 * @delay_ms: how long the latest back-off was; 0 once a call was not refused
 */
struct tsmfd_runner {
	const struct tsmfd_ops	*ops;
	void			*priv;
	const struct tsmfd_info	*info;
	struct workqueue_struct	*workqueue;
	struct tsmfd_worker	*workers;
	struct delayed_work	again;
	atomic64_t		served;
	atomic64_t		batches;
	struct list_head	idle;
	u32			in_flight;
	bool			backing_off;
	u32			delay_ms;
};

extern unsigned int tsmfd_busy_timeout_ms;

int tsmfd_runner_init(struct tsmfd_runner *runner, const struct tsmfd_ops *ops,
		      void *priv, const struct tsmfd_info *info,
		      const char *name, work_func_t work, work_func_t again);
void tsmfd_runner_destroy(struct tsmfd_runner *runner);
void tsmfd_runner_stop(struct tsmfd_runner *runner);

void tsmfd_runner_wake(struct tsmfd_runner *runner);
void tsmfd_runner_rest(struct tsmfd_runner *runner, struct tsmfd_worker *worker);
int tsmfd_runner_call(struct tsmfd_runner *runner, struct list_head *turn,
		      u32 count, u64 *generation);
bool tsmfd_runner_has_patience(const struct tsmfd_runner *runner,
			       const struct tsmfd_request *request);
void tsmfd_runner_back_off(struct tsmfd_runner *runner);

/* May one more call be made now? With the queue's lock. */
static inline bool tsmfd_runner_has_room(const struct tsmfd_runner *runner)
{
	return !runner->backing_off &&
	       runner->in_flight < runner->info->max_inflight;
}

/* Does the provider say that its calls are brief? With the queue's lock. */
static inline bool tsmfd_runner_is_brief(const struct tsmfd_runner *runner)
{
	return runner->ops->brief && runner->ops->brief(runner->priv);
}

#endif /* TSMFD_CORE_RUNNER_H */

// SPDX-License-Identifier: GPL-2.0-only
/*
 * A firmware that says it is busy is asked again later, with the delay doubled
 * each time, for as long as its callers wait. Meanwhile requests queue as they
 * always do, and a batch grows.
 */
#include <kunit/visibility.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/moduleparam.h>
#include <linux/time64.h>

#include "queue.h"
#include "request.h"
#include "runner.h"
#include "throttle.h"

enum {
	/* As the kernel's SNP driver asks again. */
	DELAY_MAX_MS	= 2 * MSEC_PER_SEC,
};

/* As long as the kernel's SNP driver does. */
unsigned int tsmfd_busy_timeout_ms = 60 * MSEC_PER_SEC;
EXPORT_SYMBOL_IF_KUNIT(tsmfd_busy_timeout_ms);
module_param_named(busy_timeout_ms, tsmfd_busy_timeout_ms, uint, 0644);
MODULE_PARM_DESC(busy_timeout_ms,
		 "milliseconds for which a request is retried while the firmware says that it is busy, before it fails with EBUSY (default 60000)");

static void again(struct work_struct *work)
{
	struct tsmfd_queue *queue =
		container_of(to_delayed_work(work), struct tsmfd_queue,
			     throttle.again);

	spin_lock(&queue->lock);
	queue->throttle.active = false;
	tsmfd_runner_wake(queue);
	spin_unlock(&queue->lock);
}

/**
 * tsmfd_throttle_init() - of a firmware that is not busy
 * @throttle: to be initialised
 */
void tsmfd_throttle_init(struct tsmfd_throttle *throttle)
{
	INIT_DELAYED_WORK(&throttle->again, again);
}

/**
 * tsmfd_throttle_stop() - the queue is dead
 * @throttle: of a queue to which nothing can be added any more
 */
void tsmfd_throttle_stop(struct tsmfd_throttle *throttle)
{
	cancel_delayed_work_sync(&throttle->again);
}

/**
 * tsmfd_throttle_has_patience() - is a request that met EBUSY to be retried?
 * @request: RUNNING, and timed
 *
 * Return: false if the provider does not say so, or it was tried long enough.
 */
bool tsmfd_throttle_has_patience(const struct tsmfd_request *request)
{
	u64 waited = tsmfd_request_age_ns(request);

	return request->queue->ops->busy_retry_ms &&
	       waited < (u64)READ_ONCE(tsmfd_busy_timeout_ms) * NSEC_PER_MSEC;
}

/**
 * tsmfd_throttle_begin() - make no call for a while
 * @queue: locked; a call of its firmware has just failed with EBUSY
 */
void tsmfd_throttle_begin(struct tsmfd_queue *queue)
{
	struct tsmfd_throttle *throttle = &queue->throttle;
	u32 first = queue->ops->busy_retry_ms;

	lockdep_assert_held(&queue->lock);

	if (queue->dead || throttle->active)
		return;
	throttle->delay_ms = clamp(2 * throttle->delay_ms, first,
				   max_t(u32, first, DELAY_MAX_MS));
	throttle->active = true;
	queue_delayed_work(system_wq, &throttle->again,
			   msecs_to_jiffies(throttle->delay_ms));
}

/**
 * tsmfd_throttle_over() - a call did not fail with EBUSY
 * @queue: locked
 */
void tsmfd_throttle_over(struct tsmfd_queue *queue)
{
	lockdep_assert_held(&queue->lock);

	queue->throttle.delay_ms = 0;
}

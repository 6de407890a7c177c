// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who runs the firmware.
 *
 * A provider has one worker for each call that it takes at once. A worker goes from
 * one turn to the next without a gap, and whoever waits for it can be killed, time
 * out or close its file meanwhile. (A call that is brief may be made by its caller
 * instead, as queue.c says.)
 *
 * A firmware that says it is busy is asked again later, with the delay doubled each
 * time, for as long as its callers have patience. Nobody else's call is made
 * meanwhile, as the firmware is busy for all.
 *
 * Owns: workers, the number of calls in flight, the back-off, and the one place
 * that calls a provider. May include: options to order.
 */
#include <kunit/visibility.h>
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/moduleparam.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/time64.h>

#include "../compat/workqueue.h"
#include "events.h"
#include "runner.h"

enum {
	/* As the kernel's SNP driver asks again. */
	RUNNER_DELAY_MAX_MS	= 2 * MSEC_PER_SEC,
};

/* As long as the kernel's SNP driver does. */
unsigned int tsmfd_busy_timeout_ms = 60 * MSEC_PER_SEC;
EXPORT_SYMBOL_IF_KUNIT(tsmfd_busy_timeout_ms);
module_param_named(busy_timeout_ms, tsmfd_busy_timeout_ms, uint, 0644);
MODULE_PARM_DESC(busy_timeout_ms,
		 "milliseconds for which a request is retried while the firmware says that it is busy, before it fails with EBUSY (default 60000)");

/**
 * tsmfd_runner_init() - workers at rest
 * @runner: to be initialised
 * @ops: the provider's
 * @priv: the provider's
 * @info: what the provider is; has to stay
 * @name: of the workers
 * @work: what a worker does when it is woken
 * @again: what is done when a back-off is over
 *
 * Return: 0 or -ENOMEM.
 */
int tsmfd_runner_init(struct tsmfd_runner *runner, const struct tsmfd_ops *ops,
		      void *priv, const struct tsmfd_info *info,
		      const char *name, work_func_t work, work_func_t again)
{
	u32 i, count = info->max_inflight;

	*runner = (struct tsmfd_runner) {
		.ops = ops, .priv = priv, .info = info,
	};
	INIT_LIST_HEAD(&runner->idle);
	INIT_DELAYED_WORK(&runner->again, again);
	runner->workers = kcalloc(count, sizeof(*runner->workers), GFP_KERNEL);
	if (!runner->workers)
		return -ENOMEM;

	/*
	 * A worker runs on the processor of the caller that woke it, who is
	 * about to sleep: waking another one costs an interprocessor interrupt
	 * there and back, which in a guest whose host is busy took longer than
	 * 5 ms firmware (Documentation/design.rst).
	 */
	runner->workqueue = alloc_workqueue("%s",
					    WQ_HIGHPRI | WQ_CPU_INTENSIVE | WQ_PERCPU,
					    count, name);
	if (!runner->workqueue) {
		kfree(runner->workers);
		return -ENOMEM;
	}

	for (i = 0; i < count; i++) {
		struct tsmfd_worker *worker = &runner->workers[i];

		INIT_WORK(&worker->work, work);
		worker->runner = runner;
		list_add_tail(&worker->node, &runner->idle);
	}
	return 0;
}

/* With no call in flight, and none to come. */
void tsmfd_runner_stop(struct tsmfd_runner *runner)
{
	cancel_delayed_work_sync(&runner->again);
	/* The last worker may still be on its way out. */
	flush_workqueue(runner->workqueue);
}

/* Stopped, or never used. */
void tsmfd_runner_destroy(struct tsmfd_runner *runner)
{
	destroy_workqueue(runner->workqueue);
	kfree(runner->workers);
}

/* Something is queued: has a worker run it, if there is room. With the queue's lock. */
void tsmfd_runner_wake(struct tsmfd_runner *runner)
{
	struct tsmfd_worker *worker;

	if (!tsmfd_runner_has_room(runner))
		return;

	/* There is one: a runner has a worker for each call that it has room for. */
	worker = list_first_entry(&runner->idle, struct tsmfd_worker, node);
	list_del_init(&worker->node);
	runner->in_flight++;
	queue_work(runner->workqueue, &worker->work);
}

/* A worker finds nothing to do. With the queue's lock. */
void tsmfd_runner_rest(struct tsmfd_runner *runner, struct tsmfd_worker *worker)
{
	list_add(&worker->node, &runner->idle);
	runner->in_flight--;
}

/*
 * What the provider gave is used only as far as it said it would: an empty
 * report with a success, or one longer than announced, is its failure.
 */
static bool runner_is_as_announced(const struct tsmfd_info *info,
				   const struct tsmfd_report *report)
{
	return report->outblob.len &&
	       report->outblob.len <= info->outblob_max &&
	       report->auxblob.len <= info->auxblob_max &&
	       report->manifestblob.len <= info->manifestblob_max;
}

/* The codes that restart a system call are no answer to anybody. */
static int runner_sanitize(int error)
{
	if (error == -ERESTARTSYS || error == -ERESTARTNOINTR ||
	    error == -ERESTARTNOHAND || error == -ERESTART_RESTARTBLOCK)
		return -EINTR;
	return error > 0 || error < -MAX_ERRNO ? -EIO : error;
}

/* One call of the firmware. */
static int runner_ask(struct tsmfd_runner *runner,
		      const struct tsmfd_options *options,
		      struct tsmfd_report *report, u64 *generation)
{
	int rc;

	rc = runner_sanitize(runner->ops->report(runner->priv, options, report));
	if (!rc && !runner_is_as_announced(runner->info, report))
		rc = -EBADMSG;
	if (rc) {
		tsmfd_event(rc == -EBUSY ? TSMFD_EVENT_THROTTLED :
			    TSMFD_EVENT_FAILED, runner->info, rc);
		return rc;
	}
	*generation = atomic64_inc_return(&runner->served);
	return 0;
}

static int runner_ask_for_batch(struct tsmfd_runner *runner,
				struct list_head *turn, u32 count,
				u64 *generation)
{
	struct tsmfd_batch *batch =
		list_first_entry(turn, struct tsmfd_request, node)->batch;
	struct tsmfd_options options;
	int rc;

	rc = tsmfd_batch_seal(batch, turn, count, &options);
	if (!rc)
		rc = runner_ask(runner, &options, &batch->report, generation);
	if (!rc && count > 1)
		atomic64_inc(&runner->batches);
	return rc;
}

/**
 * tsmfd_runner_call() - have a turn's requests answered by one call
 * @runner: of a queue that is not locked; the caller has begun a call
 * @turn: the requests, RUNNING; one, or several of one batch
 * @count: how many they are
 * @generation: set to that of the report
 *
 * Who asked first pays for what is allocated.
 *
 * Return: 0, or the errno of all of them.
 */
int tsmfd_runner_call(struct tsmfd_runner *runner, struct list_head *turn,
		      u32 count, u64 *generation)
{
	struct tsmfd_request *first =
		list_first_entry(turn, struct tsmfd_request, node);
	struct mem_cgroup *old = set_active_memcg(first->memcg);
	int rc;

	*generation = 0;
	if (tsmfd_request_is_batched(first))
		rc = runner_ask_for_batch(runner, turn, count, generation);
	else
		rc = runner_ask(runner, &first->options, &first->report,
				generation);
	set_active_memcg(old);

	/* To free memory may sleep, and the queue will be locked. */
	if (rc && first->batch)
		tsmfd_batch_unseal(first->batch);
	else if (rc)
		tsmfd_report_free(&first->report);
	return rc;
}

/* Is a request that met EBUSY to be retried? Yes if the provider says so, for a while. */
bool tsmfd_runner_has_patience(const struct tsmfd_runner *runner,
			       const struct tsmfd_request *request)
{
	return runner->ops->busy_retry_ms &&
	       ktime_before(ktime_get(),
			    ktime_add_ms(request->submitted,
					 READ_ONCE(tsmfd_busy_timeout_ms)));
}

/* A call has just failed with EBUSY: make none for a while. With the queue's lock. */
void tsmfd_runner_back_off(struct tsmfd_runner *runner)
{
	u32 first = runner->ops->busy_retry_ms;

	if (runner->backing_off)
		return;
	runner->delay_ms = clamp(2 * runner->delay_ms, first,
				 max_t(u32, first, RUNNER_DELAY_MAX_MS));
	runner->backing_off = true;
	schedule_delayed_work(&runner->again,
			      msecs_to_jiffies(runner->delay_ms));
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the suites share: a provider that does what a test says, and what makes
 * of them all one module.
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

#include "../compat/module.h"
#include "fake_provider.h"

static void fake_set_id(struct tsmfd_options *options, u32 id)
{
	options->inblob_len = sizeof(id);
	memcpy(options->inblob, &id, sizeof(id));
}

static u32 fake_id_of(const struct tsmfd_options *options)
{
	u32 id;

	memcpy(&id, options->inblob, sizeof(id));
	return id;
}

/* Who pays for what the present context allocates, if that is not its own group. */
static const struct mem_cgroup *fake_active_memcg(void)
{
#ifdef CONFIG_MEMCG
	return current->active_memcg;
#else
	return NULL;
#endif
}

static void fake_begin_call(struct fake_provider *fake,
			    const struct tsmfd_options *options)
{
	spin_lock(&fake->lock);
	if (fake->calls < FAKE_CALLS) {
		fake->log[fake->calls].id = fake_id_of(options);
		fake->log[fake->calls].task = current;
		fake->log[fake->calls].memcg = fake_active_memcg();
	}
	fake->calls++;
	fake->running++;
	fake->most_running = max(fake->most_running, fake->running);
	if (fake->gone)
		fake->late_calls++;
	fake->seen = *options;
	spin_unlock(&fake->lock);
	complete(&fake->entered);
}

static void fake_end_call(struct fake_provider *fake)
{
	spin_lock(&fake->lock);
	fake->running--;
	spin_unlock(&fake->lock);
}

static int fake_make_blob(struct fake_provider *fake, struct tsmfd_blob *blob,
			  size_t len, u32 id)
{
	if (!len)
		return 0;

	if (fake->in_vmalloc) {
		blob->data = vmalloc(len);
		blob->len = len;
	} else {
		tsmfd_blob_alloc(blob, len);
	}
	if (!blob->data)
		return -ENOMEM;

	memset(blob->data, 0, len);
	memcpy(blob->data, &id, min(len, sizeof(id)));
	return 0;
}

static int fake_make_blobs(struct fake_provider *fake,
			   struct tsmfd_report *report, u32 id)
{
	struct tsmfd_blob *blobs[FAKE_BLOBS] = {
		&report->outblob, &report->auxblob, &report->manifestblob,
	};
	int rc, i;

	for (i = 0; i < FAKE_BLOBS; i++) {
		rc = fake_make_blob(fake, blobs[i], fake->blob_len[i], id);
		if (rc)
			return rc;
		spin_lock(&fake->lock);
		fake->blobs[i] = blobs[i]->data;
		spin_unlock(&fake->lock);
	}
	return 0;
}

static bool fake_brief(void *priv)
{
	const struct fake_provider *fake = priv;

	return READ_ONCE(fake->brief);
}

static int fake_report(void *priv, const struct tsmfd_options *options,
		       struct tsmfd_report *report)
{
	struct fake_provider *fake = priv;
	int rc = 0;

	fake_begin_call(fake, options);
	/* Not for ever, lest a call in the wrong context hang the test. */
	if (fake->gated &&
	    !wait_for_completion_timeout(&fake->gate, FAKE_PATIENCE))
		rc = -ETIMEDOUT;
	else if (fake->call_us)
		usleep_range(fake->call_us, 2 * fake->call_us);
	if (!rc)
		rc = fake_make_blobs(fake, report, fake_id_of(options));
	fake_end_call(fake);

	return rc ?: READ_ONCE(fake->error);
}

/**
 * fake_new() - a provider that answers at once, one call at a time
 * @test: whose it is; it ends if there is no memory
 *
 * Return: the provider, not yet registered.
 */
struct fake_provider *fake_new(struct kunit *test)
{
	struct fake_provider *fake;

	fake = kunit_kzalloc(test, sizeof(*fake), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, fake);

	fake->test = test;
	fake->ops = (struct tsmfd_ops) {
		.name			= "fake",
		.formats		= BIT(TSMFD_FORMAT_DEFAULT) |
					  BIT(TSMFD_FORMAT_EXTENDED),
		.privlevel_floor	= 0,
		.privlevel_max		= TSMFD_PRIVLEVEL_MAX,
		.inblob_min		= 1,
		.inblob_max		= TSMFD_INBLOB_MAX,
		.outblob_max		= 4096,
		.auxblob_max		= 4096,
		.manifestblob_max	= 4096,
		.max_inflight		= 1,
		.report			= fake_report,
		.brief			= fake_brief,
	};
	fake->blob_len[0] = sizeof(u32);
	init_completion(&fake->entered);
	init_completion(&fake->gate);
	spin_lock_init(&fake->lock);
	return fake;
}

static void fake_clean_up(void *arg)
{
	struct fake_provider *fake = arg;
	u32 id;
	int i;

	fake_open_gate(fake);
	fake_join_threads(fake);
	for (id = 0; id < FAKE_REQUESTS; id++)
		fake_put(fake, id);
	for (i = 0; i < FAKE_FLOWS; i++) {
		if (fake->flows[i])
			tsmfd_flow_put(fake->flows[i]);
	}
	fake_unregister(fake);
	put_device(&fake->provider->dev);
}

/**
 * fake_register() - have the core know it
 * @fake: from fake_new(); the test ends if it cannot be registered
 */
void fake_register(struct fake_provider *fake)
{
	struct kunit *test = fake->test;
	struct tsmfd_provider *provider;
	struct tsmfd_flow *flow;
	int i;

	provider = tsmfd_register(&fake->ops, fake, NULL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, provider);

	get_device(&provider->dev);
	fake->provider = provider;
	fake->registered = true;
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, fake_clean_up, fake));
	for (i = 0; i < FAKE_FLOWS; i++) {
		flow = tsmfd_flow_new(&provider->users, TSMFD_FACE_CHARDEV,
				      fake->uids[i]);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, flow);
		fake->flows[i] = flow;
	}
}

/**
 * fake_new_gated() - registered, with each call waiting for fake_let_through()
 * @test: whose it is
 * @max_inflight: of the provider
 *
 * Return: the provider.
 */
struct fake_provider *fake_new_gated(struct kunit *test, u32 max_inflight)
{
	struct fake_provider *fake = fake_new(test);

	fake->gated = true;
	fake->ops.max_inflight = max_inflight;
	fake_register(fake);
	return fake;
}

/**
 * fake_new_busy() - with its only call, request 0's, under way and at the gate
 * @test: whose it is
 *
 * Return: the provider.
 */
struct fake_provider *fake_new_busy(struct kunit *test)
{
	struct fake_provider *fake = fake_new_gated(test, 1);

	fake_submit(fake, fake_flow(fake), 0);
	fake_await_call(fake);
	return fake;
}

/**
 * fake_start_for_batch() - register it, and have request 0 under way and at the gate
 * @fake: from fake_new(); the requests that are made from then on may be batched
 *
 * Skips the test if the kernel cannot batch.
 */
void fake_start_for_batch(struct fake_provider *fake)
{
	fake->gated = true;
	fake_register(fake);
	if (!(fake->provider->info.features & TSMFD_FEATURE_BATCH))
		kunit_skip(fake->test, "the kernel has no SHA-512");

	fake_submit(fake, fake_flow(fake), 0);
	fake_await_call(fake);
	fake->options.given = TSMFD_OPT_BATCH;
}

/**
 * fake_submit_0() - for fake_thread_run()
 * @arg: a fake provider, whose request 0 is prepared; it is submitted as by who
 *	waits for the answer
 *
 * Return: 0.
 */
int fake_submit_0(void *arg)
{
	struct fake_provider *fake = arg;

	/* For those tests that send it. */
	allow_signal(SIGUSR1);
	tsmfd_queue_submit(fake->requests[0], true);
	return 0;
}

/**
 * fake_unregister() - have the core forget it
 * @fake: registered, or no longer; its struct tsmfd_provider stays
 */
void fake_unregister(struct fake_provider *fake)
{
	if (!fake->registered)
		return;

	fake->registered = false;
	tsmfd_unregister(fake->provider);
	spin_lock(&fake->lock);
	fake->gone = true;
	spin_unlock(&fake->lock);
}

static int fake_leave(void *arg)
{
	fake_unregister(arg);
	return 0;
}

/**
 * fake_begin_to_leave() - fake_unregister() beside the test
 * @fake: registered; fake_join_threads() waits until it has left
 */
void fake_begin_to_leave(struct fake_provider *fake)
{
	fake_thread_run(fake, fake_leave, fake);
}

/**
 * fake_has_left() - has fake_unregister() returned?
 * @fake: registered at some time
 *
 * Return: true if so.
 */
bool fake_has_left(struct fake_provider *fake)
{
	bool gone;

	spin_lock(&fake->lock);
	gone = fake->gone;
	spin_unlock(&fake->lock);
	return gone;
}

/**
 * fake_options() - options that can be told from others
 * @id: is their inblob
 *
 * Return: the options.
 */
struct tsmfd_options fake_options(u32 id)
{
	struct tsmfd_options options = {};

	fake_set_id(&options, id);
	return options;
}

/**
 * fake_prepare() - a request that is not yet submitted
 * @fake: registered at some time
 * @flow: whose turn it is to take
 * @id: what it asks for; below FAKE_REQUESTS and not used by another one
 *
 * Return: the request; the test ends if there is none to be had.
 */
struct tsmfd_request *fake_prepare(struct fake_provider *fake,
				   struct tsmfd_flow *flow, u32 id)
{
	struct tsmfd_options options = fake->options;
	struct tsmfd_request *request;

	fake_set_id(&options, id);
	request = tsmfd_request_new(&fake->provider->queue, flow, &options);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(fake->test, request);
	KUNIT_ASSERT_NULL(fake->test, fake->requests[id]);
	fake->requests[id] = request;
	return request;
}

/**
 * fake_submit() - a request, submitted
 * @fake: registered at some time; its member waits says as whose
 * @flow: whose turn it takes
 * @id: as for fake_prepare()
 *
 * Return: the request.
 */
struct tsmfd_request *fake_submit(struct fake_provider *fake,
				  struct tsmfd_flow *flow, u32 id)
{
	struct tsmfd_request *request = fake_prepare(fake, flow, id);

	tsmfd_queue_submit(request, fake->waits);
	return request;
}

/**
 * fake_put() - no longer want a request
 * @fake: whose it is
 * @id: of the request, if there is one
 */
void fake_put(struct fake_provider *fake, u32 id)
{
	tsmfd_request_put(fake->requests[id]);
	fake->requests[id] = NULL;
}

/**
 * fake_wait() - until a request is done, or it takes too long
 * @request: submitted
 * @timeout: jiffies
 *
 * Return: as tsmfd_request_wait().
 */
int fake_wait(struct tsmfd_request *request, unsigned long timeout)
{
	request->deadline = ktime_add_ms(ktime_get(),
					 jiffies_to_msecs(timeout));
	return tsmfd_request_wait(request, TASK_INTERRUPTIBLE);
}

/**
 * fake_await_answer() - until a request is done
 * @fake: whose it is; the test ends if it is not answered in time
 * @id: of the request
 */
void fake_await_answer(struct fake_provider *fake, u32 id)
{
	KUNIT_ASSERT_EQ_MSG(fake->test, 0,
			    fake_wait(fake->requests[id], FAKE_PATIENCE),
			    "request %u is not answered", id);
}

/**
 * fake_await_call() - until one more call has begun
 * @fake: the test ends if none comes
 */
void fake_await_call(struct fake_provider *fake)
{
	KUNIT_ASSERT_NE_MSG(fake->test, 0,
			    wait_for_completion_timeout(&fake->entered,
							FAKE_PATIENCE),
			    "the provider is not called");
}

/**
 * fake_call_comes() - does one more call begin, though it should not?
 * @fake: the provider
 *
 * Return: true if so.
 */
bool fake_call_comes(struct fake_provider *fake)
{
	return wait_for_completion_timeout(&fake->entered, FAKE_A_WHILE);
}

/**
 * fake_let_through() - let gated calls end
 * @fake: gated
 * @calls: how many
 */
void fake_let_through(struct fake_provider *fake, unsigned int calls)
{
	while (calls--)
		complete(&fake->gate);
}

/**
 * fake_open_gate() - let all gated calls end, those to come too
 * @fake: gated
 */
void fake_open_gate(struct fake_provider *fake)
{
	complete_all(&fake->gate);
}

/**
 * fake_await_workers() - until those that have something to do are through with it
 * @fake: registered, with no call at the gate
 */
void fake_await_workers(struct fake_provider *fake)
{
	flush_workqueue(fake->provider->queue.runner.workqueue);
}

/**
 * fake_queued() - requests that wait for their turn
 * @fake: registered at some time
 *
 * Return: how many.
 */
u32 fake_queued(struct fake_provider *fake)
{
	struct tsmfd_queue *queue = &fake->provider->queue;
	u32 queued;

	spin_lock(&queue->lock);
	queued = queue->order.queued;
	spin_unlock(&queue->lock);
	return queued;
}

/**
 * fake_stats() - what its requests came to
 * @fake: registered at some time
 *
 * Return: the counters of the face that its flows are of.
 */
struct tsmfd_face_stats fake_stats(struct fake_provider *fake)
{
	struct tsmfd_face_stats sum = {};

	tsmfd_stats_sum(fake->provider->users.stats, TSMFD_FACE_CHARDEV, &sum);
	return sum;
}

/**
 * fake_report_id() - of the request that a report was made for
 * @report: made by a struct fake_provider
 *
 * Return: the id.
 */
u32 fake_report_id(const struct tsmfd_report *report)
{
	u32 id = U32_MAX;

	if (report->outblob.len >= sizeof(id))
		memcpy(&id, report->outblob.data, sizeof(id));
	return id;
}

/**
 * fake_blobs_are_freed() - those of the latest call
 * @fake: with in_vmalloc set, and no call at the gate; nothing else uses vmalloc()
 *	meanwhile
 *
 * Return: true if so.
 */
bool fake_blobs_are_freed(struct fake_provider *fake)
{
	int i;

	/* A worker keeps a request a little longer than until it is answered. */
	fake_await_workers(fake);
	for (i = 0; i < FAKE_BLOBS; i++) {
		if (fake->blobs[i] && vmalloc_to_page(fake->blobs[i]))
			return false;
	}
	return true;
}

/* Under the lock of the wait queue. */
static int fake_count_wakeup(struct wait_queue_entry *entry,
			     unsigned int mode, int flags, void *key)
{
	struct fake_watch *watch = container_of(entry, struct fake_watch, entry);

	watch->wakeups++;
	watch->key = key_to_poll(key);
	return 0;
}

/**
 * fake_watch() - begin to count
 * @watch: whatever it is
 * @head: stays until fake_unwatch()
 */
void fake_watch(struct fake_watch *watch, struct wait_queue_head *head)
{
	watch->head = head;
	watch->wakeups = 0;
	watch->key = 0;
	init_waitqueue_func_entry(&watch->entry, fake_count_wakeup);
	add_wait_queue(head, &watch->entry);
}

/**
 * fake_unwatch() - cease to count
 * @watch: from fake_watch(); its result may be read from now on
 */
void fake_unwatch(struct fake_watch *watch)
{
	remove_wait_queue(watch->head, &watch->entry);
}

static int fake_thread_function(void *data)
{
	struct fake_thread *thread = data;
	int rc;

	complete(&thread->begun);
	rc = thread->function(thread->arg);
	complete(&thread->ended);
	return rc;
}

/**
 * fake_thread_run() - run something beside the test
 * @fake: whose test; its end waits for the thread, having opened the gate
 * @function: makes no assertions, which would end the wrong thread
 * @arg: handed to @function
 *
 * Return: the thread, which has begun; the test ends if there is none.
 */
struct task_struct *fake_thread_run(struct fake_provider *fake,
				    int (*function)(void *arg), void *arg)
{
	struct fake_thread *new = &fake->threads[fake->thread_count];
	struct kunit *test = fake->test;

	KUNIT_ASSERT_LT(test, fake->thread_count, (unsigned int)FAKE_THREADS);
	new->function = function;
	new->arg = arg;
	init_completion(&new->begun);
	init_completion(&new->ended);
	new->task = kthread_create(fake_thread_function, new,
				   "tsmfd_kunit");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, new->task);

	fake->thread_count++;
	get_task_struct(new->task);
	wake_up_process(new->task);
	wait_for_completion(&new->begun);
	return new->task;
}

/**
 * fake_join_threads() - until all of them have ended
 * @fake: whose test
 */
void fake_join_threads(struct fake_provider *fake)
{
	unsigned int i;

	/* First of itself: to be stopped interrupts whatever it waits for. */
	for (i = 0; i < fake->thread_count; i++) {
		wait_for_completion(&fake->threads[i].ended);
		kthread_stop_put(fake->threads[i].task);
	}
	fake->thread_count = 0;
}

#ifdef CONFIG_FAILSLAB

/**
 * fake_fail_allocation() - of those that the present context makes
 * @nth: which; 1 is the next
 */
void fake_fail_allocation(unsigned int nth)
{
	WRITE_ONCE(current->fail_nth, nth);
}

/**
 * fake_has_failed_allocation() - did fake_fail_allocation() take effect?
 *
 * Return: true if so; otherwise it is called off.
 */
bool fake_has_failed_allocation(void)
{
	bool failed = !READ_ONCE(current->fail_nth);

	WRITE_ONCE(current->fail_nth, 0);
	return failed;
}

#else

void fake_fail_allocation(unsigned int nth)
{
}

bool fake_has_failed_allocation(void)
{
	return false;
}

#endif /* CONFIG_FAILSLAB */

/**
 * fake_need_failslab() - skip the test if no allocation can be made to fail
 * @test: the test
 */
void fake_need_failslab(struct kunit *test)
{
	void *memory;

	fake_fail_allocation(1);
	memory = kmalloc(sizeof(u64), GFP_KERNEL);
	fake_has_failed_allocation();
	if (!memory)
		return;

	kfree(memory);
	kunit_skip(test, IS_ENABLED(CONFIG_FAILSLAB) ?
		   "failslab spares GFP_KERNEL as long as its ignore-gfp-wait is Y" :
		   "needs CONFIG_FAILSLAB");
}

MODULE_DESCRIPTION("KUnit tests of tsmfd's core");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING");

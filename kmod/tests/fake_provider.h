/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A provider that does what a test says and remembers what was asked of it.
 *
 *	fake = fake_new(test);
 *	fake->gated = true;
 *	fake_register(fake);
 *	request = fake_submit(fake, fake->flows[0], 1);
 *	fake_await_call(fake);		// report() has begun and is at the gate
 *	fake_let_through(fake, 1);
 *	fake_await_answer(fake, 1);
 *
 * What a test leaves behind, at its end or where an assertion ended it, is put
 * and unregistered for it.
 */
#ifndef TSMFD_TESTS_FAKE_PROVIDER_H
#define TSMFD_TESTS_FAKE_PROVIDER_H

#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/jiffies.h>
#include <linux/spinlock.h>
#include <linux/tsmfd.h>
#include <linux/wait.h>

#include "../core/provider.h"
#include "../core/queue.h"
#include "../core/request.h"
#include "../core/stats.h"
#include "../core/user.h"

enum {
	FAKE_FLOWS	= 4,
	FAKE_REQUESTS	= 1024,
	FAKE_THREADS	= 16,
	FAKE_CALLS	= 1024,
	FAKE_BLOBS	= 3,
};

/* For what has to come: long enough for a slow emulator. */
#define FAKE_PATIENCE	(30 * HZ)
/* For what must not come: a bug that is there shows mostly, never falsely. */
#define FAKE_A_WHILE	(HZ / 20)

/**
 * struct fake_call - one call of report()
 * @id: of the request; see fake_options()
 * @task: whose context it was in; only to be compared
 * @memcg: who paid for what was allocated, if not the context's own group; only to
 *	be compared
 */
struct fake_call {
	u32				id;
	const struct task_struct	*task;
	const struct mem_cgroup		*memcg;
};

/**
 * struct fake_thread - something that runs beside the test
 * @task: the thread
 * @function: makes no assertions, which would end the wrong thread
 * @arg: handed to @function
 * @begun: completed before @function
 * @ended: completed behind it
 */
struct fake_thread {
	struct task_struct	*task;
	int			(*function)(void *arg);
	void			*arg;
	struct completion	begun;
	struct completion	ended;
};

/**
 * struct fake_provider - what a test sets, and what it finds
 * @test: whose it is
 * @ops: may be changed until fake_register()
 * @gated: each call waits for fake_let_through()
 * @call_us: how long a call sleeps if it is not gated
 * @brief: what ops.brief() says
 * @error: what report() returns, having made the blobs
 * @blob_len: of outblob, auxblob and manifestblob
 * @in_vmalloc: have blobs where fake_blobs_are_freed() can tell
 * @provider: from fake_register() on, and after fake_unregister() too
 * @registered: it still is
 * @options: what requests of the test ask for, but for their inblob
 * @waits: fake_submit() is that of a caller that waits for the answer, who may make
 *	the call itself
 * @uids: of the users of @flows
 * @flows: for the test's requests; from fake_register() on
 * @requests: by id; what is there at the end of the test is put
 * @threads: from fake_thread_run()
 * @thread_count: of @threads
 * @entered: completed by each call when it begins
 * @gate: let calls on
 * @lock: never held while a call is at the gate
 * @log: the calls in the order they began
 * @calls: how many there were; may exceed FAKE_CALLS
 * @running: calls under way
 * @most_running: the highest @running there was
 * @gone: tsmfd_unregister() has returned
 * @late_calls: calls that found @gone set
 * @seen: the options of the latest call
 * @blobs: where the latest call put its blobs
 */
struct fake_provider {
	struct kunit		*test;
	struct tsmfd_ops	ops;
	bool			gated;
	unsigned int		call_us;
	bool			brief;
	int			error;
	size_t			blob_len[FAKE_BLOBS];
	bool			in_vmalloc;

	struct tsmfd_provider	*provider;
	bool			registered;
	struct tsmfd_options	options;
	bool			waits;
	kuid_t			uids[FAKE_FLOWS];
	struct tsmfd_flow	*flows[FAKE_FLOWS];
	struct tsmfd_request	*requests[FAKE_REQUESTS];
	struct fake_thread	threads[FAKE_THREADS];
	unsigned int		thread_count;
	struct completion	entered;
	struct completion	gate;

	spinlock_t		lock;	/* protects all below */
	struct fake_call	log[FAKE_CALLS];
	unsigned int		calls;
	unsigned int		running;
	unsigned int		most_running;
	bool			gone;
	unsigned int		late_calls;
	struct tsmfd_options	seen;
	void			*blobs[FAKE_BLOBS];
};

/**
 * struct fake_watch - counts the wake-ups of a wait queue
 * @entry: on it
 * @head: it
 * @wakeups: how many
 * @key: of the latest
 */
struct fake_watch {
	struct wait_queue_entry	entry;
	struct wait_queue_head	*head;
	unsigned int		wakeups;
	__poll_t		key;
};

static inline struct tsmfd_flow *fake_flow(struct fake_provider *fake)
{
	return fake->flows[0];
}

struct fake_provider *fake_new(struct kunit *test);
struct fake_provider *fake_new_gated(struct kunit *test, u32 max_inflight);
struct fake_provider *fake_new_busy(struct kunit *test);
void fake_register(struct fake_provider *fake);
void fake_start_for_batch(struct fake_provider *fake);
void fake_unregister(struct fake_provider *fake);
void fake_begin_to_leave(struct fake_provider *fake);
bool fake_has_left(struct fake_provider *fake);

struct tsmfd_options fake_options(u32 id);
struct tsmfd_request *fake_prepare(struct fake_provider *fake,
				   struct tsmfd_flow *flow, u32 id);
struct tsmfd_request *fake_submit(struct fake_provider *fake,
				  struct tsmfd_flow *flow, u32 id);
int fake_submit_0(void *arg);
void fake_put(struct fake_provider *fake, u32 id);
int fake_wait(struct tsmfd_request *request, unsigned long timeout);
void fake_await_answer(struct fake_provider *fake, u32 id);

void fake_await_call(struct fake_provider *fake);
bool fake_call_comes(struct fake_provider *fake);
void fake_let_through(struct fake_provider *fake, unsigned int calls);
void fake_open_gate(struct fake_provider *fake);
void fake_await_workers(struct fake_provider *fake);
u32 fake_queued(struct fake_provider *fake);
struct tsmfd_face_stats fake_stats(struct fake_provider *fake);
u32 fake_report_id(const struct tsmfd_report *report);
bool fake_blobs_are_freed(struct fake_provider *fake);

void fake_watch(struct fake_watch *watch, struct wait_queue_head *head);
void fake_unwatch(struct fake_watch *watch);

struct task_struct *fake_thread_run(struct fake_provider *fake,
				    int (*function)(void *arg), void *arg);
void fake_join_threads(struct fake_provider *fake);

void fake_need_failslab(struct kunit *test);
void fake_fail_allocation(unsigned int nth);
bool fake_has_failed_allocation(void);

#endif /* TSMFD_TESTS_FAKE_PROVIDER_H */

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TSMFD_CORE_REQUEST_H
#define TSMFD_CORE_REQUEST_H

#include <linux/completion.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/tsmfd.h>

#include "merkle.h"
#include "user.h"

struct iov_iter;
struct mem_cgroup;
struct tsmfd_batch;
struct tsmfd_queue;

/**
 * enum tsmfd_request_state - where in its life a request is
 * @TSMFD_REQUEST_NEW: made, not yet submitted
 * @TSMFD_REQUEST_QUEUED: on its flow's list
 * @TSMFD_REQUEST_RUNNING: the firmware works on it; it may become QUEUED again if
 *	the firmware was busy
 * @TSMFD_REQUEST_DONE: answered, with a report or an error; never changes again
 */
enum tsmfd_request_state {
	TSMFD_REQUEST_NEW,
	TSMFD_REQUEST_QUEUED,
	TSMFD_REQUEST_RUNNING,
	TSMFD_REQUEST_DONE,
};

/**
 * struct tsmfd_request - one report's life
 * @refs: one for each caller that wants the answer, and the queue's from when it is
 *	submitted until it is answered
 * @state: changes to QUEUED and RUNNING under the queue's lock, to DONE by whoever
 *	runs the request
 * @queue: where it goes; whoever holds a reference of a caller's also holds the
 *	provider that the queue is part of
 * @flow: whose turn it takes; a reference
 * @options: the caller's, a snapshot; the privlevel is set also if it was not given
 * @memcg: who pays for what is allocated while it is run; a reference, or NULL
 * @charged: bytes of the user's quota
 * @may_grow: its answer may come to more than the user's quota
 * @submitted: when
 * @deadline: when its caller gives up, KTIME_MAX if never; of the face
 * @read: how many bytes of the answer were read; of the face, for a stream
 * @done: completed when it is DONE
 * @error: 0 or an errno. Like the next two, constant from DONE on.
 * @generation: the provider's count of reports, of this one
 * @answer: the report: @report, or the one that a batch shares
 * @report: its own, if it is not batched
 * @node: in @flow's pending list while QUEUED (the queue's lock protects it), and in
 *	the list of those that are answered together while RUNNING
 * @batch: that it has joined; a reference, or NULL. Like all below, batch.c's.
 * @peers: in @batch's members while QUEUED. Protected by the queue's lock.
 * @leaf: what stands for it in a batch
 * @leaf_index: which leaf of the batch's tree that is, once it is RUNNING
 */
struct tsmfd_request {
	refcount_t			refs;
	enum tsmfd_request_state	state;
	struct tsmfd_queue		*queue;
	struct tsmfd_flow		*flow;
	struct tsmfd_options		options;
	struct mem_cgroup		*memcg;
	u32				charged;
	bool				may_grow;
	ktime_t				submitted;
	ktime_t				deadline;
	size_t				read;
	struct completion		done;
	int				error;
	u64				generation;
	const struct tsmfd_report	*answer;
	struct tsmfd_report		report;
	struct list_head		node;
	struct tsmfd_batch		*batch;
	struct list_head		peers;
	struct tsmfd_hash		leaf;
	u32				leaf_index;
};

struct tsmfd_request *tsmfd_request_new(struct tsmfd_queue *queue,
					struct tsmfd_flow *flow,
					const struct tsmfd_options *options);
void tsmfd_request_free(struct tsmfd_request *request);
void tsmfd_request_complete(struct tsmfd_request *request, int error, u64 generation);
int tsmfd_request_wait(struct tsmfd_request *request, unsigned int task_state);

/* One more caller wants the answer; for tsmfd_request_put(), which is the queue's. */
static inline struct tsmfd_request *
tsmfd_request_get(struct tsmfd_request *request)
{
	refcount_inc(&request->refs);
	return request;
}

/**
 * tsmfd_request_done() - has it been answered?
 * @request: held
 *
 * Return: true if so; its error, generation and answer may then be read.
 */
static inline bool tsmfd_request_done(const struct tsmfd_request *request)
{
	/* Pairs with the release in tsmfd_request_complete(). */
	return smp_load_acquire(&request->state) == TSMFD_REQUEST_DONE;
}

static inline bool tsmfd_request_is_batched(const struct tsmfd_request *request)
{
	return request->options.given & TSMFD_OPT_BATCH;
}

/* Does only the queue still hold it? Then nobody wants the answer any more. */
static inline bool tsmfd_request_is_unwanted(const struct tsmfd_request *request)
{
	return refcount_read(&request->refs) == 1;
}

void tsmfd_report_free(struct tsmfd_report *report);
size_t tsmfd_report_len(const struct tsmfd_report *report);
ssize_t tsmfd_report_copy(const struct tsmfd_report *report, size_t offset, struct iov_iter *to);

int tsmfd_request_init(void);
void tsmfd_request_exit(void);

#endif /* TSMFD_CORE_REQUEST_H */

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The order of a queue: whose turn it is.
 *
 * Users take turns, and within a user flows (open files) do, so that one with a
 * thousand requests delays one with a single request by one call and not by a
 * thousand, however many files it has open. The next turn is that user's who has
 * waited longest since his last: one who comes and goes need not queue up behind
 * one who never leaves.
 *
 * All of this is under the queue's lock.
 */
#include <linux/list.h>
#include <linux/rbtree.h>

#include "batch.h"
#include "order.h"
#include "queue.h"
#include "request.h"
#include "user.h"

/**
 * tsmfd_order_init() - with nothing queued
 * @queue: to be initialised
 */
void tsmfd_order_init(struct tsmfd_queue *queue)
{
	queue->turns = RB_ROOT_CACHED;
}

/**
 * tsmfd_order_empty() - is nothing queued?
 * @queue: locked, or else the answer may be out of date
 *
 * Return: true if so.
 */
bool tsmfd_order_empty(const struct tsmfd_queue *queue)
{
	return !READ_ONCE(queue->queued);
}

static bool had_turn_before(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct tsmfd_user, turn)->last_turn <
	       rb_entry(b, struct tsmfd_user, turn)->last_turn;
}

/* Behind its flow having got it, at either end. */
static void added(struct tsmfd_queue *queue, struct tsmfd_request *request)
{
	struct tsmfd_flow *flow = request->flow;
	struct tsmfd_user *user = flow->user;

	lockdep_assert_held(&queue->lock);

	request->state = TSMFD_REQUEST_QUEUED;
	WRITE_ONCE(queue->queued, queue->queued + 1);
	if (tsmfd_request_is_batched(request))
		tsmfd_batch_enter(queue, request);
	if (list_empty(&flow->node))
		list_add_tail(&flow->node, &user->flows);
	if (RB_EMPTY_NODE(&user->turn))
		rb_add_cached(&user->turn, &queue->turns, had_turn_before);
}

/**
 * tsmfd_order_add() - a request comes
 * @queue: locked
 * @request: goes behind the others of its flow; if it may be batched it has joined
 *	a batch
 */
void tsmfd_order_add(struct tsmfd_queue *queue, struct tsmfd_request *request)
{
	list_add_tail(&request->node, &request->flow->pending);
	added(queue, request);
}

/**
 * tsmfd_order_add_back() - a request had its turn and is to have it again
 * @queue: locked
 * @request: RUNNING; goes before the others of its flow
 */
void tsmfd_order_add_back(struct tsmfd_queue *queue,
			  struct tsmfd_request *request)
{
	list_add(&request->node, &request->flow->pending);
	added(queue, request);
}

/**
 * tsmfd_order_remove() - a request goes
 * @queue: locked
 * @request: QUEUED
 */
void tsmfd_order_remove(struct tsmfd_queue *queue,
			struct tsmfd_request *request)
{
	struct tsmfd_flow *flow = request->flow;

	lockdep_assert_held(&queue->lock);

	WRITE_ONCE(queue->queued, queue->queued - 1);
	list_del_init(&request->node);
	if (tsmfd_request_is_batched(request))
		tsmfd_batch_leave(queue, request);
	if (list_empty(&flow->pending))
		list_del_init(&flow->node);
	if (list_empty(&flow->user->flows)) {
		rb_erase_cached(&flow->user->turn, &queue->turns);
		RB_CLEAR_NODE(&flow->user->turn);
	}
}

static struct tsmfd_request *peek(struct tsmfd_queue *queue)
{
	struct rb_node *first = rb_first_cached(&queue->turns);
	struct tsmfd_user *user;
	struct tsmfd_flow *flow;

	if (!first)
		return NULL;
	user = rb_entry(first, struct tsmfd_user, turn);
	flow = list_first_entry(&user->flows, struct tsmfd_flow, node);
	return list_first_entry(&flow->pending, struct tsmfd_request, node);
}

/**
 * tsmfd_order_next_is_batch() - may the next turn be for many?
 * @queue: locked
 *
 * Return: true if so; false if it is for one, or there is none.
 */
bool tsmfd_order_next_is_batch(struct tsmfd_queue *queue)
{
	const struct tsmfd_request *request = peek(queue);

	return request && tsmfd_request_is_batched(request);
}

/**
 * tsmfd_order_next() - take the next request, alone
 * @queue: locked; the request's flow goes behind its user's others, and the user
 *	behind the others
 *
 * Return: the request, RUNNING from now on, or NULL.
 */
struct tsmfd_request *tsmfd_order_next(struct tsmfd_queue *queue)
{
	struct tsmfd_request *request = peek(queue);
	struct tsmfd_user *user;

	lockdep_assert_held(&queue->lock);

	if (!request)
		return NULL;

	user = request->flow->user;
	list_move_tail(&request->flow->node, &user->flows);
	rb_erase_cached(&user->turn, &queue->turns);
	user->last_turn = ++queue->turn_count;
	rb_add_cached(&user->turn, &queue->turns, had_turn_before);
	tsmfd_order_remove(queue, request);
	request->state = TSMFD_REQUEST_RUNNING;
	return request;
}

/**
 * tsmfd_order_next_turn() - take what the next call is to answer
 * @queue: locked
 * @turn: what is taken is added to it: a request, and if it may be batched all
 *	others of its batch. They may be of any flows, which lose nothing by it.
 *
 * Return: how many they are, 0 if nothing is queued.
 */
u32 tsmfd_order_next_turn(struct tsmfd_queue *queue, struct list_head *turn)
{
	struct tsmfd_request *first = tsmfd_order_next(queue);
	struct tsmfd_request *member, *next;
	u32 count = 1;

	if (!first)
		return 0;

	list_add_tail(&first->node, turn);
	if (!tsmfd_request_is_batched(first))
		return 1;

	list_for_each_entry_safe(member, next, &first->batch->members, peers) {
		tsmfd_order_remove(queue, member);
		member->state = TSMFD_REQUEST_RUNNING;
		list_add_tail(&member->node, turn);
		count++;
	}
	return count;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The order of a queue: whose turn it is.
 *
 * Users take turns, and within a user flows do: a thousand requests of one user,
 * from however many open files, delay another user's single request by one call.
 *
 * Each user's next turn has a number. Whoever gets a turn has the next one a number
 * later, and lower numbers go first. A user who had nothing pending for a while
 * starts at the present number. A user of whom nothing is known starts one behind
 * it: if he started at it, one who closes and opens his file for each request,
 * and is forgotten in between, would always go before all others.
 *
 * Owns: what is queued. May include: options, merkle, user, request, batch.
 */
#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/rbtree.h>

#include "order.h"

static bool order_is_before(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct tsmfd_user, node)->turn <
	       rb_entry(b, struct tsmfd_user, node)->turn;
}

/* Of equal turns the one that was added first is the first. */
static void order_enter(struct tsmfd_order *order, struct tsmfd_user *user)
{
	user->turn = user->turn ? max(user->turn, order->now) : order->now + 1;
	rb_add_cached(&user->node, &order->users, order_is_before);
}

/**
 * tsmfd_order_add() - a request comes, or is to have its turn again
 * @order: of a queue that is locked
 * @request: becomes QUEUED
 * @first: it goes before the others of its flow, and not behind them
 */
void tsmfd_order_add(struct tsmfd_order *order, struct tsmfd_request *request,
		     bool first)
{
	struct tsmfd_flow *flow = request->flow;

	if (first)
		list_add(&request->node, &flow->pending);
	else
		list_add_tail(&request->node, &flow->pending);
	WRITE_ONCE(request->state, TSMFD_REQUEST_QUEUED);
	order->queued++;
	if (list_empty(&flow->node))
		list_add_tail(&flow->node, &flow->user->flows);
	if (RB_EMPTY_NODE(&flow->user->node))
		order_enter(order, flow->user);
}

/* A QUEUED request goes; it is in no list afterwards. With the queue's lock. */
void tsmfd_order_remove(struct tsmfd_order *order,
			struct tsmfd_request *request)
{
	struct tsmfd_flow *flow = request->flow;
	struct tsmfd_user *user = flow->user;

	order->queued--;
	list_del_init(&request->node);
	if (list_empty(&flow->pending))
		list_del_init(&flow->node);
	if (list_empty(&user->flows)) {
		rb_erase_cached(&user->node, &order->users);
		RB_CLEAR_NODE(&user->node);
	}
}

/* Takes the next request; its flow and its user go behind the others. */
static struct tsmfd_request *order_next(struct tsmfd_order *order)
{
	struct rb_node *node = rb_first_cached(&order->users);
	struct tsmfd_request *request;
	struct tsmfd_user *user;
	struct tsmfd_flow *flow;

	if (!node)
		return NULL;
	user = rb_entry(node, struct tsmfd_user, node);
	flow = list_first_entry(&user->flows, struct tsmfd_flow, node);
	request = list_first_entry(&flow->pending, struct tsmfd_request, node);

	order->now = user->turn;
	rb_erase_cached(&user->node, &order->users);
	user->turn++;
	order_enter(order, user);
	list_move_tail(&flow->node, &user->flows);
	tsmfd_order_remove(order, request);
	return request;
}

static void order_take(struct tsmfd_request *request, struct list_head *turn)
{
	WRITE_ONCE(request->state, TSMFD_REQUEST_RUNNING);
	list_add_tail(&request->node, turn);
}

/**
 * tsmfd_order_next_turn() - take what the next call is to answer
 * @order: of a queue that is locked
 * @batches: the queue's
 * @turn: what is taken is added to it and is RUNNING from now on: a request, and
 *	if it may be batched all others of its batch. These may be of any flows,
 *	which lose nothing by it.
 *
 * Return: how many they are, 0 if nothing is queued.
 */
u32 tsmfd_order_next_turn(struct tsmfd_order *order,
			  struct tsmfd_batches *batches,
			  struct list_head *turn)
{
	struct tsmfd_request *first = order_next(order);
	struct tsmfd_request *member, *next;
	struct tsmfd_batch *batch;
	u32 count = 1;

	if (!first)
		return 0;

	order_take(first, turn);
	if (!tsmfd_request_is_batched(first))
		return 1;

	batch = first->batch;
	tsmfd_batch_leave(batches, first);
	list_for_each_entry_safe(member, next, &batch->members, peers) {
		tsmfd_order_remove(order, member);
		tsmfd_batch_leave(batches, member);
		order_take(member, turn);
		count++;
	}
	return count;
}

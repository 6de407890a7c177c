/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TSMFD_CORE_ORDER_H
#define TSMFD_CORE_ORDER_H

#include <linux/rbtree.h>
#include <linux/types.h>

#include "batch.h"
#include "request.h"

/**
 * struct tsmfd_order - what is queued, and whose turn is next
 * @users: those with something pending, by the number of their next turn
 * @now: number of the latest turn that was given
 * @queued: how many requests there are
 *
 * Protected by the queue's lock.
 */
struct tsmfd_order {
	struct rb_root_cached	users;
	u64			now;
	u32			queued;
};

static inline bool tsmfd_order_is_empty(const struct tsmfd_order *order)
{
	return !order->queued;
}

void tsmfd_order_add(struct tsmfd_order *order, struct tsmfd_request *request,
		     bool first);
void tsmfd_order_remove(struct tsmfd_order *order,
			struct tsmfd_request *request);
u32 tsmfd_order_next_turn(struct tsmfd_order *order,
			  struct tsmfd_batches *batches,
			  struct list_head *turn);

#endif /* TSMFD_CORE_ORDER_H */

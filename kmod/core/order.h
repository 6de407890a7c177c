/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TSMFD_CORE_ORDER_H
#define TSMFD_CORE_ORDER_H

#include <linux/types.h>

struct list_head;
struct tsmfd_queue;
struct tsmfd_request;

void tsmfd_order_init(struct tsmfd_queue *queue);
bool tsmfd_order_empty(const struct tsmfd_queue *queue);
void tsmfd_order_add(struct tsmfd_queue *queue, struct tsmfd_request *request);
void tsmfd_order_add_back(struct tsmfd_queue *queue,
			  struct tsmfd_request *request);
void tsmfd_order_remove(struct tsmfd_queue *queue,
			struct tsmfd_request *request);
bool tsmfd_order_next_is_batch(struct tsmfd_queue *queue);
struct tsmfd_request *tsmfd_order_next(struct tsmfd_queue *queue);
u32 tsmfd_order_next_turn(struct tsmfd_queue *queue, struct list_head *turn);

#endif /* TSMFD_CORE_ORDER_H */

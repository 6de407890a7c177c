/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TSMFD_CORE_TURN_H
#define TSMFD_CORE_TURN_H

#include <linux/types.h>

struct list_head;
struct tsmfd_queue;
struct tsmfd_request;

void tsmfd_turn_run(struct tsmfd_queue *queue, struct list_head *turn,
		    u32 count, const struct tsmfd_request *own);
bool tsmfd_turn_run_own(struct tsmfd_queue *queue, struct tsmfd_request *own);
void tsmfd_turn_end(struct tsmfd_queue *queue, struct list_head *turn);
bool tsmfd_turn_hold(struct tsmfd_queue *queue, struct list_head *turn,
		     struct list_head *held);
void tsmfd_turn_answer_all(struct tsmfd_queue *queue,
			   struct list_head *requests);
void tsmfd_turn_answer(struct tsmfd_request *request);

#endif /* TSMFD_CORE_TURN_H */

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TSMFD_CORE_TURN_H
#define TSMFD_CORE_TURN_H

#include <linux/types.h>

struct list_head;
struct tsmfd_queue;

void tsmfd_turn_run(struct tsmfd_queue *queue, struct list_head *members,
		    u32 count);

#endif /* TSMFD_CORE_TURN_H */

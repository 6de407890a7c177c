/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TSMFD_CORE_SPIN_H
#define TSMFD_CORE_SPIN_H

#include <linux/types.h>

struct tsmfd_queue;

#ifdef CONFIG_SMP
bool tsmfd_spin_for_slot(struct tsmfd_queue *queue);
#else
static inline bool tsmfd_spin_for_slot(struct tsmfd_queue *queue)
{
	return false;
}
#endif

#endif /* TSMFD_CORE_SPIN_H */

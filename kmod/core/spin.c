// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waiting for a slot without sleeping, as the kernel's mutexes do: the caller
 * that has it is at a short call on another processor, and to sleep and be woken
 * would take longer.
 */
#include <linux/processor.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "order.h"
#include "queue.h"
#include "spin.h"

#ifdef CONFIG_SMP

enum {
	/* A provider may have been wrong about how short its call is. */
	SPINS_MAX	= 1000,
};

/**
 * tsmfd_spin_for_slot() - briefly, while another caller runs a short call
 * @queue: not locked
 *
 * Return: true if a slot has come free, which another may take first.
 */
bool tsmfd_spin_for_slot(struct tsmfd_queue *queue)
{
	struct task_struct *runner;
	unsigned int spins = 0;

	if (!READ_ONCE(queue->runner))
		return false;

	rcu_read_lock();
	/*
	 * A task that is found there has not exited by then, and so stays in
	 * memory until rcu_read_unlock().
	 */
	while ((runner = READ_ONCE(queue->runner))) {
		if (!owner_on_cpu(runner) || need_resched() ||
		    !tsmfd_order_empty(queue) || ++spins > SPINS_MAX)
			break;
		cpu_relax();
	}
	rcu_read_unlock();
	return !runner;
}

#endif /* CONFIG_SMP */

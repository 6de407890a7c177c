/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TSMFD_PROXY_H
#define _TSMFD_PROXY_H

#include <linux/fs.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/tsmfd.h>
#include <linux/wait.h>
#include <uapi/linux/tsmfd_proxy.h>

/**
 * struct proxy - a firmware in user space
 * @ops: what it said of itself
 * @name: in @ops
 * @timeout: jiffies that it may take over a request
 * @provider: what the core knows it by, until its descriptor is closed
 * @readable: woken when something comes to @fresh
 * @lock: protects all below, and the state of the calls that are in its lists
 * @fresh: calls that the firmware has not read
 * @handed: calls that it has read and not answered
 * @last_id: of the latest call
 * @dead: its descriptor is being closed
 * @stats: for TSMFD_PROXY_IOC_STATS
 *
 * Held by its descriptor alone: what the core does with it is over when
 * tsmfd_unregister() returns, before that is closed.
 */
struct proxy {
	struct tsmfd_ops		ops;
	char				name[TSMFD_NAME_MAX];
	unsigned long			timeout;
	struct tsmfd_provider		*provider;
	struct wait_queue_head		readable;
	spinlock_t			lock;	/* protects all below */
	struct list_head		fresh;
	struct list_head		handed;
	u64				last_id;
	bool				dead;
	struct tsmfd_proxy_stats	stats;
};

struct proxy *proxy_new(const struct tsmfd_proxy_new *new);
void proxy_free(struct proxy *proxy);

bool proxy_next(struct proxy *proxy, struct tsmfd_proxy_request *request);
void proxy_take_back(struct proxy *proxy, u64 id);
int proxy_answer(struct proxy *proxy, u64 id, int error,
		 struct tsmfd_report *report);

extern const struct file_operations proxy_firmware_fops;

#endif /* _TSMFD_PROXY_H */

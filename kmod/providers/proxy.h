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
 * @ops: what the firmware said of itself
 * @name: the name that @ops points to
 * @timeout: jiffies that the firmware may take over a request
 * @provider: what the core knows the proxy by, until its descriptor is closed
 * @readable: woken when a call comes to @fresh
 * @lock: protects all members below it, and the calls that are in the two lists
 * @fresh: calls that the firmware has not read
 * @handed: calls that the firmware has read and not answered
 * @last_id: of the latest call
 * @dead: the descriptor is being closed
 * @stats: for TSMFD_PROXY_IOC_STATS
 *
 * The descriptor holds the only reference. When it is closed, tsmfd_unregister()
 * waits until the core no longer uses the proxy, which is then freed.
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

void proxy_free_blobs(struct tsmfd_report *report);

bool proxy_next(struct proxy *proxy, struct tsmfd_proxy_request *request);
void proxy_take_back(struct proxy *proxy, u64 id);
int proxy_answer(struct proxy *proxy, u64 id, int error, struct tsmfd_report *report);

extern const struct file_operations proxy_firmware_fops;

#endif /* _TSMFD_PROXY_H */

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TSMFD_CORE_PROVIDER_H
#define TSMFD_CORE_PROVIDER_H

#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/tsmfd.h>

#include "queue.h"
#include "user.h"

/**
 * struct tsmfd_provider - a registered provider, and what outlives it
 * @dev: class device tsmfdN. Referred to by the registration and by each session;
 *	the last of them frees the provider.
 * @cdev: /dev/tsmfdN
 * @info: what the provider said of itself; a copy, so that it can be read after
 *	the provider is gone
 * @users: who asks it
 * @queue: its requests
 */
struct tsmfd_provider {
	struct device		dev;
	struct cdev		cdev;
	struct tsmfd_info	info;
	struct tsmfd_users	users;
	struct tsmfd_queue	queue;
};

static inline struct tsmfd_provider *
tsmfd_provider_get(struct tsmfd_provider *provider)
{
	get_device(&provider->dev);
	return provider;
}

static inline void tsmfd_provider_put(struct tsmfd_provider *provider)
{
	put_device(&provider->dev);
}

/* Has it been unregistered? If so, for good. */
static inline bool tsmfd_provider_is_gone(const struct tsmfd_provider *provider)
{
	return tsmfd_queue_is_dead(&provider->queue);
}

#endif /* TSMFD_CORE_PROVIDER_H */

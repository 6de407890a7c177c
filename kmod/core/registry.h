/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TSMFD_CORE_REGISTRY_H
#define TSMFD_CORE_REGISTRY_H

#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/fs.h>
#include <linux/tsmfd.h>

#include "queue.h"

/**
 * struct tsmfd_provider - a registered provider, and what outlives it
 * @dev: class device tsmfdN. Referred to by the registration, by each open
 *	file, and by what else a face keeps; the last of them frees the provider.
 * @cdev: /dev/tsmfdN
 * @info: what the provider said of itself; a copy, so that it can be read after
 *	the provider is gone
 * @queue: its requests
 */
struct tsmfd_provider {
	struct device		dev;
	struct cdev		cdev;
	struct tsmfd_info	info;
	struct tsmfd_queue	queue;
};

static inline struct tsmfd_provider *to_provider(struct device *dev)
{
	return container_of(dev, struct tsmfd_provider, dev);
}

/**
 * tsmfd_provider_is_gone() - has it been unregistered?
 * @provider: held by the caller
 *
 * Return: true if so, for good.
 */
static inline bool tsmfd_provider_is_gone(struct tsmfd_provider *provider)
{
	return READ_ONCE(provider->queue.dead);
}

struct tsmfd_provider *tsmfd_provider_find(const char *name);
struct tsmfd_provider *tsmfd_provider_next(unsigned long index);

static inline void tsmfd_provider_put(struct tsmfd_provider *provider)
{
	put_device(&provider->dev);
}

int tsmfd_registry_init(const struct file_operations *fops);
void tsmfd_registry_exit(void);

#endif /* TSMFD_CORE_REGISTRY_H */

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TSMFD_CORE_REGISTRY_H
#define TSMFD_CORE_REGISTRY_H

#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/fs.h>
#include <linux/tsmfd.h>

#include "queue.h"

struct attribute_group;

/**
 * struct tsmfd_provider - a registered provider, and what outlives it
 * @dev: class device tsmfdN. Referred to by the registration, by each open
 *	file, and by what else a face keeps; the last of them frees the provider.
 * @cdev: /dev/tsmfdN
 * @info: what the provider said of itself; a copy, so that it can be read after
 *	the provider is gone
 * @queue: its requests
 * @face_data: the sysfs face's
 */
struct tsmfd_provider {
	struct device		dev;
	struct cdev		cdev;
	struct tsmfd_info	info;
	struct tsmfd_queue	queue;
	void			*face_data;
};

/**
 * struct tsmfd_face_hooks - what a face adds to every provider's device
 * @groups: attributes
 * @add: called before the device can be seen
 * @remove: called when the device can no longer be seen
 */
struct tsmfd_face_hooks {
	const struct attribute_group	**groups;
	int				(*add)(struct tsmfd_provider *provider);
	void				(*remove)(struct tsmfd_provider *provider);
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

int tsmfd_registry_init(const struct file_operations *fops,
			const struct tsmfd_face_hooks *sysfs);
void tsmfd_registry_exit(void);

#endif /* TSMFD_CORE_REGISTRY_H */

// SPDX-License-Identifier: GPL-2.0-only
/*
 * tsmfd_sysfs2023.ko: the sysfs interface that was proposed in August 2023.
 *
 * Each provider has one set of options for the whole machine. Two users at once mix up
 * each other's options, which is why tsmfd has a character device. The module is here to
 * run that proposal's script, and to show the race.
 *
 * The module uses the core as anybody may: it holds a session for each provider, and
 * hears from the core's events when providers come and go.
 *
 * A device is removed while the core's events are being delivered, and that waits for
 * whoever is reading the device's files. This cannot last: the core announces that a
 * provider goes only when all of its requests have been answered, and answers further
 * ones with ENODEV at once.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/slab.h>

#include "../core/events.h"
#include "../core/registry.h"
#include "../core/session.h"
#include "sysfs2023.h"

/*
 * Newer kernels have a class "tsm" of their own, the PCI TSM core's, and would refuse
 * a second one with a stack trace.
 */
#if IS_ENABLED(CONFIG_TSM)
#define SYSFS2023_CLASS		"tsmfd2023"
#else
#define SYSFS2023_CLASS		"tsm"
#endif

/**
 * struct sysfs2023_device - a provider as the proposal shows it
 * @node: in sysfs2023_devices. Protected by sysfs2023_lock.
 * @dev: tsmN, where N is the provider's number
 * @session: the options, which everybody shares
 *
 * Freed once @dev has been unregistered, since then no callback uses it any more.
 */
struct sysfs2023_device {
	struct list_head	node;
	struct device		*dev;
	struct tsmfd_session	session;
};

static LIST_HEAD(sysfs2023_devices);
/*
 * Protects the list, and makes looking for a provider's device and making it one step.
 * No callback of a file takes it.
 */
static DEFINE_MUTEX(sysfs2023_lock);

static struct class sysfs2023_class = {
	.name		= SYSFS2023_CLASS,
	.dev_groups	= sysfs2023_groups,
};

/* The device of the provider with that number, or NULL. */
static struct sysfs2023_device *sysfs2023_find(u32 index)
{
	struct sysfs2023_device *device;

	lockdep_assert_held(&sysfs2023_lock);

	list_for_each_entry(device, &sysfs2023_devices, node) {
		if (device->session.provider->info.index == index)
			return device;
	}
	return NULL;
}

static int sysfs2023_create(struct tsmfd_provider *provider)
{
	struct sysfs2023_device *device;
	int rc;

	lockdep_assert_held(&sysfs2023_lock);

	device = kzalloc(sizeof(*device), GFP_KERNEL);
	if (!device)
		return -ENOMEM;
	rc = tsmfd_session_init(&device->session, provider, TSMFD_FACE_SYSFS);
	if (rc)
		goto err_free;

	device->dev = device_create(&sysfs2023_class, NULL, MKDEV(0, 0),
				    &device->session, "tsm%u",
				    provider->info.index);
	if (IS_ERR(device->dev)) {
		rc = PTR_ERR(device->dev);
		goto err_session;
	}
	list_add(&device->node, &sysfs2023_devices);
	return 0;

err_session:
	tsmfd_session_destroy(&device->session);
err_free:
	kfree(device);
	return rc;
}

/* Waits for whoever is in one of the device's files. Off the list already. */
static void sysfs2023_free(struct sysfs2023_device *device)
{
	device_unregister(device->dev);
	tsmfd_session_destroy(&device->session);
	kfree(device);
}

/*
 * A provider that comes while the module is being loaded may be both heard of and
 * found; and one that was found may have gone since, and its event be over. Then nobody
 * would remove the device. But a provider is marked as gone before that event.
 */
static void sysfs2023_add(struct tsmfd_provider *provider)
{
	int rc;

	guard(mutex)(&sysfs2023_lock);
	if (tsmfd_provider_is_gone(provider) ||
	    sysfs2023_find(provider->info.index))
		return;

	rc = sysfs2023_create(provider);
	if (rc)
		pr_err("%s cannot be offered: %pe\n", dev_name(&provider->dev),
		       ERR_PTR(rc));
}

static void sysfs2023_remove(u32 index)
{
	struct sysfs2023_device *device;

	scoped_guard(mutex, &sysfs2023_lock) {
		device = sysfs2023_find(index);
		if (!device)
			return;
		list_del(&device->node);
	}
	sysfs2023_free(device);
}

/* Those with that number and higher ones. */
static void sysfs2023_add_all(unsigned long index)
{
	struct tsmfd_provider *provider;

	while ((provider = tsmfd_provider_next(index))) {
		sysfs2023_add(provider);
		index = provider->info.index + 1;
		tsmfd_provider_put(provider);
	}
}

static int sysfs2023_hear(struct notifier_block *listener, unsigned long event,
			  void *data)
{
	const struct tsmfd_event_data *what = data;

	switch (event) {
	case TSMFD_EVENT_ADDED:
		sysfs2023_add_all(what->info->index);
		break;
	case TSMFD_EVENT_REMOVED:
		sysfs2023_remove(what->info->index);
		break;
	}
	return NOTIFY_OK;
}

static struct notifier_block sysfs2023_listener = {
	.notifier_call	= sysfs2023_hear,
};

static int __init sysfs2023_init(void)
{
	int rc;

	rc = class_register(&sysfs2023_class);
	if (rc)
		return rc;
	if (IS_ENABLED(CONFIG_TSM))
		pr_info("this kernel has a class tsm of its own: the files are below /sys/class/%s\n",
			SYSFS2023_CLASS);

	/* Listening first: a provider that comes in between is not missed. */
	rc = tsmfd_events_listen(&sysfs2023_listener);
	if (rc) {
		class_unregister(&sysfs2023_class);
		return rc;
	}
	sysfs2023_add_all(0);
	return 0;
}
module_init(sysfs2023_init);

static void __exit sysfs2023_exit(void)
{
	struct sysfs2023_device *device, *next;

	/* Waits for an event that is being heard; then the list is ours alone. */
	tsmfd_events_ignore(&sysfs2023_listener);
	list_for_each_entry_safe(device, next, &sysfs2023_devices, node)
		sysfs2023_free(device);
	class_unregister(&sysfs2023_class);
}
module_exit(sysfs2023_exit);

MODULE_DESCRIPTION("The sysfs interface of August 2023 for attestation reports");
MODULE_LICENSE("GPL");

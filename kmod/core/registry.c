// SPDX-License-Identifier: GPL-2.0-only
/*
 * The registry: providers come, get a number and a device, and go.
 *
 * Owns: the class, the numbers, the devices. May include: all of the core but main.
 */
#include <kunit/visibility.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <linux/xarray.h>

#include "events.h"
#include "merkle.h"
#include "options.h"
#include "registry.h"

enum {
	REGISTRY_PROVIDERS_MAX	= 256,
};

/*
 * Those that can be found, by number; a number is taken before a provider can be
 * found by it. Its own lock protects it.
 */
static DEFINE_XARRAY_ALLOC(registry_providers);
/* Written at module init only. */
static dev_t registry_devt;
static const struct file_operations *registry_fops;

static struct tsmfd_provider *registry_provider_of(struct device *dev)
{
	return container_of(dev, struct tsmfd_provider, dev);
}

static ssize_t provider_show(struct device *dev, struct device_attribute *attr,
			     char *buf)
{
	return sysfs_emit(buf, "%s\n", registry_provider_of(dev)->info.provider);
}
static DEVICE_ATTR_RO(provider);

static ssize_t formats_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	u32 formats = registry_provider_of(dev)->info.formats;
	enum tsmfd_format format;
	ssize_t len = 0;

	for (format = TSMFD_FORMAT_DEFAULT; format <= TSMFD_FORMAT_EXTENDED;
	     format++) {
		if (formats & BIT(format))
			len += sysfs_emit_at(buf, len, "%s%s", len ? " " : "",
					     tsmfd_format_name(format));
	}
	return len + sysfs_emit_at(buf, len, "\n");
}
static DEVICE_ATTR_RO(formats);

#define INFO_ATTR(name)							\
static ssize_t name##_show(struct device *dev,				\
			   struct device_attribute *attr, char *buf)	\
{									\
	return sysfs_emit(buf, "%u\n", registry_provider_of(dev)->info.name);	\
}									\
static DEVICE_ATTR_RO(name)

INFO_ATTR(privlevel_floor);
INFO_ATTR(inblob_max);
INFO_ATTR(outblob_max);

static struct attribute *registry_attrs[] = {
	&dev_attr_provider.attr,
	&dev_attr_formats.attr,
	&dev_attr_privlevel_floor.attr,
	&dev_attr_inblob_max.attr,
	&dev_attr_outblob_max.attr,
	NULL
};
ATTRIBUTE_GROUPS(registry);

static struct class registry_class = {
	.name		= TSMFD_CLASS_NAME,
	.dev_groups	= registry_groups,
};

static void registry_release(struct device *dev)
{
	struct tsmfd_provider *provider = registry_provider_of(dev);

	tsmfd_queue_destroy(&provider->queue);
	tsmfd_users_destroy(&provider->users);
	kfree(provider);
}

static bool registry_is_sound(const struct tsmfd_ops *ops)
{
	const u32 formats = BIT(TSMFD_FORMAT_DEFAULT) |
			    BIT(TSMFD_FORMAT_EXTENDED);

	return ops->report &&
	       ops->name && *ops->name && strlen(ops->name) < TSMFD_NAME_MAX &&
	       ops->formats && !(ops->formats & ~formats) &&
	       !(ops->features & ~TSMFD_FEATURE_SERVICE) &&
	       ops->inblob_min && ops->inblob_min <= ops->inblob_max &&
	       ops->inblob_max <= TSMFD_INBLOB_MAX &&
	       ops->privlevel_floor <= ops->privlevel_max &&
	       ops->privlevel_max <= TSMFD_PRIVLEVEL_MAX &&
	       ops->outblob_max && ops->outblob_max <= TSMFD_BLOB_MAX &&
	       ops->auxblob_max <= TSMFD_BLOB_MAX &&
	       ops->manifestblob_max <= TSMFD_BLOB_MAX &&
	       ops->max_inflight && ops->max_inflight <= TSMFD_INFLIGHT_MAX;
}

static void registry_fill_info(struct tsmfd_info *info, const struct tsmfd_ops *ops)
{
	strscpy(info->provider, ops->name, sizeof(info->provider));
	info->features = ops->features;
	if (ops->privlevel_floor < ops->privlevel_max)
		info->features |= TSMFD_FEATURE_PRIVLEVEL;
	if (tsmfd_merkle_available() && ops->inblob_max >= TSMFD_HASH_LEN)
		info->features |= TSMFD_FEATURE_BATCH;
	info->privlevel_floor = ops->privlevel_floor;
	info->privlevel_max = ops->privlevel_max;
	info->formats = ops->formats;
	info->inblob_min = ops->inblob_min;
	info->inblob_max = ops->inblob_max;
	info->outblob_max = ops->outblob_max;
	info->auxblob_max = ops->auxblob_max;
	info->manifestblob_max = ops->manifestblob_max;
	info->max_inflight = ops->max_inflight;
}

/* A provider with a number, a queue and nothing to be seen of it. */
static struct tsmfd_provider *registry_new(const struct tsmfd_ops *ops,
					   void *priv)
{
	struct tsmfd_provider *provider;
	char name[16];
	int rc;

	provider = kzalloc(sizeof(*provider), GFP_KERNEL);
	if (!provider)
		return ERR_PTR(-ENOMEM);

	registry_fill_info(&provider->info, ops);

	rc = xa_alloc(&registry_providers, &provider->info.index, NULL,
		      XA_LIMIT(0, REGISTRY_PROVIDERS_MAX - 1), GFP_KERNEL);
	if (rc == -EBUSY)
		rc = -ENOSPC;
	if (rc)
		goto err_free;

	rc = tsmfd_users_init(&provider->users, &provider->info);
	if (rc)
		goto err_id;
	snprintf(name, sizeof(name), TSMFD_CLASS_NAME "%u",
		 provider->info.index);
	rc = tsmfd_queue_init(&provider->queue, &provider->users, ops, priv,
			      name);
	if (rc)
		goto err_users;

	return provider;

err_users:
	tsmfd_users_destroy(&provider->users);
err_id:
	xa_erase(&registry_providers, provider->info.index);
err_free:
	kfree(provider);
	return ERR_PTR(rc);
}

/* Makes the device seen, and /dev/tsmfdN if that face is there. */
static int registry_add_device(struct tsmfd_provider *provider)
{
	if (!registry_fops)
		return device_add(&provider->dev);

	provider->dev.devt = MKDEV(MAJOR(registry_devt),
				   MINOR(registry_devt) + provider->info.index);
	cdev_init(&provider->cdev, registry_fops);
	provider->cdev.owner = THIS_MODULE;
	return cdev_device_add(&provider->cdev, &provider->dev);
}

/**
 * tsmfd_register() - a provider comes
 * @ops: what it is and does; stays until tsmfd_unregister() has returned
 * @priv: handed to @ops
 * @parent: its device's parent, or NULL
 *
 * On return, and a little before, /dev/tsmfdN is there and may be used.
 *
 * Return: the provider, for tsmfd_unregister(), or an ERR_PTR(): -EINVAL for
 * ops that contradict themselves, -ENOSPC when there are too many providers.
 */
struct tsmfd_provider *tsmfd_register(const struct tsmfd_ops *ops, void *priv,
				      struct device *parent)
{
	struct tsmfd_provider *provider;
	int rc;

	if (!registry_is_sound(ops))
		return ERR_PTR(-EINVAL);

	provider = registry_new(ops, priv);
	if (IS_ERR(provider))
		return provider;

	device_initialize(&provider->dev);
	provider->dev.class = &registry_class;
	provider->dev.parent = parent;
	provider->dev.release = registry_release;
	rc = dev_set_name(&provider->dev, TSMFD_CLASS_NAME "%u",
			  provider->info.index);
	if (!rc)
		rc = registry_add_device(provider);
	if (rc) {
		xa_erase(&registry_providers, provider->info.index);
		put_device(&provider->dev);
		return ERR_PTR(rc);
	}

	/* Room for it was made when the number was taken. */
	xa_store(&registry_providers, provider->info.index, provider,
		 GFP_KERNEL);
	tsmfd_event(TSMFD_EVENT_ADDED, &provider->info, 0);
	return provider;
}
EXPORT_SYMBOL_GPL(tsmfd_register);

/**
 * tsmfd_unregister() - a provider goes
 * @provider: from tsmfd_register(); not to be used afterwards
 *
 * Requests that are queued fail with -ENODEV and pollers are woken at once; a
 * call that is under way is waited for. Files that are open stay open and get
 * -ENODEV. Once this has returned, neither the ops nor priv are used again.
 */
void tsmfd_unregister(struct tsmfd_provider *provider)
{
	tsmfd_queue_shutdown(&provider->queue);
	tsmfd_event(TSMFD_EVENT_REMOVED, &provider->info, 0);
	if (registry_fops)
		cdev_device_del(&provider->cdev, &provider->dev);
	else
		device_del(&provider->dev);
	xa_erase(&registry_providers, provider->info.index);
	put_device(&provider->dev);
}
EXPORT_SYMBOL_GPL(tsmfd_unregister);

/**
 * tsmfd_provider_next() - in the order of their numbers
 * @index: the lowest number wanted
 *
 * Return: the provider with that number or the next higher one, to be released
 * with tsmfd_provider_put(); or NULL.
 */
struct tsmfd_provider *tsmfd_provider_next(unsigned long index)
{
	struct tsmfd_provider *provider;

	xa_lock(&registry_providers);
	provider = xa_find(&registry_providers, &index, ULONG_MAX, XA_PRESENT);
	/* Its registration's reference goes only after it is off the array. */
	if (provider)
		get_device(&provider->dev);
	xa_unlock(&registry_providers);
	return provider;
}
EXPORT_SYMBOL_GPL(tsmfd_provider_next);

/**
 * tsmfd_provider_find() - by the name of its device
 * @name: "tsmfdN", or NULL for the one with the lowest number
 *
 * Return: the provider, to be released with tsmfd_provider_put(), or NULL.
 */
struct tsmfd_provider *tsmfd_provider_find(const char *name)
{
	struct tsmfd_provider *provider;
	u32 index = 0;

	if (name && (!str_has_prefix(name, TSMFD_CLASS_NAME) ||
		     kstrtou32(name + strlen(TSMFD_CLASS_NAME), 10, &index)))
		return NULL;

	provider = tsmfd_provider_next(index);
	if (name && provider && provider->info.index != index) {
		tsmfd_provider_put(provider);
		return NULL;
	}
	return provider;
}

/**
 * tsmfd_provider_index() - N of /dev/tsmfdN
 * @provider: registered
 *
 * Return: N.
 */
int tsmfd_provider_index(const struct tsmfd_provider *provider)
{
	return provider->info.index;
}
EXPORT_SYMBOL_GPL(tsmfd_provider_index);

/* Before any provider; @fops are those of /dev/tsmfdN, or NULL without that face. */
int __init tsmfd_registry_init(const struct file_operations *fops)
{
	int rc;

	registry_fops = fops;
	rc = alloc_chrdev_region(&registry_devt, 0, REGISTRY_PROVIDERS_MAX,
				 TSMFD_CLASS_NAME);
	if (rc)
		return rc;

	rc = class_register(&registry_class);
	if (rc)
		unregister_chrdev_region(registry_devt, REGISTRY_PROVIDERS_MAX);
	return rc;
}

/* After the last provider. */
void tsmfd_registry_exit(void)
{
	class_unregister(&registry_class);
	unregister_chrdev_region(registry_devt, REGISTRY_PROVIDERS_MAX);
	xa_destroy(&registry_providers);
}

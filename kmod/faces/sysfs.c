// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sysfs ABI proposed in August 2023, as it was: one set of options for the
 * whole machine. Two users mix up each other's options, which is why there is
 * /dev/tsmN. It is here to run that proposal's script and to show the race, and
 * is off unless the module is loaded with legacy_sysfs=1.
 */
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <linux/uio.h>

#include "../core/options.h"
#include "../core/registry.h"
#include "../core/request.h"
#include "../core/session.h"
#include "sysfs.h"

static bool legacy_sysfs;
module_param(legacy_sysfs, bool, 0444);
MODULE_PARM_DESC(legacy_sysfs,
		 "offer the racy sysfs ABI of August 2023 (default: off)");

/* The device's options, which everybody shares. */
static struct tsmfd_session *to_session(struct device *dev)
{
	return to_provider(dev)->face_data;
}

/* One attribute's value, without the newline that echo puts behind it. */
static ssize_t store_option(struct device *dev, const char *buf, size_t len,
			    int (*parse)(struct tsmfd_options *options,
					 const char *text))
{
	struct tsmfd_session *session = to_session(dev);
	struct tsmfd_options options;
	int rc;

	char *text __free(kfree) = kstrndup(buf, len, GFP_KERNEL);
	if (!text)
		return -ENOMEM;

	guard(mutex)(&session->lock);
	options = session->options;
	rc = parse(&options, strim(text)) ?:
	     tsmfd_options_validate(&options, &session->provider->info);
	if (rc)
		return rc;

	tsmfd_session_set(session, &options, NULL);
	return len;
}

static ssize_t privlevel_store(struct device *dev,
			       struct device_attribute *attr,
			       const char *buf, size_t len)
{
	return store_option(dev, buf, len, tsmfd_privlevel_parse);
}

static ssize_t privlevel_show(struct device *dev,
			      struct device_attribute *attr, char *buf)
{
	struct tsmfd_session *session = to_session(dev);

	guard(mutex)(&session->lock);
	return sysfs_emit(buf, "%u\n", session->options.privlevel);
}
static DEVICE_ATTR_RW(privlevel);

static int parse_format(struct tsmfd_options *options, const char *text)
{
	return tsmfd_format_parse(&options->format, text);
}

static ssize_t format_store(struct device *dev, struct device_attribute *attr,
			    const char *buf, size_t len)
{
	return store_option(dev, buf, len, parse_format);
}

static ssize_t format_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	struct tsmfd_session *session = to_session(dev);

	guard(mutex)(&session->lock);
	return sysfs_emit(buf, "%s\n",
			  tsmfd_format_name(session->options.format));
}
static DEVICE_ATTR_RW(format);

static ssize_t inhex_store(struct device *dev, struct device_attribute *attr,
			   const char *buf, size_t len)
{
	return store_option(dev, buf, len, tsmfd_inblob_parse);
}

static ssize_t inhex_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	struct tsmfd_session *session = to_session(dev);

	guard(mutex)(&session->lock);
	return sysfs_emit(buf, "%*phN\n", (int)session->options.inblob_len,
			  session->options.inblob);
}
static DEVICE_ATTR_RW(inhex);

static ssize_t generation_show(struct device *dev,
			       struct device_attribute *attr, char *buf)
{
	struct tsmfd_session *session = to_session(dev);

	guard(mutex)(&session->lock);
	return sysfs_emit(buf, "%llu\n", session->generation);
}
static DEVICE_ATTR_RO(generation);

static ssize_t outblob_read(struct file *file, struct kobject *kobj,
			    struct bin_attribute *attr, char *buf, loff_t off,
			    size_t count)
{
	struct tsmfd_session *session = to_session(kobj_to_dev(kobj));
	struct kvec vec = { .iov_base = buf, .iov_len = count };
	struct tsmfd_request *request;
	struct iov_iter to;
	ssize_t rc;

	request = tsmfd_session_answer(session);
	if (IS_ERR(request))
		return PTR_ERR(request);

	iov_iter_kvec(&to, ITER_DEST, &vec, 1, count);
	rc = tsmfd_request_copy(request, off, &to);
	tsmfd_request_put(request);
	return rc;
}
static BIN_ATTR_RO(outblob, 0);

/* The report in hexadecimal, without the newline that xxd -r does not need. */
static ssize_t report_read(struct file *file, struct kobject *kobj,
			   struct bin_attribute *attr, char *buf, loff_t off,
			   size_t count)
{
	loff_t first = off / 2;
	size_t skip = off % 2;
	size_t bytes = min_t(size_t, (count + skip + 1) / 2, PAGE_SIZE);
	ssize_t got;

	u8 *raw __free(kfree) = kmalloc(bytes, GFP_KERNEL);
	char *hex __free(kfree) = kmalloc(2 * bytes, GFP_KERNEL);

	if (!raw || !hex)
		return -ENOMEM;

	got = outblob_read(file, kobj, attr, raw, first, bytes);
	if (got <= 0)
		return got;

	bin2hex(hex, raw, got);
	count = min_t(size_t, count, 2 * got - skip);
	memcpy(buf, hex + skip, count);
	return count;
}
static BIN_ATTR_RO(report, 0);

static struct attribute *legacy_attrs[] = {
	&dev_attr_privlevel.attr,
	&dev_attr_format.attr,
	&dev_attr_inhex.attr,
	&dev_attr_generation.attr,
	NULL
};

static struct bin_attribute *legacy_bin_attrs[] = {
	&bin_attr_outblob,
	&bin_attr_report,
	NULL
};

static const struct attribute_group legacy_group = {
	.attrs		= legacy_attrs,
	.bin_attrs	= legacy_bin_attrs,
};

static const struct attribute_group *legacy_groups[] = {
	&legacy_group,
	NULL
};

static int legacy_add(struct tsmfd_provider *provider)
{
	struct tsmfd_session *session = kzalloc(sizeof(*session), GFP_KERNEL);
	int rc;

	if (!session)
		return -ENOMEM;

	rc = tsmfd_session_init(session, provider, TSMFD_FACE_SYSFS);
	if (rc) {
		kfree(session);
		return rc;
	}
	provider->face_data = session;
	return 0;
}

static void legacy_remove(struct tsmfd_provider *provider)
{
	tsmfd_session_destroy(provider->face_data);
	kfree(provider->face_data);
}

static const struct tsmfd_face_hooks legacy_face = {
	.groups		= legacy_groups,
	.add		= legacy_add,
	.remove		= legacy_remove,
};

/**
 * tsmfd_sysfs_face() - what this face adds to every device
 *
 * Return: NULL, unless legacy_sysfs is set.
 */
const struct tsmfd_face_hooks *tsmfd_sysfs_face(void)
{
	return legacy_sysfs ? &legacy_face : NULL;
}

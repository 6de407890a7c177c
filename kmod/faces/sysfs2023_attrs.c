// SPDX-License-Identifier: GPL-2.0-only
/*
 * The files of a provider as the sysfs interface of August 2023 has them.
 */
#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uio.h>

#include "../compat/hex.h"
#include "../compat/sysfs.h"
#include "../core/options.h"
#include "../core/registry.h"
#include "../core/request.h"
#include "../core/session.h"
#include "sysfs2023.h"

/* The options, which everybody shares. */
static struct tsmfd_session *sysfs2023_session(struct device *dev)
{
	return dev_get_drvdata(dev);
}

/* Sets one option, all or nothing. A shell's echo puts a newline behind the value. */
static ssize_t sysfs2023_store(struct device *dev, const char *buf, size_t len,
			       int (*parse)(struct tsmfd_options *options,
					    const char *text))
{
	struct tsmfd_session *session = sysfs2023_session(dev);
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

	tsmfd_session_set(session, &options);
	return len;
}

static ssize_t sysfs2023_privlevel_store(struct device *dev,
					 struct device_attribute *attr,
					 const char *buf, size_t len)
{
	return sysfs2023_store(dev, buf, len, tsmfd_privlevel_parse);
}

static ssize_t sysfs2023_privlevel_show(struct device *dev,
					struct device_attribute *attr, char *buf)
{
	struct tsmfd_session *session = sysfs2023_session(dev);

	guard(mutex)(&session->lock);
	return sysfs_emit(buf, "%u\n", session->options.privlevel);
}

static struct device_attribute sysfs2023_attr_privlevel =
	__ATTR(privlevel, 0644, sysfs2023_privlevel_show, sysfs2023_privlevel_store);

static int sysfs2023_parse_format(struct tsmfd_options *options, const char *text)
{
	return tsmfd_format_parse(&options->format, text);
}

static ssize_t sysfs2023_format_store(struct device *dev,
				      struct device_attribute *attr,
				      const char *buf, size_t len)
{
	return sysfs2023_store(dev, buf, len, sysfs2023_parse_format);
}

static ssize_t sysfs2023_format_show(struct device *dev,
				     struct device_attribute *attr, char *buf)
{
	struct tsmfd_session *session = sysfs2023_session(dev);

	guard(mutex)(&session->lock);
	return sysfs_emit(buf, "%s\n",
			  tsmfd_format_name(session->options.format));
}

static struct device_attribute sysfs2023_attr_format =
	__ATTR(format, 0644, sysfs2023_format_show, sysfs2023_format_store);

static ssize_t sysfs2023_inhex_store(struct device *dev,
				     struct device_attribute *attr,
				     const char *buf, size_t len)
{
	return sysfs2023_store(dev, buf, len, tsmfd_inblob_parse);
}

static ssize_t sysfs2023_inhex_show(struct device *dev,
				    struct device_attribute *attr, char *buf)
{
	struct tsmfd_session *session = sysfs2023_session(dev);

	guard(mutex)(&session->lock);
	return sysfs_emit(buf, "%*phN\n", (int)session->options.inblob_len,
			  session->options.inblob);
}

static struct device_attribute sysfs2023_attr_inhex =
	__ATTR(inhex, 0644, sysfs2023_inhex_show, sysfs2023_inhex_store);

static ssize_t sysfs2023_generation_show(struct device *dev,
					 struct device_attribute *attr, char *buf)
{
	struct tsmfd_session *session = sysfs2023_session(dev);

	guard(mutex)(&session->lock);
	return sysfs_emit(buf, "%llu\n", session->generation);
}

static struct device_attribute sysfs2023_attr_generation =
	__ATTR(generation, 0444, sysfs2023_generation_show, NULL);

static ssize_t sysfs2023_provider_show(struct device *dev,
				       struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n",
			  sysfs2023_session(dev)->provider->info.provider);
}

static struct device_attribute sysfs2023_attr_provider =
	__ATTR(provider, 0444, sysfs2023_provider_show, NULL);

/* A piece of the report for the options as they are now. */
static ssize_t sysfs2023_read(struct kobject *kobj, void *buf, loff_t off,
			      size_t count)
{
	struct tsmfd_session *session = sysfs2023_session(kobj_to_dev(kobj));
	struct kvec vec = { .iov_base = buf, .iov_len = count };
	struct tsmfd_request *request;
	struct iov_iter to;
	ssize_t rc;

	request = tsmfd_session_answer(session, TASK_INTERRUPTIBLE);
	if (IS_ERR(request))
		return PTR_ERR(request);

	iov_iter_kvec(&to, ITER_DEST, &vec, 1, count);
	rc = tsmfd_answer_copy(request, off, &to);
	tsmfd_request_put(request);
	return rc;
}

static ssize_t sysfs2023_outblob_read(struct file *file, struct kobject *kobj,
				      COMPAT_BIN_ATTRIBUTE *attr,
				      char *buf, loff_t off, size_t count)
{
	return sysfs2023_read(kobj, buf, off, count);
}

/* The report in hexadecimal, without a newline: "xxd -r" does not need one. */
static ssize_t sysfs2023_report_read(struct file *file, struct kobject *kobj,
				     COMPAT_BIN_ATTRIBUTE *attr,
				     char *buf, loff_t off, size_t count)
{
	size_t skip = off % 2;
	size_t bytes = min_t(size_t, (count + skip + 1) / 2, PAGE_SIZE);
	ssize_t got;

	u8 *raw __free(kfree) = kmalloc(bytes, GFP_KERNEL);
	char *hex __free(kfree) = kmalloc(2 * bytes, GFP_KERNEL);
	if (!raw || !hex)
		return -ENOMEM;

	got = sysfs2023_read(kobj, raw, off / 2, bytes);
	if (got <= 0)
		return got;

	bin2hex(hex, raw, got);
	count = min_t(size_t, count, 2 * got - skip);
	memcpy(buf, hex + skip, count);
	return count;
}

/*
 * Only for root, as the character device is: a report may carry what not every user
 * is to know, such as a TPM's certificate, and costs a call of the firmware.
 */
static struct bin_attribute sysfs2023_attr_outblob =
	__BIN_ATTR(outblob, 0400, sysfs2023_outblob_read, NULL, 0);
static struct bin_attribute sysfs2023_attr_report =
	__BIN_ATTR(report, 0400, sysfs2023_report_read, NULL, 0);

static struct attribute *sysfs2023_attrs[] = {
	&sysfs2023_attr_privlevel.attr,
	&sysfs2023_attr_format.attr,
	&sysfs2023_attr_inhex.attr,
	&sysfs2023_attr_generation.attr,
	&sysfs2023_attr_provider.attr,
	NULL
};

static COMPAT_BIN_ATTRIBUTES sysfs2023_bin_attrs[] = {
	&sysfs2023_attr_outblob,
	&sysfs2023_attr_report,
	NULL
};

static const struct attribute_group sysfs2023_group = {
	.attrs		= sysfs2023_attrs,
	.bin_attrs	= sysfs2023_bin_attrs,
};

const struct attribute_group *sysfs2023_groups[] = {
	&sysfs2023_group,
	NULL
};

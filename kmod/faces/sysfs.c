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
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <linux/uio.h>

#include "../core/options.h"
#include "../core/registry.h"
#include "../core/request.h"
#include "sysfs.h"

static bool legacy_sysfs;
module_param(legacy_sysfs, bool, 0444);
MODULE_PARM_DESC(legacy_sysfs,
		 "offer the racy sysfs ABI of August 2023 (default: off)");

/**
 * struct sysfs_state - a device's options, which everybody shares
 * @flow: its turns at the firmware
 * @lock: never held while the firmware works
 * @options: as last written
 * @generation: counts the writes
 * @request: the one for @options; NULL until a read needs it
 */
struct sysfs_state {
	struct tsmfd_flow	flow;
	struct mutex		lock;	/* protects all below */
	struct tsmfd_options	options;
	u64			generation;
	struct tsmfd_request	*request;
};

static struct sysfs_state *to_state(struct device *dev)
{
	return to_provider(dev)->face_data;
}

/* One attribute's value, without the newline that echo puts behind it. */
static ssize_t store_option(struct device *dev, const char *buf, size_t len,
			    int (*parse)(struct tsmfd_options *options,
					 const char *text))
{
	struct sysfs_state *state = to_state(dev);
	struct tsmfd_options options;
	struct tsmfd_request *old;
	int rc;

	char *text __free(kfree) = kstrndup(buf, len, GFP_KERNEL);
	if (!text)
		return -ENOMEM;

	scoped_guard(mutex, &state->lock) {
		options = state->options;
		rc = parse(&options, strim(text)) ?:
		     tsmfd_options_validate(&options, &to_provider(dev)->info);
		if (rc)
			return rc;
		state->options = options;
		state->generation++;
		old = state->request;
		state->request = NULL;
	}
	tsmfd_request_put(old);
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
	struct sysfs_state *state = to_state(dev);

	guard(mutex)(&state->lock);
	return sysfs_emit(buf, "%u\n", state->options.privlevel);
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
	struct sysfs_state *state = to_state(dev);

	guard(mutex)(&state->lock);
	return sysfs_emit(buf, "%s\n",
			  tsmfd_format_name(state->options.format));
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
	struct sysfs_state *state = to_state(dev);

	guard(mutex)(&state->lock);
	return sysfs_emit(buf, "%*phN\n", (int)state->options.inblob_len,
			  state->options.inblob);
}
static DEVICE_ATTR_RW(inhex);

static ssize_t generation_show(struct device *dev,
			       struct device_attribute *attr, char *buf)
{
	struct sysfs_state *state = to_state(dev);

	guard(mutex)(&state->lock);
	return sysfs_emit(buf, "%llu\n", state->generation);
}
static DEVICE_ATTR_RO(generation);

/* The report for a snapshot of the options; held by the caller. */
static struct tsmfd_request *snapshot_request(struct device *dev)
{
	struct sysfs_state *state = to_state(dev);
	struct tsmfd_request *request;
	bool is_new;
	long rc;

	scoped_guard(mutex, &state->lock) {
		request = state->request;
		is_new = !request;
		if (is_new) {
			request = tsmfd_request_new(to_provider(dev),
						    &state->options);
			if (IS_ERR(request))
				return request;
			state->request = request;
		}
		tsmfd_request_get(request);
	}
	if (is_new)
		tsmfd_queue_submit(request, &state->flow);

	rc = tsmfd_request_wait(request, MAX_SCHEDULE_TIMEOUT);
	if (!rc && !request->error)
		return request;

	if (!rc) {
		rc = request->error;
		guard(mutex)(&state->lock);
		if (state->request == request) {
			state->request = NULL;
			/* Not the last: this function holds one too. */
			tsmfd_request_put(request);
		}
	}
	tsmfd_request_put(request);
	return ERR_PTR(rc);
}

static ssize_t outblob_read(struct file *file, struct kobject *kobj,
			    struct bin_attribute *attr, char *buf, loff_t off,
			    size_t count)
{
	struct tsmfd_request *request = snapshot_request(kobj_to_dev(kobj));
	struct kvec vec = { .iov_base = buf, .iov_len = count };
	struct iov_iter to;
	ssize_t rc;

	if (IS_ERR(request))
		return PTR_ERR(request);

	iov_iter_kvec(&to, ITER_DEST, &vec, 1, count);
	rc = tsmfd_report_copy(&request->report, off, &to);
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
	struct sysfs_state *state = kzalloc(sizeof(*state), GFP_KERNEL);

	if (!state)
		return -ENOMEM;

	tsmfd_flow_init(&state->flow);
	mutex_init(&state->lock);
	provider->face_data = state;
	return 0;
}

static void legacy_release(struct tsmfd_provider *provider)
{
	struct sysfs_state *state = provider->face_data;

	if (!state)
		return;

	tsmfd_request_put(state->request);
	kfree(state);
}

static const struct tsmfd_face legacy_face = {
	.groups		= legacy_groups,
	.add		= legacy_add,
	.release	= legacy_release,
};

/**
 * tsmfd_sysfs_face() - what this face adds to every device
 *
 * Return: NULL, unless legacy_sysfs is set.
 */
const struct tsmfd_face *tsmfd_sysfs_face(void)
{
	return legacy_sysfs ? &legacy_face : NULL;
}

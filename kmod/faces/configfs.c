// SPDX-License-Identifier: GPL-2.0-only
/*
 * tsm.ko: mainline's configfs-tsm over the core.
 *
 * The ABI is Documentation/ABI/testing/configfs-tsm of the kernel tree, to the
 * error codes; Documentation/providers.rst lists where this answers better.
 * There is a lock an item and none across them, and none is held while the
 * firmware works.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cleanup.h>
#include <linux/configfs.h>
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "../compat/tsm.h"
#include "../core/registry.h"
#include "../providers/vendor.h"
#include "configfs_item.h"

/* Attributes of our own, behind enum tsm_attr_index. */
enum {
	REPORT_ATTR_DEVICE = TSM_REPORT_SERVICE_MANIFEST_VER + 1,
};

static struct report_item *to_item(struct config_item *cfg)
{
	return container_of(cfg, struct report_item, cfg);
}

static ssize_t report_inblob_write(struct config_item *cfg, const void *buf,
				   size_t count)
{
	struct tsmfd_session *session = &to_item(cfg)->session;
	struct tsmfd_options *options = &session->options;

	/* configfs has seen to it, by the attribute's size. */
	if (count > sizeof(options->inblob))
		return -EFBIG;

	guard(mutex)(&session->lock);
	memset(options->inblob, 0, sizeof(options->inblob));
	/* There is no @buf for nothing. */
	if (count)
		memcpy(options->inblob, buf, count);
	options->inblob_len = count;
	tsmfd_session_changed(session);
	return count;
}
CONFIGFS_BIN_ATTR_WO(report_, inblob, NULL, TSM_REPORT_INBLOB_MAX);

static ssize_t report_outblob_read(struct config_item *cfg, void *buf,
				   size_t count)
{
	return report_item_read(to_item(cfg), buf, count, REPORT_OUTBLOB);
}
CONFIGFS_BIN_ATTR_RO(report_, outblob, NULL, TSM_REPORT_OUTBLOB_MAX);

static ssize_t report_auxblob_read(struct config_item *cfg, void *buf,
				   size_t count)
{
	return report_item_read(to_item(cfg), buf, count, REPORT_AUXBLOB);
}
CONFIGFS_BIN_ATTR_RO(report_, auxblob, NULL, TSM_REPORT_OUTBLOB_MAX);

static ssize_t report_manifestblob_read(struct config_item *cfg, void *buf,
					size_t count)
{
	return report_item_read(to_item(cfg), buf, count, REPORT_MANIFESTBLOB);
}
CONFIGFS_BIN_ATTR_RO(report_, manifestblob, NULL, TSM_REPORT_OUTBLOB_MAX);

/* A digit is what clients write, and found sooner than kstrtouint() does. */
static int parse_privlevel(const char *buf, size_t len, unsigned int *value)
{
	if (!isdigit(buf[0]) || len != 1 + (buf[1] == '\n'))
		return kstrtouint(buf, 0, value);

	*value = buf[0] - '0';
	return 0;
}

static ssize_t report_privlevel_store(struct config_item *cfg, const char *buf,
				      size_t len)
{
	struct tsmfd_session *session = &to_item(cfg)->session;
	const struct tsmfd_info *info;
	unsigned int value;
	int rc;

	rc = parse_privlevel(buf, len, &value);
	if (rc)
		return rc;

	guard(mutex)(&session->lock);
	if (tsmfd_provider_is_gone(session->provider))
		return -ENXIO;

	info = &session->provider->info;
	if (value < info->privlevel_floor || value > info->privlevel_max)
		return -EINVAL;

	session->options.privlevel = value;
	session->options.given |= TSMFD_OPT_PRIVLEVEL;
	tsmfd_session_changed(session);
	return len;
}
CONFIGFS_ATTR_WO(report_, privlevel);

static ssize_t report_privlevel_floor_show(struct config_item *cfg, char *buf)
{
	struct tsmfd_session *session = &to_item(cfg)->session;

	guard(mutex)(&session->lock);
	if (tsmfd_provider_is_gone(session->provider))
		return -ENXIO;

	return sysfs_emit(buf, "%u\n",
			  session->provider->info.privlevel_floor);
}
CONFIGFS_ATTR_RO(report_, privlevel_floor);

static ssize_t report_service_provider_store(struct config_item *cfg,
					     const char *buf, size_t len)
{
	struct tsmfd_session *session = &to_item(cfg)->session;
	size_t name_len = strnlen(buf, buf[len - 1] == '\n' ? len - 1 : len);
	struct tsmfd_options *options = &session->options;

	/* No driver knows a name that long. */
	if (name_len >= sizeof(options->service_provider))
		return -EINVAL;

	guard(mutex)(&session->lock);
	memset(options->service_provider, 0, sizeof(options->service_provider));
	memcpy(options->service_provider, buf, name_len);
	options->given |= TSMFD_OPT_SERVICE_PROVIDER;
	tsmfd_session_changed(session);
	return len;
}
CONFIGFS_ATTR_WO(report_, service_provider);

static ssize_t report_service_guid_store(struct config_item *cfg,
					 const char *buf, size_t len)
{
	struct tsmfd_session *session = &to_item(cfg)->session;
	guid_t guid;
	int rc;

	rc = guid_parse(buf, &guid);
	if (rc)
		return rc;

	guard(mutex)(&session->lock);
	session->options.service_guid = guid;
	session->options.given |= TSMFD_OPT_SERVICE_GUID;
	tsmfd_session_changed(session);
	return len;
}
CONFIGFS_ATTR_WO(report_, service_guid);

static ssize_t report_service_manifest_version_store(struct config_item *cfg,
						     const char *buf,
						     size_t len)
{
	struct tsmfd_session *session = &to_item(cfg)->session;
	unsigned int value;
	int rc;

	rc = kstrtouint(buf, 0, &value);
	if (rc)
		return rc;

	guard(mutex)(&session->lock);
	session->options.service_manifest_version = value;
	session->options.given |= TSMFD_OPT_SERVICE_MANIFEST_VERSION;
	tsmfd_session_changed(session);
	return len;
}
CONFIGFS_ATTR_WO(report_, service_manifest_version);

static ssize_t report_generation_show(struct config_item *cfg, char *buf)
{
	/* Without the lock: it is one word. */
	return sysfs_emit(buf, "%llu\n",
			  READ_ONCE(to_item(cfg)->session.generation));
}
CONFIGFS_ATTR_RO(report_, generation);

static ssize_t report_provider_show(struct config_item *cfg, char *buf)
{
	struct tsmfd_session *session = &to_item(cfg)->session;

	guard(mutex)(&session->lock);
	if (tsmfd_provider_is_gone(session->provider))
		return -ENXIO;

	return sysfs_emit(buf, "%s\n", session->provider->info.provider);
}
CONFIGFS_ATTR_RO(report_, provider);

static ssize_t report_provider_device_show(struct config_item *cfg, char *buf)
{
	struct tsmfd_session *session = &to_item(cfg)->session;

	guard(mutex)(&session->lock);
	return sysfs_emit(buf, "%s\n", dev_name(&session->provider->dev));
}

static ssize_t report_provider_device_store(struct config_item *cfg,
					    const char *buf, size_t len)
{
	struct report_item *item = to_item(cfg);
	int rc;

	char *device __free(kfree) = kstrndup(buf, len, GFP_KERNEL);
	if (!device)
		return -ENOMEM;

	guard(mutex)(&item->session.lock);
	rc = report_item_select(item, strim(device));
	return rc ?: len;
}
CONFIGFS_ATTR(report_, provider_device);

/*
 * At each open() configfs searches an item's files by name, the last one first and
 * binary ones before others. So those that every report takes come last here.
 */
static struct configfs_attribute *report_attrs[] = {
	&report_attr_provider_device,
	&report_attr_service_manifest_version,
	&report_attr_service_guid,
	&report_attr_service_provider,
	&report_attr_provider,
	&report_attr_privlevel_floor,
	&report_attr_generation,
	&report_attr_privlevel,
	NULL
};

/* What each of them is, for is_visible(). */
static const u8 report_attr_index[] = {
	REPORT_ATTR_DEVICE,
	TSM_REPORT_SERVICE_MANIFEST_VER,
	TSM_REPORT_SERVICE_GUID,
	TSM_REPORT_SERVICE_PROVIDER,
	TSM_REPORT_PROVIDER,
	TSM_REPORT_PRIVLEVEL_FLOOR,
	TSM_REPORT_GENERATION,
	TSM_REPORT_PRIVLEVEL,
};

static_assert(ARRAY_SIZE(report_attr_index) == ARRAY_SIZE(report_attrs) - 1);

static struct configfs_bin_attribute *report_bin_attrs[] = {
	&report_attr_manifestblob,
	&report_attr_auxblob,
	&report_attr_inblob,
	&report_attr_outblob,
	NULL
};

static const u8 report_bin_attr_index[] = {
	TSM_REPORT_MANIFESTBLOB,
	TSM_REPORT_AUXBLOB,
	TSM_REPORT_INBLOB,
	TSM_REPORT_OUTBLOB,
};

static_assert(ARRAY_SIZE(report_bin_attr_index) ==
	      ARRAY_SIZE(report_bin_attrs) - 1);

static bool report_is_visible(struct config_item *cfg,
			      struct configfs_attribute *attr, int n)
{
	return to_item(cfg)->attrs & BIT(report_attr_index[n]);
}

static bool report_is_bin_visible(struct config_item *cfg,
				  struct configfs_bin_attribute *attr, int n)
{
	return to_item(cfg)->bin_attrs & BIT(report_bin_attr_index[n]);
}

static void report_release(struct config_item *cfg)
{
	report_item_free(to_item(cfg));
}

static struct configfs_item_operations report_item_ops = {
	.release	= report_release,
};

static struct configfs_group_operations report_attr_ops = {
	.is_visible	= report_is_visible,
	.is_bin_visible	= report_is_bin_visible,
};

static const struct config_item_type report_type = {
	.ct_owner	= THIS_MODULE,
	.ct_attrs	= report_attrs,
	.ct_bin_attrs	= report_bin_attrs,
	.ct_item_ops	= &report_item_ops,
	.ct_group_ops	= &report_attr_ops,
};

static struct config_item *reports_make_item(struct config_group *group,
					     const char *name)
{
	unsigned long attrs, bin_attrs;
	struct report_item *item;

	item = report_item_new();
	if (IS_ERR(item))
		return ERR_CAST(item);

	item->attrs = item->vendor->attrs;
	item->bin_attrs = item->vendor->bin_attrs;
	if (!vendor_is_alone(&attrs, &bin_attrs)) {
		item->attrs |= attrs | BIT(REPORT_ATTR_DEVICE);
		item->bin_attrs |= bin_attrs;
	}

	config_item_init_type_name(&item->cfg, name, &report_type);
	return &item->cfg;
}

static struct configfs_group_operations reports_ops = {
	.make_item	= reports_make_item,
};

static const struct config_item_type reports_type = {
	.ct_owner	= THIS_MODULE,
	.ct_group_ops	= &reports_ops,
};

static const struct config_item_type root_type = {
	.ct_owner	= THIS_MODULE,
};

static struct configfs_subsystem tsm_configfs = {
	.su_group = {
		.cg_item = {
			.ci_namebuf	= "tsm",
			.ci_type	= &root_type,
		},
	},
	.su_mutex = __MUTEX_INITIALIZER(tsm_configfs.su_mutex),
};

static struct config_group *reports;

static int __init configfs_face_init(void)
{
	struct config_group *root = &tsm_configfs.su_group;
	int rc;

	config_group_init(root);
	rc = configfs_register_subsystem(&tsm_configfs);
	if (rc)
		return rc;

	reports = configfs_register_default_group(root, "report",
						  &reports_type);
	if (IS_ERR(reports)) {
		configfs_unregister_subsystem(&tsm_configfs);
		return PTR_ERR(reports);
	}
	return 0;
}
module_init(configfs_face_init);

static void __exit configfs_face_exit(void)
{
	configfs_unregister_default_group(reports);
	configfs_unregister_subsystem(&tsm_configfs);
}
module_exit(configfs_face_exit);

MODULE_DESCRIPTION("configfs-tsm and vendors' attestation drivers over tsmfd");
MODULE_LICENSE("GPL");

// SPDX-License-Identifier: GPL-2.0-only
/*
 * tsm.ko: mainline's configfs-tsm over the core.
 *
 * The ABI, with its error codes, is Documentation/ABI/testing/configfs-tsm of the
 * kernel tree. Documentation/providers.rst lists where this module does better than
 * the stock one. Each item has a lock of its own, which is not held while the firmware
 * works.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cleanup.h>
#include <linux/configfs.h>
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

/* The one attribute that stock configfs-tsm does not have, behind enum tsm_attr_index. */
enum {
	CONFIGFS_ATTR_DEVICE = TSM_REPORT_SERVICE_MANIFEST_VER + 1,
};

static struct report_item *configfs_to_item(struct config_item *cfg)
{
	return container_of(cfg, struct report_item, cfg);
}

static ssize_t configfs_inblob_write(struct config_item *cfg, const void *buf,
				     size_t count)
{
	struct tsmfd_session *session = &configfs_to_item(cfg)->session;
	struct tsmfd_options *options = &session->options;

	/* configfs already refuses more, by the attribute's size. */
	if (count > sizeof(options->inblob))
		return -EFBIG;

	guard(mutex)(&session->lock);
	memset(options->inblob, 0, sizeof(options->inblob));
	/* @buf is NULL where nothing was written. */
	if (count)
		memcpy(options->inblob, buf, count);
	options->inblob_len = count;
	tsmfd_session_changed(session);
	return count;
}
CONFIGFS_BIN_ATTR_WO(configfs_, inblob, NULL, TSM_REPORT_INBLOB_MAX);

static ssize_t configfs_outblob_read(struct config_item *cfg, void *buf,
				     size_t count)
{
	return configfs_item_read(configfs_to_item(cfg), buf, count, CONFIGFS_OUTBLOB);
}
CONFIGFS_BIN_ATTR_RO(configfs_, outblob, NULL, TSM_REPORT_OUTBLOB_MAX);

static ssize_t configfs_auxblob_read(struct config_item *cfg, void *buf,
				     size_t count)
{
	return configfs_item_read(configfs_to_item(cfg), buf, count, CONFIGFS_AUXBLOB);
}
CONFIGFS_BIN_ATTR_RO(configfs_, auxblob, NULL, TSM_REPORT_OUTBLOB_MAX);

static ssize_t configfs_manifestblob_read(struct config_item *cfg, void *buf,
					  size_t count)
{
	return configfs_item_read(configfs_to_item(cfg), buf, count, CONFIGFS_MANIFESTBLOB);
}
CONFIGFS_BIN_ATTR_RO(configfs_, manifestblob, NULL, TSM_REPORT_OUTBLOB_MAX);

static ssize_t configfs_privlevel_store(struct config_item *cfg, const char *buf,
					size_t len)
{
	struct tsmfd_session *session = &configfs_to_item(cfg)->session;
	const struct tsmfd_info *info;
	unsigned int value;
	int rc;

	rc = kstrtouint(buf, 0, &value);
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
CONFIGFS_ATTR_WO(configfs_, privlevel);

static ssize_t configfs_privlevel_floor_show(struct config_item *cfg, char *buf)
{
	struct tsmfd_session *session = &configfs_to_item(cfg)->session;

	guard(mutex)(&session->lock);
	if (tsmfd_provider_is_gone(session->provider))
		return -ENXIO;

	return sysfs_emit(buf, "%u\n",
			  session->provider->info.privlevel_floor);
}
CONFIGFS_ATTR_RO(configfs_, privlevel_floor);

static ssize_t configfs_service_provider_store(struct config_item *cfg,
					       const char *buf, size_t len)
{
	struct tsmfd_session *session = &configfs_to_item(cfg)->session;
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
CONFIGFS_ATTR_WO(configfs_, service_provider);

static ssize_t configfs_service_guid_store(struct config_item *cfg, const char *buf,
					   size_t len)
{
	struct tsmfd_session *session = &configfs_to_item(cfg)->session;
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
CONFIGFS_ATTR_WO(configfs_, service_guid);

static ssize_t configfs_service_manifest_version_store(struct config_item *cfg,
						       const char *buf, size_t len)
{
	struct tsmfd_session *session = &configfs_to_item(cfg)->session;
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
CONFIGFS_ATTR_WO(configfs_, service_manifest_version);

static ssize_t configfs_generation_show(struct config_item *cfg, char *buf)
{
	/* It is one word, so that it can be read without the lock. */
	return sysfs_emit(buf, "%llu\n",
			  READ_ONCE(configfs_to_item(cfg)->session.generation));
}
CONFIGFS_ATTR_RO(configfs_, generation);

static ssize_t configfs_provider_show(struct config_item *cfg, char *buf)
{
	struct tsmfd_session *session = &configfs_to_item(cfg)->session;

	guard(mutex)(&session->lock);
	if (tsmfd_provider_is_gone(session->provider))
		return -ENXIO;

	return sysfs_emit(buf, "%s\n", session->provider->info.provider);
}
CONFIGFS_ATTR_RO(configfs_, provider);

static ssize_t configfs_provider_device_show(struct config_item *cfg, char *buf)
{
	struct tsmfd_session *session = &configfs_to_item(cfg)->session;

	guard(mutex)(&session->lock);
	return sysfs_emit(buf, "%s\n", dev_name(&session->provider->dev));
}

static ssize_t configfs_provider_device_store(struct config_item *cfg,
					      const char *buf, size_t len)
{
	struct report_item *item = configfs_to_item(cfg);
	int rc;

	char *device __free(kfree) = kstrndup(buf, len, GFP_KERNEL);
	if (!device)
		return -ENOMEM;

	guard(mutex)(&item->session.lock);
	rc = configfs_item_select(item, strim(device));
	return rc ?: len;
}
CONFIGFS_ATTR(configfs_, provider_device);

static struct configfs_attribute *configfs_attrs[] = {
	[TSM_REPORT_GENERATION]		  = &configfs_attr_generation,
	[TSM_REPORT_PROVIDER]		  = &configfs_attr_provider,
	[TSM_REPORT_PRIVLEVEL]		  = &configfs_attr_privlevel,
	[TSM_REPORT_PRIVLEVEL_FLOOR]	  = &configfs_attr_privlevel_floor,
	[TSM_REPORT_SERVICE_PROVIDER]	  = &configfs_attr_service_provider,
	[TSM_REPORT_SERVICE_GUID]	  = &configfs_attr_service_guid,
	[TSM_REPORT_SERVICE_MANIFEST_VER] = &configfs_attr_service_manifest_version,
	[CONFIGFS_ATTR_DEVICE]		  = &configfs_attr_provider_device,
	NULL
};

static struct configfs_bin_attribute *configfs_bin_attrs[] = {
	[TSM_REPORT_INBLOB]	  = &configfs_attr_inblob,
	[TSM_REPORT_OUTBLOB]	  = &configfs_attr_outblob,
	[TSM_REPORT_AUXBLOB]	  = &configfs_attr_auxblob,
	[TSM_REPORT_MANIFESTBLOB] = &configfs_attr_manifestblob,
	NULL
};

static bool configfs_is_visible(struct config_item *cfg,
				struct configfs_attribute *attr, int n)
{
	return configfs_to_item(cfg)->attrs & BIT(n);
}

static bool configfs_is_bin_visible(struct config_item *cfg,
				    struct configfs_bin_attribute *attr, int n)
{
	return configfs_to_item(cfg)->bin_attrs & BIT(n);
}

static void configfs_report_release(struct config_item *cfg)
{
	configfs_item_free(configfs_to_item(cfg));
}

static struct configfs_item_operations configfs_item_ops = {
	.release	= configfs_report_release,
};

static struct configfs_group_operations configfs_attr_ops = {
	.is_visible	= configfs_is_visible,
	.is_bin_visible	= configfs_is_bin_visible,
};

static const struct config_item_type configfs_type = {
	.ct_owner	= THIS_MODULE,
	.ct_attrs	= configfs_attrs,
	.ct_bin_attrs	= configfs_bin_attrs,
	.ct_item_ops	= &configfs_item_ops,
	.ct_group_ops	= &configfs_attr_ops,
};

static struct config_item *configfs_make_item(struct config_group *group,
					      const char *name)
{
	unsigned long attrs, bin_attrs;
	struct report_item *item;

	item = configfs_item_new();
	if (IS_ERR(item))
		return ERR_CAST(item);

	item->attrs = item->vendor->attrs;
	item->bin_attrs = item->vendor->bin_attrs;
	if (!vendor_is_alone(&attrs, &bin_attrs)) {
		item->attrs |= attrs | BIT(CONFIGFS_ATTR_DEVICE);
		item->bin_attrs |= bin_attrs;
	}

	config_item_init_type_name(&item->cfg, name, &configfs_type);
	return &item->cfg;
}

static struct configfs_group_operations configfs_reports_ops = {
	.make_item	= configfs_make_item,
};

static const struct config_item_type configfs_reports_type = {
	.ct_owner	= THIS_MODULE,
	.ct_group_ops	= &configfs_reports_ops,
};

static const struct config_item_type configfs_root_type = {
	.ct_owner	= THIS_MODULE,
};

static struct configfs_subsystem tsm_configfs = {
	.su_group = {
		.cg_item = {
			.ci_namebuf	= "tsm",
			.ci_type	= &configfs_root_type,
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
						  &configfs_reports_type);
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

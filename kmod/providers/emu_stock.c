// SPDX-License-Identifier: GPL-2.0-only
/*
 * tsmfd_emu_stock: an instance of the emulator behind the stock tsm.ko.
 *
 * Registers it as configfs-tsm's provider, as sev-guest does on a guest without
 * an SVSM, so that /sys/kernel/config/tsm/report and /dev/tsmN can be measured
 * over the same firmware in one boot. Stock tsm.ko makes one call at a time,
 * under its own lock; calls that come through tsmfd meanwhile show in the
 * instance's overlap counter.
 *
 * A call waits for the emulated latency or hang in the reader's context and
 * holds that lock. It ends early if the reader is killed. Removing this module
 * waits for it, as it does for a vendor's driver.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/tsm.h>

#include "emu.h"

static unsigned int instance;
module_param(instance, uint, 0444);
MODULE_PARM_DESC(instance, "which of tsmfd_emu's instances (default 0)");

static char *format = "default";
module_param(format, charp, 0444);
MODULE_PARM_DESC(format,
		 "default (the default): reports without an auxblob; extended: always with one, as sev-guest gives them");

/* Written before tsm_register() only. */
static const struct tsmfd_ops *emu_ops;
static void *emu_priv;
static enum tsmfd_format emu_format;

static int options_init(struct tsmfd_options *options, const struct tsm_desc *desc)
{
	if (!desc->inblob_len || desc->inblob_len > sizeof(options->inblob))
		return -EINVAL;
	/* Unset, it is 0: with a floor above that, sev-guest's firmware refuses. */
	if (desc->privlevel < emu_ops->privlevel_floor ||
	    desc->privlevel > emu_ops->privlevel_max)
		return -EINVAL;

	*options = (struct tsmfd_options) {
		.given = TSMFD_OPT_PRIVLEVEL,
		.format = emu_format,
		.privlevel = desc->privlevel,
		.inblob_len = desc->inblob_len,
	};
	memcpy(options->inblob, desc->inblob, desc->inblob_len);
	return 0;
}

/* A failed call may have left blobs: stock tsm.ko frees them before the next. */
static int emu_stock_report_new(struct tsm_report *report, void *data)
{
	struct tsmfd_report answer = { };
	struct tsmfd_options options;
	int err;

	err = options_init(&options, &report->desc);
	if (err)
		return err;

	err = emu_ops->report(emu_priv, &options, &answer);
	/* All are from kvmalloc(), as stock tsm.ko wants them. */
	report->outblob = answer.outblob.data;
	report->outblob_len = answer.outblob.len;
	report->auxblob = answer.auxblob.data;
	report->auxblob_len = answer.auxblob.len;
	return err;
}

static bool emu_stock_attr_visible(int n)
{
	switch (n) {
	case TSM_REPORT_GENERATION:
	case TSM_REPORT_PROVIDER:
	case TSM_REPORT_PRIVLEVEL:
	case TSM_REPORT_PRIVLEVEL_FLOOR:
		return true;
	default:
		return false;
	}
}

static bool emu_stock_bin_attr_visible(int n)
{
	switch (n) {
	case TSM_REPORT_INBLOB:
	case TSM_REPORT_OUTBLOB:
	case TSM_REPORT_AUXBLOB:
		return true;
	default:
		return false;
	}
}

static struct tsm_ops stock_ops = {
	.name				= "tsmfd_emu",
	.report_new			= emu_stock_report_new,
	.report_attr_visible		= emu_stock_attr_visible,
	.report_bin_attr_visible	= emu_stock_bin_attr_visible,
};

static int __init emu_stock_init(void)
{
	static const char *const formats[] = {
		[TSMFD_FORMAT_DEFAULT] = "default",
		[TSMFD_FORMAT_EXTENDED] = "extended",
	};
	int index;

	index = match_string(formats, ARRAY_SIZE(formats), format);
	if (index < 0) {
		pr_err("format=%s: neither default nor extended\n", format);
		return -EINVAL;
	}
	emu_format = index;

	emu_ops = tsmfd_emu_find(instance, &emu_priv);
	if (!emu_ops) {
		pr_err("instance=%u: tsmfd_emu has none of that number\n", instance);
		return -ENODEV;
	}
	stock_ops.privlevel_floor = emu_ops->privlevel_floor;

	return tsm_register(&stock_ops, NULL);
}
module_init(emu_stock_init);

static void __exit emu_stock_exit(void)
{
	tsm_unregister(&stock_ops);
}
module_exit(emu_stock_exit);

MODULE_DESCRIPTION("The emulated firmware of tsmfd as the stock tsm.ko's provider");
MODULE_LICENSE("GPL");

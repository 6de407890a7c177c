// SPDX-License-Identifier: GPL-2.0-only
/*
 * tsmfd_emu_stock: the emulator as a vendor's driver, behind tsm.ko.
 *
 * Registers it as configfs-tsm's provider, as sev-guest does on a guest without
 * an SVSM, so that /sys/kernel/config/tsm/report and /dev/tsmfdN can be
 * measured over the same firmware in one boot. Stock tsm.ko makes one call at a
 * time, under its own lock; calls that come through tsmfd meanwhile show in the
 * instance's overlap counter.
 *
 * A call sleeps for the emulated latency or hang in the reader's context, with that
 * lock held, and ends early if the reader is killed. Removing this module waits for
 * calls, as removing a vendor's driver does.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../compat/tsm.h"
#include "emu.h"

enum {
	EMU_STOCK_MAX	= 8,
};

static unsigned int instance[EMU_STOCK_MAX];
static unsigned int instance_given;
module_param_array(instance, uint, &instance_given, 0444);
MODULE_PARM_DESC(instance,
		 "which of tsmfd_emu's instances, a registration each (default 0; the stock tsm.ko takes one)");

static char *format = "default";
module_param(format, charp, 0444);
MODULE_PARM_DESC(format,
		 "default (the default): reports without an auxblob; extended: always with one, as sev-guest gives them");

static bool service;
module_param(service, bool, 0444);
MODULE_PARM_DESC(service,
		 "take the service options and echo them in a manifestblob, as sev-guest under an SVSM (default off)");

/**
 * struct emu_stock - an instance, registered
 * @ops: what tsm.ko knows it by
 * @emu: the emulator's ops
 * @priv: what to call them with
 */
struct emu_stock {
	struct tsm_report_ops		ops;
	const struct tsmfd_ops	*emu;
	void			*priv;
};

/* Each is written in module init only, before its tsm_report_register() makes it visible. */
static struct emu_stock registrations[EMU_STOCK_MAX];
static enum tsmfd_format emu_format;

static int emu_stock_init_options(const struct emu_stock *stock, struct tsmfd_options *options,
				  const struct tsm_report_desc *desc)
{
	if (!desc->inblob_len || desc->inblob_len > sizeof(options->inblob))
		return -EINVAL;
	/* An unset privlevel is 0. SNP firmware refuses that if the floor is higher. */
	if (desc->privlevel < stock->emu->privlevel_floor ||
	    desc->privlevel > stock->emu->privlevel_max)
		return -EINVAL;
	/* sev-guest knows no other either. */
	if (desc->service_provider && strcmp(desc->service_provider, "svsm"))
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

static int emu_stock_fill_manifest(struct tsm_report *report)
{
	const struct tsm_report_desc *desc = &report->desc;
	char *text;

	text = kasprintf(GFP_KERNEL, "%s %pUl %u\n", desc->service_provider,
			 &desc->service_guid, desc->service_manifest_version);
	if (!text)
		return -ENOMEM;

	report->manifestblob = text;
	report->manifestblob_len = strlen(text);
	return 0;
}

/* A call that fails may leave blobs, which tsm.ko frees before the next call. */
static int emu_stock_report_new(struct tsm_report *report, void *data)
{
	struct emu_stock *stock = data;
	struct tsmfd_report answer = { };
	struct tsmfd_options options;
	int err;

	err = emu_stock_init_options(stock, &options, &report->desc);
	if (err)
		return err;

	err = stock->emu->report(stock->priv, &options, &answer);
	/* tsm.ko frees them with kvfree(). */
	report->outblob = answer.outblob.data;
	report->outblob_len = answer.outblob.len;
	report->auxblob = answer.auxblob.data;
	report->auxblob_len = answer.auxblob.len;
	if (!err && report->desc.service_provider)
		err = emu_stock_fill_manifest(report);
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
	case TSM_REPORT_SERVICE_PROVIDER:
	case TSM_REPORT_SERVICE_GUID:
	case TSM_REPORT_SERVICE_MANIFEST_VER:
		return service;
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
	case TSM_REPORT_MANIFESTBLOB:
		return service;
	default:
		return false;
	}
}

static int emu_stock_register(struct emu_stock *stock, unsigned int number)
{
	stock->emu = tsmfd_emu_find(number, &stock->priv);
	if (!stock->emu) {
		pr_err("instance=%u: tsmfd_emu has none of that number\n", number);
		return -ENODEV;
	}

	stock->ops = (struct tsm_report_ops) {
		.name				= "tsmfd_emu",
		.privlevel_floor		= stock->emu->privlevel_floor,
		.report_new			= emu_stock_report_new,
		.report_attr_visible		= emu_stock_attr_visible,
		.report_bin_attr_visible	= emu_stock_bin_attr_visible,
	};
	return tsm_report_register(&stock->ops, stock);
}

static void emu_stock_unregister(unsigned int count)
{
	while (count)
		tsm_report_unregister(&registrations[--count].ops);
}

static int __init emu_stock_init(void)
{
	static const char *const formats[] = {
		[TSMFD_FORMAT_DEFAULT] = "default",
		[TSMFD_FORMAT_EXTENDED] = "extended",
	};
	unsigned int i;
	int index;
	int err;

	index = match_string(formats, ARRAY_SIZE(formats), format);
	if (index < 0) {
		pr_err("format=%s: neither default nor extended\n", format);
		return -EINVAL;
	}
	emu_format = index;

	if (!instance_given)
		instance_given = 1;
	for (i = 0; i < instance_given; i++) {
		err = emu_stock_register(&registrations[i], instance[i]);
		if (err) {
			emu_stock_unregister(i);
			return err;
		}
	}
	return 0;
}
module_init(emu_stock_init);

static void __exit emu_stock_exit(void)
{
	emu_stock_unregister(instance_given);
}
module_exit(emu_stock_exit);

MODULE_DESCRIPTION("The emulated firmware of tsmfd as the stock tsm.ko's provider");
MODULE_LICENSE("GPL");

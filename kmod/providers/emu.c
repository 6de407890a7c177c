// SPDX-License-Identifier: GPL-2.0-only
/*
 * tsmfd_emu: emulated firmware, for tests and measurements.
 *
 * Gives reports of an SNP guest's layout, unsigned, in as many instances as one
 * likes, each with latency and faults on demand: what tests and measurements
 * need of a firmware. Settings are module parameters at load and files in
 * /sys/kernel/debug/tsmfd_emu/tsmfdN/ afterwards.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "emu.h"
#include "emu_debugfs.h"
#include "emu_faults.h"
#include "emu_report.h"

enum {
	EMU_INSTANCES_MAX	= 64,
};

/**
 * struct emu_instance - one emulated firmware
 * @ops: its own, for privlevel_floor and max_inflight are
 * @template: of its reports
 * @faults: how it behaves
 * @debugfs: its directory, or an error pointer
 * @provider: what the core knows it by
 */
struct emu_instance {
	struct tsmfd_ops	ops;
	struct emu_template	template;
	struct emu_faults	faults;
	struct dentry		*debugfs;
	struct tsmfd_provider	*provider;
};

/* Both are written in module init and exit only. */
static struct emu_instance *emu_instances[EMU_INSTANCES_MAX];
static unsigned int instances = 1;

module_param(instances, uint, 0444);
MODULE_PARM_DESC(instances, "how many emulated firmwares, 1 to 64 (default 1)");

/*
 * The other parameters are lists with one entry for each instance. An instance
 * without an entry uses the last one.
 */
static unsigned int settings[EMU_SETTINGS][EMU_INSTANCES_MAX];
static unsigned int settings_given[EMU_SETTINGS];

#define EMU_SETTING(name, setting, text)				\
	module_param_array_named(name, settings[setting], uint,		\
				 &settings_given[setting], 0444);	\
	MODULE_PARM_DESC(name, text)

EMU_SETTING(latency_us, EMU_LATENCY_US, "microseconds a call takes, up to 600000000 (default 0)");
EMU_SETTING(jitter_us, EMU_JITTER_US,
	    "microseconds of which a random part is added to each call's latency (default 0)");
EMU_SETTING(throttle_every, EMU_THROTTLE_EVERY,
	    "one call in so many is held up by throttle_us, 0 for none (default 0)");
EMU_SETTING(throttle_us, EMU_THROTTLE_US,
	    "microseconds for which a throttled call is held up (default 0)");
EMU_SETTING(hang, EMU_HANG,
	    "1: calls do not return until it is cleared or the module goes (default 0)");
EMU_SETTING(busy_permille, EMU_BUSY_PERMILLE,
	    "calls in a thousand that fail at once with EBUSY (default 0)");
EMU_SETTING(fail_permille, EMU_FAIL_PERMILLE,
	    "calls in a thousand that fail after their latency with EIO (default 0)");
EMU_SETTING(empty_permille, EMU_EMPTY_PERMILLE,
	    "calls in a thousand that succeed and give no blob (default 0)");
EMU_SETTING(short_permille, EMU_SHORT_PERMILLE,
	    "calls in a thousand that give blobs cut in half (default 0)");
EMU_SETTING(oversize_permille, EMU_OVERSIZE_PERMILLE,
	    "calls in a thousand that give blobs longer than announced (default 0)");

static char *preset[EMU_INSTANCES_MAX];
static unsigned int preset_given;
module_param_array(preset, charp, &preset_given, 0444);
MODULE_PARM_DESC(preset,
		 "timing of a real firmware: none (default), gcp-tdx (38.9 ms), gcp-milan (7.7 ms, every tenth 10.2 s longer), snp (8 ms), qgs-1s (1026 ms); latency_us and the like override it");

static unsigned int max_inflight[EMU_INSTANCES_MAX];
static unsigned int max_inflight_given;
module_param_array(max_inflight, uint, &max_inflight_given, 0444);
MODULE_PARM_DESC(max_inflight, "calls taken at once, 1 to 256 (default 1, as firmware does)");

static unsigned int privlevel_floor[EMU_INSTANCES_MAX];
static unsigned int privlevel_floor_given;
module_param_array(privlevel_floor, uint, &privlevel_floor_given, 0444);
MODULE_PARM_DESC(privlevel_floor, "the lowest privlevel accepted, 0 to 3 (default 0)");

static unsigned int busy_retry_ms[EMU_INSTANCES_MAX];
static unsigned int busy_retry_ms_given;
module_param_array(busy_retry_ms, uint, &busy_retry_ms_given, 0444);
MODULE_PARM_DESC(busy_retry_ms,
		 "milliseconds after which the core asks again for a call that failed with EBUSY, 0 for it not to (default 0)");

/* Which of a list's @given entries, one at least, is for @instance. */
static unsigned int emu_entry(unsigned int given, unsigned int instance)
{
	return min(instance, given - 1);
}

static int emu_report(void *priv, const struct tsmfd_options *options,
		      struct tsmfd_report *report)
{
	struct emu_instance *emu = priv;
	struct emu_call call;
	int err;

	err = emu_call_begin(&emu->faults, &call);
	if (!err)
		err = emu_report_fill(&emu->template, options, call.serial, call.shape, report);
	emu_call_end(&emu->faults, &call);
	return err;
}

static bool emu_is_brief(void *priv)
{
	struct emu_instance *emu = priv;

	return READ_ONCE(emu->faults.brief);
}

static const struct tsmfd_ops emu_ops = {
	.name		= "tsmfd_emu",
	.formats	= BIT(TSMFD_FORMAT_DEFAULT) | BIT(TSMFD_FORMAT_EXTENDED),
	.privlevel_max	= TSMFD_PRIVLEVEL_MAX,
	.inblob_min	= 1,
	.inblob_max	= TSMFD_INBLOB_MAX,
	.outblob_max	= sizeof(struct emu_snp_report),
	.auxblob_max	= sizeof(struct emu_cert_table),
	.max_inflight	= 1,
	.report		= emu_report,
	.brief		= emu_is_brief,
};

/**
 * tsmfd_emu_find() - the ops of an emulated firmware, past the core
 * @instance: counts from 0 in the order of /dev/tsmfdN
 * @priv: what to call the ops with
 *
 * The calling module depends on this one by this symbol, so that the instance
 * outlives it. A caller of ->report() has to validate the options as the core would,
 * and to free the blobs.
 *
 * Return: the ops, or NULL if there is no such instance.
 */
const struct tsmfd_ops *tsmfd_emu_find(unsigned int instance, void **priv)
{
	struct emu_instance *emu;

	if (instance >= instances)
		return NULL;
	emu = emu_instances[instance];
	*priv = emu;
	return &emu->ops;
}
EXPORT_SYMBOL_GPL(tsmfd_emu_find);

static int emu_set_behaviour(struct emu_faults *faults, unsigned int instance)
{
	enum emu_setting setting;
	u32 values[EMU_SETTINGS];
	int err;

	if (preset_given) {
		const char *name = preset[emu_entry(preset_given, instance)];

		err = emu_faults_set_preset(faults, name);
		if (err) {
			pr_err("preset=%s: there is no such preset\n", name);
			return err;
		}
	}

	for (setting = 0; setting < EMU_SETTINGS; setting++) {
		unsigned int given = settings_given[setting];

		if (!given)
			continue;
		values[setting] = settings[setting][emu_entry(given, instance)];
		err = emu_faults_set(faults, values, BIT(setting));
		if (err) {
			pr_err("%s=%u: out of range\n", emu_setting_name(setting),
			       values[setting]);
			return err;
		}
	}
	return 0;
}

static struct emu_instance *emu_create(unsigned int instance)
{
	struct emu_instance *emu;
	int err;

	emu = kzalloc(sizeof(*emu), GFP_KERNEL);
	if (!emu)
		return ERR_PTR(-ENOMEM);

	emu->ops = emu_ops;
	if (max_inflight_given)
		emu->ops.max_inflight = max_inflight[emu_entry(max_inflight_given, instance)];
	if (privlevel_floor_given)
		emu->ops.privlevel_floor =
			privlevel_floor[emu_entry(privlevel_floor_given, instance)];
	if (busy_retry_ms_given)
		emu->ops.busy_retry_ms =
			busy_retry_ms[emu_entry(busy_retry_ms_given, instance)];
	emu_template_init(&emu->template, instance);
	emu_faults_init(&emu->faults, emu->ops.max_inflight);

	err = emu_set_behaviour(&emu->faults, instance);
	if (err)
		goto err_free;

	emu->provider = tsmfd_register(&emu->ops, emu, NULL);
	if (IS_ERR(emu->provider)) {
		err = PTR_ERR(emu->provider);
		if (err == -EINVAL)
			pr_err("max_inflight=%u privlevel_floor=%u: out of range\n",
			       emu->ops.max_inflight, emu->ops.privlevel_floor);
		goto err_free;
	}
	emu->debugfs = emu_debugfs_add(tsmfd_provider_index(emu->provider), &emu->faults);
	return emu;

err_free:
	kfree(emu);
	return ERR_PTR(err);
}

static void emu_destroy(struct emu_instance *emu)
{
	/* No file operation is under way afterwards. */
	debugfs_remove_recursive(emu->debugfs);
	tsmfd_unregister(emu->provider);
	kfree(emu);
}

/*
 * Removes the first @count instances. All are stopped before the first is waited for,
 * so that their calls end side by side.
 */
static void emu_destroy_all(unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		emu_faults_stop(&emu_instances[i]->faults);
	for (i = 0; i < count; i++)
		emu_destroy(emu_instances[i]);
}

static int __init emu_init(void)
{
	unsigned int i;

	if (!instances || instances > EMU_INSTANCES_MAX) {
		pr_err("instances=%u: out of range\n", instances);
		return -EINVAL;
	}

	emu_debugfs_init();
	for (i = 0; i < instances; i++) {
		struct emu_instance *emu = emu_create(i);

		if (IS_ERR(emu)) {
			emu_destroy_all(i);
			emu_debugfs_exit();
			return PTR_ERR(emu);
		}
		emu_instances[i] = emu;
	}
	return 0;
}
module_init(emu_init);

static void __exit emu_exit(void)
{
	emu_destroy_all(instances);
	emu_debugfs_exit();
}
module_exit(emu_exit);

MODULE_DESCRIPTION("Emulated attestation firmware for tsmfd");
MODULE_LICENSE("GPL");

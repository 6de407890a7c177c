// SPDX-License-Identifier: GPL-2.0-only
/*
 * Vendors' drivers (sev-guest, tdx-guest), as they are: each that registers with
 * configfs-tsm becomes a provider of its own.
 *
 * A driver does not say how long its calls take; on hardware they take from
 * milliseconds to a minute. So the core's worker makes them, and whoever waits can be
 * killed. But if the last calls were brief, then a caller that nobody competes with
 * makes the call itself, as callers of stock tsm.ko always do. One long call does not
 * change that, since the caller may merely have been preempted; two in a row do.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../compat/tsm.h"
#include "../core/registry.h"
#include "vendor.h"

enum {
	BRIEF_CALL_NS	= 10 * NSEC_PER_MSEC,
	SCORE_MAX	= 16,
	SCORE_ENOUGH	= 8,	/* and more: the next call is expected to be brief */
	SCORE_LOSS	= 8,	/* for a call that was not brief */
};

static LIST_HEAD(vendors);		/* the registered ones, in the order they came */
static DEFINE_MUTEX(vendors_lock);	/* protects the list; no driver is called under it */

static int vendor_call(struct vendor *vendor)
{
	ktime_t start = ktime_get();
	int rc = vendor->driver->report_new(&vendor->report, vendor->driver_data);
	bool brief = ktime_to_ns(ktime_sub(ktime_get(), start)) <= BRIEF_CALL_NS;
	int score = vendor->brevity + (brief ? 1 : -SCORE_LOSS);

	WRITE_ONCE(vendor->brevity, clamp(score, 0, SCORE_MAX));
	return rc;
}

static bool vendor_is_brief(void *priv)
{
	const struct vendor *vendor = priv;

	return READ_ONCE(vendor->brevity) >= SCORE_ENOUGH;
}

/* Drivers allocate with kvmalloc(), as the core does, which frees the buffer then. */
static struct tsmfd_blob vendor_adopt(void *data, size_t len)
{
	return (struct tsmfd_blob) { .data = data, .len = data ? len : 0 };
}

/* Nothing of the call before may be left, whose blobs the core has. */
static void vendor_describe_report(struct vendor *vendor,
				   const struct tsmfd_options *options)
{
	struct tsm_report *report = &vendor->report;
	struct tsm_report_desc *desc = &report->desc;

	desc->privlevel = options->privlevel;
	desc->inblob_len = options->inblob_len;
	static_assert(sizeof(desc->inblob) == sizeof(options->inblob));
	memcpy(desc->inblob, options->inblob, sizeof(desc->inblob));
	desc->service_provider = NULL;
	if (options->given & TSMFD_OPT_SERVICE_PROVIDER) {
		memcpy(vendor->service_provider, options->service_provider,
		       sizeof(vendor->service_provider));
		desc->service_provider = vendor->service_provider;
	}
	desc->service_guid = options->service_guid;
	desc->service_manifest_version = options->service_manifest_version;

	report->outblob = NULL;
	report->auxblob = NULL;
	report->manifestblob = NULL;
}

/* Takes over what the driver has left, and says whether it is a report. */
static int vendor_adopt_report(const struct tsm_report *report,
			       enum tsmfd_format format,
			       struct tsmfd_report *answer)
{
	answer->outblob = vendor_adopt(report->outblob, report->outblob_len);
	answer->auxblob = vendor_adopt(report->auxblob, report->auxblob_len);
	answer->manifestblob = vendor_adopt(report->manifestblob,
					    report->manifestblob_len);
	/* The errno that configfs has for it. */
	if (answer->outblob.len > TSM_REPORT_OUTBLOB_MAX ||
	    answer->auxblob.len > TSM_REPORT_OUTBLOB_MAX ||
	    answer->manifestblob.len > TSM_REPORT_OUTBLOB_MAX)
		return -EFBIG;

	/* Drivers know no formats: they make an auxblob whenever they can. */
	if (format == TSMFD_FORMAT_DEFAULT)
		tsmfd_blob_free(&answer->auxblob);
	return 0;
}

static int vendor_report(void *priv, const struct tsmfd_options *options,
			 struct tsmfd_report *answer)
{
	struct vendor *vendor = priv;
	int rc, adopted;

	vendor_describe_report(vendor, options);
	rc = vendor_call(vendor);
	/* Also of a call that failed, which may have left blobs. */
	adopted = vendor_adopt_report(&vendor->report, options->format, answer);
	return rc < 0 ? rc : adopted;
}

static unsigned long vendor_visible(bool (*is_visible)(int n), int count)
{
	unsigned long mask = 0;
	int n;

	for (n = 0; n < count; n++) {
		if (!is_visible || is_visible(n))
			mask |= BIT(n);
	}
	return mask;
}

static void vendor_describe(struct vendor *vendor)
{
	const unsigned long service = BIT(TSM_REPORT_SERVICE_PROVIDER) |
				      BIT(TSM_REPORT_SERVICE_GUID) |
				      BIT(TSM_REPORT_SERVICE_MANIFEST_VER);
	const struct tsm_report_ops *driver = vendor->driver;

	vendor->attrs = vendor_visible(driver->report_attr_visible,
				       TSM_REPORT_SERVICE_MANIFEST_VER + 1);
	vendor->bin_attrs = vendor_visible(driver->report_bin_attr_visible,
					   TSM_REPORT_MANIFESTBLOB + 1);

	vendor->ops = (struct tsmfd_ops) {
		.name		 = driver->name,
		.formats	 = BIT(TSMFD_FORMAT_DEFAULT),
		.features	 = vendor->attrs & service ?
				   TSMFD_FEATURE_SERVICE : 0,
		.privlevel_floor = driver->privlevel_floor,
		.privlevel_max	 = vendor->attrs & BIT(TSM_REPORT_PRIVLEVEL) ?
				   TSM_REPORT_PRIVLEVEL_MAX :
				   driver->privlevel_floor,
		.inblob_min	 = 1,	/* a driver that wants more refuses less itself */
		.inblob_max	 = TSM_REPORT_INBLOB_MAX,
		.outblob_max	 = TSM_REPORT_OUTBLOB_MAX,
		.max_inflight	 = 1,	/* stock tsm.ko calls them one at a time */
		.report		 = vendor_report,
		.brief		 = vendor_is_brief,
	};
	if (vendor->bin_attrs & BIT(TSM_REPORT_AUXBLOB)) {
		vendor->ops.formats |= BIT(TSMFD_FORMAT_EXTENDED);
		vendor->format = TSMFD_FORMAT_EXTENDED;
	}
	/* A driver may also give blobs that it does not show. */
	vendor->ops.auxblob_max = TSM_REPORT_OUTBLOB_MAX;
	vendor->ops.manifestblob_max = TSM_REPORT_OUTBLOB_MAX;
}

static struct vendor *vendor_find(const struct tsm_report_ops *driver)
{
	struct vendor *vendor;

	lockdep_assert_held(&vendors_lock);

	list_for_each_entry(vendor, &vendors, node) {
		if (vendor->driver == driver)
			return vendor;
	}
	return NULL;
}

/* Returns false if the driver has registered already. */
static bool vendor_add(struct vendor *vendor)
{
	guard(mutex)(&vendors_lock);

	if (vendor_find(vendor->driver))
		return false;
	list_add_tail(&vendor->node, &vendors);
	return true;
}

/**
 * tsm_report_register() - a vendor's driver comes
 * @ops: the driver's
 * @priv: handed to @ops
 *
 * Unlike stock tsm.ko this takes several drivers, and takes a driver while there are
 * still items of one that has left.
 *
 * Return: 0, -EBUSY if @ops are registered, or what tsmfd_register() says.
 */
int tsm_report_register(const struct tsm_report_ops *ops, void *priv)
{
	struct vendor *vendor;

	vendor = kzalloc(sizeof(*vendor), GFP_KERNEL);
	if (!vendor)
		return -ENOMEM;

	refcount_set(&vendor->refs, 1);
	vendor->driver = ops;
	vendor->driver_data = priv;
	vendor_describe(vendor);

	vendor->provider = tsmfd_register(&vendor->ops, vendor, NULL);
	if (IS_ERR(vendor->provider)) {
		int rc = PTR_ERR(vendor->provider);

		kfree(vendor);
		return rc;
	}
	get_device(&vendor->provider->dev);

	if (!vendor_add(vendor)) {
		pr_err("\"%s\" ops already registered\n", ops->name);
		tsmfd_unregister(vendor->provider);
		vendor_put(vendor);
		return -EBUSY;
	}
	return 0;
}
EXPORT_SYMBOL_GPL(tsm_report_register);

/**
 * tsm_report_unregister() - a vendor's driver goes
 * @ops: the driver's
 *
 * Waits for a call that is under way. The driver's items stay, but no report can be
 * made through them any more.
 *
 * Return: 0, or -EBUSY if @ops are not registered.
 */
int tsm_report_unregister(const struct tsm_report_ops *ops)
{
	struct vendor *vendor;

	scoped_guard(mutex, &vendors_lock) {
		vendor = vendor_find(ops);
		if (!vendor)
			return -EBUSY;
		list_del(&vendor->node);
	}

	if (refcount_read(&vendor->refs) > 1)
		pr_warn("\"%s\" unregistered with items present in configfs/tsm/report\n",
			ops->name);
	tsmfd_unregister(vendor->provider);
	vendor_put(vendor);
	return 0;
}
EXPORT_SYMBOL_GPL(tsm_report_unregister);

/**
 * vendor_get() - a registered driver, held
 * @device: the name of its device; NULL for the driver that registered first
 *
 * Return: the driver, or NULL if there is none.
 */
struct vendor *vendor_get(const char *device)
{
	struct vendor *vendor;

	guard(mutex)(&vendors_lock);
	list_for_each_entry(vendor, &vendors, node) {
		if (device && strcmp(device, dev_name(&vendor->provider->dev)))
			continue;
		refcount_inc(&vendor->refs);
		return vendor;
	}
	return NULL;
}

/**
 * vendor_is_alone() - is there only one driver?
 * @attrs: set to the union of all drivers' attributes
 * @bin_attrs: set to the union of all drivers' binary attributes
 *
 * Return: false if there are several to select from.
 */
bool vendor_is_alone(unsigned long *attrs, unsigned long *bin_attrs)
{
	struct vendor *vendor;

	*attrs = 0;
	*bin_attrs = 0;

	guard(mutex)(&vendors_lock);
	list_for_each_entry(vendor, &vendors, node) {
		*attrs |= vendor->attrs;
		*bin_attrs |= vendor->bin_attrs;
	}
	return list_empty(&vendors) || list_is_singular(&vendors);
}

/**
 * vendor_put() - let a driver go
 * @vendor: held
 */
void vendor_put(struct vendor *vendor)
{
	if (!refcount_dec_and_test(&vendor->refs))
		return;
	put_device(&vendor->provider->dev);
	kfree(vendor);
}

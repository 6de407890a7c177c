// SPDX-License-Identifier: GPL-2.0-only
/*
 * An item of configfs-tsm: its options, the report for them, and the driver that
 * makes it.
 *
 * configfs reads a blob in two calls. The first asks for the blob's length, then
 * configfs allocates that much memory, and the second call is to fill it. Nothing is
 * kept between the two: each takes the report for the options as they are then. If
 * the options were written in between, then the second call finds another report,
 * and may find that it has another length. configfs would hand the reader all of its
 * memory nevertheless: behind a shorter blob, bytes that nobody has written, and of a
 * longer one only the beginning. So such a read fails, with EBUSY: stock configfs-tsm
 * gives that, too, where writing and reading get into each other's way, and clients
 * answer it by reading again. The second attempt finds the new report made.
 */
#include <linux/err.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../core/registry.h"
#include "../core/request.h"
#include "../core/session.h"
#include "../providers/vendor.h"
#include "configfs_item.h"

static const struct tsmfd_blob *
configfs_item_blob(const struct tsmfd_request *request, enum configfs_blob which)
{
	const struct tsmfd_report *report = request->answer;

	switch (which) {
	case CONFIGFS_AUXBLOB:
		return &report->auxblob;
	case CONFIGFS_MANIFESTBLOB:
		return &report->manifestblob;
	default:
		return &report->outblob;
	}
}

/**
 * configfs_item_read() - a blob of the report for the item's options
 * @item: kept by configfs as long as this runs
 * @buf: NULL to be told the blob's length, else room for it
 * @count: bytes at @buf
 * @which: the blob
 *
 * The report is made now if it has not been. Several readers wait for the same one.
 *
 * Return: the blob's length, -EBUSY if that is not @count, -EINVAL without an inblob,
 * -ENXIO if the driver is gone, -ERESTARTSYS after a deadly signal, or what the driver
 * says.
 */
ssize_t configfs_item_read(struct report_item *item, void *buf, size_t count,
			   enum configfs_blob which)
{
	struct tsmfd_session *session = &item->session;
	struct tsmfd_request *request;
	const struct tsmfd_blob *blob;
	ssize_t rc;

	WRITE_ONCE(item->asked, true);
	/*
	 * Only a deadly signal ends the wait, since stock configfs-tsm never
	 * fails with EINTR and its clients do not expect that.
	 */
	request = tsmfd_session_answer(session, TASK_KILLABLE);
	if (IS_ERR(request)) {
		rc = PTR_ERR(request);
		/* configfs-tsm's name for it. */
		if (rc == -ENODEV && tsmfd_provider_is_gone(session->provider))
			rc = -ENXIO;
		return rc;
	}

	blob = configfs_item_blob(request, which);
	rc = blob->len;
	if (buf && blob->len != count)
		rc = -EBUSY;
	else if (buf)
		memcpy(buf, blob->data, count);
	tsmfd_request_put(request);
	return rc;
}

static bool configfs_item_fits(const struct tsmfd_options *options,
			       const struct tsmfd_info *info)
{
	return !(options->given & TSMFD_OPT_PRIVLEVEL) ||
	       (options->privlevel >= info->privlevel_floor &&
		options->privlevel <= info->privlevel_max);
}

/**
 * configfs_item_select() - ask another driver
 * @item: its session is locked
 * @device: the name of the driver's device
 *
 * Return: 0, -ENODEV if there is no such driver, -EBUSY once somebody wanted a report
 * of the present one, -EINVAL if the other does not take the privlevel that was
 * written, or -ENOMEM.
 */
int configfs_item_select(struct report_item *item, const char *device)
{
	struct tsmfd_session *session = &item->session;
	struct tsmfd_options options = session->options;
	struct vendor *vendor;
	int rc;

	lockdep_assert_held(&session->lock);

	/*
	 * A request needs its provider, which the session holds. If the session moved
	 * on, then nothing would hold it for the request.
	 */
	if (READ_ONCE(item->asked))
		return -EBUSY;

	vendor = vendor_get(device);
	if (!vendor)
		return -ENODEV;

	rc = -EINVAL;
	if (!configfs_item_fits(&options, &vendor->provider->info))
		goto put_vendor;
	rc = tsmfd_session_move(session, vendor->provider);
	if (rc)
		goto put_vendor;

	options.format = vendor->format;
	tsmfd_session_set(session, &options);
	swap(item->vendor, vendor);
put_vendor:
	vendor_put(vendor);
	return rc;
}

/**
 * configfs_item_new() - an item that asks the driver that registered first
 *
 * Return: the item, with neither @cfg nor attributes; or an ERR_PTR(): -ENXIO if there
 * is no driver.
 */
struct report_item *configfs_item_new(void)
{
	struct vendor *vendor = vendor_get(NULL);
	struct report_item *item;
	int rc = -ENOMEM;

	if (!vendor)
		return ERR_PTR(-ENXIO);

	item = kzalloc(sizeof(*item), GFP_KERNEL_ACCOUNT);
	if (!item)
		goto put_vendor;
	rc = tsmfd_session_init(&item->session, vendor->provider,
				TSMFD_FACE_CONFIGFS);
	if (rc)
		goto free_item;

	item->session.options.format = vendor->format;
	item->vendor = vendor;
	return item;

free_item:
	kfree(item);
put_vendor:
	vendor_put(vendor);
	return ERR_PTR(rc);
}

/**
 * configfs_item_free() - the end of an item
 * @item: removed, and read by nobody any more
 */
void configfs_item_free(struct report_item *item)
{
	tsmfd_session_destroy(&item->session);
	vendor_put(item->vendor);
	kfree(item);
}

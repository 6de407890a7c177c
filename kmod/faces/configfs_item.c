// SPDX-License-Identifier: GPL-2.0-only
/*
 * An item: options of its own, and the report for them.
 *
 * configfs reads a blob in two calls, one that asks for its length and one that
 * fetches its bytes, and allocates memory in between. If the options were
 * written meanwhile, the second would find another report: if that is shorter,
 * the reader is handed memory that nobody has written. So the first call pins
 * the report for the second. Nothing ties the two together but the task that
 * makes both within one read(2).
 */
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../core/registry.h"
#include "../core/request.h"
#include "../providers/vendor.h"
#include "configfs_item.h"

/*
 * The pin that comes with the item is taken and given back without the lock: while
 * there is a number in it, it is that task's alone.
 */
static bool try_first_pin(struct report_item *item, pid_t reader,
			  struct tsmfd_request *request)
{
	struct report_pin *pin = &item->first_pin;

	if (cmpxchg(&pin->reader, 0, reader))
		return false;
	pin->request = request;
	return true;
}

/* Returns what it pinned; the pin's reference passes to the caller. */
static struct tsmfd_request *free_first_pin(struct report_item *item)
{
	struct report_pin *pin = &item->first_pin;
	struct tsmfd_request *request = pin->request;

	/* Pairs with the next reader's cmpxchg(). */
	smp_store_release(&pin->reader, 0);
	return request;
}

static struct tsmfd_request *free_pin(struct report_pin *pin)
{
	struct tsmfd_request *request = pin->request;

	list_del(&pin->node);
	kfree(pin);
	return request;
}

/* A task that has its number since would only keep the pin for longer. */
static bool has_ended(pid_t reader)
{
	guard(rcu)();
	if (pid_task(find_pid_ns(reader, &init_pid_ns), PIDTYPE_PID))
		return false;
	/* What it wrote before it ended is to be seen. */
	smp_acquire__after_ctrl_dep();
	return true;
}

/*
 * A read that came to nothing in between, for want of memory, has left its pin.
 * Its task has one such at most, until it reads again or ends.
 */
static bool is_stale(const struct report_pin *pin, pid_t reader)
{
	pid_t owner = READ_ONCE(pin->reader);

	return owner && (owner == reader || has_ended(owner));
}

static void free_stale_pins(struct report_item *item, pid_t reader)
{
	struct report_pin *pin, *next;

	lockdep_assert_held(&item->session.lock);

	if (is_stale(&item->first_pin, reader))
		tsmfd_request_put(free_first_pin(item));
	list_for_each_entry_safe(pin, next, &item->pins, node) {
		if (is_stale(pin, reader))
			tsmfd_request_put(free_pin(pin));
	}
}

/* Where the first pin was not free. */
static noinline int pin_another(struct report_item *item, pid_t reader,
				struct tsmfd_request *request)
{
	struct report_pin *pin;

	guard(mutex)(&item->session.lock);
	free_stale_pins(item, reader);
	if (try_first_pin(item, reader, request))
		return 0;

	pin = kmalloc(sizeof(*pin), GFP_KERNEL_ACCOUNT);
	if (!pin)
		return -ENOMEM;
	pin->reader = reader;
	pin->request = request;
	list_add(&pin->node, &item->pins);
	return 0;
}

/* The caller's reference passes to the pin if there is memory for one. */
static int pin_request(struct report_item *item, struct tsmfd_request *request)
{
	pid_t reader = task_pid_nr(current);

	if (try_first_pin(item, reader, request))
		return 0;
	return pin_another(item, reader, request);
}

/* From a pin that is not the first. */
static noinline struct tsmfd_request *unpin_another(struct report_item *item,
						    pid_t reader)
{
	struct report_pin *pin;

	guard(mutex)(&item->session.lock);
	list_for_each_entry(pin, &item->pins, node) {
		if (pin->reader == reader)
			return free_pin(pin);
	}
	return NULL;
}

/* Returns what the reader has pinned, held by it; or NULL. */
static struct tsmfd_request *unpin_request(struct report_item *item)
{
	pid_t reader = task_pid_nr(current);

	if (READ_ONCE(item->first_pin.reader) == reader)
		return free_first_pin(item);
	return unpin_another(item, reader);
}

/* The request for the item's options, submitted; held by the caller. */
static struct tsmfd_request *start(struct report_item *item)
{
	WRITE_ONCE(item->asked, true);
	return tsmfd_session_start(&item->session, false, NULL);
}

/* Of a request that has been submitted, and did not go well at once. */
static struct tsmfd_request *await_answer(struct report_item *item,
					  struct tsmfd_request *request)
{
	int rc;

	/*
	 * Only a deadly signal ends it: clients of configfs-tsm have never seen
	 * EINTR. The request goes on and waits for the item's next reader.
	 */
	rc = tsmfd_request_wait_killable(request);
	if (!rc && request->error) {
		rc = request->error;
		/* As configfs-tsm says that there is nobody to ask. */
		if (rc == -ENODEV &&
		    tsmfd_provider_is_gone(item->session.provider))
			rc = -ENXIO;
		/* The next read, rather than finding it again, tries anew. */
		tsmfd_session_drop(&item->session, request);
	}
	if (!rc)
		return request;

	tsmfd_request_put(request);
	return ERR_PTR(rc);
}

/*
 * Another reader may have made the driver's call in its own context and been killed;
 * a driver that then gave up is asked once more.
 */
static noinline struct tsmfd_request *
await_answer_or_retry(struct report_item *item, struct tsmfd_request *request)
{
	request = await_answer(item, request);
	if (request != ERR_PTR(-EINTR) || signal_pending(current))
		return request;

	request = start(item);
	return IS_ERR(request) ? request : await_answer(item, request);
}

/* The request for the item's options, answered well; held by the caller. */
static struct tsmfd_request *answered_request(struct report_item *item)
{
	struct tsmfd_request *request = start(item);

	if (IS_ERR(request) ||
	    (tsmfd_request_done(request) && !request->error))
		return request;
	return await_answer_or_retry(item, request);
}

static const struct tsmfd_blob *blob_of(const struct tsmfd_request *request,
					enum report_blob which)
{
	switch (which) {
	case REPORT_AUXBLOB:
		return &request->report.auxblob;
	case REPORT_MANIFESTBLOB:
		return &request->report.manifestblob;
	default:
		return &request->report.outblob;
	}
}

static ssize_t read_length(struct report_item *item, enum report_blob which)
{
	struct tsmfd_request *request = answered_request(item);
	ssize_t len;
	int rc;

	if (IS_ERR(request))
		return PTR_ERR(request);

	/* An empty blob is not asked for a second time. */
	len = blob_of(request, which)->len;
	if (!len) {
		tsmfd_request_put(request);
		return 0;
	}

	rc = pin_request(item, request);
	if (rc) {
		tsmfd_request_put(request);
		return rc;
	}
	return len;
}

static ssize_t read_bytes(struct report_item *item, void *buf, size_t count,
			  enum report_blob which)
{
	struct tsmfd_request *request = unpin_request(item);
	const struct tsmfd_blob *blob;
	ssize_t rc = -EIO;

	if (!request)
		return rc;

	blob = blob_of(request, which);
	if (blob->len == count) {
		memcpy(buf, blob->data, count);
		rc = count;
	}
	tsmfd_request_put(request);
	return rc;
}

/**
 * report_item_read() - a blob of the report for the item's options
 * @item: kept in place by configfs
 * @buf: NULL to be told the blob's length, then room for it
 * @count: bytes at @buf
 * @which: the blob
 *
 * The report is made now if it has not been. A second reader waits for it
 * rather than having it made again.
 *
 * Return: the blob's length, -EINVAL without an inblob, -ENXIO if the driver is
 * gone, -ERESTARTSYS after a deadly signal, or what the driver says.
 */
ssize_t report_item_read(struct report_item *item, void *buf, size_t count,
			 enum report_blob which)
{
	if (!buf)
		return read_length(item, which);
	return read_bytes(item, buf, count, which);
}

static bool takes_privlevel(const struct tsmfd_info *info,
			    const struct tsmfd_options *options)
{
	return !(options->given & TSMFD_OPT_PRIVLEVEL) ||
	       (options->privlevel >= info->privlevel_floor &&
		options->privlevel <= info->privlevel_max);
}

/**
 * report_item_select() - ask another driver
 * @item: its session is locked
 * @device: the name of the driver's device, such as "tsmfd1"
 *
 * Return: 0, -ENODEV if there is no such, -EBUSY once a report was wanted of the
 * present one, -EINVAL if the privlevel that was written is not one of its, or
 * -ENOMEM.
 */
int report_item_select(struct report_item *item, const char *device)
{
	struct tsmfd_session *session = &item->session;
	struct tsmfd_options options = session->options;
	struct vendor *vendor;
	int rc;

	lockdep_assert_held(&session->lock);

	/* So that no request can outlive its provider. */
	if (READ_ONCE(item->asked))
		return -EBUSY;

	vendor = vendor_get(device);
	if (!vendor)
		return -ENODEV;
	if (!takes_privlevel(&vendor->provider->info, &options)) {
		vendor_put(vendor);
		return -EINVAL;
	}

	rc = tsmfd_session_move(session, vendor->provider);
	if (rc) {
		vendor_put(vendor);
		return rc;
	}
	vendor_put(item->vendor);
	item->vendor = vendor;

	options.format = vendor->format;
	tsmfd_session_set(session, &options, NULL);
	return 0;
}

/**
 * report_item_new() - an item that asks the driver that registered first
 *
 * Return: the item, without its @cfg and attributes, or an ERR_PTR(): -ENXIO if
 * there is no driver.
 */
struct report_item *report_item_new(void)
{
	struct vendor *vendor = vendor_get(NULL);
	struct report_item *item;
	int rc;

	if (!vendor)
		return ERR_PTR(-ENXIO);

	item = kzalloc(sizeof(*item), GFP_KERNEL_ACCOUNT);
	if (!item) {
		vendor_put(vendor);
		return ERR_PTR(-ENOMEM);
	}

	rc = tsmfd_session_init(&item->session, vendor->provider,
				TSMFD_FACE_CONFIGFS);
	if (rc) {
		kfree(item);
		vendor_put(vendor);
		return ERR_PTR(rc);
	}
	item->session.options.format = vendor->format;
	item->vendor = vendor;
	INIT_LIST_HEAD(&item->pins);
	return item;
}

/**
 * report_item_free() - the end of an item
 * @item: removed, so that nobody reads it any more
 */
void report_item_free(struct report_item *item)
{
	struct report_pin *pin, *next;

	if (item->first_pin.reader)
		tsmfd_request_put(free_first_pin(item));
	list_for_each_entry_safe(pin, next, &item->pins, node)
		tsmfd_request_put(free_pin(pin));
	tsmfd_session_destroy(&item->session);
	vendor_put(item->vendor);
	kfree(item);
}

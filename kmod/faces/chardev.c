// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/tsmN: every open file is its own set of options.
 *
 * The file position carries, above its offset into the report, the generation
 * that the offset is in. The VFS reads and stores a character device's position
 * without a lock, so the late store of a read that began before a write would
 * otherwise undo that write's rewind, and the next read would start in the
 * middle of the new report.
 */
#include <linux/cleanup.h>
#include <linux/compat.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/uio.h>

#include "../core/options.h"
#include "../core/registry.h"
#include "../core/request.h"
#include "chardev.h"

enum {
	OFFSET_BITS	= 24,	/* 16 MiB, more than three blobs' TSMFD_BLOB_MAX */
	GENERATION_BITS	= 63 - OFFSET_BITS,
};

#define OFFSET_MASK	GENMASK_ULL(OFFSET_BITS - 1, 0)
#define GENERATION_MASK	GENMASK_ULL(GENERATION_BITS - 1, 0)

/**
 * struct tsmfd_file - an open file
 * @provider: what it is open on; a reference
 * @flow: its turns at the firmware
 * @lock: never held while the firmware works
 * @options: as last written
 * @generation: counts the writes that set options
 * @request: the one for @options, from whoever needed it first; NULL until then
 * @read_out: a read has come to the end of @request's report
 * @kept: a one-shot request whose caller could not take the answer, for when it
 *	comes again; see take_kept()
 */
struct tsmfd_file {
	struct tsmfd_provider	*provider;
	struct tsmfd_flow	flow;
	struct mutex		lock;	/* protects all below */
	struct tsmfd_options	options;
	u64			generation;
	struct tsmfd_request	*request;
	bool			read_out;
	struct tsmfd_request	*kept;
};

static loff_t position(u64 generation, loff_t offset)
{
	return (generation & GENERATION_MASK) << OFFSET_BITS | offset;
}

/*
 * Where in the report of @generation is @pos? One without a generation is from
 * pread(). One of another generation is from before the options were written
 * last, which was to rewind it.
 */
static loff_t offset_in(loff_t pos, u64 generation)
{
	u64 tag = pos >> OFFSET_BITS;

	if (tag && tag != (generation & GENERATION_MASK))
		return 0;
	return pos & OFFSET_MASK;
}

/*
 * The request for the file's options, made now if there is none yet; *is_new
 * then says that the caller has to submit it, outside of the lock.
 */
static struct tsmfd_request *current_request(struct tsmfd_file *tf,
					     bool *is_new)
{
	struct tsmfd_request *request = tf->request;

	lockdep_assert_held(&tf->lock);

	*is_new = !request;
	if (!request) {
		request = tsmfd_request_new(tf->provider, &tf->options);
		if (IS_ERR(request))
			return request;
		tf->request = request;
		tf->read_out = false;
	}
	tsmfd_request_get(request);
	return request;
}

/* The next read, rather than finding the same failure again, tries anew. */
static void drop_failed(struct tsmfd_file *tf, struct tsmfd_request *request)
{
	scoped_guard(mutex, &tf->lock) {
		if (tf->request != request)
			return;
		tf->request = NULL;
	}
	tsmfd_request_put(request);
}

static ssize_t read_report(struct tsmfd_file *tf, struct tsmfd_request *request,
			   u64 generation, struct kiocb *iocb,
			   struct iov_iter *to)
{
	loff_t offset = offset_in(iocb->ki_pos, generation);
	ssize_t copied;

	copied = tsmfd_report_copy(&request->report, offset, to);
	if (copied < 0)
		return copied;

	iocb->ki_pos = position(generation, offset + copied);
	if (offset + copied < tsmfd_report_len(&request->report))
		return copied;

	guard(mutex)(&tf->lock);
	if (tf->request == request)
		tf->read_out = true;
	return copied;
}

static int lock_file(struct tsmfd_file *tf, bool nowait)
{
	if (nowait)
		return mutex_trylock(&tf->lock) ? 0 : -EAGAIN;
	return mutex_lock_interruptible(&tf->lock) ? -ERESTARTSYS : 0;
}

static bool is_nonblock(const struct kiocb *iocb)
{
	return (iocb->ki_flags & IOCB_NOWAIT) ||
	       (iocb->ki_filp->f_flags & O_NONBLOCK);
}

static ssize_t chardev_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct tsmfd_file *tf = iocb->ki_filp->private_data;
	struct tsmfd_request *request;
	u64 generation;
	bool is_new;
	ssize_t rc;

	rc = lock_file(tf, iocb->ki_flags & IOCB_NOWAIT);
	if (rc)
		return rc;
	request = current_request(tf, &is_new);
	generation = tf->generation;
	mutex_unlock(&tf->lock);
	if (IS_ERR(request))
		return PTR_ERR(request);

	if (is_new)
		tsmfd_queue_submit(request, &tf->flow);

	rc = 0;
	if (!is_nonblock(iocb))
		rc = tsmfd_request_wait(request, MAX_SCHEDULE_TIMEOUT);
	else if (!tsmfd_request_done(request))
		rc = -EAGAIN;
	if (rc)
		goto out;

	rc = request->error;
	if (rc)
		drop_failed(tf, request);
	else
		rc = read_report(tf, request, generation, iocb, to);
out:
	tsmfd_request_put(request);
	return rc;
}

/*
 * Sets the options that @text names, all or none, and forgets the report made
 * for the former ones. In non-blocking mode the request for the new ones, if
 * they are complete, is returned in *start, for the caller to submit and put.
 */
static int set_options(struct tsmfd_file *tf, char *text, size_t len,
		       bool nonblock, struct tsmfd_request **start)
{
	struct tsmfd_options options = tf->options;
	struct tsmfd_request *request = NULL;
	int rc;

	lockdep_assert_held(&tf->lock);

	rc = tsmfd_options_parse(&options, &tf->provider->info, text, len);
	if (rc)
		return rc;

	if (nonblock && options.inblob_len) {
		request = tsmfd_request_new(tf->provider, &options);
		if (IS_ERR(request))
			return PTR_ERR(request);
		tsmfd_request_get(request);
	}

	tsmfd_request_put(tf->request);
	tf->request = request;
	tf->options = options;
	tf->generation++;
	tf->read_out = false;
	*start = request;
	return 0;
}

static ssize_t chardev_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct tsmfd_file *tf = iocb->ki_filp->private_data;
	size_t len = iov_iter_count(from);
	struct tsmfd_request *start = NULL;
	int rc;

	if (len > TSMFD_WRITE_MAX)
		return -E2BIG;
	if (tsmfd_provider_is_gone(tf->provider))
		return -ENODEV;

	char *text __free(kfree) = kmalloc(len + 1, GFP_KERNEL_ACCOUNT);
	if (!text)
		return -ENOMEM;
	if (!copy_from_iter_full(text, len, from))
		return -EFAULT;
	text[len] = '\0';

	rc = lock_file(tf, iocb->ki_flags & IOCB_NOWAIT);
	if (rc)
		return rc;
	rc = set_options(tf, text, len, is_nonblock(iocb), &start);
	mutex_unlock(&tf->lock);
	if (rc)
		return rc;

	if (start) {
		tsmfd_queue_submit(start, &tf->flow);
		tsmfd_request_put(start);
	}
	iocb->ki_pos = 0;
	return len;
}

static __poll_t chardev_poll(struct file *file, poll_table *wait)
{
	struct tsmfd_file *tf = file->private_data;
	struct tsmfd_request *request = NULL;
	__poll_t events = EPOLLOUT | EPOLLWRNORM;
	bool is_new = false;

	poll_wait(file, &tf->flow.wait, wait);
	poll_wait(file, &tf->provider->queue.gone, wait);

	/*
	 * Somebody who polls wants the report, so this starts it if nothing
	 * else has: it would not come otherwise.
	 */
	scoped_guard(mutex, &tf->lock) {
		if (tf->options.inblob_len && !tf->read_out)
			request = current_request(tf, &is_new);
	}
	if (IS_ERR(request))
		return events | EPOLLERR;
	if (is_new)
		tsmfd_queue_submit(request, &tf->flow);

	if (request && tsmfd_request_done(request)) {
		events |= EPOLLIN | EPOLLRDNORM;
		if (request->error)
			events |= EPOLLERR;
	}
	tsmfd_request_put(request);

	if (tsmfd_provider_is_gone(tf->provider))
		events |= EPOLLHUP | EPOLLERR;
	return events;
}

static loff_t report_end(const struct tsmfd_file *tf)
{
	struct tsmfd_request *request = tf->request;

	if (!request || !tsmfd_request_done(request) || request->error)
		return -EINVAL;
	return tsmfd_report_len(&request->report);
}

static loff_t chardev_llseek(struct file *file, loff_t offset, int whence)
{
	struct tsmfd_file *tf = file->private_data;
	loff_t base = 0;

	guard(mutex)(&tf->lock);
	switch (whence) {
	case SEEK_SET:
		break;
	case SEEK_CUR:
		base = offset_in(file->f_pos, tf->generation);
		break;
	case SEEK_END:
		base = report_end(tf);
		break;
	default:
		return -EINVAL;
	}
	if (base < 0)
		return base;
	if (offset < -base || offset > (loff_t)OFFSET_MASK - base)
		return -EINVAL;

	offset += base;
	file->f_pos = position(tf->generation, offset);
	tf->read_out = tf->read_out && offset == report_end(tf);
	return offset;
}

static int options_from_req(struct tsmfd_options *options,
			    const struct tsmfd_report_req *req)
{
	const u32 known = TSMFD_OPT_PRIVLEVEL | TSMFD_OPT_SERVICE_PROVIDER |
			  TSMFD_OPT_SERVICE_GUID |
			  TSMFD_OPT_SERVICE_MANIFEST_VERSION;
	const char *service = req->service_provider;
	size_t service_len = strnlen(service, sizeof(req->service_provider));
	guid_t guid;

	import_guid(&guid, req->service_guid);

	if (req->flags & ~known || req->reserved)
		return -EINVAL;
	if (req->inblob_len > sizeof(req->inblob) ||
	    memchr_inv(req->inblob + req->inblob_len, 0,
		       sizeof(req->inblob) - req->inblob_len))
		return -EINVAL;
	if (service_len == sizeof(req->service_provider) ||
	    memchr_inv(service + service_len, 0,
		       sizeof(req->service_provider) - service_len))
		return -EINVAL;
	if (!!(req->flags & TSMFD_OPT_SERVICE_PROVIDER) != !!service_len)
		return -EINVAL;
	/* What is not given must be 0, so that it can come to mean something. */
	if ((!(req->flags & TSMFD_OPT_PRIVLEVEL) && req->privlevel) ||
	    (!(req->flags & TSMFD_OPT_SERVICE_GUID) && !guid_is_null(&guid)) ||
	    (!(req->flags & TSMFD_OPT_SERVICE_MANIFEST_VERSION) &&
	     req->service_manifest_version))
		return -EINVAL;

	*options = (struct tsmfd_options) {
		.given = req->flags,
		.format = req->format,
		.privlevel = req->privlevel,
		.inblob_len = req->inblob_len,
		.service_guid = guid,
		.service_manifest_version = req->service_manifest_version,
	};
	memcpy(options->inblob, req->inblob, sizeof(options->inblob));
	memcpy(options->service_provider, service, sizeof(req->service_provider));
	return 0;
}

/*
 * A one-shot caller that was interrupted, or whose buffer was too small, comes
 * again with the same options. It then gets the request it had, so that no
 * firmware call is made for nothing. One is kept a file; with several such
 * callers the others start afresh.
 */
static void keep(struct tsmfd_file *tf, struct tsmfd_request *request)
{
	struct tsmfd_request *old;

	scoped_guard(mutex, &tf->lock) {
		old = tf->kept;
		tf->kept = request;
	}
	tsmfd_request_put(old);
}

static struct tsmfd_request *take_kept(struct tsmfd_file *tf,
				       const struct tsmfd_request *wanted)
{
	struct tsmfd_request *kept;

	/* Most files never keep anything: a look without the lock is enough. */
	if (!READ_ONCE(tf->kept))
		return NULL;

	guard(mutex)(&tf->lock);
	kept = tf->kept;
	if (!kept || !tsmfd_options_equal(&kept->options, &wanted->options))
		return NULL;
	WRITE_ONCE(tf->kept, NULL);
	return kept;
}

/* A request for the options, submitted; held by the caller. */
static struct tsmfd_request *start_one_shot(struct tsmfd_file *tf,
					    const struct tsmfd_options *options)
{
	struct tsmfd_request *request, *kept;

	request = tsmfd_request_new(tf->provider, options);
	if (IS_ERR(request))
		return request;

	kept = take_kept(tf, request);
	if (kept) {
		tsmfd_request_put(request);
		return kept;
	}
	tsmfd_queue_submit(request, &tf->flow);
	return request;
}

static int copy_blob(u64 address, const struct tsmfd_blob *blob)
{
	if (!address || !blob->len)
		return 0;
	return copy_to_user(u64_to_user_ptr(address), blob->data, blob->len) ?
	       -EFAULT : 0;
}

/* Fills in the lengths, and the blobs if all that are wanted have room. */
static int answer_req(struct tsmfd_report_req *req,
		      const struct tsmfd_request *request)
{
	const struct tsmfd_report *report = &request->report;
	bool fits = report->outblob.len <= req->outblob_len &&
		    (!req->auxblob || report->auxblob.len <= req->auxblob_len) &&
		    (!req->manifestblob ||
		     report->manifestblob.len <= req->manifestblob_len);

	req->outblob_len = report->outblob.len;
	req->auxblob_len = report->auxblob.len;
	req->manifestblob_len = report->manifestblob.len;
	req->generation = request->generation;
	if (!fits)
		return -EMSGSIZE;

	return copy_blob(req->outblob, &report->outblob) ?:
	       copy_blob(req->auxblob, &report->auxblob) ?:
	       copy_blob(req->manifestblob, &report->manifestblob);
}

static long ioctl_report(struct tsmfd_file *tf,
			 struct tsmfd_report_req __user *ureq, size_t size)
{
	unsigned long timeout = MAX_SCHEDULE_TIMEOUT;
	struct tsmfd_request *request;
	struct tsmfd_options options;
	struct tsmfd_report_req req;
	long rc;

	BUILD_BUG_ON(sizeof(req) != TSMFD_REPORT_REQ_SIZE_VER0);

	if (size < TSMFD_REPORT_REQ_SIZE_VER0)
		return -EINVAL;
	rc = copy_struct_from_user(&req, sizeof(req), ureq, size);
	if (rc)
		return rc;
	rc = options_from_req(&options, &req);
	if (rc)
		return rc;
	if (req.timeout_ms)
		timeout = msecs_to_jiffies(req.timeout_ms);

	request = start_one_shot(tf, &options);
	if (IS_ERR(request))
		return PTR_ERR(request);

	rc = tsmfd_request_wait(request, timeout);
	if (!rc)
		rc = request->error ?: answer_req(&req, request);
	if ((!rc || rc == -EMSGSIZE) &&
	    copy_to_user(ureq, &req, min(size, sizeof(req))))
		rc = -EFAULT;

	if (rc == -EMSGSIZE || rc == -ERESTARTSYS)
		keep(tf, request);
	else
		tsmfd_request_put(request);
	return rc;
}

static long ioctl_info(struct tsmfd_file *tf, struct tsmfd_info __user *uinfo,
		       size_t size)
{
	const struct tsmfd_info *info = &tf->provider->info;
	size_t len = min(size, sizeof(*info));

	BUILD_BUG_ON(sizeof(*info) != TSMFD_INFO_SIZE_VER0);

	if (size < TSMFD_INFO_SIZE_VER0)
		return -EINVAL;
	if (copy_to_user(uinfo, info, len) ||
	    clear_user((u8 __user *)uinfo + len, size - len))
		return -EFAULT;
	return 0;
}

#define IOC_WITHOUT_SIZE(cmd) ((cmd) & ~IOCSIZE_MASK)

static long chardev_ioctl(struct file *file, unsigned int cmd,
			  unsigned long arg)
{
	void __user *argp = (void __user *)arg;

	/* The size is the caller's: both structures grow at their end. */
	switch (IOC_WITHOUT_SIZE(cmd)) {
	case IOC_WITHOUT_SIZE(TSMFD_IOC_REPORT):
		return ioctl_report(file->private_data, argp, _IOC_SIZE(cmd));
	case IOC_WITHOUT_SIZE(TSMFD_IOC_INFO):
		return ioctl_info(file->private_data, argp, _IOC_SIZE(cmd));
	default:
		return -ENOTTY;
	}
}

static int chardev_open(struct inode *inode, struct file *file)
{
	struct tsmfd_provider *provider =
		container_of(inode->i_cdev, struct tsmfd_provider, cdev);
	struct tsmfd_file *tf;

	if (tsmfd_provider_is_gone(provider))
		return -ENODEV;

	tf = kzalloc(sizeof(*tf), GFP_KERNEL_ACCOUNT);
	if (!tf)
		return -ENOMEM;

	get_device(&provider->dev);
	tf->provider = provider;
	tsmfd_flow_init(&tf->flow);
	mutex_init(&tf->lock);
	file->private_data = tf;
	file->f_mode |= FMODE_NOWAIT;
	return 0;
}

static int chardev_release(struct inode *inode, struct file *file)
{
	struct tsmfd_file *tf = file->private_data;

	tsmfd_request_put(tf->request);
	tsmfd_request_put(tf->kept);
	put_device(&tf->provider->dev);
	kfree(tf);
	return 0;
}

const struct file_operations tsmfd_chardev_fops = {
	.owner		= THIS_MODULE,
	.open		= chardev_open,
	.release	= chardev_release,
	.read_iter	= chardev_read_iter,
	.write_iter	= chardev_write_iter,
	.poll		= chardev_poll,
	.llseek		= chardev_llseek,
	.unlocked_ioctl	= chardev_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
};

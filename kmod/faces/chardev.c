// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/tsmfdN: every open file is its own set of options.
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
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uio.h>

#include "../core/options.h"
#include "../core/registry.h"
#include "../core/request.h"
#include "../core/session.h"
#include "chardev.h"

/* Above any offset that pread() is given in earnest. */
#define POSITION_TAGGED	BIT_ULL(62)

enum {
	OFFSET_BITS	= 24,	/* 16 MiB: three blobs' TSMFD_BLOB_MAX, and a proof */
	GENERATION_BITS	= 62 - OFFSET_BITS,
};

#define OFFSET_MASK	GENMASK_ULL(OFFSET_BITS - 1, 0)
#define GENERATION_MASK	GENMASK_ULL(GENERATION_BITS - 1, 0)

static loff_t position(u64 generation, loff_t offset)
{
	return POSITION_TAGGED |
	       (generation & GENERATION_MASK) << OFFSET_BITS | offset;
}

/*
 * Where in the report of @generation is @pos? One without a tag is from pread(),
 * or of a file that has not been read yet. One of another generation is from
 * before the options were written last, which was to rewind it.
 */
static loff_t offset_in(loff_t pos, u64 generation)
{
	if (!(pos & POSITION_TAGGED))
		return pos;
	if (position(generation, pos & OFFSET_MASK) != pos)
		return 0;
	return pos & OFFSET_MASK;
}

static ssize_t read_report(struct tsmfd_file *tf, struct tsmfd_request *request,
			   u64 generation, struct kiocb *iocb,
			   struct iov_iter *to)
{
	loff_t offset = offset_in(iocb->ki_pos, generation);
	ssize_t copied;

	copied = tsmfd_request_copy(request, offset, to);
	if (copied < 0)
		return copied;

	iocb->ki_pos = position(generation, offset + copied);
	if (offset + copied < tsmfd_request_len(request))
		return copied;

	guard(mutex)(&tf->session.lock);
	WRITE_ONCE(tf->read_out, request->generation);
	return copied;
}

static bool is_nonblock(const struct kiocb *iocb)
{
	return (iocb->ki_flags & IOCB_NOWAIT) ||
	       (iocb->ki_filp->f_flags & O_NONBLOCK);
}

static ssize_t chardev_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct tsmfd_file *tf = iocb->ki_filp->private_data;
	struct tsmfd_session *session = &tf->session;
	struct tsmfd_request *request;
	u64 generation;
	ssize_t rc = 0;

	request = tsmfd_session_start(session, iocb->ki_flags & IOCB_NOWAIT,
				      &generation);
	if (request == ERR_PTR(-EDQUOT) && is_nonblock(iocb))
		return -EAGAIN;
	if (IS_ERR(request))
		return PTR_ERR(request);

	if (!is_nonblock(iocb))
		rc = tsmfd_request_wait(request, MAX_SCHEDULE_TIMEOUT);
	else if (!tsmfd_request_done(request))
		rc = -EAGAIN;
	if (rc)
		goto out;

	rc = request->error;
	if (rc)
		tsmfd_session_drop(session, request);
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
static int set_options(struct tsmfd_session *session, char *text, size_t len,
		       bool nonblock, struct tsmfd_request **start)
{
	struct tsmfd_options options = session->options;
	int rc;

	lockdep_assert_held(&session->lock);

	rc = tsmfd_options_parse(&options, &session->provider->info, text, len) ?:
	     tsmfd_flow_check(&session->flow, &session->provider->queue,
			      &options);
	if (rc)
		return rc;

	if (nonblock && options.inblob_len) {
		struct tsmfd_request *request =
			tsmfd_request_new(session->provider, &session->flow,
					  &options);

		/* Over quota, it may write again when another is answered. */
		if (request == ERR_PTR(-EDQUOT))
			return -EAGAIN;
		if (IS_ERR(request))
			return PTR_ERR(request);
		tsmfd_request_get(request);
		*start = request;
	}
	tsmfd_session_set(session, &options, *start);
	return 0;
}

static ssize_t chardev_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct tsmfd_file *tf = iocb->ki_filp->private_data;
	struct tsmfd_session *session = &tf->session;
	size_t len = iov_iter_count(from);
	struct tsmfd_request *start = NULL;
	int rc;

	if (len > TSMFD_WRITE_MAX)
		return -E2BIG;
	if (tsmfd_provider_is_gone(session->provider))
		return -ENODEV;

	char *text __free(kfree) = kmalloc(len + 1, GFP_KERNEL_ACCOUNT);
	if (!text)
		return -ENOMEM;
	if (!copy_from_iter_full(text, len, from))
		return -EFAULT;
	text[len] = '\0';

	rc = tsmfd_session_lock(session, iocb->ki_flags & IOCB_NOWAIT);
	if (rc)
		return rc;
	rc = set_options(session, text, len, is_nonblock(iocb), &start);
	mutex_unlock(&session->lock);
	if (rc)
		return rc;

	if (start) {
		tsmfd_queue_submit(start);
		tsmfd_request_put(start);
	}
	iocb->ki_pos = 0;
	return len;
}

static __poll_t poll_report(struct tsmfd_file *tf)
{
	struct tsmfd_request *request;
	__poll_t events = 0;
	u64 generation;

	/*
	 * Somebody who polls wants the report, so this starts it if nothing
	 * else has: it would not come otherwise.
	 */
	request = tsmfd_session_start(&tf->session, false, &generation);
	if (IS_ERR(request))
		return 0;

	if (tsmfd_request_done(request)) {
		if (request->error)
			events = EPOLLIN | EPOLLRDNORM | EPOLLERR;
		else if (request->generation != READ_ONCE(tf->read_out))
			events = EPOLLIN | EPOLLRDNORM;
	}
	tsmfd_request_put(request);
	return events;
}

static __poll_t chardev_poll(struct file *file, poll_table *wait)
{
	struct tsmfd_file *tf = file->private_data;
	struct tsmfd_provider *provider = tf->session.provider;
	__poll_t events = EPOLLOUT | EPOLLWRNORM;

	poll_wait(file, &tf->session.flow.wait, wait);
	poll_wait(file, &provider->queue.gone, wait);

	events |= poll_report(tf);
	if (tsmfd_provider_is_gone(provider))
		events |= EPOLLHUP | EPOLLERR;
	return events;
}

static loff_t report_end(const struct tsmfd_session *session)
{
	struct tsmfd_request *request = session->request;

	if (!request || !tsmfd_request_done(request) || request->error)
		return -EINVAL;
	return tsmfd_request_len(request);
}

static loff_t chardev_llseek(struct file *file, loff_t offset, int whence)
{
	struct tsmfd_file *tf = file->private_data;
	struct tsmfd_session *session = &tf->session;
	loff_t base = 0;

	guard(mutex)(&session->lock);
	switch (whence) {
	case SEEK_SET:
		break;
	case SEEK_CUR:
		base = offset_in(file->f_pos, session->generation);
		break;
	case SEEK_END:
		base = report_end(session);
		break;
	default:
		return -EINVAL;
	}
	if (base < 0)
		return base;
	if (offset < -base || offset > (loff_t)OFFSET_MASK - base)
		return -EINVAL;

	offset += base;
	file->f_pos = position(session->generation, offset);
	if (offset != report_end(session))
		WRITE_ONCE(tf->read_out, 0);
	return offset;
}

static int chardev_open(struct inode *inode, struct file *file)
{
	struct tsmfd_provider *provider =
		container_of(inode->i_cdev, struct tsmfd_provider, cdev);
	struct tsmfd_file *tf;
	int rc;

	if (tsmfd_provider_is_gone(provider))
		return -ENODEV;

	tf = kzalloc(sizeof(*tf), GFP_KERNEL_ACCOUNT);
	if (!tf)
		return -ENOMEM;

	rc = tsmfd_session_init(&tf->session, provider, TSMFD_FACE_CHARDEV);
	if (rc) {
		kfree(tf);
		return rc;
	}
	file->private_data = tf;
	file->f_mode |= FMODE_NOWAIT;
	return 0;
}

static int chardev_release(struct inode *inode, struct file *file)
{
	struct tsmfd_file *tf = file->private_data;

	tsmfd_request_put(tf->kept);
	tsmfd_session_destroy(&tf->session);
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
	.unlocked_ioctl	= tsmfd_chardev_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
};

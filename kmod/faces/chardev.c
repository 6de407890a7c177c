// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/tsmfdN: every open file is its own set of options, and a stream of the
 * report for them.
 *
 * A write sets options and begins nothing. The firmware is called when somebody
 * first reads or polls, so that options may be set in several writes. A write
 * wakes whoever polls, so that it polls again and has the call begun.
 *
 * How far a report was read is kept in the request, under the session's lock. A
 * reader first takes a piece of the report for its own, and copies that to user
 * space without the lock.
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
#include "../core/provider.h"
#include "../core/request.h"
#include "../core/session.h"
#include "chardev.h"

static bool chardev_is_nonblock(const struct kiocb *iocb)
{
	return (iocb->ki_flags & IOCB_NOWAIT) ||
	       (iocb->ki_filp->f_flags & O_NONBLOCK);
}

/* Waiting for it is short, since nobody waits for anything with the lock. */
static int chardev_lock(struct tsmfd_file *tf, const struct kiocb *iocb)
{
	if (iocb->ki_flags & IOCB_NOWAIT)
		return mutex_trylock(&tf->session.lock) ? 0 : -EAGAIN;
	mutex_lock(&tf->session.lock);
	return 0;
}

/* The present request is answered, and all of that has been read. */
static void chardev_advance(struct tsmfd_file *tf,
			    struct tsmfd_request *request,
			    enum chardev_stage stage)
{
	struct tsmfd_session *session = &tf->session;

	lockdep_assert_held(&session->lock);

	/* If options were set meanwhile, there is another request, or none. */
	if (session->request != request)
		return;
	session->request = NULL;
	tsmfd_request_put(request);
	tf->stage = stage;
}

static int chardev_tell(struct tsmfd_file *tf, struct tsmfd_request *request)
{
	guard(mutex)(&tf->session.lock);
	chardev_advance(tf, request, CHARDEV_TOLD);
	return request->error;
}

/**
 * struct chardev_piece - of a report, taken by a reader
 * @offset: where in the report
 * @len: bytes
 * @generation: of the options when it was taken
 */
struct chardev_piece {
	size_t	offset;
	size_t	len;
	u64	generation;
};

/* Takes the next piece, @max bytes at most, for the caller. */
static struct chardev_piece chardev_take(struct tsmfd_file *tf,
					 struct tsmfd_request *request,
					 size_t max)
{
	size_t end = tsmfd_answer_len(request);
	struct chardev_piece piece;

	guard(mutex)(&tf->session.lock);
	piece.generation = tf->session.generation;
	piece.offset = request->read;
	piece.len = min(max, end - piece.offset);
	request->read += piece.len;
	if (request->read == end)
		chardev_advance(tf, request, CHARDEV_READ);
	return piece;
}

/* What could not be copied is the next reader's, unless that has read on. */
static void chardev_give_back(struct tsmfd_file *tf,
			      struct tsmfd_request *request,
			      const struct chardev_piece *piece, size_t copied)
{
	struct tsmfd_session *session = &tf->session;

	guard(mutex)(&session->lock);
	if (request->read != piece->offset + piece->len)
		return;
	request->read = piece->offset + copied;
	/* It was the last piece, and no options were set since. */
	if (tf->stage == CHARDEV_READ &&
	    session->generation == piece->generation) {
		session->request = tsmfd_request_get(request);
		tf->stage = CHARDEV_FRESH;
	}
}

static ssize_t chardev_copy(struct tsmfd_file *tf,
			    struct tsmfd_request *request, struct iov_iter *to)
{
	struct chardev_piece piece =
		chardev_take(tf, request, iov_iter_count(to));
	ssize_t copied;

	if (!piece.len)
		return 0;
	copied = tsmfd_answer_copy(request, piece.offset, to);
	if (copied < (ssize_t)piece.len)
		chardev_give_back(tf, request, &piece, max(copied, 0));
	return copied;
}

/* The request for the present options, held; to be submitted if it is new. */
static struct tsmfd_request *chardev_need(struct tsmfd_file *tf, bool *is_new)
{
	struct tsmfd_request *request =
		tsmfd_session_need(&tf->session, is_new);

	tf->error = PTR_ERR_OR_ZERO(request);
	if (!tf->error)
		tf->stage = CHARDEV_FRESH;
	return request;
}

/* What a poll has announced with EPOLLERR, for a read to tell; or NULL. */
static struct tsmfd_request *chardev_untold_error(struct tsmfd_file *tf)
{
	return tf->stage == CHARDEV_FRESH ? ERR_PTR(tf->error) : NULL;
}

/* The request to read from, held; NULL at the end of the report. */
static struct tsmfd_request *chardev_begin_read(struct tsmfd_file *tf,
						const struct kiocb *iocb)
{
	struct tsmfd_request *request;
	bool is_new = false;
	int rc;

	rc = chardev_lock(tf, iocb);
	if (rc)
		return ERR_PTR(rc);
	if (tf->stage == CHARDEV_READ) {
		mutex_unlock(&tf->session.lock);
		return NULL;
	}
	request = chardev_untold_error(tf) ?: chardev_need(tf, &is_new);
	if (IS_ERR(request))
		tf->stage = CHARDEV_TOLD;
	mutex_unlock(&tf->session.lock);

	if (is_new)
		tsmfd_queue_submit(request, !chardev_is_nonblock(iocb));
	return request;
}

static ssize_t chardev_try_read(struct tsmfd_file *tf,
				struct tsmfd_request *request,
				const struct kiocb *iocb, struct iov_iter *to)
{
	int rc;

	if (!tsmfd_request_done(request)) {
		if (chardev_is_nonblock(iocb))
			return -EAGAIN;
		rc = tsmfd_request_wait(request, TASK_INTERRUPTIBLE);
		if (rc)
			return rc;
	}
	return request->error ? chardev_tell(tf, request) :
				chardev_copy(tf, request, to);
}

static ssize_t chardev_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct tsmfd_file *tf = iocb->ki_filp->private_data;
	struct tsmfd_request *request;
	bool is_to_retry;
	ssize_t rc;

	do {
		request = chardev_begin_read(tf, iocb);
		if (IS_ERR_OR_NULL(request))
			return PTR_ERR(request);

		rc = chardev_try_read(tf, request, iocb, to);
		is_to_retry = tsmfd_request_done(request) &&
			      tsmfd_session_is_to_retry(request);
		tsmfd_request_put(request);
	} while (is_to_retry);
	return rc;
}

static int chardev_set_options(struct tsmfd_file *tf, char *text, size_t len)
{
	struct tsmfd_session *session = &tf->session;
	struct tsmfd_options options = session->options;
	int rc;

	lockdep_assert_held(&session->lock);

	rc = tsmfd_options_parse(&options, &session->provider->info, text, len) ?:
	     tsmfd_flow_check(session->flow, &options);
	if (rc)
		return rc;

	tf->stage = CHARDEV_FRESH;
	tf->error = 0;
	tsmfd_session_set(session, &options);
	return 0;
}

static ssize_t chardev_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct tsmfd_file *tf = iocb->ki_filp->private_data;
	size_t len = iov_iter_count(from);
	int rc;

	if (len > TSMFD_WRITE_MAX)
		return -E2BIG;
	if (tsmfd_provider_is_gone(tf->session.provider))
		return -ENODEV;

	char *text __free(kfree) = kmalloc(len + 1, GFP_KERNEL_ACCOUNT);
	if (!text)
		return -ENOMEM;
	if (!copy_from_iter_full(text, len, from))
		return -EFAULT;
	text[len] = '\0';

	rc = chardev_lock(tf, iocb);
	if (rc)
		return rc;
	rc = chardev_set_options(tf, text, len);
	mutex_unlock(&tf->session.lock);
	return rc ?: len;
}

/*
 * Whoever polls wants the report, so this has it begun if nothing else has.
 *
 * An error that nobody has read is not tried again here, nor is one that has been
 * read: if polling did, a loop that only watches would call a failing firmware
 * for ever. Only a want of quota is, which calls no firmware, and of whose end
 * the poller is told.
 */
static __poll_t chardev_poll_report(struct tsmfd_file *tf)
{
	const __poll_t readable = EPOLLIN | EPOLLRDNORM;
	struct tsmfd_request *request;
	bool is_told, is_new;
	__poll_t events = 0;

	scoped_guard(mutex, &tf->session.lock) {
		is_told = tf->stage == CHARDEV_TOLD;
		/* Without an inblob there is nothing to make a report for. */
		if (tf->stage == CHARDEV_READ || !tf->session.options.inblob_len)
			return 0;
		if (is_told && tf->error != -EDQUOT)
			return 0;
		if (tf->error && tf->error != -EDQUOT)
			return readable | EPOLLERR;

		request = chardev_need(tf, &is_new);
		if (IS_ERR(request))
			return is_told ? 0 : readable | EPOLLERR;
	}

	if (is_new)
		tsmfd_queue_submit(request, false);
	if (tsmfd_request_done(request))
		events = request->error ? readable | EPOLLERR : readable;
	tsmfd_request_put(request);
	return events;
}

static __poll_t chardev_poll(struct file *file, poll_table *wait)
{
	struct tsmfd_file *tf = file->private_data;
	struct tsmfd_session *session = &tf->session;
	__poll_t events = EPOLLOUT | EPOLLWRNORM;

	poll_wait(file, &session->flow->wait, wait);
	poll_wait(file, &session->flow->user->wait, wait);

	events |= chardev_poll_report(tf);
	if (tsmfd_provider_is_gone(session->provider))
		events |= EPOLLHUP | EPOLLERR;
	return events;
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
	return stream_open(inode, file);
}

static int chardev_release(struct inode *inode, struct file *file)
{
	struct tsmfd_file *tf = file->private_data;

	tsmfd_chardev_free_kept(tf);
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
	.unlocked_ioctl	= tsmfd_chardev_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
};

// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/tsmfd-proxy and the descriptors that it gives: a firmware's side of its
 * provider. Nothing that a firmware writes is trusted.
 */
#include <linux/anon_inodes.h>
#include <linux/capability.h>
#include <linux/cleanup.h>
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/uio.h>

#include "proxy.h"

enum {
	/* The kernel's own errnos go from ERESTARTSYS to ENOGRACE (531) as yet. */
	PROXY_ERRNO_KERNEL_LAST	= 1023,
};

static bool proxy_has_fresh(struct proxy *proxy)
{
	bool fresh;

	scoped_guard(spinlock, &proxy->lock)
		fresh = !list_empty(&proxy->fresh);
	return fresh;
}

/* Gives as many requests as are there and fit, and waits only for the first. */
static ssize_t proxy_firmware_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct proxy *proxy = iocb->ki_filp->private_data;
	struct tsmfd_proxy_request request;
	ssize_t read = 0;
	int rc;

	if (iov_iter_count(to) < sizeof(request))
		return -EINVAL;

	while (iov_iter_count(to) >= sizeof(request)) {
		if (!proxy_next(proxy, &request)) {
			if (read)
				break;
			if (iocb->ki_filp->f_flags & O_NONBLOCK ||
			    iocb->ki_flags & IOCB_NOWAIT)
				return -EAGAIN;
			rc = wait_event_interruptible(proxy->readable,
						      proxy_has_fresh(proxy));
			if (rc)
				return rc;
			continue;
		}
		if (copy_to_iter(&request, sizeof(request), to) !=
		    sizeof(request)) {
			proxy_take_back(proxy, request.id);
			return read ?: -EFAULT;
		}
		read += sizeof(request);
	}
	return read;
}

static int proxy_take_blob(struct tsmfd_blob *blob, size_t len, size_t max,
			   struct iov_iter *from)
{
	if (len > max)
		return -EMSGSIZE;
	if (!len)
		return 0;
	if (!tsmfd_blob_alloc(blob, len))
		return -ENOMEM;
	return copy_from_iter_full(blob->data, len, from) ? 0 : -EFAULT;
}

static int proxy_take_blobs(const struct proxy *proxy,
			    const struct tsmfd_proxy_answer *answer,
			    struct tsmfd_report *report, struct iov_iter *from)
{
	const struct tsmfd_ops *ops = &proxy->ops;

	return proxy_take_blob(&report->outblob, answer->outblob_len,
			       ops->outblob_max, from) ?:
	       proxy_take_blob(&report->auxblob, answer->auxblob_len,
			       ops->auxblob_max, from) ?:
	       proxy_take_blob(&report->manifestblob, answer->manifestblob_len,
			       ops->manifestblob_max, from);
}

/*
 * The firmware's errno becomes that of the caller's system call, and has to tell the
 * caller that the firmware failed. What is false here would tell it something else,
 * which it then acts upon.
 */
static bool proxy_is_firmwares_errno(u32 error)
{
	switch (error) {
	/* "Ask again": a caller does, and if the firmware goes on, for ever. */
	case EAGAIN:
	case EINTR:
	case EINPROGRESS:
	case EALREADY:
	/* "The arguments of your system call are wrong." */
	case EMSGSIZE:
	case E2BIG:
	case EFAULT:
	case EBADF:
	case ENOTTY:
	/* "You are over your quota." */
	case EDQUOT:
	/* "The provider has gone." */
	case ENODEV:
	/* "The key that you read has gone." */
	case ENOKEY:
	case EKEYEXPIRED:
	case EKEYREVOKED:
	/* The kernel acts upon these itself, as upon ERESTARTSYS and EIOCBQUEUED. */
	case ERESTARTSYS ... PROXY_ERRNO_KERNEL_LAST:
		return false;
	default:
		return error <= MAX_ERRNO;
	}
}

static int proxy_check_answer(const struct tsmfd_proxy_answer *answer, size_t rest)
{
	u64 blobs = (u64)answer->outblob_len + answer->auxblob_len +
		    answer->manifestblob_len;

	if (blobs != rest || (answer->error && !proxy_is_firmwares_errno(answer->error)))
		return -EINVAL;
	/* A report, or an error and nothing else. */
	if (!answer->error != !!answer->outblob_len || (answer->error && blobs))
		return -EINVAL;
	return 0;
}

/*
 * The whole answer is copied and found to be right before its request is looked up
 * under the lock. Copying may sleep for as long as the firmware likes (on a page of
 * its own that does not come), and would hold up callers if it had the request.
 *
 * The copies are charged to the firmware's process, each write(2) makes at most one
 * set of them, and they are freed here if the answer is refused, else by the
 * request's report() as soon as that runs. So what there is of them is bounded by
 * max_inflight and the firmware's own threads.
 */
static int proxy_take_answer(struct proxy *proxy, struct iov_iter *from)
{
	struct tsmfd_proxy_answer answer;
	struct tsmfd_report report = {};
	int rc;

	if (iov_iter_count(from) < sizeof(answer))
		return -EINVAL;
	if (!copy_from_iter_full(&answer, sizeof(answer), from))
		return -EFAULT;

	rc = proxy_check_answer(&answer, iov_iter_count(from)) ?:
	     proxy_take_blobs(proxy, &answer, &report, from) ?:
	     proxy_answer(proxy, answer.id, -(int)answer.error, &report);
	proxy_free_blobs(&report);
	return rc;
}

static ssize_t proxy_firmware_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct proxy *proxy = iocb->ki_filp->private_data;
	size_t len = iov_iter_count(from);
	int rc;

	rc = proxy_take_answer(proxy, from);
	if (!rc)
		return len;
	scoped_guard(spinlock, &proxy->lock)
		proxy->stats.refused++;
	return rc;
}

static __poll_t proxy_firmware_poll(struct file *file, struct poll_table_struct *table)
{
	struct proxy *proxy = file->private_data;

	poll_wait(file, &proxy->readable, table);
	return EPOLLOUT | EPOLLWRNORM |
	       (proxy_has_fresh(proxy) ? EPOLLIN | EPOLLRDNORM : 0);
}

static long proxy_firmware_ioctl(struct file *file, unsigned int command,
				 unsigned long arg)
{
	struct proxy *proxy = file->private_data;
	struct tsmfd_proxy_stats stats;

	if (command != TSMFD_PROXY_IOC_STATS)
		return -ENOTTY;

	scoped_guard(spinlock, &proxy->lock)
		stats = proxy->stats;
	return copy_to_user((void __user *)arg, &stats, sizeof(stats)) ?
	       -EFAULT : 0;
}

static int proxy_firmware_release(struct inode *inode, struct file *file)
{
	proxy_free(file->private_data);
	return 0;
}

const struct file_operations proxy_firmware_fops = {
	.owner		= THIS_MODULE,
	.read_iter	= proxy_firmware_read_iter,
	.write_iter	= proxy_firmware_write_iter,
	.poll		= proxy_firmware_poll,
	.unlocked_ioctl	= proxy_firmware_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
	.llseek		= noop_llseek,
	.release	= proxy_firmware_release,
};

/*
 * Makes a descriptor that is reserved but not yet installed. Upon success the file
 * has the proxy, and frees it when it is closed.
 */
static struct file *proxy_make_file(struct proxy *proxy, u32 flags, int *fd)
{
	struct file *file;

	*fd = get_unused_fd_flags(flags & O_CLOEXEC);
	if (*fd < 0)
		return ERR_PTR(*fd);

	file = anon_inode_getfile("[tsmfd-firmware]", &proxy_firmware_fops,
				  proxy, O_RDWR | (flags & O_NONBLOCK));
	if (IS_ERR(file))
		put_unused_fd(*fd);
	else
		file->f_mode &= ~(FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE);
	return file;
}

static int proxy_make(struct tsmfd_proxy_new *new,
		      struct tsmfd_proxy_new __user *user, size_t size)
{
	struct proxy *proxy;
	struct file *file;
	int fd;

	proxy = proxy_new(new);
	if (IS_ERR(proxy))
		return PTR_ERR(proxy);

	file = proxy_make_file(proxy, new->flags, &fd);
	if (IS_ERR(file)) {
		proxy_free(proxy);
		return PTR_ERR(file);
	}

	new->fd = fd;
	new->index = tsmfd_provider_index(proxy->provider);
	if (copy_to_user(user, new, min(size, sizeof(*new)))) {
		put_unused_fd(fd);
		fput(file);
		return -EFAULT;
	}
	fd_install(fd, file);
	return 0;
}

/* A key reads as a line of words, of which the provider's name is one. */
static bool proxy_is_name(const char *name, size_t size)
{
	size_t len = strnlen(name, size);
	size_t i;

	if (!len || len == size)
		return false;
	for (i = 0; i < len; i++) {
		if (!isalnum(name[i]) && !strchr("_-.", name[i]))
			return false;
	}
	return true;
}

/*
 * struct tsmfd_proxy_new may grow at its end. What a program does not know of, or
 * does not use, is 0.
 */
static long proxy_control_ioctl(struct file *file, unsigned int command,
				unsigned long arg)
{
	struct tsmfd_proxy_new __user *user = (void __user *)arg;
	size_t size = _IOC_SIZE(command);
	struct tsmfd_proxy_new new;
	int rc;

	if ((command & ~IOCSIZE_MASK) != (TSMFD_PROXY_IOC_NEW & ~IOCSIZE_MASK))
		return -ENOTTY;
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (size < TSMFD_PROXY_NEW_SIZE_VER0)
		return -EINVAL;
	rc = copy_struct_from_user(&new, sizeof(new), user, size);
	if (rc)
		return rc;
	if (new.flags & ~(O_CLOEXEC | O_NONBLOCK) ||
	    !proxy_is_name(new.name, sizeof(new.name)))
		return -EINVAL;
	return proxy_make(&new, user, size);
}

static const struct file_operations proxy_control_fops = {
	.owner		= THIS_MODULE,
	.unlocked_ioctl	= proxy_control_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
	.llseek		= noop_llseek,
};

static struct miscdevice proxy_control = {
	.minor	= MISC_DYNAMIC_MINOR,
	.name	= "tsmfd-proxy",
	.fops	= &proxy_control_fops,
	.mode	= 0600,
};

module_misc_device(proxy_control);

MODULE_DESCRIPTION("tsmfd attestation reports from a firmware in user space");
MODULE_LICENSE("GPL");

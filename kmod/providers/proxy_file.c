// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/tsmfd-proxy, and the descriptors that it gives: what a firmware in user
 * space sees of its provider. Nothing it writes is trusted.
 */
#include <linux/anon_inodes.h>
#include <linux/capability.h>
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/uio.h>

#include "../core/ioctl.h"
#include "proxy.h"

enum {
	/* The kernel's own errnos go from ERESTARTSYS to ENOGRACE (531) as yet. */
	PROXY_ERRNO_KERNEL_LAST	= 1023,
};

static bool has_fresh(struct proxy *proxy)
{
	bool fresh;

	spin_lock(&proxy->lock);
	fresh = !list_empty(&proxy->fresh);
	spin_unlock(&proxy->lock);
	return fresh;
}

/* As many as are there and fit; the first one waited for if that may be. */
static ssize_t firmware_read_iter(struct kiocb *iocb, struct iov_iter *to)
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
						      has_fresh(proxy));
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

static void free_report(struct tsmfd_report *report)
{
	tsmfd_blob_free(&report->outblob);
	tsmfd_blob_free(&report->auxblob);
	tsmfd_blob_free(&report->manifestblob);
}

static int take_blob(struct tsmfd_blob *blob, size_t len, size_t max,
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

static int take_blobs(const struct proxy *proxy,
		      const struct tsmfd_proxy_answer *answer,
		      struct tsmfd_report *report, struct iov_iter *from)
{
	const struct tsmfd_ops *ops = &proxy->ops;

	return take_blob(&report->outblob, answer->outblob_len,
			 ops->outblob_max, from) ?:
	       take_blob(&report->auxblob, answer->auxblob_len,
			 ops->auxblob_max, from) ?:
	       take_blob(&report->manifestblob, answer->manifestblob_len,
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
	/* The kernel acts upon these itself: ERESTARTSYS, EIOCBQUEUED. */
	case ERESTARTSYS ... PROXY_ERRNO_KERNEL_LAST:
		return false;
	default:
		return error <= MAX_ERRNO;
	}
}

static int check_answer(const struct tsmfd_proxy_answer *answer, size_t rest)
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
 * All of it is in memory of ours, and its size right, before a request is looked
 * for: what holds this up, a page that does not come, holds up no caller.
 */
static int take_answer(struct proxy *proxy, struct iov_iter *from)
{
	struct tsmfd_proxy_answer answer;
	struct tsmfd_report report = {};
	int rc;

	if (iov_iter_count(from) < sizeof(answer))
		return -EINVAL;
	if (!copy_from_iter_full(&answer, sizeof(answer), from))
		return -EFAULT;

	rc = check_answer(&answer, iov_iter_count(from)) ?:
	     take_blobs(proxy, &answer, &report, from) ?:
	     proxy_answer(proxy, answer.id, -(int)answer.error, &report);
	free_report(&report);
	return rc;
}

static ssize_t firmware_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct proxy *proxy = iocb->ki_filp->private_data;
	size_t len = iov_iter_count(from);
	int rc;

	rc = take_answer(proxy, from);
	if (!rc)
		return len;
	spin_lock(&proxy->lock);
	proxy->stats.refused++;
	spin_unlock(&proxy->lock);
	return rc;
}

static __poll_t firmware_poll(struct file *file, struct poll_table_struct *table)
{
	struct proxy *proxy = file->private_data;

	poll_wait(file, &proxy->readable, table);
	return EPOLLOUT | EPOLLWRNORM |
	       (has_fresh(proxy) ? EPOLLIN | EPOLLRDNORM : 0);
}

static long firmware_ioctl(struct file *file, unsigned int command,
			   unsigned long arg)
{
	struct proxy *proxy = file->private_data;
	struct tsmfd_proxy_stats stats;

	if (command != TSMFD_PROXY_IOC_STATS)
		return -ENOTTY;

	spin_lock(&proxy->lock);
	stats = proxy->stats;
	spin_unlock(&proxy->lock);
	return copy_to_user((void __user *)arg, &stats, sizeof(stats)) ?
	       -EFAULT : 0;
}

static int firmware_release(struct inode *inode, struct file *file)
{
	proxy_free(file->private_data);
	return 0;
}

const struct file_operations proxy_firmware_fops = {
	.owner		= THIS_MODULE,
	.read_iter	= firmware_read_iter,
	.write_iter	= firmware_write_iter,
	.poll		= firmware_poll,
	.unlocked_ioctl	= firmware_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
	.llseek		= noop_llseek,
	.release	= firmware_release,
};

/* A descriptor for the proxy, which passes to it, reserved but not yet installed. */
static struct file *make_file(struct proxy *proxy, u32 flags, int *fd)
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

static int make_proxy(struct tsmfd_proxy_new *new,
		      struct tsmfd_proxy_new __user *user, size_t size)
{
	struct proxy *proxy;
	struct file *file;
	int fd;

	proxy = proxy_new(new);
	if (IS_ERR(proxy))
		return PTR_ERR(proxy);

	file = make_file(proxy, new->flags, &fd);
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

/* One word, as users of keys get it in a line. */
static bool is_name(const char *name, size_t size)
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

/* The structure may grow: by what is 0 in a program that does not know of it. */
static long proxy_ioctl(struct file *file, unsigned int command,
			unsigned long arg)
{
	struct tsmfd_proxy_new __user *user = (void __user *)arg;
	size_t size = _IOC_SIZE(command);
	struct tsmfd_proxy_new new;
	int rc;

	if (IOC_WITHOUT_SIZE(command) != IOC_WITHOUT_SIZE(TSMFD_PROXY_IOC_NEW))
		return -ENOTTY;
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (size < TSMFD_PROXY_NEW_SIZE_VER0)
		return -EINVAL;
	rc = copy_struct_from_user(&new, sizeof(new), user, size);
	if (rc)
		return rc;
	if (new.flags & ~(O_CLOEXEC | O_NONBLOCK) ||
	    !is_name(new.name, sizeof(new.name)))
		return -EINVAL;
	return make_proxy(&new, user, size);
}

static const struct file_operations proxy_fops = {
	.owner		= THIS_MODULE,
	.unlocked_ioctl	= proxy_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
	.llseek		= noop_llseek,
};

static struct miscdevice proxy_device = {
	.minor	= MISC_DYNAMIC_MINOR,
	.name	= "tsmfd-proxy",
	.fops	= &proxy_fops,
	.mode	= 0600,
};

module_misc_device(proxy_device);

MODULE_DESCRIPTION("tsmfd attestation reports from a firmware in user space");
MODULE_LICENSE("GPL");

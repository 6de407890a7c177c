// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ioctls of /dev/tsmfdN: one report in one call, which leaves the open
 * file's options alone, so that threads can share it.
 */
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "../core/ioctl.h"
#include "../core/options.h"
#include "../core/registry.h"
#include "../core/request.h"
#include "../core/session.h"
#include "chardev.h"

static int options_from_req(struct tsmfd_options *options,
			    const struct tsmfd_report_req *req)
{
	const u32 known = TSMFD_OPT_PRIVLEVEL | TSMFD_OPT_SERVICE_PROVIDER |
			  TSMFD_OPT_SERVICE_GUID |
			  TSMFD_OPT_SERVICE_MANIFEST_VERSION |
			  TSMFD_OPT_BATCH;
	const char *service = req->service_provider;
	size_t service_len = strnlen(service, sizeof(req->service_provider));
	guid_t guid;

	import_guid(&guid, req->service_guid);

	if (req->flags & ~known || req->reserved || req->reserved2)
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

	options->given = req->flags;
	options->format = req->format;
	options->privlevel = req->privlevel;
	options->inblob_len = req->inblob_len;
	memcpy(options->inblob, req->inblob, sizeof(options->inblob));
	memcpy(options->service_provider, service, sizeof(req->service_provider));
	options->service_guid = guid;
	options->service_manifest_version = req->service_manifest_version;
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

	scoped_guard(mutex, &tf->session.lock) {
		old = tf->kept;
		WRITE_ONCE(tf->kept, request);
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

	guard(mutex)(&tf->session.lock);
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

	request = tsmfd_request_new(tf->session.provider, &tf->session.flow,
				    options);
	if (IS_ERR(request))
		return request;

	kept = take_kept(tf, request);
	if (kept) {
		tsmfd_request_put(request);
		return kept;
	}
	tsmfd_queue_submit(request);
	return request;
}

static int copy_blob(u64 address, const struct tsmfd_blob *blob)
{
	if (!address || !blob->len)
		return 0;
	return copy_to_user(u64_to_user_ptr(address), blob->data, blob->len) ?
	       -EFAULT : 0;
}

static int copy_proof(const struct tsmfd_report_req *req,
		      const struct tsmfd_request *request)
{
	struct tsmfd_blob blob = { .len = req->proof_len };

	if (!request->batch)
		return 0;

	void *proof __free(kfree) = kmalloc(req->proof_len, GFP_KERNEL);
	if (!proof)
		return -ENOMEM;

	tsmfd_batch_proof(request->batch, request->leaf_index, proof);
	blob.data = proof;
	return copy_blob(req->proof, &blob);
}

/* Fills in the lengths, and the blobs if all that are wanted have room. */
static int answer_req(struct tsmfd_report_req *req,
		      const struct tsmfd_request *request)
{
	const struct tsmfd_report *report = tsmfd_request_report(request);
	/* Without its proof an answer from a batch is worth nothing. */
	u32 proof_room = req->proof ? req->proof_len : 0;
	bool fits = report->outblob.len <= req->outblob_len &&
		    (!req->auxblob || report->auxblob.len <= req->auxblob_len) &&
		    (!req->manifestblob ||
		     report->manifestblob.len <= req->manifestblob_len);

	req->outblob_len = report->outblob.len;
	req->auxblob_len = report->auxblob.len;
	req->manifestblob_len = report->manifestblob.len;
	req->generation = request->generation;
	req->proof_len = 0;
	if (request->batch)
		req->proof_len = tsmfd_batch_proof_len(request->batch,
						       request->leaf_index);
	if (!fits || req->proof_len > proof_room)
		return -EMSGSIZE;

	return copy_blob(req->outblob, &report->outblob) ?:
	       copy_blob(req->auxblob, &report->auxblob) ?:
	       copy_blob(req->manifestblob, &report->manifestblob) ?:
	       copy_proof(req, request);
}

/* The members that answer_req() sets are the last ones, from @outblob_len on. */
static int copy_answer(struct tsmfd_report_req __user *ureq, size_t size,
		       const struct tsmfd_report_req *req)
{
	const size_t from = offsetof(struct tsmfd_report_req, outblob_len);

	return copy_to_user((u8 __user *)ureq + from, &req->outblob_len,
			    min(size, sizeof(*req)) - from) ? -EFAULT : 0;
}

static long ioctl_report(struct tsmfd_file *tf,
			 struct tsmfd_report_req __user *ureq, size_t size)
{
	unsigned long timeout = MAX_SCHEDULE_TIMEOUT;
	struct tsmfd_request *request;
	struct tsmfd_options options;
	struct tsmfd_report_req req;
	long rc;

	BUILD_BUG_ON(sizeof(req) != TSMFD_REPORT_REQ_SIZE_VER1);

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
	if ((!rc || rc == -EMSGSIZE) && copy_answer(ureq, size, &req))
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
	const struct tsmfd_info *info = &tf->session.provider->info;
	size_t len = min(size, sizeof(*info));

	BUILD_BUG_ON(sizeof(*info) != TSMFD_INFO_SIZE_VER0);

	if (size < TSMFD_INFO_SIZE_VER0)
		return -EINVAL;
	if (copy_to_user(uinfo, info, len) ||
	    clear_user((u8 __user *)uinfo + len, size - len))
		return -EFAULT;
	return 0;
}

long tsmfd_chardev_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
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

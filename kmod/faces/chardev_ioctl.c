// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ioctls of /dev/tsmfdN: one report in one call, which leaves the open file's
 * options alone, so that threads can share it.
 */
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "../core/options.h"
#include "../core/provider.h"
#include "../core/request.h"
#include "../core/session.h"
#include "chardev.h"

static int chardev_options_of(struct tsmfd_options *options,
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

enum {
	CHARDEV_KEPT_MAX = 16,
};

/**
 * struct chardev_kept - requests for one-shot callers that come again
 * @next: which of them goes when one more comes
 * @requests: each held, or NULL
 * @timeouts_ms: what each was asked with
 *
 * A caller that was interrupted, or whose buffer was too small, comes again with
 * the same options, and then gets the request that it had: no firmware call is made
 * for nothing. If its timeout is the same, too, it is taken for the call that a
 * signal interrupted, which the kernel cannot tell from a new one, and the deadline
 * stays. If more such callers share an open file than there is room for, the others
 * start afresh.
 */
struct chardev_kept {
	unsigned int		next;
	struct tsmfd_request	*requests[CHARDEV_KEPT_MAX];
	u32			timeouts_ms[CHARDEV_KEPT_MAX];
};

void tsmfd_chardev_free_kept(struct tsmfd_file *tf)
{
	int i;

	if (!tf->kept)
		return;
	for (i = 0; i < CHARDEV_KEPT_MAX; i++)
		tsmfd_request_put(tf->kept->requests[i]);
	kfree(tf->kept);
}

/* Where the next one goes. */
static unsigned int chardev_place_for_one(struct chardev_kept *kept)
{
	unsigned int i;

	for (i = 0; i < CHARDEV_KEPT_MAX; i++) {
		if (!kept->requests[i])
			return i;
	}
	return kept->next++ % CHARDEV_KEPT_MAX;
}

static void chardev_keep(struct tsmfd_file *tf, struct tsmfd_request *request,
			 u32 timeout_ms)
{
	struct tsmfd_request *old = request;
	unsigned int place;

	scoped_guard(mutex, &tf->session.lock) {
		if (!tf->kept)
			WRITE_ONCE(tf->kept, kzalloc(sizeof(*tf->kept),
						     GFP_KERNEL_ACCOUNT));
		/* Without memory for it, the caller starts afresh. */
		if (tf->kept) {
			place = chardev_place_for_one(tf->kept);
			swap(tf->kept->requests[place], old);
			tf->kept->timeouts_ms[place] = timeout_ms;
		}
	}
	tsmfd_request_put(old);
}

static ktime_t chardev_deadline(u32 timeout_ms)
{
	return timeout_ms ? ktime_add_ms(ktime_get(), timeout_ms) : KTIME_MAX;
}

static struct tsmfd_request *
chardev_take_kept(struct tsmfd_file *tf, const struct tsmfd_options *options,
		  u32 timeout_ms)
{
	int i;

	/* Most files never keep anything: a look without the lock is enough. */
	if (!READ_ONCE(tf->kept))
		return NULL;

	guard(mutex)(&tf->session.lock);
	for (i = 0; i < CHARDEV_KEPT_MAX; i++) {
		struct tsmfd_request *kept = tf->kept->requests[i];

		if (kept && tsmfd_options_equal(&kept->options, options)) {
			tf->kept->requests[i] = NULL;
			if (tf->kept->timeouts_ms[i] != timeout_ms)
				kept->deadline = chardev_deadline(timeout_ms);
			return kept;
		}
	}
	return NULL;
}

/* A request for the options, submitted; held by the caller. */
static struct tsmfd_request *
chardev_start_one_shot(struct tsmfd_file *tf,
		       const struct tsmfd_options *options, u32 timeout_ms)
{
	const struct tsmfd_session *session = &tf->session;
	struct tsmfd_options used = *options;
	struct tsmfd_request *request;

	/* As the request has it. */
	if (!(options->given & TSMFD_OPT_PRIVLEVEL))
		used.privlevel = session->flow->privlevel_floor;
	request = chardev_take_kept(tf, &used, timeout_ms);
	if (request)
		return request;

	request = tsmfd_request_new(&session->provider->queue, session->flow,
				    options);
	if (IS_ERR(request))
		return request;
	request->deadline = chardev_deadline(timeout_ms);
	tsmfd_queue_submit(request, true);
	return request;
}

static int chardev_copy_blob(u64 address, const struct tsmfd_blob *blob)
{
	if (!address || !blob->len)
		return 0;
	return copy_to_user(u64_to_user_ptr(address), blob->data, blob->len) ?
	       -EFAULT : 0;
}

static int chardev_copy_proof(const struct tsmfd_report_req *req,
			      const struct tsmfd_request *request)
{
	struct tsmfd_blob blob = { .len = req->proof_len };

	if (!request->batch)
		return 0;

	void *proof __free(kfree) = kmalloc(req->proof_len, GFP_KERNEL);
	if (!proof)
		return -ENOMEM;

	tsmfd_batch_proof(request, proof);
	blob.data = proof;
	return chardev_copy_blob(req->proof, &blob);
}

/* Fills in the lengths, and the blobs if all that are wanted have room. */
static int chardev_answer_req(struct tsmfd_report_req *req,
			      const struct tsmfd_request *request)
{
	const struct tsmfd_report *report = request->answer;
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
	req->proof_len = tsmfd_batch_proof_len(request);
	if (!fits || req->proof_len > proof_room)
		return -EMSGSIZE;

	return chardev_copy_blob(req->outblob, &report->outblob) ?:
	       chardev_copy_blob(req->auxblob, &report->auxblob) ?:
	       chardev_copy_blob(req->manifestblob, &report->manifestblob) ?:
	       chardev_copy_proof(req, request);
}

/* The members that chardev_answer_req() sets are the last ones, from @outblob_len on. */
static int chardev_copy_answer(struct tsmfd_report_req __user *ureq, size_t size,
			       const struct tsmfd_report_req *req)
{
	const size_t from = offsetof(struct tsmfd_report_req, outblob_len);

	return copy_to_user((u8 __user *)ureq + from, &req->outblob_len,
			    min(size, sizeof(*req)) - from) ? -EFAULT : 0;
}

static long chardev_ioctl_report(struct tsmfd_file *tf,
				 struct tsmfd_report_req __user *ureq, size_t size)
{
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
	rc = chardev_options_of(&options, &req);
	if (rc)
		return rc;

	request = chardev_start_one_shot(tf, &options, req.timeout_ms);
	if (IS_ERR(request))
		return PTR_ERR(request);

	rc = tsmfd_request_wait(request, TASK_INTERRUPTIBLE);
	if (!rc)
		rc = request->error ?: chardev_answer_req(&req, request);
	if ((!rc || rc == -EMSGSIZE) && chardev_copy_answer(ureq, size, &req))
		rc = -EFAULT;

	if (rc == -EMSGSIZE || rc == -ERESTARTSYS)
		chardev_keep(tf, request, req.timeout_ms);
	else
		tsmfd_request_put(request);
	return rc;
}

/* What the provider is, but for the floor, which is what this opener may ask for. */
static long chardev_ioctl_info(struct tsmfd_file *tf,
			       struct tsmfd_info __user *uinfo, size_t size)
{
	struct tsmfd_info info = tf->session.provider->info;
	size_t len = min(size, sizeof(info));

	BUILD_BUG_ON(sizeof(info) != TSMFD_INFO_SIZE_VER0);

	info.privlevel_floor = tf->session.flow->privlevel_floor;
	if (size < TSMFD_INFO_SIZE_VER0)
		return -EINVAL;
	if (copy_to_user(uinfo, &info, len) ||
	    clear_user((u8 __user *)uinfo + len, size - len))
		return -EFAULT;
	return 0;
}

long tsmfd_chardev_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	void __user *argp = (void __user *)arg;

	/* The size is the caller's: both structures grow at their end. */
	switch (cmd & ~IOCSIZE_MASK) {
	case TSMFD_IOC_REPORT & ~IOCSIZE_MASK:
		return chardev_ioctl_report(file->private_data, argp, _IOC_SIZE(cmd));
	case TSMFD_IOC_INFO & ~IOCSIZE_MASK:
		return chardev_ioctl_info(file->private_data, argp, _IOC_SIZE(cmd));
	default:
		return -ENOTTY;
	}
}

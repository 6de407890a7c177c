// SPDX-License-Identifier: GPL-2.0-only
/*
 * A provider whose firmware is a program, as tpm_vtpm_proxy is for TPMs. A call of
 * its report() is handed to the program as a request, and waits until the program
 * has answered it, closes its descriptor, or takes too long.
 */
#include <linux/cleanup.h>
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "proxy.h"

enum {
	PROXY_TIMEOUT_DEFAULT_MS	= 60 * MSEC_PER_SEC,
};

/**
 * struct proxy_call - a call of report(), on its stack
 * @node: in the proxy's fresh or handed; empty once the call is answered or given up
 * @id: of the request
 * @options: what the core asks for; does not change meanwhile
 * @staged: what the firmware has written, in memory that is charged to the firmware.
 *	report() frees it.
 * @error: the answer's
 * @answered: completed together with the two before it
 *
 * While @node is in a list, the proxy's lock protects all of it. Afterwards it
 * belongs to report() alone.
 */
struct proxy_call {
	struct list_head		node;
	u64				id;
	const struct tsmfd_options	*options;
	struct tsmfd_report		staged;
	int				error;
	struct completion		answered;
};

static void proxy_end_call(struct proxy *proxy, struct proxy_call *call, int error)
{
	lockdep_assert_held(&proxy->lock);

	list_del_init(&call->node);
	call->error = error;
	complete(&call->answered);
}

static int proxy_start_call(struct proxy *proxy, struct proxy_call *call)
{
	scoped_guard(spinlock, &proxy->lock) {
		if (proxy->dead)
			return -ENODEV;
		call->id = ++proxy->last_id;
		list_add_tail(&call->node, &proxy->fresh);
	}

	wake_up_interruptible_poll(&proxy->readable, EPOLLIN | EPOLLRDNORM);
	return 0;
}

/* The wait is over. If no answer has come even now, none will be taken any more. */
static void proxy_give_up_call(struct proxy *proxy, struct proxy_call *call)
{
	scoped_guard(spinlock, &proxy->lock) {
		if (list_empty(&call->node))
			return;
		list_del_init(&call->node);
		call->error = -ETIMEDOUT;
		proxy->stats.timeouts++;
	}
}

static int proxy_copy_blob(struct tsmfd_blob *to, const struct tsmfd_blob *from)
{
	if (!from->len)
		return 0;
	if (!tsmfd_blob_alloc(to, from->len))
		return -ENOMEM;
	memcpy(to->data, from->data, from->len);
	return 0;
}

/*
 * What a caller keeps is to be charged to that caller, and it is here that the core
 * has seen to that. The firmware's write(2) ran in the firmware's process.
 */
static int proxy_copy_report(struct tsmfd_report *to, const struct tsmfd_report *from)
{
	return proxy_copy_blob(&to->outblob, &from->outblob) ?:
	       proxy_copy_blob(&to->auxblob, &from->auxblob) ?:
	       proxy_copy_blob(&to->manifestblob, &from->manifestblob);
}

/**
 * proxy_free_blobs() - leaves a report without any
 * @report: of which any part may be empty
 */
void proxy_free_blobs(struct tsmfd_report *report)
{
	tsmfd_blob_free(&report->outblob);
	tsmfd_blob_free(&report->auxblob);
	tsmfd_blob_free(&report->manifestblob);
}

static int proxy_report(void *priv, const struct tsmfd_options *options,
			struct tsmfd_report *report)
{
	struct proxy_call call = { .options = options };
	struct proxy *proxy = priv;
	int rc;

	init_completion(&call.answered);
	rc = proxy_start_call(proxy, &call);
	if (rc)
		return rc;
	/*
	 * The wait is killable so that one of minutes is not reported as a hung task.
	 * It is the core's worker that waits, which nobody kills.
	 */
	if (wait_for_completion_killable_timeout(&call.answered,
						 proxy->timeout) <= 0)
		proxy_give_up_call(proxy, &call);

	rc = call.error ?: proxy_copy_report(report, &call.staged);
	proxy_free_blobs(&call.staged);
	return rc;
}

static struct tsmfd_proxy_request proxy_request_of(const struct proxy_call *call)
{
	const struct tsmfd_options *options = call->options;
	struct tsmfd_proxy_request request = {
		.id = call->id,
		.given = options->given,
		.format = options->format,
		.privlevel = options->privlevel,
		.inblob_len = options->inblob_len,
		.service_manifest_version = options->service_manifest_version,
	};

	memcpy(request.inblob, options->inblob, sizeof(request.inblob));
	memcpy(request.service_provider, options->service_provider,
	       sizeof(request.service_provider));
	export_guid(request.service_guid, &options->service_guid);
	return request;
}

/**
 * proxy_next() - hand a request to the firmware
 * @proxy: whose descriptor the caller holds
 * @request: what the firmware is to read
 *
 * Return: false if there is none.
 */
bool proxy_next(struct proxy *proxy, struct tsmfd_proxy_request *request)
{
	struct proxy_call *call;

	scoped_guard(spinlock, &proxy->lock) {
		call = list_first_entry_or_null(&proxy->fresh, struct proxy_call,
						node);
		if (!call)
			return false;
		list_move_tail(&call->node, &proxy->handed);
		proxy->stats.requests++;
		*request = proxy_request_of(call);
	}
	return true;
}

static struct proxy_call *proxy_find_handed(struct proxy *proxy, u64 id)
{
	struct proxy_call *call;

	lockdep_assert_held(&proxy->lock);

	/* There are at most as many as the firmware said that it takes at once. */
	list_for_each_entry(call, &proxy->handed, node) {
		if (call->id == id)
			return call;
	}
	return NULL;
}

/**
 * proxy_take_back() - the firmware did not get to see a request
 * @proxy: whose descriptor the caller holds
 * @id: of a request that proxy_next() gave, which it will give again first
 */
void proxy_take_back(struct proxy *proxy, u64 id)
{
	struct proxy_call *call;

	scoped_guard(spinlock, &proxy->lock) {
		call = proxy_find_handed(proxy, id);
		if (!call)
			return;
		list_move(&call->node, &proxy->fresh);
		proxy->stats.requests--;
	}
}

/**
 * proxy_answer() - the firmware answers
 * @proxy: whose descriptor the caller holds
 * @id: of a request that the firmware has read
 * @error: negative, or 0
 * @report: what the firmware wrote. Upon success its blobs belong to the request,
 *	and it is empty.
 *
 * Return: 0, or -ENOENT if there is no such request.
 */
int proxy_answer(struct proxy *proxy, u64 id, int error, struct tsmfd_report *report)
{
	struct proxy_call *call;

	scoped_guard(spinlock, &proxy->lock) {
		call = proxy_find_handed(proxy, id);
		if (!call)
			return -ENOENT;
		call->staged = *report;
		*report = (struct tsmfd_report) {};
		proxy->stats.answers++;
		proxy_end_call(proxy, call, error);
	}
	return 0;
}

static struct tsmfd_ops proxy_ops_of(const struct tsmfd_proxy_new *new)
{
	return (struct tsmfd_ops) {
		.formats		= new->formats,
		.features		= new->features,
		.privlevel_floor	= new->privlevel_floor,
		.privlevel_max		= new->privlevel_max,
		.inblob_min		= new->inblob_min ?: 1,
		.inblob_max		= new->inblob_max ?: TSMFD_INBLOB_MAX,
		.outblob_max		= new->outblob_max,
		.auxblob_max		= new->auxblob_max,
		.manifestblob_max	= new->manifestblob_max,
		.max_inflight		= new->max_inflight,
		.report			= proxy_report,
	};
}

/**
 * proxy_new() - a firmware in user space, and the provider for it
 * @new: what it is; its name ends with a NUL
 *
 * Return: the proxy, for proxy_free(), or an ERR_PTR() of tsmfd_register(), which is
 * -EINVAL for what no provider can be.
 */
struct proxy *proxy_new(const struct tsmfd_proxy_new *new)
{
	struct tsmfd_provider *provider;
	struct proxy *proxy;

	proxy = kzalloc(sizeof(*proxy), GFP_KERNEL_ACCOUNT);
	if (!proxy)
		return ERR_PTR(-ENOMEM);

	strscpy(proxy->name, new->name, sizeof(proxy->name));
	proxy->ops = proxy_ops_of(new);
	proxy->ops.name = proxy->name;
	proxy->timeout = msecs_to_jiffies(new->timeout_ms ?: PROXY_TIMEOUT_DEFAULT_MS);
	init_waitqueue_head(&proxy->readable);
	spin_lock_init(&proxy->lock);
	INIT_LIST_HEAD(&proxy->fresh);
	INIT_LIST_HEAD(&proxy->handed);

	provider = tsmfd_register(&proxy->ops, proxy, NULL);
	if (IS_ERR(provider)) {
		kfree(proxy);
		return ERR_CAST(provider);
	}
	proxy->provider = provider;
	return proxy;
}

static void proxy_fail_calls(struct proxy *proxy, struct list_head *calls)
{
	struct proxy_call *call, *next;

	list_for_each_entry_safe(call, next, calls, node)
		proxy_end_call(proxy, call, -ENODEV);
}

/**
 * proxy_free() - the firmware is gone
 * @proxy: whose descriptor nobody holds any more
 */
void proxy_free(struct proxy *proxy)
{
	scoped_guard(spinlock, &proxy->lock) {
		proxy->dead = true;
		proxy_fail_calls(proxy, &proxy->fresh);
		proxy_fail_calls(proxy, &proxy->handed);
	}

	tsmfd_unregister(proxy->provider);
	kfree(proxy);
}

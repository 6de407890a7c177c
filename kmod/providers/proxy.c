// SPDX-License-Identifier: GPL-2.0-only
/*
 * A provider whose firmware is a program, as tpm_vtpm_proxy is for TPMs: the
 * calls of its report() wait until the firmware's side has taken and answered
 * them, or leaves, or takes too long.
 */
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "proxy.h"

enum {
	TIMEOUT_DEFAULT_MS	= 60 * MSEC_PER_SEC,
};

/**
 * struct proxy_call - a call of report(), on its stack
 * @node: in the proxy's fresh or handed; empty once it is answered or given up
 * @id: of the request
 * @options: what the core asks for; not changed meanwhile
 * @report: where the answer goes
 * @error: the answer's
 * @answered: that it has been
 */
struct proxy_call {
	struct list_head		node;
	u64				id;
	const struct tsmfd_options	*options;
	struct tsmfd_report		*report;
	int				error;
	struct completion		answered;
};

static void end_call(struct proxy *proxy, struct proxy_call *call, int error)
{
	lockdep_assert_held(&proxy->lock);

	list_del_init(&call->node);
	call->error = error;
	complete(&call->answered);
}

static int start_call(struct proxy *proxy, struct proxy_call *call)
{
	spin_lock(&proxy->lock);
	if (proxy->dead) {
		spin_unlock(&proxy->lock);
		return -ENODEV;
	}
	call->id = ++proxy->last_id;
	list_add_tail(&call->node, &proxy->fresh);
	spin_unlock(&proxy->lock);

	wake_up_interruptible_poll(&proxy->readable, EPOLLIN | EPOLLRDNORM);
	return 0;
}

/* Too late for an answer, unless one has come just now. */
static void give_up(struct proxy *proxy, struct proxy_call *call)
{
	spin_lock(&proxy->lock);
	if (!list_empty(&call->node)) {
		list_del_init(&call->node);
		call->error = -ETIMEDOUT;
		proxy->stats.timeouts++;
	}
	spin_unlock(&proxy->lock);
}

/*
 * Called from the queue's worker. Whoever waits for the report can be killed
 * meanwhile; this goes on until the firmware answers, or its time is over.
 */
static int proxy_report(void *priv, const struct tsmfd_options *options,
			struct tsmfd_report *report)
{
	struct proxy *proxy = priv;
	struct proxy_call call = { .options = options, .report = report };
	int rc;

	init_completion(&call.answered);
	rc = start_call(proxy, &call);
	if (rc)
		return rc;
	/* Killable, for a wait of minutes is no hung task; nobody kills a worker. */
	if (wait_for_completion_killable_timeout(&call.answered,
						 proxy->timeout) <= 0)
		give_up(proxy, &call);
	return call.error;
}

/**
 * proxy_next() - hand a request to the firmware
 * @proxy: whose descriptor is held
 * @request: what the firmware is to read
 *
 * Return: false if there is none.
 */
bool proxy_next(struct proxy *proxy, struct tsmfd_proxy_request *request)
{
	const struct tsmfd_options *options;
	struct proxy_call *call;

	spin_lock(&proxy->lock);
	call = list_first_entry_or_null(&proxy->fresh, struct proxy_call, node);
	if (!call) {
		spin_unlock(&proxy->lock);
		return false;
	}

	list_move_tail(&call->node, &proxy->handed);
	proxy->stats.requests++;
	options = call->options;
	*request = (struct tsmfd_proxy_request) {
		.id = call->id,
		.given = options->given,
		.format = options->format,
		.privlevel = options->privlevel,
		.inblob_len = options->inblob_len,
		.service_manifest_version = options->service_manifest_version,
	};
	memcpy(request->inblob, options->inblob, sizeof(request->inblob));
	memcpy(request->service_provider, options->service_provider,
	       sizeof(request->service_provider));
	export_guid(request->service_guid, &options->service_guid);
	spin_unlock(&proxy->lock);
	return true;
}

static struct proxy_call *find_handed(struct proxy *proxy, u64 id)
{
	struct proxy_call *call;

	lockdep_assert_held(&proxy->lock);

	/* At most as many as the firmware said it takes. */
	list_for_each_entry(call, &proxy->handed, node) {
		if (call->id == id)
			return call;
	}
	return NULL;
}

/**
 * proxy_take_back() - the firmware did not get to see a request
 * @proxy: whose descriptor is held
 * @id: of what proxy_next() has given; is the next again
 */
void proxy_take_back(struct proxy *proxy, u64 id)
{
	struct proxy_call *call;

	spin_lock(&proxy->lock);
	call = find_handed(proxy, id);
	if (call) {
		list_move(&call->node, &proxy->fresh);
		proxy->stats.requests--;
	}
	spin_unlock(&proxy->lock);
}

/**
 * proxy_answer() - the firmware answers
 * @proxy: whose descriptor is held
 * @id: of a request that it has read
 * @error: negative, or 0
 * @report: passes to the request's caller upon success, and is empty then
 *
 * Return: 0, or -ENOENT if there is no such request.
 */
int proxy_answer(struct proxy *proxy, u64 id, int error,
		 struct tsmfd_report *report)
{
	struct proxy_call *call;
	int rc = 0;

	spin_lock(&proxy->lock);
	call = find_handed(proxy, id);
	if (call) {
		*call->report = *report;
		*report = (struct tsmfd_report) {};
		proxy->stats.answers++;
		end_call(proxy, call, error);
	} else {
		rc = -ENOENT;
	}
	spin_unlock(&proxy->lock);
	return rc;
}

static struct tsmfd_ops ops_of(const struct tsmfd_proxy_new *new)
{
	return (struct tsmfd_ops) {
		.formats		= new->formats,
		.features		= new->features,
		.privlevel_floor	= new->privlevel_floor,
		.privlevel_max		= new->privlevel_max,
		.inblob_min		= 1,
		.inblob_max		= TSMFD_INBLOB_MAX,
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
 * Return: the proxy, for proxy_free(), or an ERR_PTR() of tsmfd_register(): -EINVAL
 * for what no provider can be.
 */
struct proxy *proxy_new(const struct tsmfd_proxy_new *new)
{
	struct tsmfd_provider *provider;
	struct proxy *proxy;

	proxy = kzalloc(sizeof(*proxy), GFP_KERNEL_ACCOUNT);
	if (!proxy)
		return ERR_PTR(-ENOMEM);

	strscpy(proxy->name, new->name, sizeof(proxy->name));
	proxy->ops = ops_of(new);
	proxy->ops.name = proxy->name;
	proxy->timeout = msecs_to_jiffies(new->timeout_ms ?: TIMEOUT_DEFAULT_MS);
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

static void fail_all(struct proxy *proxy, struct list_head *calls)
{
	struct proxy_call *call, *next;

	list_for_each_entry_safe(call, next, calls, node)
		end_call(proxy, call, -ENODEV);
}

/**
 * proxy_free() - the firmware is gone
 * @proxy: whose descriptor nobody holds
 */
void proxy_free(struct proxy *proxy)
{
	spin_lock(&proxy->lock);
	proxy->dead = true;
	fail_all(proxy, &proxy->fresh);
	fail_all(proxy, &proxy->handed);
	spin_unlock(&proxy->lock);

	tsmfd_unregister(proxy->provider);
	kfree(proxy);
}

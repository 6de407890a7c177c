// SPDX-License-Identifier: GPL-2.0-only
/*
 * Users of a provider, who take turns, and their quotas.
 *
 * A user is there for as long as a flow of his is, and root always. Quotas count
 * each provider on its own, as its firmware is what is scarce.
 */
#include <kunit/visibility.h>
#include <linux/capability.h>
#include <linux/moduleparam.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>
#include <linux/xarray.h>

#include "events.h"
#include "queue.h"
#include "request.h"
#include "user.h"

struct tsmfd_quota tsmfd_quota = {
	.requests	= 16384,
	.bytes		= SZ_256M,
};
EXPORT_SYMBOL_IF_KUNIT(tsmfd_quota);

module_param_named(quota_requests, tsmfd_quota.requests, uint, 0644);
MODULE_PARM_DESC(quota_requests,
		 "requests in flight that a user may have at a provider; 0 for any number (default 16384)");
module_param_named(quota_bytes, tsmfd_quota.bytes, ulong, 0644);
MODULE_PARM_DESC(quota_bytes,
		 "bytes that a user's requests in flight at a provider may come to with their answers; 0 for any number (default 268435456)");

static struct tsmfd_user *new_user(kuid_t uid)
{
	struct tsmfd_user *user = kzalloc(sizeof(*user), GFP_KERNEL_ACCOUNT);

	if (!user)
		return NULL;
	refcount_set(&user->refs, 1);
	user->uid = uid;
	RB_CLEAR_NODE(&user->turn);
	INIT_LIST_HEAD(&user->flows);
	return user;
}

/**
 * tsmfd_user_get() - a user, for one more flow
 * @queue: whose
 * @uid: who
 *
 * Return: the user, for tsmfd_user_put(), or NULL for want of memory.
 */
struct tsmfd_user *tsmfd_user_get(struct tsmfd_queue *queue, kuid_t uid)
{
	struct tsmfd_user *user, *new;

	/* The usual one, whom the queue holds, is found without the lock. */
	if (queue->root && uid_eq(uid, queue->root->uid)) {
		refcount_inc(&queue->root->refs);
		return queue->root;
	}

	xa_lock(&queue->users);
	user = xa_load(&queue->users, __kuid_val(uid));
	if (user)
		refcount_inc(&user->refs);
	xa_unlock(&queue->users);
	if (user)
		return user;

	new = new_user(uid);
	if (!new)
		return NULL;

	xa_lock(&queue->users);
	user = __xa_cmpxchg(&queue->users, __kuid_val(uid), NULL, new,
			    GFP_KERNEL);
	/* Another flow of his came first. */
	if (user && !xa_is_err(user))
		refcount_inc(&user->refs);
	xa_unlock(&queue->users);

	if (!user)
		return new;
	kfree(new);
	return xa_is_err(user) ? NULL : user;
}

/**
 * tsmfd_user_put() - a flow of his has gone
 * @queue: whose
 * @user: not to be used by the caller afterwards
 */
void tsmfd_user_put(struct tsmfd_queue *queue, struct tsmfd_user *user)
{
	bool gone;

	if (refcount_dec_not_one(&user->refs))
		return;

	/* Under the lock, so that nobody finds one that is going. */
	xa_lock(&queue->users);
	gone = refcount_dec_and_test(&user->refs);
	if (gone)
		__xa_erase(&queue->users, __kuid_val(user->uid));
	xa_unlock(&queue->users);
	if (gone)
		kfree(user);
}

/**
 * tsmfd_quota_refuse() - a request that is too much for its user
 * @request: charged; no longer so if it is refused
 *
 * Return: -EDQUOT, or 0 for who has CAP_SYS_ADMIN and is counted but not refused.
 */
int tsmfd_quota_refuse(struct tsmfd_request *request)
{
	struct tsmfd_user *user = request->flow->user;

	/* Not a use of the privilege worth an audit record each time. */
	if (ns_capable_noaudit(&init_user_ns, CAP_SYS_ADMIN))
		return 0;

	tsmfd_quota_release(request);
	atomic64_inc(&request->queue->refused);
	tsmfd_event_of_user(TSMFD_EVENT_QUOTA, request->queue->info, -EDQUOT,
			    user->uid);
	return -EDQUOT;
}

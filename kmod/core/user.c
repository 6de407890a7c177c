// SPDX-License-Identifier: GPL-2.0-only
/*
 * Users of a provider, their quotas, and their flows: an open file's requests.
 *
 * Quotas count each provider on its own, as its firmware is what is scarce. A
 * request counts from when it is made until it is freed, so that an answer which
 * nobody reads counts too, and a user exists for as long as that.
 *
 * Owns: who may have how much, and which privlevel. May include: options, merkle.
 */
#include <kunit/visibility.h>
#include <linux/bits.h>
#include <linux/capability.h>
#include <linux/err.h>
#include <linux/moduleparam.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>

#include "events.h"
#include "options.h"
#include "user.h"

enum {
	/* A TiB, which leaves 16 million requests. */
	USER_BYTES_BITS = 40,
};

#define USER_REQUEST	BIT_ULL(USER_BYTES_BITS)

struct tsmfd_quota tsmfd_quota = {
	.requests	= 16384,
	.bytes		= SZ_256M,
};
EXPORT_SYMBOL_IF_KUNIT(tsmfd_quota);

module_param_named(quota_requests, tsmfd_quota.requests, uint, 0644);
MODULE_PARM_DESC(quota_requests,
		 "requests that a user may have at a provider, answers that are not read included; 0 for any number (default 16384)");
module_param_named(quota_bytes, tsmfd_quota.bytes, ulong, 0644);
MODULE_PARM_DESC(quota_bytes,
		 "bytes that a user's requests at a provider may come to with their answers; 0 for any number (default 268435456)");

static unsigned int user_unprivileged_floor;

static int user_set_floor(const char *text, const struct kernel_param *param)
{
	return param_set_uint_minmax(text, param, 0, TSMFD_PRIVLEVEL_MAX);
}

static const struct kernel_param_ops user_floor_ops = {
	.set = user_set_floor,
	.get = param_get_uint,
};
module_param_cb(unprivileged_floor, &user_floor_ops, &user_unprivileged_floor, 0644);
MODULE_PARM_DESC(unprivileged_floor,
		 "the lowest privlevel that who opens without CAP_SYS_ADMIN may ask for, 0 to 3 (default 0: the provider's floor)");

/* Not a use of the privilege that is worth an audit record each time. */
bool tsmfd_user_is_admin(void)
{
	return ns_capable_noaudit(&init_user_ns, CAP_SYS_ADMIN);
}

/* With nobody in it; @info has to stay. Returns 0 or -ENOMEM. */
int tsmfd_users_init(struct tsmfd_users *users, const struct tsmfd_info *info)
{
	xa_init(&users->by_uid);
	users->info = info;
	atomic64_set(&users->refused, 0);
	users->stats = alloc_percpu(struct tsmfd_stats);
	return users->stats ? 0 : -ENOMEM;
}

/* With no flow left. */
void tsmfd_users_destroy(struct tsmfd_users *users)
{
	WARN_ON_ONCE(!xa_empty(&users->by_uid));
	free_percpu(users->stats);
}

/* Wakes everybody who polls. */
void tsmfd_users_wake(struct tsmfd_users *users)
{
	struct tsmfd_user *user;
	unsigned long uid;

	xa_lock(&users->by_uid);
	xa_for_each(&users->by_uid, uid, user)
		wake_up_all(&user->wait);
	xa_unlock(&users->by_uid);
}

static struct tsmfd_user *user_new(struct tsmfd_users *users, kuid_t uid)
{
	struct tsmfd_user *user = kzalloc(sizeof(*user), GFP_KERNEL_ACCOUNT);

	if (!user)
		return NULL;
	refcount_set(&user->refs, 1);
	user->uid = uid;
	user->users = users;
	init_waitqueue_head(&user->wait);
	RB_CLEAR_NODE(&user->node);
	INIT_LIST_HEAD(&user->flows);
	return user;
}

/* Returns the user, for one more flow, or an ERR_PTR(). */
static struct tsmfd_user *user_get(struct tsmfd_users *users, kuid_t uid)
{
	struct tsmfd_user *user, *new;

	xa_lock(&users->by_uid);
	user = xa_load(&users->by_uid, __kuid_val(uid));
	if (user)
		refcount_inc(&user->refs);
	xa_unlock(&users->by_uid);
	if (user)
		return user;

	new = user_new(users, uid);
	if (!new)
		return ERR_PTR(-ENOMEM);

	xa_lock(&users->by_uid);
	user = __xa_cmpxchg(&users->by_uid, __kuid_val(uid), NULL, new, GFP_KERNEL);
	/* Another flow of his may have come first. */
	if (user && !xa_is_err(user))
		refcount_inc(&user->refs);
	xa_unlock(&users->by_uid);

	if (!user)
		return new;
	kfree(new);
	return xa_is_err(user) ? ERR_PTR(xa_err(user)) : user;
}

static void user_put(struct tsmfd_user *user)
{
	struct xarray *by_uid = &user->users->by_uid;
	bool gone;

	if (refcount_dec_not_one(&user->refs))
		return;

	/* Under the lock, so that nobody finds a user who is being freed. */
	xa_lock(by_uid);
	gone = refcount_dec_and_test(&user->refs);
	if (gone)
		__xa_erase(by_uid, __kuid_val(user->uid));
	xa_unlock(by_uid);
	if (gone)
		kfree(user);
}

static bool user_is_over(u64 held)
{
	unsigned int requests = READ_ONCE(tsmfd_quota.requests);
	unsigned long bytes = READ_ONCE(tsmfd_quota.bytes);

	return (requests && held >> USER_BYTES_BITS > requests) ||
	       (bytes && (held & GENMASK_ULL(USER_BYTES_BITS - 1, 0)) > bytes);
}

/* Adds only what fits: a passing excess could have another request refused. */
static bool user_try_charge(struct tsmfd_user *user, u64 more)
{
	s64 held = atomic64_read(&user->held);

	do {
		if (user_is_over(held + more))
			return false;
	} while (!atomic64_try_cmpxchg(&user->held, &held, held + more));
	return true;
}

static int user_refuse(struct tsmfd_user *user)
{
	struct tsmfd_users *users = user->users;

	atomic64_inc(&users->refused);
	tsmfd_event_of_user(TSMFD_EVENT_QUOTA, users->info, -EDQUOT, user->uid);
	return -EDQUOT;
}

/**
 * tsmfd_user_charge() - a request comes
 * @user: whose
 * @bytes: that it may come to
 *
 * Who has CAP_SYS_ADMIN is counted but not refused.
 *
 * Return: 0, or -EDQUOT if the user has too much.
 */
int tsmfd_user_charge(struct tsmfd_user *user, u32 bytes)
{
	u64 more = USER_REQUEST | bytes;

	if (user_try_charge(user, more))
		return 0;
	if (tsmfd_user_is_admin()) {
		atomic64_add(more, &user->held);
		return 0;
	}

	WRITE_ONCE(user->starved, true);
	/*
	 * Pairs with the barrier in user_give(): either what was freed is seen
	 * here, or @starved is seen there.
	 */
	smp_mb();
	return user_try_charge(user, more) ? 0 : user_refuse(user);
}

static void user_give(struct tsmfd_user *user, u64 held)
{
	atomic64_sub(held, &user->held);
	/* Pairs with the one in tsmfd_user_charge(). */
	smp_mb__after_atomic();
	if (READ_ONCE(user->starved)) {
		WRITE_ONCE(user->starved, false);
		wake_up(&user->wait);
	}
}

/* It is known now what a request comes to. Returns 0, or -EDQUOT if it may not @grow so far. */
int tsmfd_user_recharge(struct tsmfd_user *user, u32 from, u32 to, bool grow)
{
	if (to < from)
		user_give(user, from - to);
	else if (grow)
		atomic64_add(to - from, &user->held);
	else if (!user_try_charge(user, to - from))
		return user_refuse(user);
	return 0;
}

/* A request goes; it was charged @bytes. */
void tsmfd_user_release(struct tsmfd_user *user, u32 bytes)
{
	user_give(user, USER_REQUEST | bytes);
}

static u32 user_floor_of_opener(const struct tsmfd_info *info)
{
	u32 floor = READ_ONCE(user_unprivileged_floor);

	/* With the parameter's default nobody is asked for the privilege. */
	if (floor <= info->privlevel_floor || tsmfd_user_is_admin())
		return info->privlevel_floor;
	return floor;
}

/**
 * tsmfd_flow_new() - with nothing pending
 * @users: of the provider that its requests are for
 * @face: through which interface
 * @uid: who opens it
 *
 * The calling task's privilege settles now which privlevel may be asked for.
 *
 * Return: the flow, for tsmfd_flow_put(), or an ERR_PTR().
 */
struct tsmfd_flow *tsmfd_flow_new(struct tsmfd_users *users, enum tsmfd_face face, kuid_t uid)
{
	struct tsmfd_flow *flow = kmalloc(sizeof(*flow), GFP_KERNEL_ACCOUNT);
	struct tsmfd_user *user;

	if (!flow)
		return ERR_PTR(-ENOMEM);
	user = user_get(users, uid);
	if (IS_ERR(user)) {
		kfree(flow);
		return ERR_CAST(user);
	}

	refcount_set(&flow->refs, 1);
	flow->user = user;
	flow->face = face;
	flow->privlevel_floor = user_floor_of_opener(users->info);
	init_waitqueue_head(&flow->wait);
	INIT_LIST_HEAD(&flow->node);
	INIT_LIST_HEAD(&flow->pending);
	return flow;
}
EXPORT_SYMBOL_IF_KUNIT(tsmfd_flow_new);

void tsmfd_flow_put(struct tsmfd_flow *flow)
{
	if (!refcount_dec_and_test(&flow->refs))
		return;
	user_put(flow->user);
	kfree(flow);
}
EXPORT_SYMBOL_IF_KUNIT(tsmfd_flow_put);

/**
 * tsmfd_flow_check() - may the opener of a flow ask for this?
 * @flow: whose
 * @options: what he asks for; an empty inblob is right as yet
 *
 * Without a privlevel he asks for his floor, which a provider may not have.
 *
 * Return: 0, what tsmfd_options_validate() says, or -EPERM for a privlevel that
 * the opener may not have.
 */
int tsmfd_flow_check(const struct tsmfd_flow *flow, const struct tsmfd_options *options)
{
	const struct tsmfd_info *info = tsmfd_flow_info(flow);
	u32 privlevel = flow->privlevel_floor;
	int rc;

	rc = tsmfd_options_validate(options, info);
	if (rc)
		return rc;

	if (options->given & TSMFD_OPT_PRIVLEVEL)
		privlevel = options->privlevel;
	if (privlevel >= flow->privlevel_floor &&
	    privlevel <= info->privlevel_max)
		return 0;

	tsmfd_event_of_user(TSMFD_EVENT_REFUSED, info, -EPERM, flow->user->uid);
	return -EPERM;
}
EXPORT_SYMBOL_GPL(tsmfd_flow_check);

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TSMFD_CORE_USER_H
#define TSMFD_CORE_USER_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/refcount.h>
#include <linux/tsmfd.h>
#include <linux/uidgid.h>
#include <linux/wait.h>
#include <linux/xarray.h>

#include "stats.h"

/**
 * struct tsmfd_users - who asks one provider
 * @by_uid: users that have a flow; its own lock protects who is in it
 * @info: the provider's, constant
 * @stats: what their requests came to, for each processor
 * @refused: requests that were over their user's quota
 */
struct tsmfd_users {
	struct xarray			by_uid;
	const struct tsmfd_info		*info;
	struct tsmfd_stats __percpu	*stats;
	atomic64_t			refused;
};

/**
 * struct tsmfd_user - a user of a provider: what he has, and when his turn is
 * @refs: one for each flow of his. Drops to 0 under the lock of @users->by_uid
 *	only, and the user is taken out of it there.
 * @uid: who
 * @users: whose he is
 * @held: requests of his that exist, above the USER_BYTES_BITS of what they make the
 *	kernel hold, in bytes, answers included. One word, so that both are checked
 *	against the quota at once.
 * @starved: a request was refused for the quota, and nothing was freed since
 * @wait: woken when something is freed while @starved, and when the provider
 *	leaves. Not a wait queue for each of these: io_uring polls a file that has
 *	two, and none that has three.
 * @node: in the order's tree while @flows is not empty. Like the next two it is
 *	order.c's and protected by the queue's lock.
 * @turn: which turn is his next, or 0 if he never had one
 * @flows: those with something pending, the next to be served first
 */
struct tsmfd_user {
	refcount_t		refs;
	kuid_t			uid;
	struct tsmfd_users	*users;
	atomic64_t		held;
	bool			starved;
	wait_queue_head_t	wait;
	struct rb_node		node;
	u64			turn;
	struct list_head	flows;
};

/**
 * struct tsmfd_flow - the requests of one open file, key or item, which take
 *	turns with those of the user's others
 * @refs: one of the session, and one of each request
 * @user: who opened it; a reference
 * @face: through which interface
 * @privlevel_floor: the lowest privlevel that the opener may ask for
 * @wait: woken when one of its requests is answered, or its options are set
 * @node: in its user's flows while @pending is not empty. Like the next one it is
 *	order.c's and protected by the queue's lock.
 * @pending: its requests that are queued, in the order they came
 */
struct tsmfd_flow {
	refcount_t		refs;
	struct tsmfd_user	*user;
	enum tsmfd_face		face;
	u32			privlevel_floor;
	wait_queue_head_t	wait;
	struct list_head	node;
	struct list_head	pending;
};

/**
 * struct tsmfd_quota - what a user may have at a provider
 * @requests: how many; 0 for any number
 * @bytes: what they may come to with their answers; 0 for any number
 *
 * Module parameters, which change at any time.
 */
struct tsmfd_quota {
	unsigned int	requests;
	unsigned long	bytes;
};

extern struct tsmfd_quota tsmfd_quota;

int tsmfd_users_init(struct tsmfd_users *users, const struct tsmfd_info *info);
void tsmfd_users_destroy(struct tsmfd_users *users);
void tsmfd_users_wake(struct tsmfd_users *users);

int tsmfd_user_charge(struct tsmfd_user *user, u32 bytes);
bool tsmfd_user_is_admin(void);
int tsmfd_user_recharge(struct tsmfd_user *user, u32 from, u32 to, bool grow);
void tsmfd_user_release(struct tsmfd_user *user, u32 bytes);

struct tsmfd_flow *tsmfd_flow_new(struct tsmfd_users *users, enum tsmfd_face face, kuid_t uid);
void tsmfd_flow_put(struct tsmfd_flow *flow);
int tsmfd_flow_check(const struct tsmfd_flow *flow, const struct tsmfd_options *options);

static inline struct tsmfd_flow *tsmfd_flow_get(struct tsmfd_flow *flow)
{
	refcount_inc(&flow->refs);
	return flow;
}

/* What the provider is; the floor of this opener is @privlevel_floor. */
static inline const struct tsmfd_info *
tsmfd_flow_info(const struct tsmfd_flow *flow)
{
	return flow->user->users->info;
}

/* Where its requests are counted. */
static inline struct tsmfd_face_stats __percpu *
tsmfd_flow_stats(const struct tsmfd_flow *flow)
{
	return &flow->user->users->stats->face[flow->face];
}

#endif /* TSMFD_CORE_USER_H */

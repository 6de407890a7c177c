/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TSMFD_CORE_USER_H
#define TSMFD_CORE_USER_H

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/refcount.h>
#include <linux/uidgid.h>

#include "flow.h"
#include "queue.h"
#include "request.h"

/**
 * struct tsmfd_user - a user of a provider: its turns, and what it may have
 * @refs: one for each flow of the user; the queue has one of root. Comes to 0
 *	under the lock of the queue's array of users only, and the user is then not
 *	in it.
 * @uid: who
 * @turn: in the queue's tree of users while @flows is not empty. Protected, like
 *	the next two, by the queue's lock.
 * @last_turn: the number of the turn that was his last; 0 if there was none
 * @flows: those with something pending, the next to be served first
 * @in_flight: requests made and not yet answered nor given up, above the
 *	TSMFD_QUOTA_BYTES_BITS of what those may make the kernel hold, in bytes, answers
 *	included: one word, for each report changes both
 */
struct tsmfd_user {
	refcount_t		refs;
	kuid_t			uid;
	struct rb_node		turn;
	u64			last_turn;
	struct list_head	flows;
	atomic64_t		in_flight;
};

enum {
	/* A TiB, which leaves 16 million requests. */
	TSMFD_QUOTA_BYTES_BITS = 40,
};

struct tsmfd_user *tsmfd_user_get(struct tsmfd_queue *queue, kuid_t uid);
void tsmfd_user_put(struct tsmfd_queue *queue, struct tsmfd_user *user);

/**
 * struct tsmfd_quota - what a user may have in flight at a provider
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

int tsmfd_quota_refuse(struct tsmfd_request *request);

static inline u64 tsmfd_quota_requests(u64 in_flight)
{
	return in_flight >> TSMFD_QUOTA_BYTES_BITS;
}

static inline u64 tsmfd_quota_bytes(u64 in_flight)
{
	return in_flight & (BIT_ULL(TSMFD_QUOTA_BYTES_BITS) - 1);
}

static inline u64 tsmfd_quota_of(u32 charged)
{
	return BIT_ULL(TSMFD_QUOTA_BYTES_BITS) | charged;
}

/* What a request may come to: itself, and the longest answer to it. */
static inline u32 tsmfd_quota_bytes_of(const struct tsmfd_request *request)
{
	const struct tsmfd_info *info = request->queue->info;
	u32 bytes = sizeof(*request) + info->outblob_max + info->manifestblob_max;

	if (request->options.format == TSMFD_FORMAT_EXTENDED)
		bytes += info->auxblob_max;
	return bytes;
}

/* Of a limit that is 0 if there is none. */
static inline bool tsmfd_quota_exceeds(u64 used, u64 limit)
{
	return limit && used > limit;
}

/**
 * tsmfd_quota_charge() - a request comes
 * @request: NEW; its queue, flow and options are set
 *
 * Return: 0, or -EDQUOT if its user has too many.
 */
static inline int tsmfd_quota_charge(struct tsmfd_request *request)
{
	u64 now;

	request->charged = tsmfd_quota_bytes_of(request);
	now = atomic64_add_return(tsmfd_quota_of(request->charged),
				  &request->flow->user->in_flight);
	if (unlikely(tsmfd_quota_exceeds(tsmfd_quota_requests(now),
					 READ_ONCE(tsmfd_quota.requests)) ||
		     tsmfd_quota_exceeds(tsmfd_quota_bytes(now),
					 READ_ONCE(tsmfd_quota.bytes))))
		return tsmfd_quota_refuse(request);
	return 0;
}

/**
 * tsmfd_quota_release() - a request has been answered or given up
 * @request: charged; or released already, which is let pass
 */
static inline void tsmfd_quota_release(struct tsmfd_request *request)
{
	if (!request->charged)
		return;
	atomic64_sub(tsmfd_quota_of(request->charged),
		     &request->flow->user->in_flight);
	request->charged = 0;
}

#endif /* TSMFD_CORE_USER_H */

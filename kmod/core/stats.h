/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TSMFD_CORE_STATS_H
#define TSMFD_CORE_STATS_H

#include <linux/bitops.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/percpu.h>
#include <linux/time64.h>
#include <linux/types.h>
#include <uapi/linux/tsmfd_netlink.h>

enum {
	/* To read the clock twice takes an eighth of what all else does. */
	TSMFD_TIMED_EVERY = 4,
};

/**
 * struct tsmfd_face_stats - what came through one face
 * @requests: submitted
 * @reports: of those, answered with a report
 * @failures: answered with an error
 * @cancelled: given up by their caller first
 * @latency: of those answered, from submission on; see TSMFD_LATENCY_BUCKETS
 * @free: of the requests, those that found short firmware free
 * @usual: the bucket of the latest that was timed of those that their callers ran
 *
 * At rest, requests are the sum of the next three.
 *
 * Whoever waits is timed. Of those who find short firmware free, the first is and
 * then one in TSMFD_TIMED_EVERY, and the others count as @usual.
 */
struct tsmfd_face_stats {
	u64		requests;
	u64		reports;
	u64		failures;
	u64		cancelled;
	u64		latency[TSMFD_LATENCY_BUCKETS];
	unsigned int	free;
	unsigned int	usual;
};

/**
 * struct tsmfd_stats - a provider's, for one processor
 * @face: by face
 */
struct tsmfd_stats {
	struct tsmfd_face_stats	face[__TSMFD_FACE_MAX];
};

static inline void tsmfd_stats_submitted(struct tsmfd_face_stats __percpu *stats)
{
	this_cpu_inc(stats->requests);
}

/**
 * tsmfd_stats_is_timed() - a request finds short firmware free
 * @stats: of its face
 *
 * Return: whether it is to be timed nevertheless.
 */
static inline bool tsmfd_stats_is_timed(struct tsmfd_face_stats __percpu *stats)
{
	return this_cpu_inc_return(stats->free) % TSMFD_TIMED_EVERY == 1;
}

static inline void tsmfd_stats_cancelled(struct tsmfd_face_stats __percpu *stats)
{
	this_cpu_inc(stats->cancelled);
}

static inline unsigned int tsmfd_latency_bucket(u64 latency_ns)
{
	return min(fls64(div_u64(latency_ns, NSEC_PER_USEC)),
		   TSMFD_LATENCY_BUCKETS - 1);
}

/**
 * tsmfd_stats_answered() - a request has been answered
 * @stats: of its face
 * @error: 0 for a report
 * @bucket: of its latency
 */
static inline void tsmfd_stats_answered(struct tsmfd_face_stats __percpu *stats,
					int error, unsigned int bucket)
{
	if (error)
		this_cpu_inc(stats->failures);
	else
		this_cpu_inc(stats->reports);
	this_cpu_inc(stats->latency[bucket]);
}

void tsmfd_stats_sum(struct tsmfd_stats __percpu *stats, enum tsmfd_face face,
		     struct tsmfd_face_stats *sum);

#endif /* TSMFD_CORE_STATS_H */

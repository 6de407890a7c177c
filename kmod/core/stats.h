/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TSMFD_CORE_STATS_H
#define TSMFD_CORE_STATS_H

#include <linux/bitops.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/percpu.h>
#include <linux/time64.h>
#include <linux/types.h>
#include <uapi/linux/tsmfd_netlink.h>

/**
 * struct tsmfd_face_stats - what came through one face
 * @requests: submitted
 * @reports: of those, answered with a report
 * @failures: answered with an error
 * @cancelled: given up by all their callers first
 * @latency: of those answered, from submission on; see TSMFD_LATENCY_BUCKETS
 *
 * At rest, @requests is the sum of the next three, and the sum of @latency is
 * @reports plus @failures.
 */
struct tsmfd_face_stats {
	u64	requests;
	u64	reports;
	u64	failures;
	u64	cancelled;
	u64	latency[TSMFD_LATENCY_BUCKETS];
};

/**
 * struct tsmfd_stats - a provider's, for one processor
 * @face: by face
 */
struct tsmfd_stats {
	struct tsmfd_face_stats	face[__TSMFD_FACE_MAX];
};

static inline unsigned int tsmfd_latency_bucket(u64 latency_ns)
{
	return min(fls64(div_u64(latency_ns, NSEC_PER_USEC)),
		   TSMFD_LATENCY_BUCKETS - 1);
}

/* A request has been answered, with an error or a report. */
static inline void tsmfd_stats_answered(struct tsmfd_face_stats __percpu *stats,
					int error, ktime_t submitted)
{
	u64 latency = ktime_to_ns(ktime_sub(ktime_get(), submitted));

	if (error)
		this_cpu_inc(stats->failures);
	else
		this_cpu_inc(stats->reports);
	this_cpu_inc(stats->latency[tsmfd_latency_bucket(latency)]);
}

void tsmfd_stats_sum(struct tsmfd_stats __percpu *stats, enum tsmfd_face face,
		     struct tsmfd_face_stats *sum);

#endif /* TSMFD_CORE_STATS_H */

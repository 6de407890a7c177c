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

/**
 * struct tsmfd_face_stats - what came through one face
 * @requests: submitted
 * @reports: of those, answered with a report
 * @failures: answered with an error
 * @cancelled: given up by their caller first
 * @latency: of those answered, from submission on; see TSMFD_LATENCY_BUCKETS
 *
 * At rest, requests are the sum of the other three.
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

static inline void tsmfd_stats_submitted(struct tsmfd_stats __percpu *stats,
					 enum tsmfd_face face)
{
	this_cpu_inc(stats->face[face].requests);
}

static inline void tsmfd_stats_cancelled(struct tsmfd_stats __percpu *stats,
					 enum tsmfd_face face)
{
	this_cpu_inc(stats->face[face].cancelled);
}

static inline unsigned int tsmfd_latency_bucket(u64 latency_ns)
{
	return min(fls64(div_u64(latency_ns, NSEC_PER_USEC)),
		   TSMFD_LATENCY_BUCKETS - 1);
}

/**
 * tsmfd_stats_answered() - a request has been answered
 * @stats: the provider's
 * @face: which it came through
 * @error: 0 for a report
 * @latency_ns: since it was submitted
 */
static inline void tsmfd_stats_answered(struct tsmfd_stats __percpu *stats,
					enum tsmfd_face face, int error,
					u64 latency_ns)
{
	if (error)
		this_cpu_inc(stats->face[face].failures);
	else
		this_cpu_inc(stats->face[face].reports);
	this_cpu_inc(stats->face[face].latency[tsmfd_latency_bucket(latency_ns)]);
}

void tsmfd_stats_sum(struct tsmfd_stats __percpu *stats, enum tsmfd_face face,
		     struct tsmfd_face_stats *sum);

#endif /* TSMFD_CORE_STATS_H */

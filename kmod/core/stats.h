/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TSMFD_CORE_STATS_H
#define TSMFD_CORE_STATS_H

#include <linux/percpu.h>
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

void tsmfd_stats_answered(struct tsmfd_stats __percpu *stats,
			  enum tsmfd_face face, int error, u64 latency_ns);
void tsmfd_stats_sum(struct tsmfd_stats __percpu *stats, enum tsmfd_face face,
		     struct tsmfd_face_stats *sum);

#endif /* TSMFD_CORE_STATS_H */

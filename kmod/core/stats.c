// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counters: one set a processor, summed up when somebody asks.
 */
#include <kunit/visibility.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/time64.h>

#include "stats.h"

static unsigned int latency_bucket(u64 latency_ns)
{
	u64 us = div_u64(latency_ns, NSEC_PER_USEC);

	return min_t(unsigned int, us ? ilog2(us) + 1 : 0,
		     TSMFD_LATENCY_BUCKETS - 1);
}

/**
 * tsmfd_stats_answered() - a request has been answered
 * @stats: the provider's
 * @face: which it came through
 * @error: 0 for a report
 * @latency_ns: since it was submitted
 */
void tsmfd_stats_answered(struct tsmfd_stats __percpu *stats,
			  enum tsmfd_face face, int error, u64 latency_ns)
{
	if (error)
		this_cpu_inc(stats->face[face].failures);
	else
		this_cpu_inc(stats->face[face].reports);
	this_cpu_inc(stats->face[face].latency[latency_bucket(latency_ns)]);
}

/**
 * tsmfd_stats_sum() - over all processors
 * @stats: the provider's
 * @face: of this face
 * @sum: what is counted is added to it
 */
void tsmfd_stats_sum(struct tsmfd_stats __percpu *stats, enum tsmfd_face face,
		     struct tsmfd_face_stats *sum)
{
	int cpu, i;

	for_each_possible_cpu(cpu) {
		const struct tsmfd_face_stats *one =
			&per_cpu_ptr(stats, cpu)->face[face];

		sum->requests += READ_ONCE(one->requests);
		sum->reports += READ_ONCE(one->reports);
		sum->failures += READ_ONCE(one->failures);
		sum->cancelled += READ_ONCE(one->cancelled);
		for (i = 0; i < TSMFD_LATENCY_BUCKETS; i++)
			sum->latency[i] += READ_ONCE(one->latency[i]);
	}
}
EXPORT_SYMBOL_IF_KUNIT(tsmfd_stats_sum);

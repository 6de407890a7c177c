// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counters: one set a processor, summed up when somebody asks.
 */
#include <kunit/visibility.h>
#include <linux/cpumask.h>
#include <linux/export.h>

#include "stats.h"

/* Adds what all processors counted of @face to @sum. */
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

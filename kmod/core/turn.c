// SPDX-License-Identifier: GPL-2.0-only
/*
 * A turn: one call of the firmware, for one request or for a batch.
 */
#include <linux/errno.h>
#include <linux/list.h>
#include <linux/sched/mm.h>

#include "batch.h"
#include "events.h"
#include "queue.h"
#include "request.h"
#include "turn.h"

/*
 * What the provider gave is used only as far as it said it would: an empty
 * report with a success, or one longer than announced, is its failure.
 */
static int check_report(const struct tsmfd_queue *queue,
			const struct tsmfd_report *report)
{
	const struct tsmfd_info *info = queue->info;

	if (!report->outblob.len)
		return -EBADMSG;
	if (report->outblob.len > info->outblob_max ||
	    report->auxblob.len > info->auxblob_max ||
	    report->manifestblob.len > info->manifestblob_max)
		return -EBADMSG;
	return 0;
}

/* One call of the firmware. */
static int call(struct tsmfd_queue *queue, const struct tsmfd_options *options,
		struct tsmfd_report *report, u64 *generation)
{
	int rc;

	rc = queue->ops->report(queue->priv, options, report);
	if (!rc)
		rc = check_report(queue, report);
	if (!rc)
		*generation = atomic64_inc_return(&queue->served);
	else
		tsmfd_event(rc == -EBUSY ? TSMFD_EVENT_THROTTLED :
					   TSMFD_EVENT_FAILED, queue->info, rc);
	return rc;
}

static int run_batch(struct tsmfd_queue *queue, struct list_head *members,
		     struct tsmfd_batch *batch, u64 *generation)
{
	struct tsmfd_request *member;
	struct tsmfd_options options;
	u32 leaf = 0;
	int rc;

	list_for_each_entry(member, members, node) {
		refcount_inc(&batch->refs);
		member->batch = batch;
		member->leaf_index = leaf;
		batch->tree->nodes[leaf++] = member->leaf;
	}
	rc = tsmfd_tree_build(batch->tree);
	if (rc)
		return rc;

	member = list_first_entry(members, struct tsmfd_request, node);
	tsmfd_batch_options(batch, &member->options, &options);
	return call(queue, &options, &batch->report, generation);
}

/**
 * tsmfd_turn_run() - answer requests by one call
 * @queue: whose lock is not held; a slot of it is
 * @members: the requests, RUNNING; one, or several that may share a call
 * @count: how many there are
 *
 * If the call fails, it fails all of them.
 */
void tsmfd_turn_run(struct tsmfd_queue *queue, struct list_head *members,
		    u32 count)
{
	struct tsmfd_request *member =
		list_first_entry(members, struct tsmfd_request, node);
	struct mem_cgroup *old = NULL;
	struct tsmfd_batch *batch;
	u64 generation = 0;
	int rc = -ENOMEM;

	/* A caller that runs its own is charged anyway. */
	if (member->memcg)
		old = set_active_memcg(member->memcg);

	if (!tsmfd_request_is_batched(member)) {
		rc = call(queue, &member->options, &member->report,
			  &generation);
	} else {
		batch = tsmfd_batch_new(count);
		if (batch)
			rc = run_batch(queue, members, batch, &generation);
		tsmfd_batch_put(batch);
	}

	if (member->memcg)
		set_active_memcg(old);

	list_for_each_entry(member, members, node) {
		member->error = rc;
		member->generation = generation;
	}
	if (count > 1)
		atomic64_inc(&queue->batches);
}

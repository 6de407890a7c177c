/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TSMFD_CORE_BATCH_H
#define TSMFD_CORE_BATCH_H

#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/tsmfd.h>

#include "merkle.h"
#include "request.h"

enum {
	/* Of each privlevel and each of the two formats. */
	TSMFD_BATCH_GROUPS	= 2 * (TSMFD_PRIVLEVEL_MAX + 1),
};

/**
 * struct tsmfd_batch - one report that answers many requests
 * @refs: one for each of them, from when it joins until it is freed
 * @group: what they have in common, privlevel and format
 * @count: how many @members there are. Protected, like those, by the queue's lock.
 * @members: those of them that are QUEUED
 * @report: over the root of @tree; constant once the first of them is answered
 * @tree: of their leaves; NULL until the batch is run
 */
struct tsmfd_batch {
	refcount_t		refs;
	u32			group;
	u32			count;
	struct list_head	members;
	struct tsmfd_report	report;
	struct tsmfd_tree	*tree;
};

/**
 * struct tsmfd_batches - those that requests may still join
 * @open: by group; NULL, or one with members. Protected by the queue's lock.
 */
struct tsmfd_batches {
	struct tsmfd_batch	*open[TSMFD_BATCH_GROUPS];
};

struct tsmfd_batch *tsmfd_batch_new(void);
void tsmfd_batch_put(struct tsmfd_batch *batch);
void tsmfd_batch_join(struct tsmfd_batches *batches,
		      struct tsmfd_request *request,
		      struct tsmfd_batch **spare);
void tsmfd_batch_join_again(struct tsmfd_batches *batches,
			    struct tsmfd_request *request);
void tsmfd_batch_leave(struct tsmfd_batches *batches,
		       struct tsmfd_request *request);
int tsmfd_batch_seal(struct tsmfd_batch *batch, struct list_head *members,
		     u32 count, struct tsmfd_options *options);
void tsmfd_batch_unseal(struct tsmfd_batch *batch);

size_t tsmfd_answer_len(const struct tsmfd_request *request);
ssize_t tsmfd_answer_copy(const struct tsmfd_request *request, size_t offset,
			  struct iov_iter *to);
size_t tsmfd_batch_proof_len(const struct tsmfd_request *request);
void tsmfd_batch_proof(const struct tsmfd_request *request,
		       struct tsmfd_batch_proof *proof);

#endif /* TSMFD_CORE_BATCH_H */

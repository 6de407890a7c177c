/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TSMFD_CORE_FLOW_H
#define TSMFD_CORE_FLOW_H

#include <linux/list.h>
#include <linux/tsmfd.h>
#include <linux/uidgid.h>
#include <linux/wait.h>
#include <uapi/linux/tsmfd_netlink.h>

struct tsmfd_queue;
struct tsmfd_request;
struct tsmfd_user;

/**
 * struct tsmfd_flow - the requests of one open file, which take turns with
 *	those of the others
 * @node: in its user's list of flows while @pending is not empty. Protected,
 *	like @pending, by the queue's lock.
 * @pending: its requests that are QUEUED, in the order they came
 * @wait: woken when one of its requests is answered
 * @user: who opened it; a reference
 * @privlevel_floor: the lowest privlevel that the opener may ask for
 * @face: whose it is
 * @patient: who asks through it does nothing but wait for the answer, and only a
 *	deadly signal ends that. Set by the face before the first request.
 * @spare: a request of its that has ended, to be the next one; NULL if there is
 *	none. Taken and given back at once, by who changes it from or to NULL.
 *
 * Belongs to a face, which keeps it until it has put all of its requests.
 */
struct tsmfd_flow {
	struct list_head	node;
	struct list_head	pending;
	wait_queue_head_t	wait;
	struct tsmfd_user	*user;
	u32			privlevel_floor;
	enum tsmfd_face		face;
	bool			patient;
	struct tsmfd_request	*spare;
};

int tsmfd_flow_init(struct tsmfd_flow *flow, struct tsmfd_queue *queue,
		    enum tsmfd_face face, kuid_t uid);
int tsmfd_flow_move(struct tsmfd_flow *flow, struct tsmfd_queue *from,
		    struct tsmfd_queue *to);
void tsmfd_flow_destroy(struct tsmfd_flow *flow, struct tsmfd_queue *queue);
int tsmfd_flow_refuse(const struct tsmfd_flow *flow,
		      const struct tsmfd_queue *queue);

/**
 * tsmfd_flow_check() - may its opener ask for this?
 * @flow: whose
 * @queue: as at tsmfd_flow_init()
 * @options: validated
 *
 * Return: 0, or -EPERM if a privlevel is given that is lower than its floor.
 */
static inline int tsmfd_flow_check(const struct tsmfd_flow *flow,
				   const struct tsmfd_queue *queue,
				   const struct tsmfd_options *options)
{
	if (!(options->given & TSMFD_OPT_PRIVLEVEL) ||
	    options->privlevel >= flow->privlevel_floor)
		return 0;
	return tsmfd_flow_refuse(flow, queue);
}

#endif /* TSMFD_CORE_FLOW_H */

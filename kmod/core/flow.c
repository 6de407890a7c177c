// SPDX-License-Identifier: GPL-2.0-only
/*
 * Flows: whose a request is, and what its opener may ask for.
 */
#include <linux/capability.h>
#include <linux/export.h>
#include <linux/moduleparam.h>
#include <linux/user_namespace.h>

#include "events.h"
#include "flow.h"
#include "queue.h"
#include "request.h"
#include "user.h"

static unsigned int unprivileged_floor;

static int set_unprivileged_floor(const char *text,
				  const struct kernel_param *param)
{
	return param_set_uint_minmax(text, param, 0, TSMFD_PRIVLEVEL_MAX);
}

static const struct kernel_param_ops unprivileged_floor_ops = {
	.set = set_unprivileged_floor,
	.get = param_get_uint,
};
module_param_cb(unprivileged_floor, &unprivileged_floor_ops,
		&unprivileged_floor, 0644);
MODULE_PARM_DESC(unprivileged_floor,
		 "the lowest privlevel that who opens without CAP_SYS_ADMIN may ask for, 0 to 3 (default 0: the provider's floor)");

static u32 floor_of_opener(const struct tsmfd_info *info)
{
	u32 floor = READ_ONCE(unprivileged_floor);

	/* The parameter's default spares openers the question. */
	if (floor <= info->privlevel_floor ||
	    ns_capable_noaudit(&init_user_ns, CAP_SYS_ADMIN))
		return info->privlevel_floor;
	return floor;
}

/**
 * tsmfd_flow_init() - with nothing pending
 * @flow: to be initialised
 * @queue: where its requests go
 * @face: whose it is
 * @uid: who opens it
 *
 * What may be asked for is settled by the privilege that the calling task has now.
 *
 * Return: 0 or -ENOMEM.
 */
int tsmfd_flow_init(struct tsmfd_flow *flow, struct tsmfd_queue *queue,
		    enum tsmfd_face face, kuid_t uid)
{
	INIT_LIST_HEAD(&flow->node);
	INIT_LIST_HEAD(&flow->pending);
	init_waitqueue_head(&flow->wait);
	flow->privlevel_floor = floor_of_opener(queue->info);
	flow->face = face;
	flow->patient = false;
	flow->spare = NULL;
	flow->user = tsmfd_user_get(queue, uid);
	return flow->user ? 0 : -ENOMEM;
}
EXPORT_SYMBOL_GPL(tsmfd_flow_init);

/**
 * tsmfd_flow_move() - to another provider
 * @flow: that never had a request
 * @from: as at tsmfd_flow_init()
 * @to: the other provider's queue
 *
 * Return: 0, or -ENOMEM and the flow is where it was.
 */
int tsmfd_flow_move(struct tsmfd_flow *flow, struct tsmfd_queue *from,
		    struct tsmfd_queue *to)
{
	struct tsmfd_user *user = tsmfd_user_get(to, flow->user->uid);

	if (!user)
		return -ENOMEM;
	tsmfd_user_put(from, flow->user);
	flow->user = user;
	flow->privlevel_floor = floor_of_opener(to->info);
	return 0;
}

/**
 * tsmfd_flow_destroy() - the end of it
 * @flow: with no request left
 * @queue: as at tsmfd_flow_init()
 */
void tsmfd_flow_destroy(struct tsmfd_flow *flow, struct tsmfd_queue *queue)
{
	tsmfd_request_free_spare(flow);
	tsmfd_user_put(queue, flow->user);
}
EXPORT_SYMBOL_GPL(tsmfd_flow_destroy);

/**
 * tsmfd_flow_refuse() - what its opener may not ask for
 * @flow: whose
 * @queue: as at tsmfd_flow_init()
 *
 * Return: -EPERM.
 */
int tsmfd_flow_refuse(const struct tsmfd_flow *flow,
		      const struct tsmfd_queue *queue)
{
	tsmfd_event_of_user(TSMFD_EVENT_REFUSED, queue->info, -EPERM,
			    flow->user->uid);
	return -EPERM;
}
EXPORT_SYMBOL_GPL(tsmfd_flow_refuse);

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Generic netlink family "tsmfd": which providers there are, what was counted, and
 * what happens. It makes no reports.
 *
 * Documentation/netlink/specs/tsmfd.yaml describes it, and netlink_gen.[ch] are
 * generated from that.
 */
#include <kunit/visibility.h>
#include <linux/cache.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/ratelimit.h>
#include <linux/uidgid.h>
#include <linux/user_namespace.h>
#include <net/genetlink.h>
#include <net/netlink.h>
#include <uapi/linux/tsmfd_netlink.h>

#include "../compat/netlink.h"
#include "../core/events.h"
#include "../core/registry.h"
#include "../core/stats.h"
#include "../core/user.h"
#include "netlink.h"
#include "netlink_gen.h"

enum {
	/* A second, of each kind of event that is limited. */
	NETLINK_EVENTS_MAX	= 10,
	/* In place of a face: the sum over all of them. */
	NETLINK_ALL_FACES	= __TSMFD_FACE_MAX,
};

/* Events say which users are over a quota, so not everybody may listen. */
static const struct genl_multicast_group netlink_groups[] = {
	[TSMFD_NLGRP_EVENTS] = {
		.name	= TSMFD_MCGRP_EVENTS,
		.flags	= GENL_MCAST_CAP_NET_ADMIN,
	},
};

struct genl_family tsmfd_nl_family __ro_after_init = {
	.name		= TSMFD_FAMILY_NAME,
	.version	= TSMFD_FAMILY_VERSION,
	.module		= THIS_MODULE,
	.parallel_ops	= true,
	.ops		= tsmfd_nl_ops,
	.n_ops		= ARRAY_SIZE(tsmfd_nl_ops),
	.mcgrps		= netlink_groups,
	.n_mcgrps	= ARRAY_SIZE(netlink_groups),
};
EXPORT_SYMBOL_IF_KUNIT(tsmfd_nl_family);

static int netlink_put_provider(struct sk_buff *skb, const struct tsmfd_info *info)
{
	return nla_put_u32(skb, TSMFD_A_PROVIDER_INDEX, info->index) ?:
	       nla_put_string(skb, TSMFD_A_PROVIDER_NAME, info->provider) ?:
	       nla_put_u32(skb, TSMFD_A_PROVIDER_FEATURES, info->features) ?:
	       nla_put_u32(skb, TSMFD_A_PROVIDER_PRIVLEVEL_FLOOR, info->privlevel_floor) ?:
	       nla_put_u32(skb, TSMFD_A_PROVIDER_PRIVLEVEL_MAX, info->privlevel_max) ?:
	       nla_put_u32(skb, TSMFD_A_PROVIDER_FORMATS, info->formats) ?:
	       nla_put_u32(skb, TSMFD_A_PROVIDER_INBLOB_MIN, info->inblob_min) ?:
	       nla_put_u32(skb, TSMFD_A_PROVIDER_INBLOB_MAX, info->inblob_max) ?:
	       nla_put_u32(skb, TSMFD_A_PROVIDER_OUTBLOB_MAX, info->outblob_max) ?:
	       nla_put_u32(skb, TSMFD_A_PROVIDER_AUXBLOB_MAX, info->auxblob_max) ?:
	       nla_put_u32(skb, TSMFD_A_PROVIDER_MANIFESTBLOB_MAX, info->manifestblob_max) ?:
	       nla_put_u32(skb, TSMFD_A_PROVIDER_MAX_INFLIGHT, info->max_inflight);
}

/* @face: or NETLINK_ALL_FACES */
static void netlink_sum(struct tsmfd_provider *provider, unsigned int face,
			struct tsmfd_face_stats *sum)
{
	enum tsmfd_face i;

	for (i = 0; i < __TSMFD_FACE_MAX; i++) {
		if (face == i || face == NETLINK_ALL_FACES)
			tsmfd_stats_sum(provider->users.stats, i, sum);
	}
}

static int netlink_put_latency(struct sk_buff *skb, const u64 *latency)
{
	int rc = 0;
	int i;

	for (i = 0; i < TSMFD_LATENCY_BUCKETS && !rc; i++)
		rc = nla_put_uint(skb, TSMFD_A_STATS_LATENCY, latency[i]);
	return rc;
}

/* @face: or NETLINK_ALL_FACES */
static int netlink_put_stats(struct sk_buff *skb,
			     struct tsmfd_provider *provider, unsigned int face)
{
	struct tsmfd_face_stats sum = {};
	struct tsmfd_queue_counts counts;

	netlink_sum(provider, face, &sum);
	tsmfd_queue_count(&provider->queue, &counts);

	if (face != NETLINK_ALL_FACES &&
	    nla_put_u32(skb, TSMFD_A_STATS_FACE, face))
		return -EMSGSIZE;

	return nla_put_u32(skb, TSMFD_A_STATS_INDEX, provider->info.index) ?:
	       nla_put_uint(skb, TSMFD_A_STATS_REQUESTS, sum.requests) ?:
	       nla_put_uint(skb, TSMFD_A_STATS_REPORTS, sum.reports) ?:
	       nla_put_uint(skb, TSMFD_A_STATS_FAILURES, sum.failures) ?:
	       nla_put_uint(skb, TSMFD_A_STATS_CANCELLED, sum.cancelled) ?:
	       nla_put_uint(skb, TSMFD_A_STATS_BATCHES, counts.batches) ?:
	       netlink_put_latency(skb, sum.latency) ?:
	       nla_put_u32(skb, TSMFD_A_STATS_QUEUED, counts.queued) ?:
	       nla_put_u32(skb, TSMFD_A_STATS_IN_FLIGHT, counts.in_flight) ?:
	       nla_put_uint(skb, TSMFD_A_STATS_OVER_QUOTA,
			    atomic64_read(&provider->users.refused)) ?:
	       nla_put_u32(skb, TSMFD_A_STATS_QUOTA_REQUESTS,
			   READ_ONCE(tsmfd_quota.requests)) ?:
	       nla_put_uint(skb, TSMFD_A_STATS_QUOTA_BYTES, READ_ONCE(tsmfd_quota.bytes));
}

/* @face: of TSMFD_CMD_STATS_GET */
static int netlink_put_answer(struct sk_buff *skb, u8 command,
			      struct tsmfd_provider *provider,
			      unsigned int face)
{
	if (command == TSMFD_CMD_STATS_GET)
		return netlink_put_stats(skb, provider, face);
	return netlink_put_provider(skb, &provider->info);
}

/* The provider that attribute @attr names, held; or an error, with words for it. */
static struct tsmfd_provider *netlink_find_provider(struct genl_info *info, int attr)
{
	struct tsmfd_provider *provider;
	u32 index;

	if (GENL_REQ_ATTR_CHECK(info, attr)) {
		NL_SET_ERR_MSG(info->extack, "the provider's number is missing");
		return ERR_PTR(-EINVAL);
	}

	index = nla_get_u32(info->attrs[attr]);
	provider = tsmfd_provider_next(index);
	if (provider && provider->info.index == index)
		return provider;

	if (provider)
		tsmfd_provider_put(provider);
	NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[attr],
			    "there is no provider with this number");
	return ERR_PTR(-ENODEV);
}

static int netlink_get(struct genl_info *info, int attr, unsigned int face)
{
	u8 command = info->genlhdr->cmd;
	struct tsmfd_provider *provider;
	struct sk_buff *skb;
	void *header;
	int rc;

	provider = netlink_find_provider(info, attr);
	if (IS_ERR(provider))
		return PTR_ERR(provider);

	rc = -ENOMEM;
	skb = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!skb)
		goto put_provider;

	rc = -EMSGSIZE;
	header = genlmsg_put_reply(skb, info, &tsmfd_nl_family, 0, command);
	if (header)
		rc = netlink_put_answer(skb, command, provider, face);
	if (rc) {
		nlmsg_free(skb);
		goto put_provider;
	}

	genlmsg_end(skb, header);
	rc = genlmsg_reply(skb, info);

put_provider:
	tsmfd_provider_put(provider);
	return rc;
}

int tsmfd_nl_provider_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return netlink_get(info, TSMFD_A_PROVIDER_INDEX, NETLINK_ALL_FACES);
}

int tsmfd_nl_stats_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *face = info->attrs[TSMFD_A_STATS_FACE];

	return netlink_get(info, TSMFD_A_STATS_INDEX,
			   face ? nla_get_u32(face) : NETLINK_ALL_FACES);
}

/* Adds one message of a dump; false if @skb is full. */
static bool netlink_dump_one(struct sk_buff *skb, struct netlink_callback *cb,
			     u8 command, struct tsmfd_provider *provider,
			     unsigned int face)
{
	void *header = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
				   cb->nlh->nlmsg_seq, &tsmfd_nl_family,
				   NLM_F_MULTI, command);

	if (!header)
		return false;
	if (netlink_put_answer(skb, command, provider, face)) {
		genlmsg_cancel(skb, header);
		return false;
	}
	genlmsg_end(skb, header);
	return true;
}

/*
 * A message for each of the first @faces faces of each provider. The next one's
 * place is kept in cb->args[0].
 */
static int netlink_dump(struct sk_buff *skb, struct netlink_callback *cb,
			u8 command, unsigned int faces)
{
	unsigned long index = cb->args[0] / faces;
	unsigned int face = cb->args[0] % faces;
	struct tsmfd_provider *provider;
	bool full = false;

	while (!full && (provider = tsmfd_provider_next(index))) {
		/* If the one whose turn it was has gone, this one is whole. */
		if (provider->info.index != index)
			face = 0;
		index = provider->info.index;

		while (face < faces &&
		       netlink_dump_one(skb, cb, command, provider, face))
			face++;
		full = face < faces;
		tsmfd_provider_put(provider);
		if (!full) {
			face = 0;
			index++;
		}
	}
	cb->args[0] = index * faces + face;
	return skb->len;
}

int tsmfd_nl_provider_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return netlink_dump(skb, cb, TSMFD_CMD_PROVIDER_GET, 1);
}

int tsmfd_nl_stats_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return netlink_dump(skb, cb, TSMFD_CMD_STATS_GET, __TSMFD_FACE_MAX);
}

static int netlink_put_event(struct sk_buff *skb,
			     const struct tsmfd_event_data *data, u32 suppressed)
{
	const struct tsmfd_info *info = data->info;
	int rc;

	rc = nla_put_u32(skb, TSMFD_A_EVENT_INDEX, info->index) ?:
	     nla_put_string(skb, TSMFD_A_EVENT_NAME, info->provider) ?:
	     nla_put_u32(skb, TSMFD_A_EVENT_ERRNO, -data->error) ?:
	     nla_put_u32(skb, TSMFD_A_EVENT_SUPPRESSED, suppressed);
	if (!rc && uid_valid(data->uid))
		rc = nla_put_u32(skb, TSMFD_A_EVENT_UID,
				 from_kuid_munged(&init_user_ns, data->uid));
	return rc;
}

static void netlink_multicast(u8 command, const struct tsmfd_event_data *data,
			      u32 suppressed)
{
	struct sk_buff *skb = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	void *header;
	int rc;

	if (!skb)
		return;

	header = genlmsg_put(skb, 0, 0, &tsmfd_nl_family, 0, command);
	if (!header)
		goto drop;
	rc = data->error ? netlink_put_event(skb, data, suppressed) :
			   netlink_put_provider(skb, data->info);
	if (rc)
		goto drop;

	genlmsg_end(skb, header);
	genlmsg_multicast(&tsmfd_nl_family, skb, 0, TSMFD_NLGRP_EVENTS, GFP_KERNEL);
	return;

drop:
	nlmsg_free(skb);
}

/**
 * struct netlink_event - a kind of event
 * @command: what it is sent as
 * @rate: bounds how many are sent, so that a firmware that fails every call, or a user
 *	who asks again and again, cannot flood the listeners; all zeros for no bound
 * @suppressed: how many were not sent since the last one that was
 */
struct netlink_event {
	u8			command;
	struct ratelimit_state	rate;
	atomic_t		suppressed;
};

#define NETLINK_LIMITED(_event, _command)				\
	[_event] = {							\
		.command = (_command),					\
		.rate = RATELIMIT_STATE_INIT_FLAGS(_event, HZ,		\
						   NETLINK_EVENTS_MAX,	\
						   RATELIMIT_MSG_ON_RELEASE), \
	}

static struct netlink_event netlink_events[] = {
	[TSMFD_EVENT_ADDED] = { .command = TSMFD_CMD_PROVIDER_ADD_NTF },
	[TSMFD_EVENT_REMOVED] = { .command = TSMFD_CMD_PROVIDER_DEL_NTF },
	NETLINK_LIMITED(TSMFD_EVENT_FAILED, TSMFD_CMD_FAILED_NTF),
	NETLINK_LIMITED(TSMFD_EVENT_THROTTLED, TSMFD_CMD_THROTTLED_NTF),
	NETLINK_LIMITED(TSMFD_EVENT_QUOTA, TSMFD_CMD_QUOTA_NTF),
	NETLINK_LIMITED(TSMFD_EVENT_REFUSED, TSMFD_CMD_REFUSED_NTF),
};

static int netlink_hear(struct notifier_block *listener, unsigned long kind, void *data)
{
	struct netlink_event *event = &netlink_events[kind];

	if (!genl_has_listeners(&tsmfd_nl_family, &init_net, TSMFD_NLGRP_EVENTS))
		return NOTIFY_DONE;

	if (!__ratelimit(&event->rate)) {
		atomic_inc(&event->suppressed);
		return NOTIFY_OK;
	}
	netlink_multicast(event->command, data, atomic_xchg(&event->suppressed, 0));
	return NOTIFY_OK;
}

static struct notifier_block netlink_listener = {
	.notifier_call = netlink_hear,
};

int __init tsmfd_netlink_init(void)
{
	int rc;

	rc = genl_register_family(&tsmfd_nl_family);
	if (rc)
		return rc;

	rc = tsmfd_events_listen(&netlink_listener);
	if (rc)
		genl_unregister_family(&tsmfd_nl_family);
	return rc;
}

void tsmfd_netlink_exit(void)
{
	tsmfd_events_ignore(&netlink_listener);
	genl_unregister_family(&tsmfd_nl_family);
}

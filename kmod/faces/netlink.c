// SPDX-License-Identifier: GPL-2.0-only
/*
 * Generic netlink family "tsmfd": who is there, what was counted, what happens,
 * and how emulated firmware is to behave. Documentation/netlink/specs/tsmfd.yaml
 * describes it. It makes no reports.
 */
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/ratelimit.h>
#include <linux/uidgid.h>
#include <linux/user_namespace.h>
#include <net/genetlink.h>
#include <net/netlink.h>
#include <uapi/linux/tsmfd_netlink.h>

#include "../core/events.h"
#include "../core/registry.h"
#include "../core/stats.h"
#include "../core/user.h"
#include "netlink.h"
#include "netlink_policy.h"

enum {
	/* Of each kind of event about a failing firmware, so many a second. */
	EVENTS_PER_SECOND = 10,
};

static struct genl_family family;

/* The provider that a request names in attribute @attr; held by the caller. */
static struct tsmfd_provider *find_provider(struct genl_info *info, int attr)
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

static int put_provider(struct sk_buff *skb, const struct tsmfd_info *info)
{
	return nla_put_u32(skb, TSMFD_A_PROVIDER_INDEX, info->index) ?:
	       nla_put_string(skb, TSMFD_A_PROVIDER_NAME, info->provider) ?:
	       nla_put_u32(skb, TSMFD_A_PROVIDER_FEATURES, info->features) ?:
	       nla_put_u32(skb, TSMFD_A_PROVIDER_PRIVLEVEL_FLOOR,
			   info->privlevel_floor) ?:
	       nla_put_u32(skb, TSMFD_A_PROVIDER_PRIVLEVEL_MAX,
			   info->privlevel_max) ?:
	       nla_put_u32(skb, TSMFD_A_PROVIDER_FORMATS, info->formats) ?:
	       nla_put_u32(skb, TSMFD_A_PROVIDER_INBLOB_MIN,
			   info->inblob_min) ?:
	       nla_put_u32(skb, TSMFD_A_PROVIDER_INBLOB_MAX,
			   info->inblob_max) ?:
	       nla_put_u32(skb, TSMFD_A_PROVIDER_OUTBLOB_MAX,
			   info->outblob_max) ?:
	       nla_put_u32(skb, TSMFD_A_PROVIDER_AUXBLOB_MAX,
			   info->auxblob_max) ?:
	       nla_put_u32(skb, TSMFD_A_PROVIDER_MANIFESTBLOB_MAX,
			   info->manifestblob_max) ?:
	       nla_put_u32(skb, TSMFD_A_PROVIDER_MAX_INFLIGHT,
			   info->max_inflight);
}

static int put_stats_u64(struct sk_buff *skb, int attr, u64 value)
{
	return nla_put_u64_64bit(skb, attr, value, TSMFD_A_STATS_PAD);
}

/* @face: or __TSMFD_FACE_MAX for all of them. */
static int put_stats(struct sk_buff *skb, struct tsmfd_provider *provider,
		     enum tsmfd_face face)
{
	struct tsmfd_queue *queue = &provider->queue;
	struct tsmfd_face_stats sum = {};
	enum tsmfd_face i;

	for (i = 0; i < __TSMFD_FACE_MAX; i++) {
		if (face == i || face == __TSMFD_FACE_MAX)
			tsmfd_stats_sum(queue->stats, i, &sum);
	}

	if (face != __TSMFD_FACE_MAX &&
	    nla_put_u32(skb, TSMFD_A_STATS_FACE, face))
		return -EMSGSIZE;

	return nla_put_u32(skb, TSMFD_A_STATS_INDEX, provider->info.index) ?:
	       put_stats_u64(skb, TSMFD_A_STATS_REQUESTS, sum.requests) ?:
	       put_stats_u64(skb, TSMFD_A_STATS_REPORTS, sum.reports) ?:
	       put_stats_u64(skb, TSMFD_A_STATS_FAILURES, sum.failures) ?:
	       put_stats_u64(skb, TSMFD_A_STATS_CANCELLED, sum.cancelled) ?:
	       put_stats_u64(skb, TSMFD_A_STATS_BATCHES,
			     atomic64_read(&queue->batches)) ?:
	       nla_put_64bit(skb, TSMFD_A_STATS_LATENCY, sizeof(sum.latency),
			     sum.latency, TSMFD_A_STATS_PAD) ?:
	       nla_put_u32(skb, TSMFD_A_STATS_QUEUED,
			   READ_ONCE(queue->queued)) ?:
	       nla_put_u32(skb, TSMFD_A_STATS_IN_FLIGHT,
			   tsmfd_slots_taken(&queue->slots)) ?:
	       put_stats_u64(skb, TSMFD_A_STATS_OVER_QUOTA,
			     atomic64_read(&queue->refused)) ?:
	       nla_put_u32(skb, TSMFD_A_STATS_QUOTA_REQUESTS,
			   READ_ONCE(tsmfd_quota.requests)) ?:
	       put_stats_u64(skb, TSMFD_A_STATS_QUOTA_BYTES,
			     READ_ONCE(tsmfd_quota.bytes));
}

/* The settings are read together; see tsmfd_ops.emu_get. */
static int put_emu(struct sk_buff *skb, struct tsmfd_provider *provider)
{
	u32 values[TSMFD_EMU_SETTINGS];
	int rc, i;

	rc = tsmfd_queue_emu_get(&provider->queue, values);
	if (rc)
		return rc;

	if (nla_put_u32(skb, TSMFD_A_EMU_INDEX, provider->info.index))
		return -EMSGSIZE;
	for (i = 0; i < TSMFD_EMU_SETTINGS; i++) {
		if (nla_put_u32(skb, TSMFD_A_EMU_INDEX + 1 + i, values[i]))
			return -EMSGSIZE;
	}
	return 0;
}

/* Fills the answer about a provider that a command is for. */
static int put_answer(struct sk_buff *skb, struct tsmfd_provider *provider,
		      struct genl_info *info)
{
	enum tsmfd_face face = __TSMFD_FACE_MAX;

	switch (info->genlhdr->cmd) {
	case TSMFD_CMD_PROVIDER_GET:
		return put_provider(skb, &provider->info);
	case TSMFD_CMD_STATS_GET:
		if (info->attrs[TSMFD_A_STATS_FACE])
			face = nla_get_u32(info->attrs[TSMFD_A_STATS_FACE]);
		return put_stats(skb, provider, face);
	case TSMFD_CMD_EMU_GET:
		return put_emu(skb, provider);
	default:
		return -EOPNOTSUPP;
	}
}

static int reply(struct tsmfd_provider *provider, struct genl_info *info)
{
	struct sk_buff *skb = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	void *header;
	int rc;

	if (!skb)
		return -ENOMEM;

	header = genlmsg_put_reply(skb, info, &family, 0, info->genlhdr->cmd);
	rc = header ? put_answer(skb, provider, info) : -EMSGSIZE;
	if (rc) {
		nlmsg_free(skb);
		if (rc == -EOPNOTSUPP)
			NL_SET_ERR_MSG(info->extack,
				       "this provider is not emulated");
		if (rc == -ENODEV)
			NL_SET_ERR_MSG(info->extack, "the provider has gone");
		return rc;
	}

	genlmsg_end(skb, header);
	return genlmsg_reply(skb, info);
}

/* All of these sets have the provider's number first. */
static int get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct tsmfd_provider *provider;
	int rc;

	BUILD_BUG_ON(TSMFD_A_STATS_INDEX - TSMFD_A_PROVIDER_INDEX);
	BUILD_BUG_ON(TSMFD_A_EMU_INDEX - TSMFD_A_PROVIDER_INDEX);

	provider = find_provider(info, TSMFD_A_PROVIDER_INDEX);
	if (IS_ERR(provider))
		return PTR_ERR(provider);

	rc = reply(provider, info);
	tsmfd_provider_put(provider);
	return rc;
}

static int dump_provider(struct sk_buff *skb, struct netlink_callback *cb,
			 struct tsmfd_provider *provider, unsigned int part)
{
	return put_provider(skb, &provider->info);
}

static int dump_stats(struct sk_buff *skb, struct netlink_callback *cb,
		      struct tsmfd_provider *provider, unsigned int part)
{
	return put_stats(skb, provider, part);
}

/* @parts messages a provider; where it stands is in @cb. */
static int dump(struct sk_buff *skb, struct netlink_callback *cb, u8 command,
		unsigned int parts,
		int (*put)(struct sk_buff *skb, struct netlink_callback *cb,
			   struct tsmfd_provider *provider, unsigned int part))
{
	unsigned long index = cb->args[0] / parts;
	unsigned int part = cb->args[0] % parts;
	struct tsmfd_provider *provider;

	while ((provider = tsmfd_provider_next(index))) {
		/* A provider that has gone meanwhile had parts of its own. */
		if (provider->info.index != index)
			part = 0;
		index = provider->info.index;

		for (; part < parts; part++) {
			void *header = genlmsg_put(skb,
						   NETLINK_CB(cb->skb).portid,
						   cb->nlh->nlmsg_seq, &family,
						   NLM_F_MULTI, command);

			if (!header || put(skb, cb, provider, part)) {
				if (header)
					genlmsg_cancel(skb, header);
				tsmfd_provider_put(provider);
				goto out;
			}
			genlmsg_end(skb, header);
		}
		tsmfd_provider_put(provider);
		part = 0;
		index++;
	}
out:
	cb->args[0] = index * parts + part;
	return skb->len;
}

static int provider_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dump(skb, cb, TSMFD_CMD_PROVIDER_GET, 1, dump_provider);
}

static int stats_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dump(skb, cb, TSMFD_CMD_STATS_GET, __TSMFD_FACE_MAX, dump_stats);
}

static int emu_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	u32 values[TSMFD_EMU_SETTINGS] = {};
	struct tsmfd_provider *provider;
	unsigned long given = 0;
	int bad = 0;
	int rc, i;

	/* By hand, since GENL_ADMIN_PERM says nothing of why. */
	if (!netlink_capable(skb, CAP_SYS_ADMIN)) {
		NL_SET_ERR_MSG(info->extack,
			       "emulated firmware is set by CAP_SYS_ADMIN only");
		return -EPERM;
	}

	for (i = 0; i < TSMFD_EMU_SETTINGS; i++) {
		struct nlattr *attr = info->attrs[TSMFD_A_EMU_INDEX + 1 + i];

		if (!attr)
			continue;
		values[i] = nla_get_u32(attr);
		given |= BIT(i);
	}
	if (!given) {
		NL_SET_ERR_MSG(info->extack, "no setting is given");
		return -EINVAL;
	}

	provider = find_provider(info, TSMFD_A_EMU_INDEX);
	if (IS_ERR(provider))
		return PTR_ERR(provider);

	rc = tsmfd_queue_emu_set(&provider->queue, values, given, &bad);
	tsmfd_provider_put(provider);
	if (rc == -EOPNOTSUPP)
		NL_SET_ERR_MSG(info->extack, "this provider is not emulated");
	else if (rc == -ENODEV)
		NL_SET_ERR_MSG(info->extack, "the provider has gone");
	else if (rc)
		NL_SET_ERR_MSG_ATTR(info->extack,
				    info->attrs[TSMFD_A_EMU_INDEX + 1 + bad],
				    "out of the setting's range; nothing was set");
	return rc;
}

static const struct genl_ops ops[] = {
	{
		.cmd		= TSMFD_CMD_PROVIDER_GET,
		.doit		= get_doit,
		.dumpit		= provider_dumpit,
		.policy		= tsmfd_provider_policy,
		.maxattr	= ARRAY_SIZE(tsmfd_provider_policy) - 1,
	},
	{
		.cmd		= TSMFD_CMD_STATS_GET,
		.doit		= get_doit,
		.dumpit		= stats_dumpit,
		.policy		= tsmfd_stats_policy,
		.maxattr	= ARRAY_SIZE(tsmfd_stats_policy) - 1,
	},
	{
		.cmd		= TSMFD_CMD_EMU_GET,
		.doit		= get_doit,
		.policy		= tsmfd_emu_policy,
		.maxattr	= ARRAY_SIZE(tsmfd_emu_policy) - 1,
	},
	{
		.cmd		= TSMFD_CMD_EMU_SET,
		.doit		= emu_set_doit,
		.policy		= tsmfd_emu_policy,
		.maxattr	= ARRAY_SIZE(tsmfd_emu_policy) - 1,
	},
};

static const struct genl_multicast_group groups[] = {
	{ .name = TSMFD_MCGRP_EVENTS },
};

static struct genl_family family = {
	.name		= TSMFD_FAMILY_NAME,
	.version	= TSMFD_FAMILY_VERSION,
	.module		= THIS_MODULE,
	.parallel_ops	= true,
	.ops		= ops,
	.n_ops		= ARRAY_SIZE(ops),
	.mcgrps		= groups,
	.n_mcgrps	= ARRAY_SIZE(groups),
};

static int put_event(struct sk_buff *skb, const struct tsmfd_event_data *data,
		     u32 suppressed)
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

static void multicast(u8 command, const struct tsmfd_event_data *data,
		      u32 suppressed)
{
	struct sk_buff *skb = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	void *header;
	int rc;

	if (!skb)
		return;

	header = genlmsg_put(skb, 0, 0, &family, 0, command);
	if (!header)
		goto drop;
	rc = data->error ? put_event(skb, data, suppressed) :
			   put_provider(skb, data->info);
	if (rc)
		goto drop;

	genlmsg_end(skb, header);
	genlmsg_multicast(&family, skb, 0, 0, GFP_KERNEL);
	return;

drop:
	nlmsg_free(skb);
}

/* A firmware that fails every call, or a user, is not to flood who listens. */
struct event_limit {
	struct ratelimit_state	rate;
	atomic_t		suppressed;
};

#define EVENT_LIMIT(name)						\
static struct event_limit name##_limit = {				\
	.rate = RATELIMIT_STATE_INIT_FLAGS(name, HZ, EVENTS_PER_SECOND,	\
					   RATELIMIT_MSG_ON_RELEASE),	\
}

EVENT_LIMIT(failed);
EVENT_LIMIT(throttled);
EVENT_LIMIT(quota);
EVENT_LIMIT(refused);

static void multicast_limited(struct event_limit *limit, u8 command,
			      const struct tsmfd_event_data *data)
{
	if (!__ratelimit(&limit->rate)) {
		atomic_inc(&limit->suppressed);
		return;
	}
	multicast(command, data, atomic_xchg(&limit->suppressed, 0));
}

static int on_event(struct notifier_block *listener, unsigned long event,
		    void *arg)
{
	const struct tsmfd_event_data *data = arg;

	if (!genl_has_listeners(&family, &init_net, 0))
		return NOTIFY_DONE;

	switch (event) {
	case TSMFD_EVENT_ADDED:
		multicast(TSMFD_CMD_PROVIDER_ADD_NTF, data, 0);
		break;
	case TSMFD_EVENT_REMOVED:
		multicast(TSMFD_CMD_PROVIDER_DEL_NTF, data, 0);
		break;
	case TSMFD_EVENT_FAILED:
		multicast_limited(&failed_limit, TSMFD_CMD_FAILED_NTF, data);
		break;
	case TSMFD_EVENT_THROTTLED:
		multicast_limited(&throttled_limit, TSMFD_CMD_THROTTLED_NTF,
				  data);
		break;
	case TSMFD_EVENT_QUOTA:
		multicast_limited(&quota_limit, TSMFD_CMD_QUOTA_NTF, data);
		break;
	case TSMFD_EVENT_REFUSED:
		multicast_limited(&refused_limit, TSMFD_CMD_REFUSED_NTF, data);
		break;
	}
	return NOTIFY_OK;
}

static struct notifier_block listener = {
	.notifier_call = on_event,
};

int __init tsmfd_netlink_init(void)
{
	int rc;

	rc = genl_register_family(&family);
	if (rc)
		return rc;

	rc = tsmfd_events_listen(&listener);
	if (rc)
		genl_unregister_family(&family);
	return rc;
}

void tsmfd_netlink_exit(void)
{
	tsmfd_events_ignore(&listener);
	genl_unregister_family(&family);
}

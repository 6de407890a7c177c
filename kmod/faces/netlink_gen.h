/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/tsmfd.yaml */
/* YNL-GEN kernel header */

#ifndef _LINUX_TSMFD_GEN_H
#define _LINUX_TSMFD_GEN_H

#include <net/netlink.h>
#include <net/genetlink.h>

#include <uapi/linux/tsmfd_netlink.h>

extern const struct nla_policy tsmfd_provider_get_nl_policy[TSMFD_A_PROVIDER_INDEX + 1];

extern const struct nla_policy tsmfd_stats_get_nl_policy[TSMFD_A_STATS_FACE + 1];

/* Ops table for tsmfd */
extern const struct genl_ops tsmfd_nl_ops[2];

int tsmfd_nl_provider_get_doit(struct sk_buff *skb, struct genl_info *info);
int tsmfd_nl_provider_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb);
int tsmfd_nl_stats_get_doit(struct sk_buff *skb, struct genl_info *info);
int tsmfd_nl_stats_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);

enum {
	TSMFD_NLGRP_EVENTS,
};

#endif /* _LINUX_TSMFD_GEN_H */

// SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/tsmfd.yaml */
/* YNL-GEN kernel source */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "netlink_gen.h"

#include <uapi/linux/tsmfd_netlink.h>

/* TSMFD_CMD_PROVIDER_GET - do */
const struct nla_policy tsmfd_provider_get_nl_policy[TSMFD_A_PROVIDER_INDEX + 1] = {
	[TSMFD_A_PROVIDER_INDEX] = { .type = NLA_U32, },
};

/* TSMFD_CMD_STATS_GET - do */
const struct nla_policy tsmfd_stats_get_nl_policy[TSMFD_A_STATS_FACE + 1] = {
	[TSMFD_A_STATS_INDEX] = { .type = NLA_U32, },
	[TSMFD_A_STATS_FACE] = NLA_POLICY_MAX(NLA_U32, 3),
};

/* Ops table for tsmfd */
const struct genl_ops tsmfd_nl_ops[2] = {
	{
		.cmd		= TSMFD_CMD_PROVIDER_GET,
		.doit		= tsmfd_nl_provider_get_doit,
		.dumpit		= tsmfd_nl_provider_get_dumpit,
		.policy		= tsmfd_provider_get_nl_policy,
		.maxattr	= TSMFD_A_PROVIDER_INDEX,
	},
	{
		.cmd		= TSMFD_CMD_STATS_GET,
		.doit		= tsmfd_nl_stats_get_doit,
		.dumpit		= tsmfd_nl_stats_get_dumpit,
		.policy		= tsmfd_stats_get_nl_policy,
		.maxattr	= TSMFD_A_STATS_FACE,
	},
};

static const struct genl_multicast_group tsmfd_nl_mcgrps[] = {
	[TSMFD_NLGRP_EVENTS] = { "events", },
};

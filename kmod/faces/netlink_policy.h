/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TSMFD_FACES_NETLINK_POLICY_H
#define TSMFD_FACES_NETLINK_POLICY_H

#include <net/netlink.h>
#include <uapi/linux/tsmfd_netlink.h>

extern const struct nla_policy tsmfd_provider_policy[__TSMFD_A_PROVIDER_MAX];
extern const struct nla_policy tsmfd_stats_policy[__TSMFD_A_STATS_MAX];
extern const struct nla_policy tsmfd_emu_policy[__TSMFD_A_EMU_MAX];

#endif /* TSMFD_FACES_NETLINK_POLICY_H */

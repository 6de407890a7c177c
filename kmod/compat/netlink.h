/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * <net/genetlink.h> as Linux 6.7 has it.
 */
#ifndef TSMFD_COMPAT_NETLINK_H
#define TSMFD_COMPAT_NETLINK_H

#include <net/genetlink.h>

/* Before December 2023 a group asked for CAP_NET_ADMIN by a flag of commands. */
#ifndef GENL_MCAST_CAP_NET_ADMIN
#define GENL_MCAST_CAP_NET_ADMIN	GENL_UNS_ADMIN_PERM
#endif

#endif /* TSMFD_COMPAT_NETLINK_H */

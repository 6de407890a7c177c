/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * <net/genetlink.h> and <net/netlink.h> as Linux 6.7 has them.
 */
#ifndef TSMFD_COMPAT_NETLINK_H
#define TSMFD_COMPAT_NETLINK_H

#include <linux/version.h>
#include <net/genetlink.h>
#include <net/netlink.h>

/* Before December 2023 a group asked for CAP_NET_ADMIN by a flag of commands. */
#ifndef GENL_MCAST_CAP_NET_ADMIN
#define GENL_MCAST_CAP_NET_ADMIN	GENL_UNS_ADMIN_PERM
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
/* Puts 4 bytes if the value fits into them, and 8 otherwise. */
static inline int nla_put_uint(struct sk_buff *skb, int type, u64 value)
{
	u32 narrow = value;

	if (narrow == value)
		return nla_put_u32(skb, type, narrow);
	return nla_put(skb, type, sizeof(value), &value);
}
#endif

#endif /* TSMFD_COMPAT_NETLINK_H */

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TSMFD_FACES_NETLINK_H
#define TSMFD_FACES_NETLINK_H

#ifdef CONFIG_TSMFD_NETLINK
extern struct genl_family tsmfd_nl_family;

int tsmfd_netlink_init(void);
void tsmfd_netlink_exit(void);
#else
static inline int tsmfd_netlink_init(void)
{
	return 0;
}

static inline void tsmfd_netlink_exit(void)
{
}
#endif

#endif /* TSMFD_FACES_NETLINK_H */

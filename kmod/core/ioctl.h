/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TSMFD_CORE_IOCTL_H
#define TSMFD_CORE_IOCTL_H

#include <linux/ioctl.h>

/* What an ioctl is, whatever the size of the structure that its caller knows. */
#define IOC_WITHOUT_SIZE(cmd)	((cmd) & ~IOCSIZE_MASK)

#endif /* TSMFD_CORE_IOCTL_H */

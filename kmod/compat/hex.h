/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * <linux/hex.h>, which Linux 6.1 does not have; <linux/kernel.h> has its functions there.
 */
#ifndef TSMFD_COMPAT_HEX_H
#define TSMFD_COMPAT_HEX_H

#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
#include <linux/kernel.h>
#else
#include <linux/hex.h>
#endif

#endif /* TSMFD_COMPAT_HEX_H */

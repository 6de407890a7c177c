/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * <linux/slab.h> as Linux 6.9 has it.
 */
#ifndef TSMFD_COMPAT_SLAB_H
#define TSMFD_COMPAT_SLAB_H

#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 9, 0)
DEFINE_FREE(kvfree, void *, if (!IS_ERR_OR_NULL(_T)) kvfree(_T))
#endif

#endif /* TSMFD_COMPAT_SLAB_H */

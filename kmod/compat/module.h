/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * <linux/module.h> as Linux 6.13 has it.
 */
#ifndef TSMFD_COMPAT_MODULE_H
#define TSMFD_COMPAT_MODULE_H

#include <linux/module.h>
#include <linux/version.h>

/* The namespace was a bare word. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
#undef MODULE_IMPORT_NS
#define MODULE_IMPORT_NS(ns)	MODULE_INFO(import_ns, ns)
#endif

#endif /* TSMFD_COMPAT_MODULE_H */

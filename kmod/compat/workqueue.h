/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * <linux/workqueue.h> as Linux 6.17 has it.
 */
#ifndef TSMFD_COMPAT_WORKQUEUE_H
#define TSMFD_COMPAT_WORKQUEUE_H

#include <linux/version.h>
#include <linux/workqueue.h>

/* What is not WQ_UNBOUND was WQ_PERCPU, without being told. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 17, 0)
#define WQ_PERCPU		0
#define system_percpu_wq	system_wq
#endif

#endif /* TSMFD_COMPAT_WORKQUEUE_H */

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * <linux/tsm.h> under the names that Linux 6.16 gave it. Vendors' drivers are
 * linked by the symbols' names and the types' contents, so both must come out
 * as the kernel at hand has them.
 */
#ifndef TSMFD_COMPAT_TSM_H
#define TSMFD_COMPAT_TSM_H

#include <linux/tsm.h>

#ifndef TSM_REPORT_INBLOB_MAX
#define TSM_REPORT_INBLOB_MAX		TSM_INBLOB_MAX
#define TSM_REPORT_OUTBLOB_MAX		TSM_OUTBLOB_MAX
#define TSM_REPORT_PRIVLEVEL_MAX	TSM_PRIVLEVEL_MAX
#define tsm_report_desc			tsm_desc
#define tsm_report_ops			tsm_ops
#define tsm_report_register		tsm_register
#define tsm_report_unregister		tsm_unregister
#endif

#endif /* TSMFD_COMPAT_TSM_H */

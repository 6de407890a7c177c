/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * <linux/sysfs.h> before and after binary attributes became constant, which they did
 * in several steps.
 */
#ifndef TSMFD_COMPAT_SYSFS_H
#define TSMFD_COMPAT_SYSFS_H

#include <linux/sysfs.h>

/* A callback of &struct bin_attribute, where that is constant. */
#define COMPAT_BIN_READ_CONST								\
	((ssize_t (*)(struct file *, struct kobject *, const struct bin_attribute *,	\
		      char *, loff_t, size_t))NULL)

/* What a callback of &struct bin_attribute gets. */
#define COMPAT_BIN_ATTRIBUTE	typeof(*__builtin_choose_expr(				\
	__same_type(((struct bin_attribute *)NULL)->read, COMPAT_BIN_READ_CONST),	\
	(const struct bin_attribute *)NULL, (struct bin_attribute *)NULL))

/* What &struct attribute_group has a list of. */
#define COMPAT_BIN_ATTRIBUTES	typeof(*((struct attribute_group *)NULL)->bin_attrs)

#endif /* TSMFD_COMPAT_SYSFS_H */

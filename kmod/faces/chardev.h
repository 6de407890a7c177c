/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TSMFD_FACES_CHARDEV_H
#define TSMFD_FACES_CHARDEV_H

#include <linux/fs.h>

extern const struct file_operations tsmfd_chardev_fops;

#ifdef CONFIG_TSMFD_CHARDEV
#define TSMFD_CHARDEV_FOPS (&tsmfd_chardev_fops)
#else
#define TSMFD_CHARDEV_FOPS NULL
#endif

#endif /* TSMFD_FACES_CHARDEV_H */

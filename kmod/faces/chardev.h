/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TSMFD_FACES_CHARDEV_H
#define TSMFD_FACES_CHARDEV_H

#include <linux/fs.h>

#include "../core/session.h"

/**
 * struct tsmfd_file - an open file
 * @session: its options, and the request for them. Its lock protects the
 *	members below too.
 * @read_out: the generation of the report that a read has come to the end of
 * @kept: a one-shot request whose caller could not take the answer, for when it
 *	comes again; see take_kept()
 */
struct tsmfd_file {
	struct tsmfd_session	session;
	u64			read_out;
	struct tsmfd_request	*kept;
};

long tsmfd_chardev_ioctl(struct file *file, unsigned int cmd, unsigned long arg);

extern const struct file_operations tsmfd_chardev_fops;

#ifdef CONFIG_TSMFD_CHARDEV
#define TSMFD_CHARDEV_FOPS (&tsmfd_chardev_fops)
#else
#define TSMFD_CHARDEV_FOPS NULL
#endif

#endif /* TSMFD_FACES_CHARDEV_H */

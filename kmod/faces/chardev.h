/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TSMFD_FACES_CHARDEV_H
#define TSMFD_FACES_CHARDEV_H

#include <linux/fs.h>

#include "../core/session.h"

struct chardev_kept;

/**
 * enum chardev_stage - how far an open file is with its present options
 * @CHARDEV_FRESH: their report, or the error, has not been read to its end
 * @CHARDEV_READ: the report has; there is no more until options are set
 * @CHARDEV_TOLD: a read has told the error; the next one has the report made anew
 */
enum chardev_stage {
	CHARDEV_FRESH,
	CHARDEV_READ,
	CHARDEV_TOLD,
};

/**
 * struct tsmfd_file - an open file
 * @session: its options, and the request for them. Its lock protects the
 *	members below too.
 * @stage: how far it is
 * @error: why no request could be made when one was wanted last, or 0
 * @kept: one-shot requests for callers that come again; NULL until there was one.
 *	See chardev_ioctl.c.
 */
struct tsmfd_file {
	struct tsmfd_session	session;
	enum chardev_stage	stage;
	int			error;
	struct chardev_kept	*kept;
};

long tsmfd_chardev_ioctl(struct file *file, unsigned int cmd, unsigned long arg);
void tsmfd_chardev_free_kept(struct tsmfd_file *tf);

extern const struct file_operations tsmfd_chardev_fops;

#ifdef CONFIG_TSMFD_CHARDEV
#define TSMFD_CHARDEV_FOPS (&tsmfd_chardev_fops)
#else
#define TSMFD_CHARDEV_FOPS NULL
#endif

#endif /* TSMFD_FACES_CHARDEV_H */

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * <linux/seq_file.h> as Linux 6.9 has it.
 */
#ifndef TSMFD_COMPAT_SEQ_FILE_H
#define TSMFD_COMPAT_SEQ_FILE_H

#include <linux/seq_file.h>

#ifndef DEFINE_SHOW_STORE_ATTRIBUTE
#define DEFINE_SHOW_STORE_ATTRIBUTE(name)						\
static int name##_open(struct inode *inode, struct file *file)				\
{											\
	return single_open(file, name##_show, inode->i_private);			\
}											\
											\
static const struct file_operations name##_fops = {					\
	.owner = THIS_MODULE, .open = name##_open, .read = seq_read,			\
	.write = name##_write, .llseek = seq_lseek, .release = single_release,		\
}
#endif

#endif /* TSMFD_COMPAT_SEQ_FILE_H */

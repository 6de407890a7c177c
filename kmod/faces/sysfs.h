/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TSMFD_FACES_SYSFS_H
#define TSMFD_FACES_SYSFS_H

#include <linux/types.h>

struct tsmfd_face_hooks;

#ifdef CONFIG_TSMFD_SYSFS
const struct tsmfd_face_hooks *tsmfd_sysfs_face(void);
#else
static inline const struct tsmfd_face_hooks *tsmfd_sysfs_face(void)
{
	return NULL;
}
#endif

#endif /* TSMFD_FACES_SYSFS_H */

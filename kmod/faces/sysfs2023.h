/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What sysfs2023.c, which has the devices, needs of sysfs2023_attrs.c, which has their
 * files. A device's drvdata is its struct tsmfd_session.
 */
#ifndef TSMFD_FACES_SYSFS2023_H
#define TSMFD_FACES_SYSFS2023_H

struct attribute_group;

extern const struct attribute_group *sysfs2023_groups[];

#endif /* TSMFD_FACES_SYSFS2023_H */

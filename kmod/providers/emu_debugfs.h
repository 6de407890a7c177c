/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * /sys/kernel/debug/tsmfd_emu/tsmfdN/: an instance's settings and statistics.
 *
 * The file "settings" reads as lines of name=value and takes such words, of which it
 * sets all or none. EINVAL is for words that are none, ERANGE for a value out of its
 * setting's range.
 */
#ifndef _TSMFD_EMU_DEBUGFS_H
#define _TSMFD_EMU_DEBUGFS_H

#include "emu_faults.h"

struct dentry;

void emu_debugfs_init(void);
void emu_debugfs_exit(void);
struct dentry *emu_debugfs_add(int index, struct emu_faults *faults);

#endif /* _TSMFD_EMU_DEBUGFS_H */

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * /sys/kernel/debug/tsmfd_emu/tsmfdN/: an instance's settings and statistics.
 *
 * A file for each setting, and "settings" with all of them: it reads as lines of
 * name=value and takes such words, of which it sets all or none. EINVAL is for words
 * that are none, ERANGE for a value out of its setting's range.
 */
#ifndef _TSMFD_EMU_DEBUGFS_H
#define _TSMFD_EMU_DEBUGFS_H

#include "emu_faults.h"

struct dentry;

/* Which setting of which instance a file reads and writes. */
struct emu_setting_file {
	struct emu_faults	*faults;
	enum emu_setting	setting;
};

/**
 * struct emu_debugfs - an instance's directory
 * @dir: the directory; an error pointer if debugfs is off, which is no failure
 * @files: what the files of @dir point to
 */
struct emu_debugfs {
	struct dentry		*dir;
	struct emu_setting_file	files[EMU_SETTINGS];
};

void emu_debugfs_init(void);
void emu_debugfs_exit(void);
void emu_debugfs_add(struct emu_debugfs *debugfs, int index, struct emu_faults *faults);
void emu_debugfs_remove(struct emu_debugfs *debugfs);

#endif /* _TSMFD_EMU_DEBUGFS_H */

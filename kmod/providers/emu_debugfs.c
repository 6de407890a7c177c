// SPDX-License-Identifier: GPL-2.0-only
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "emu_debugfs.h"

enum {
	PRESET_WRITE_MAX	= 32,	/* with its newline or NUL */
};

static struct dentry *emu_debugfs_root;

static int emu_debugfs_get_setting(void *data, u64 *value)
{
	struct emu_setting_file *file = data;

	*value = emu_faults_get(file->faults, file->setting);
	return 0;
}

static int emu_debugfs_set_setting(void *data, u64 value)
{
	struct emu_setting_file *file = data;

	return emu_faults_set(file->faults, file->setting, value);
}

DEFINE_DEBUGFS_ATTRIBUTE(emu_debugfs_setting_fops, emu_debugfs_get_setting,
			 emu_debugfs_set_setting, "%llu\n");

static int emu_debugfs_get_counter(void *data, u64 *value)
{
	*value = atomic64_read((atomic64_t *)data);
	return 0;
}

DEFINE_DEBUGFS_ATTRIBUTE(emu_debugfs_counter_fops, emu_debugfs_get_counter, NULL, "%llu\n");

static int emu_debugfs_show_preset(struct seq_file *seq, void *unused)
{
	seq_printf(seq, "%s\n", emu_faults_preset(seq->private));
	return 0;
}

static int emu_debugfs_open_preset(struct inode *inode, struct file *file)
{
	return single_open(file, emu_debugfs_show_preset, inode->i_private);
}

static ssize_t emu_debugfs_write_preset(struct file *file, const char __user *from,
					size_t len, loff_t *pos)
{
	struct emu_faults *faults = file_inode(file)->i_private;
	char name[PRESET_WRITE_MAX];
	int err;

	if (len >= sizeof(name))
		return -EINVAL;
	if (copy_from_user(name, from, len))
		return -EFAULT;
	name[len] = '\0';

	err = emu_faults_set_preset(faults, strim(name));
	return err ? err : len;
}

static const struct file_operations emu_debugfs_preset_fops = {
	.owner		= THIS_MODULE,
	.open		= emu_debugfs_open_preset,
	.read		= seq_read,
	.write		= emu_debugfs_write_preset,
	.llseek		= seq_lseek,
	.release	= single_release,
};

/**
 * emu_debugfs_init() - make the directory of all instances
 */
void emu_debugfs_init(void)
{
	emu_debugfs_root = debugfs_create_dir(KBUILD_MODNAME, NULL);
}

/**
 * emu_debugfs_exit() - remove it
 */
void emu_debugfs_exit(void)
{
	debugfs_remove_recursive(emu_debugfs_root);
}

/**
 * emu_debugfs_add() - make an instance's directory
 * @debugfs: filled
 * @index: N of /dev/tsmN
 * @faults: what the files speak of; outlives them
 */
void emu_debugfs_add(struct emu_debugfs *debugfs, int index, struct emu_faults *faults)
{
	struct dentry *dir;
	char name[16];
	int i;

	snprintf(name, sizeof(name), "tsm%d", index);
	dir = debugfs_create_dir(name, emu_debugfs_root);
	debugfs->dir = dir;

	for (i = 0; i < EMU_SETTINGS; i++) {
		debugfs->files[i].faults = faults;
		debugfs->files[i].setting = i;
		debugfs_create_file(emu_setting_name(i), 0600, dir, &debugfs->files[i],
				    &emu_debugfs_setting_fops);
	}
	debugfs_create_file("preset", 0600, dir, faults, &emu_debugfs_preset_fops);

	debugfs_create_file("calls", 0400, dir, &faults->calls, &emu_debugfs_counter_fops);
	debugfs_create_file("busy", 0400, dir, &faults->busy, &emu_debugfs_counter_fops);
	debugfs_create_file("failed", 0400, dir, &faults->failed, &emu_debugfs_counter_fops);
	debugfs_create_file("spoiled", 0400, dir, &faults->spoiled, &emu_debugfs_counter_fops);
	debugfs_create_file("overlap", 0400, dir, &faults->overlap, &emu_debugfs_counter_fops);
	debugfs_create_file("busy_ns", 0400, dir, &faults->busy_ns, &emu_debugfs_counter_fops);
	debugfs_create_atomic_t("inflight", 0400, dir, &faults->inflight);
	debugfs_create_atomic_t("inflight_peak", 0400, dir, &faults->inflight_peak);
}

/**
 * emu_debugfs_remove() - remove it; no file operation is under way afterwards
 * @debugfs: from emu_debugfs_add(), or zeroed
 */
void emu_debugfs_remove(struct emu_debugfs *debugfs)
{
	debugfs_remove_recursive(debugfs->dir);
}

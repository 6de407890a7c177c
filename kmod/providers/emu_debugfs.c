// SPDX-License-Identifier: GPL-2.0-only
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/tsmfd.h>
#include <linux/uaccess.h>

#include "../compat/seq_file.h"
#include "emu_debugfs.h"

enum {
	PRESET_WRITE_MAX	= 32,	/* with its newline or NUL */
	SETTINGS_WRITE_MAX	= 512,	/* likewise; all of them take up 310 */
};

static struct dentry *emu_debugfs_root;

static int emu_debugfs_get_counter(void *data, u64 *value)
{
	*value = atomic64_read((atomic64_t *)data);
	return 0;
}

DEFINE_DEBUGFS_ATTRIBUTE(emu_debugfs_counter_fops, emu_debugfs_get_counter, NULL, "%llu\n");

static int emu_debugfs_preset_show(struct seq_file *seq, void *unused)
{
	seq_printf(seq, "%s\n", emu_faults_preset(seq->private));
	return 0;
}

static ssize_t emu_debugfs_preset_write(struct file *file, const char __user *from,
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

DEFINE_SHOW_STORE_ATTRIBUTE(emu_debugfs_preset);

static int emu_debugfs_settings_show(struct seq_file *seq, void *unused)
{
	struct emu_settings settings;
	int i;

	emu_faults_get(seq->private, &settings);
	for (i = 0; i < EMU_SETTINGS; i++)
		seq_printf(seq, "%s=%u\n", emu_setting_name(i), settings.value[i]);
	return 0;
}

/* Takes one "name=value"; the last counts if there are several of a name. */
static int emu_debugfs_parse_setting(char *word, u32 *values, unsigned long *given)
{
	char *name = strsep(&word, "=");
	int setting = emu_setting_find(name);
	int err;

	if (setting < 0 || !word)
		return -EINVAL;
	err = kstrtou32(word, 0, &values[setting]);
	if (err)
		return err;
	*given |= BIT(setting);
	return 0;
}

static ssize_t emu_debugfs_settings_write(struct file *file, const char __user *from,
					  size_t len, loff_t *pos)
{
	struct emu_faults *faults = file_inode(file)->i_private;
	u32 values[EMU_SETTINGS] = {};
	char text[SETTINGS_WRITE_MAX];
	unsigned long given = 0;
	char *rest = text;
	char *word;
	int err;

	if (len >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, from, len))
		return -EFAULT;
	text[len] = '\0';

	while ((word = strsep(&rest, " \t\n"))) {
		err = *word ? emu_debugfs_parse_setting(word, values, &given) : 0;
		if (err)
			return err;
	}
	if (!given)
		return -EINVAL;

	err = emu_faults_set(faults, values, given);
	return err ? err : len;
}

DEFINE_SHOW_STORE_ATTRIBUTE(emu_debugfs_settings);

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
 * @index: N of /dev/tsmfdN
 * @faults: what the files speak of; outlives them
 *
 * Return: the directory, for emu_debugfs_remove(); an error pointer if debugfs is
 * off, which is no failure.
 */
struct dentry *emu_debugfs_add(int index, struct emu_faults *faults)
{
	struct dentry *dir;
	char name[16];

	snprintf(name, sizeof(name), TSMFD_CLASS_NAME "%d", index);
	dir = debugfs_create_dir(name, emu_debugfs_root);
	debugfs_create_file("settings", 0600, dir, faults, &emu_debugfs_settings_fops);
	debugfs_create_file("preset", 0600, dir, faults, &emu_debugfs_preset_fops);

	debugfs_create_file("calls", 0400, dir, &faults->calls, &emu_debugfs_counter_fops);
	debugfs_create_file("busy", 0400, dir, &faults->busy, &emu_debugfs_counter_fops);
	debugfs_create_file("failed", 0400, dir, &faults->failed, &emu_debugfs_counter_fops);
	debugfs_create_file("spoiled", 0400, dir, &faults->spoiled, &emu_debugfs_counter_fops);
	debugfs_create_file("overlap", 0400, dir, &faults->overlap, &emu_debugfs_counter_fops);
	debugfs_create_file("busy_ns", 0400, dir, &faults->busy_ns, &emu_debugfs_counter_fops);
	debugfs_create_atomic_t("inflight", 0400, dir, &faults->inflight);
	debugfs_create_atomic_t("inflight_peak", 0400, dir, &faults->inflight_peak);
	return dir;
}

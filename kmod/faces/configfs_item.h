/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An item of configfs-tsm without its files, which configfs.c has:
 *
 *	item = configfs_item_new();
 *	len = configfs_item_read(item, NULL, 0, CONFIGFS_OUTBLOB);
 *	len = configfs_item_read(item, buffer, len, CONFIGFS_OUTBLOB);
 *	configfs_item_free(item);
 */
#ifndef TSMFD_FACES_CONFIGFS_ITEM_H
#define TSMFD_FACES_CONFIGFS_ITEM_H

#include <linux/configfs.h>

#include "../core/session.h"

struct vendor;

/**
 * struct report_item - a directory below configfs/tsm/report
 * @cfg: what configfs knows the item by. configfs counts its references, and frees
 *	the item with the last of them.
 * @attrs: BIT() of each attribute that it shows; constant
 * @bin_attrs: BIT() of each binary attribute that it shows; constant
 * @session: its options, and the request for them
 * @vendor: the driver that the session asks. Protected by the session's lock, and
 *	constant once @asked is set.
 * @asked: somebody has wanted a report. Set without a lock, and never cleared.
 */
struct report_item {
	struct config_item	cfg;
	unsigned long		attrs;
	unsigned long		bin_attrs;
	struct tsmfd_session	session;
	struct vendor		*vendor;
	bool			asked;
};

/* Which of a report's blobs. */
enum configfs_blob {
	CONFIGFS_OUTBLOB,
	CONFIGFS_AUXBLOB,
	CONFIGFS_MANIFESTBLOB,
};

struct report_item *configfs_item_new(void);
void configfs_item_free(struct report_item *item);
int configfs_item_select(struct report_item *item, const char *device);
ssize_t configfs_item_read(struct report_item *item, void *buf, size_t count,
			   enum configfs_blob which);

#endif /* TSMFD_FACES_CONFIGFS_ITEM_H */

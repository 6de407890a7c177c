/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TSMFD_FACES_CONFIGFS_ITEM_H
#define TSMFD_FACES_CONFIGFS_ITEM_H

#include <linux/configfs.h>
#include <linux/list.h>

#include "../core/session.h"

struct tsmfd_request;
struct vendor;

/**
 * struct report_pin - a report kept for the second call of a read
 * @node: in the item's pins, but for the first one
 * @reader: who makes it, a task's number in the initial namespace; 0 while the pin
 *	is free
 * @request: answered; a reference. Of @reader, or of who has the session's lock
 *	and found that @reader has ended.
 */
struct report_pin {
	struct list_head	node;
	pid_t			reader;
	struct tsmfd_request	*request;
};

/**
 * struct report_item - a directory below configfs/tsm/report
 * @cfg: what configfs knows it by; its references are the item's
 * @attrs: BIT() of each attribute that it shows; constant
 * @bin_attrs: BIT() of each binary attribute that it shows; constant
 * @session: its options, and the request for them
 * @vendor: whom the session asks; constant once @asked. Protected, like the
 *	next two, by the session's lock.
 * @asked: a report was wanted
 * @pins: reads that know their report's length and do not have its bytes yet
 * @first_pin: the one that is allocated with the item, so that a reader alone
 *	needs no other, nor the lock
 */
struct report_item {
	struct config_item	cfg;
	unsigned long		attrs;
	unsigned long		bin_attrs;
	struct tsmfd_session	session;
	struct vendor		*vendor;
	bool			asked;
	struct list_head	pins;
	struct report_pin	first_pin;
};

/* Which of a report's blobs. */
enum report_blob {
	REPORT_OUTBLOB,
	REPORT_AUXBLOB,
	REPORT_MANIFESTBLOB,
};

struct report_item *report_item_new(void);
void report_item_free(struct report_item *item);
int report_item_select(struct report_item *item, const char *device);
ssize_t report_item_read(struct report_item *item, void *buf, size_t count,
			 enum report_blob which);

#endif /* TSMFD_FACES_CONFIGFS_ITEM_H */

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TSMFD_CORE_EVENTS_H
#define TSMFD_CORE_EVENTS_H

#include <linux/tsmfd.h>
#include <linux/uidgid.h>

struct notifier_block;

/**
 * enum tsmfd_event - what there is to hear of
 * @TSMFD_EVENT_ADDED: a provider has come
 * @TSMFD_EVENT_REMOVED: a provider is leaving
 * @TSMFD_EVENT_FAILED: its firmware failed
 * @TSMFD_EVENT_THROTTLED: its firmware said that it is busy
 * @TSMFD_EVENT_QUOTA: a user has run into a quota
 * @TSMFD_EVENT_REFUSED: a user asked for what he may not have
 */
enum tsmfd_event {
	TSMFD_EVENT_ADDED,
	TSMFD_EVENT_REMOVED,
	TSMFD_EVENT_FAILED,
	TSMFD_EVENT_THROTTLED,
	TSMFD_EVENT_QUOTA,
	TSMFD_EVENT_REFUSED,
};

/**
 * struct tsmfd_event_data - of whom, and why
 * @info: the provider
 * @error: an errno, negative, or 0
 * @uid: the user, or INVALID_UID where it is about none
 */
struct tsmfd_event_data {
	const struct tsmfd_info	*info;
	int			error;
	kuid_t			uid;
};

void tsmfd_event_of_user(enum tsmfd_event event, const struct tsmfd_info *info,
			 int error, kuid_t uid);
static inline void tsmfd_event(enum tsmfd_event event,
			       const struct tsmfd_info *info, int error)
{
	tsmfd_event_of_user(event, info, error, INVALID_UID);
}

int tsmfd_events_listen(struct notifier_block *listener);
void tsmfd_events_ignore(struct notifier_block *listener);

#endif /* TSMFD_CORE_EVENTS_H */

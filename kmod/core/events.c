// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events: the core says what happens; a face that wants to know listens.
 */
#include <linux/notifier.h>

#include "events.h"

static BLOCKING_NOTIFIER_HEAD(listeners);

/**
 * tsmfd_event_of_user() - something has happened because of a user
 * @event: what
 * @info: to which provider; not kept
 * @error: why
 * @uid: who
 *
 * May sleep.
 */
void tsmfd_event_of_user(enum tsmfd_event event, const struct tsmfd_info *info,
			 int error, kuid_t uid)
{
	struct tsmfd_event_data data = {
		.info = info, .error = error, .uid = uid,
	};

	blocking_notifier_call_chain(&listeners, event, &data);
}

/* Has @listener called with each enum tsmfd_event and its data. Returns 0 or an errno. */
int tsmfd_events_listen(struct notifier_block *listener)
{
	return blocking_notifier_chain_register(&listeners, listener);
}

void tsmfd_events_ignore(struct notifier_block *listener)
{
	blocking_notifier_chain_unregister(&listeners, listener);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events: the core says what happens; a face that wants to know listens.
 */
#include <linux/cleanup.h>
#include <linux/export.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/srcu.h>

#include "events.h"

/*
 * While a listener hears of one event it may wait for a task that is about to raise
 * another: removing a file waits for the tasks that are reading it. If raising an event
 * took a lock, and a third task waited to change the chain under that lock, then the
 * reader would wait behind the third task, which waits for the listener: a deadlock.
 * With SRCU, raising an event waits for nobody.
 */
static RAW_NOTIFIER_HEAD(listeners);
static DEFINE_MUTEX(listeners_lock);	/* serialises changes of the chain */
DEFINE_STATIC_SRCU(listeners_srcu);	/* lets a listener go once nobody calls it */

/**
 * tsmfd_event() - something has happened
 * @event: what
 * @info: to which provider; not kept
 * @error: why, or 0
 *
 * May sleep.
 */
void tsmfd_event(enum tsmfd_event event, const struct tsmfd_info *info,
		 int error)
{
	tsmfd_event_of_user(event, info, error, INVALID_UID);
}

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
	int index = srcu_read_lock(&listeners_srcu);

	raw_notifier_call_chain(&listeners, event, &data);
	srcu_read_unlock(&listeners_srcu, index);
}

/**
 * tsmfd_events_listen() - be called with each enum tsmfd_event
 * @listener: with a struct tsmfd_event_data
 *
 * Return: 0 or an errno.
 */
int tsmfd_events_listen(struct notifier_block *listener)
{
	guard(mutex)(&listeners_lock);
	return raw_notifier_chain_register(&listeners, listener);
}
EXPORT_SYMBOL_GPL(tsmfd_events_listen);

/**
 * tsmfd_events_ignore() - be called no more
 * @listener: from tsmfd_events_listen()
 *
 * Waits for calls that are under way.
 */
void tsmfd_events_ignore(struct notifier_block *listener)
{
	scoped_guard(mutex, &listeners_lock)
		raw_notifier_chain_unregister(&listeners, listener);
	synchronize_srcu(&listeners_srcu);
}
EXPORT_SYMBOL_GPL(tsmfd_events_ignore);

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events: the core says what happens; a face that wants to know listens.
 *
 * Owns: who listens. May include: nothing of the core; may be included by all.
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
static RAW_NOTIFIER_HEAD(events_listeners);
static DEFINE_MUTEX(events_lock);	/* serialises changes of the chain */
DEFINE_STATIC_SRCU(events_srcu);	/* lets a listener go once nobody calls it */

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
	int index = srcu_read_lock(&events_srcu);

	raw_notifier_call_chain(&events_listeners, event, &data);
	srcu_read_unlock(&events_srcu, index);
}

/* Has @listener called with each enum tsmfd_event and its data. Returns 0 or an errno. */
int tsmfd_events_listen(struct notifier_block *listener)
{
	guard(mutex)(&events_lock);
	return raw_notifier_chain_register(&events_listeners, listener);
}
EXPORT_SYMBOL_GPL(tsmfd_events_listen);

/* Waits for calls that are under way. */
void tsmfd_events_ignore(struct notifier_block *listener)
{
	scoped_guard(mutex, &events_lock)
		raw_notifier_chain_unregister(&events_listeners, listener);
	synchronize_srcu(&events_srcu);
}
EXPORT_SYMBOL_GPL(tsmfd_events_ignore);

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TSMFD_CORE_SESSION_H
#define TSMFD_CORE_SESSION_H

#include <linux/mutex.h>
#include <linux/tsmfd.h>

#include "queue.h"
#include "request.h"

struct tsmfd_provider;
struct tsmfd_request;

/**
 * struct tsmfd_session - options that last, and the request for them
 * @provider: whom they are for; a reference
 * @flow: its turns at the firmware
 * @lock: never held while the firmware works
 * @options: as last set
 * @generation: counts how often they were set
 * @request: the one for @options, from whoever needed it first; NULL until then
 *
 * What an open file, a key and each other face that keeps options have in
 * common.
 */
struct tsmfd_session {
	struct tsmfd_provider	*provider;
	struct tsmfd_flow	flow;
	struct mutex		lock;	/* protects all below */
	struct tsmfd_options	options;
	u64			generation;
	struct tsmfd_request	*request;
};

int tsmfd_session_init(struct tsmfd_session *session,
		       struct tsmfd_provider *provider, enum tsmfd_face face);
void tsmfd_session_destroy(struct tsmfd_session *session);
int tsmfd_session_move(struct tsmfd_session *session,
		       struct tsmfd_provider *provider);
int tsmfd_session_lock(struct tsmfd_session *session, bool nowait);
void tsmfd_session_set(struct tsmfd_session *session,
		       const struct tsmfd_options *options,
		       struct tsmfd_request *request);
struct tsmfd_request *tsmfd_session_start(struct tsmfd_session *session,
					  bool nowait, u64 *generation);
void tsmfd_session_drop(struct tsmfd_session *session,
			struct tsmfd_request *request);
struct tsmfd_request *tsmfd_session_answer(struct tsmfd_session *session);

/**
 * tsmfd_session_changed() - its options have been changed in place
 * @session: locked, since before they were
 */
static inline void tsmfd_session_changed(struct tsmfd_session *session)
{
	lockdep_assert_held(&session->lock);

	if (session->request) {
		tsmfd_request_put(session->request);
		session->request = NULL;
	}
	session->generation++;
}

#endif /* TSMFD_CORE_SESSION_H */

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TSMFD_CORE_SESSION_H
#define TSMFD_CORE_SESSION_H

#include <linux/mutex.h>
#include <linux/tsmfd.h>

#include "queue.h"
#include "request.h"

struct tsmfd_provider;

/**
 * struct tsmfd_session - options that last, and the request for them
 * @provider: whom they are for; a reference
 * @flow: its turns at the firmware; a reference
 * @lock: protects all below, and what faces say it does; never held while the
 *	firmware works, nor while user memory is accessed
 * @options: as last set
 * @generation: counts how often they were set
 * @request: the one for @options, held, once somebody needed it; or NULL
 *
 * What an open file, a key and each other face that keeps options have in
 * common.
 */
struct tsmfd_session {
	struct tsmfd_provider	*provider;
	struct tsmfd_flow	*flow;
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
void tsmfd_session_changed(struct tsmfd_session *session);
void tsmfd_session_set(struct tsmfd_session *session,
		       const struct tsmfd_options *options);
struct tsmfd_request *tsmfd_session_need(struct tsmfd_session *session,
					 bool *is_new);
void tsmfd_session_forget(struct tsmfd_session *session,
			  struct tsmfd_request *request);
bool tsmfd_session_is_to_retry(const struct tsmfd_request *request);
struct tsmfd_request *tsmfd_session_answer(struct tsmfd_session *session,
					   unsigned int task_state);

#endif /* TSMFD_CORE_SESSION_H */

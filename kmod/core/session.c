// SPDX-License-Identifier: GPL-2.0-only
/*
 * A session: options that last, and the request for them.
 *
 * Whoever needs the report first has it made; whoever comes while it is being
 * made waits for the same one. Setting the options forgets it, but not for those
 * who hold it already.
 */
#include <linux/cleanup.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/sched.h>

#include "registry.h"
#include "request.h"
#include "session.h"

/**
 * tsmfd_session_init() - with no options yet
 * @session: to be initialised
 * @provider: held by the caller; the session takes a reference of its own
 * @face: whose it is
 *
 * Its user is the calling task's.
 *
 * Return: 0 or -ENOMEM.
 */
int tsmfd_session_init(struct tsmfd_session *session,
		       struct tsmfd_provider *provider, enum tsmfd_face face)
{
	int rc;

	rc = tsmfd_flow_init(&session->flow, &provider->queue, face,
			     current_uid());
	if (rc)
		return rc;

	get_device(&provider->dev);
	session->provider = provider;
	mutex_init(&session->lock);
	session->options = (struct tsmfd_options) {};
	session->generation = 0;
	session->request = NULL;
	return 0;
}
EXPORT_SYMBOL_GPL(tsmfd_session_init);

/**
 * tsmfd_session_destroy() - the end of it
 * @session: nobody uses it any more, nor holds a request of its flow
 */
void tsmfd_session_destroy(struct tsmfd_session *session)
{
	tsmfd_request_put(session->request);
	tsmfd_flow_destroy(&session->flow, &session->provider->queue);
	tsmfd_provider_put(session->provider);
}
EXPORT_SYMBOL_GPL(tsmfd_session_destroy);

/**
 * tsmfd_session_move() - have another provider asked
 * @session: locked; no request was ever made of it
 * @provider: held by the caller; the session takes a reference of its own
 *
 * Return: 0, or -ENOMEM and the session is as it was.
 */
int tsmfd_session_move(struct tsmfd_session *session,
		       struct tsmfd_provider *provider)
{
	int rc;

	lockdep_assert_held(&session->lock);

	rc = tsmfd_flow_move(&session->flow, &session->provider->queue,
			     &provider->queue);
	if (rc)
		return rc;
	get_device(&provider->dev);
	tsmfd_provider_put(session->provider);
	session->provider = provider;
	return 0;
}
EXPORT_SYMBOL_GPL(tsmfd_session_move);

/**
 * tsmfd_session_lock() - for who may not be allowed to wait
 * @session: to be unlocked by mutex_unlock() of its lock
 * @nowait: rather fail than wait
 *
 * Waiting is short, since nobody waits for firmware with the lock, and is not
 * interrupted: a poll that a signal made give up would have to say that there is
 * nothing to read, and epoll would not ask again.
 *
 * Return: 0 or -EAGAIN.
 */
int tsmfd_session_lock(struct tsmfd_session *session, bool nowait)
{
	if (nowait)
		return mutex_trylock(&session->lock) ? 0 : -EAGAIN;

	mutex_lock(&session->lock);
	return 0;
}
EXPORT_SYMBOL_GPL(tsmfd_session_lock);

/**
 * tsmfd_session_set() - other options
 * @session: locked
 * @options: copied; validated
 * @request: a request for them, a reference to which becomes the session's; or
 *	NULL, to have one made when it is needed
 */
void tsmfd_session_set(struct tsmfd_session *session,
		       const struct tsmfd_options *options,
		       struct tsmfd_request *request)
{
	tsmfd_session_changed(session);
	session->options = *options;
	session->request = request;
}
EXPORT_SYMBOL_GPL(tsmfd_session_set);

/* Held by the session, and by the caller. */
static inline struct tsmfd_request *new_request(struct tsmfd_session *session)
{
	struct tsmfd_request *request =
		tsmfd_request_new(session->provider, &session->flow,
				  &session->options);

	if (IS_ERR(request))
		return request;
	session->request = request;
	/* Nobody else has it yet. */
	refcount_set(&request->refs, 2);
	return request;
}

/**
 * tsmfd_session_start() - the request for the options as they are now
 * @session: not locked
 * @nowait: rather fail than wait for the lock
 * @generation: NULL, or set to the options' generation
 *
 * Return: the request, held by the caller and submitted, or soon to be so by
 * another; or an ERR_PTR().
 */
struct tsmfd_request *tsmfd_session_start(struct tsmfd_session *session,
					  bool nowait, u64 *generation)
{
	struct tsmfd_request *request;
	bool is_new;
	int rc;

	rc = tsmfd_session_lock(session, nowait);
	if (rc)
		return ERR_PTR(rc);

	request = session->request;
	is_new = !request;
	if (is_new)
		request = new_request(session);
	else
		tsmfd_request_get(request);
	if (generation)
		*generation = session->generation;
	mutex_unlock(&session->lock);

	/* Outside of the lock, since it may run the firmware's call. */
	if (is_new && !IS_ERR(request))
		tsmfd_queue_submit(request);
	return request;
}
EXPORT_SYMBOL_GPL(tsmfd_session_start);

/**
 * tsmfd_session_drop() - a request is not to be found again
 * @session: not locked
 * @request: one of its requests; held by the caller, and still so afterwards
 *
 * For one that failed: the next to need a report has it made anew.
 */
void tsmfd_session_drop(struct tsmfd_session *session,
			struct tsmfd_request *request)
{
	scoped_guard(mutex, &session->lock) {
		if (session->request != request)
			return;
		session->request = NULL;
	}
	tsmfd_request_put(request);
}
EXPORT_SYMBOL_GPL(tsmfd_session_drop);

/**
 * tsmfd_session_answer() - the report for the options as they are now
 * @session: not locked
 *
 * Return: a request that has been answered without an error, held by the
 * caller; or an ERR_PTR(), -ERESTARTSYS after a signal.
 */
struct tsmfd_request *tsmfd_session_answer(struct tsmfd_session *session)
{
	struct tsmfd_request *request;
	long rc;

	request = tsmfd_session_start(session, false, NULL);
	if (IS_ERR(request))
		return request;

	rc = tsmfd_request_wait(request, MAX_SCHEDULE_TIMEOUT);
	if (!rc && request->error) {
		rc = request->error;
		tsmfd_session_drop(session, request);
	}
	if (!rc)
		return request;

	tsmfd_request_put(request);
	return ERR_PTR(rc);
}
EXPORT_SYMBOL_GPL(tsmfd_session_answer);

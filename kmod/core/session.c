// SPDX-License-Identifier: GPL-2.0-only
/*
 * A session: options that last, and the request for them.
 *
 * Whoever needs the report first has it made; whoever comes while it is being
 * made waits for the same one. Setting the options forgets it, but those who wait
 * for it already still get it.
 *
 * Owns: what faces that keep options have in common. May include: options to queue,
 * and the registry's struct tsmfd_provider.
 */
#include <kunit/visibility.h>
#include <linux/cleanup.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/wait.h>

#include "provider.h"
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
	struct tsmfd_flow *flow;

	flow = tsmfd_flow_new(&provider->users, face, current_uid());
	if (IS_ERR(flow))
		return PTR_ERR(flow);

	*session = (struct tsmfd_session) {
		.provider = tsmfd_provider_get(provider),
		.flow = flow,
	};
	mutex_init(&session->lock);
	return 0;
}
EXPORT_SYMBOL_GPL(tsmfd_session_init);

/**
 * tsmfd_session_destroy() - the end of it
 * @session: nobody uses it any more, nor holds a request of it
 */
void tsmfd_session_destroy(struct tsmfd_session *session)
{
	tsmfd_request_put(session->request);
	tsmfd_flow_put(session->flow);
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
	const struct tsmfd_flow *old = session->flow;
	struct tsmfd_flow *flow;

	lockdep_assert_held(&session->lock);

	flow = tsmfd_flow_new(&provider->users, old->face, old->user->uid);
	if (IS_ERR(flow))
		return PTR_ERR(flow);
	tsmfd_flow_put(session->flow);
	session->flow = flow;
	tsmfd_provider_put(session->provider);
	session->provider = tsmfd_provider_get(provider);
	return 0;
}
EXPORT_SYMBOL_GPL(tsmfd_session_move);

/**
 * tsmfd_session_changed() - its options have been changed in place
 * @session: locked, since before they were
 *
 * Whoever polls is woken: the request that it waits for will not come.
 */
void tsmfd_session_changed(struct tsmfd_session *session)
{
	lockdep_assert_held(&session->lock);

	tsmfd_request_put(session->request);
	session->request = NULL;
	WRITE_ONCE(session->generation, session->generation + 1);
	/* Without a key: io_uring would take EPOLLIN for what a poll says. */
	if (wq_has_sleeper(&session->flow->wait))
		wake_up(&session->flow->wait);
}
EXPORT_SYMBOL_GPL(tsmfd_session_changed);

/**
 * tsmfd_session_set() - other options
 * @session: locked
 * @options: copied; validated
 */
void tsmfd_session_set(struct tsmfd_session *session,
		       const struct tsmfd_options *options)
{
	lockdep_assert_held(&session->lock);

	session->options = *options;
	tsmfd_session_changed(session);
}
EXPORT_SYMBOL_GPL(tsmfd_session_set);

/**
 * tsmfd_session_need() - the request for the options as they are now
 * @session: locked
 * @is_new: set if the caller has to submit the request, once it has let go of the
 *	lock, for that may make the firmware's call
 *
 * Return: the request, held by the caller; or what tsmfd_request_new() says.
 */
struct tsmfd_request *tsmfd_session_need(struct tsmfd_session *session,
					 bool *is_new)
{
	struct tsmfd_request *request = session->request;

	lockdep_assert_held(&session->lock);

	*is_new = !request;
	if (request)
		return tsmfd_request_get(request);

	request = tsmfd_request_new(&session->provider->queue, session->flow,
				    &session->options);
	if (IS_ERR(request))
		*is_new = false;
	else
		session->request = tsmfd_request_get(request);
	return request;
}
EXPORT_SYMBOL_IF_KUNIT(tsmfd_session_need);

/* As tsmfd_session_need(), and submitted, or soon to be so by another. */
static struct tsmfd_request *session_start(struct tsmfd_session *session)
{
	struct tsmfd_request *request;
	bool is_new;

	scoped_guard(mutex, &session->lock)
		request = tsmfd_session_need(session, &is_new);
	if (is_new)
		tsmfd_queue_submit(request, true);
	return request;
}

/**
 * tsmfd_session_forget() - the next to need a report has it made anew
 * @session: not locked
 * @request: not to be found again; held by the caller, and still so afterwards
 */
void tsmfd_session_forget(struct tsmfd_session *session,
			  struct tsmfd_request *request)
{
	guard(mutex)(&session->lock);
	if (session->request != request)
		return;
	session->request = NULL;
	tsmfd_request_put(request);
}
EXPORT_SYMBOL_GPL(tsmfd_session_forget);

/**
 * tsmfd_session_is_to_retry() - did it fail for somebody else's signal?
 * @request: DONE
 *
 * A caller may make the firmware's call itself, and a provider may give that up
 * when a signal comes to the caller. That is no answer to others who wait for the
 * same request.
 *
 * Return: true if the calling task is to have the report made anew.
 */
bool tsmfd_session_is_to_retry(const struct tsmfd_request *request)
{
	return request->error == -EINTR && !signal_pending(current);
}
EXPORT_SYMBOL_IF_KUNIT(tsmfd_session_is_to_retry);

/**
 * tsmfd_session_answer() - the report for the options as they are now
 * @session: not locked
 * @task_state: how to wait, as of tsmfd_request_wait()
 *
 * Return: a request that has been answered without an error, held by the
 * caller; or an ERR_PTR(), -ERESTARTSYS after a signal.
 */
struct tsmfd_request *tsmfd_session_answer(struct tsmfd_session *session,
					   unsigned int task_state)
{
	struct tsmfd_request *request;
	bool is_to_retry;
	int rc;

	do {
		request = session_start(session);
		if (IS_ERR(request))
			return request;

		rc = tsmfd_request_wait(request, task_state);
		if (!rc && !request->error)
			return request;

		is_to_retry = !rc && tsmfd_session_is_to_retry(request);
		if (!rc) {
			rc = request->error;
			tsmfd_session_forget(session, request);
		}
		tsmfd_request_put(request);
	} while (is_to_retry);
	return ERR_PTR(rc);
}
EXPORT_SYMBOL_GPL(tsmfd_session_answer);

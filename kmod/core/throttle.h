/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TSMFD_CORE_THROTTLE_H
#define TSMFD_CORE_THROTTLE_H

#include <linux/types.h>
#include <linux/workqueue.h>

struct tsmfd_queue;
struct tsmfd_request;

/**
 * struct tsmfd_throttle - a firmware that said it is busy
 * @again: ends the back-off
 * @active: no call is made for now. Protected, like @delay_ms, by the queue's
 *	lock.
 * @delay_ms: how long the latest back-off was; 0 once a call has gone well
 */
struct tsmfd_throttle {
	struct delayed_work	again;
	bool			active;
	u32			delay_ms;
};

extern unsigned int tsmfd_busy_timeout_ms;

/**
 * tsmfd_throttle_is_on() - is the firmware's latest word that it is busy?
 * @throttle: whose queue is locked
 *
 * Return: true if so, be it now or at the next call that it is asked again.
 */
static inline bool tsmfd_throttle_is_on(const struct tsmfd_throttle *throttle)
{
	return throttle->active || throttle->delay_ms;
}

void tsmfd_throttle_init(struct tsmfd_throttle *throttle);
void tsmfd_throttle_stop(struct tsmfd_throttle *throttle);
bool tsmfd_throttle_has_patience(const struct tsmfd_request *request);
void tsmfd_throttle_begin(struct tsmfd_queue *queue);
void tsmfd_throttle_over(struct tsmfd_queue *queue);

#endif /* TSMFD_CORE_THROTTLE_H */

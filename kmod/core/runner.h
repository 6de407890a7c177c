/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TSMFD_CORE_RUNNER_H
#define TSMFD_CORE_RUNNER_H

#include <linux/types.h>

struct tsmfd_queue;
struct tsmfd_request;

int tsmfd_runner_init(struct tsmfd_queue *queue, const char *name);
void tsmfd_runner_wake(struct tsmfd_queue *queue);
bool tsmfd_runner_run(struct tsmfd_queue *queue, struct tsmfd_request *request);
void tsmfd_runner_drain(struct tsmfd_queue *queue);
void tsmfd_runner_destroy(struct tsmfd_queue *queue);

#endif /* TSMFD_CORE_RUNNER_H */

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TSMFD_CORE_REGISTRY_H
#define TSMFD_CORE_REGISTRY_H

#include <linux/fs.h>

#include "provider.h"

struct tsmfd_provider *tsmfd_provider_find(const char *name);
struct tsmfd_provider *tsmfd_provider_next(unsigned long index);

int tsmfd_registry_init(const struct file_operations *fops);
void tsmfd_registry_exit(void);

#endif /* TSMFD_CORE_REGISTRY_H */

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The emulator for modules that do not go through the core, which is emu_stock.c.
 *
 *	ops = tsmfd_emu_find(0, &priv);
 *	err = ops ? ops->report(priv, &options, &report) : -ENODEV;
 */
#ifndef _TSMFD_EMU_H
#define _TSMFD_EMU_H

#include <linux/tsmfd.h>

const struct tsmfd_ops *tsmfd_emu_find(unsigned int instance, void **priv);

#endif /* _TSMFD_EMU_H */

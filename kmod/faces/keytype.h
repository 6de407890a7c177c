/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TSMFD_FACES_KEYTYPE_H
#define TSMFD_FACES_KEYTYPE_H

#ifdef CONFIG_TSMFD_KEYS
int tsmfd_keytype_init(void);
void tsmfd_keytype_exit(void);
#else
static inline int tsmfd_keytype_init(void)
{
	return 0;
}

static inline void tsmfd_keytype_exit(void)
{
}
#endif

#endif /* TSMFD_FACES_KEYTYPE_H */

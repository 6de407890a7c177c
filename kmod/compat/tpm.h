/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * <linux/tpm.h> as Linux 7.3 has it: the memory of a struct tpm_buf is the caller's,
 *
 *	struct tpm_buf *buf __free(kfree) = kzalloc(TPM_BUFSIZE, GFP_KERNEL);
 *
 *	tpm_buf_init(buf, TPM_BUFSIZE);
 *	tpm_buf_reset(buf, TPM2_ST_NO_SESSIONS, TPM2_CC_GET_RANDOM);
 */
#ifndef TSMFD_COMPAT_TPM_H
#define TSMFD_COMPAT_TPM_H

#include <linux/mm.h>
#include <linux/tpm.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 3, 0)
/* The bytes are a page that @data points to, as far as this kernel's functions know. */
#define TPM_BUFSIZE		(sizeof(struct tpm_buf) + PAGE_SIZE)
#define TPM_BUF_INVALID		TPM_BUF_OVERFLOW

static inline void compat_tpm_buf_init(struct tpm_buf *buf, u16 size)
{
	*buf = (struct tpm_buf) { .data = (u8 *)(buf + 1) };
}

#define tpm_buf_init		compat_tpm_buf_init
#endif

/*
 * COMPAT_TPM_SEND() - a function for &struct tpm_class_ops' send
 * @name: of a function of chip, command and its length
 *
 * In later kernels it is also told how much room there is at @command.
 */
#define COMPAT_TPM_SEND(name)	__builtin_choose_expr(					\
	__same_type(((struct tpm_class_ops *)NULL)->send, &name##_with_room),		\
	name##_with_room, name)

/* To stand before COMPAT_TPM_SEND(), behind the function. */
#define COMPAT_TPM_DEFINE_SEND(name)							\
static __maybe_unused int name##_with_room(struct tpm_chip *chip, u8 *command,		\
					   size_t room, size_t len)			\
{											\
	return name(chip, command, len);						\
}

#endif /* TSMFD_COMPAT_TPM_H */

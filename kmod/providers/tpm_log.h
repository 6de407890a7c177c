/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The firmware's event log, as the kernel's TPM driver has found it and shows it as
 * binary_bios_measurements. It is crypto-agile and little-endian (TCG PC Client
 * Platform Firmware Profile, revision 1.05, section 10).
 */
#ifndef _TSMFD_TPM_LOG_H
#define _TSMFD_TPM_LOG_H

#include <linux/sizes.h>
#include <linux/tpm.h>
#include <linux/tsmfd.h>

#include "tpm_span.h"

enum {
	TPM_LOG_MAX	= SZ_512K,
};

size_t tpm_log_length(struct tpm_span area);
int tpm_log_copy(struct tpm_chip *chip, struct tsmfd_blob *log);

#endif /* _TSMFD_TPM_LOG_H */

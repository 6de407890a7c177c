/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Has a TPM run commands, and gives each way to fail an errno of its own. None takes
 * longer than some seconds.
 */
#ifndef _TSMFD_TPM_RUN_H
#define _TSMFD_TPM_RUN_H

#include "../compat/tpm.h"

int tpm_run_hold(struct tpm_chip *chip);
bool tpm_run_again(int err, unsigned int *attempt);
int tpm_run(struct tpm_chip *chip, struct tpm_buf *buf, const char *command);
int tpm_run_malformed(const char *command);
int tpm_run_errno(u32 rc);

#endif /* _TSMFD_TPM_RUN_H */

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The functions that the TPM provider's tests are about, once more: tsmfd_tpm.ko is
 * not loaded where there is no TPM, and an object can be in one module only. Where
 * vmlinux has both provider and tests, the tests use the provider's own functions,
 * and Kbuild leaves this file out.
 */
#include "../providers/tpm_log.c"
#undef pr_fmt
#include "../providers/tpm_pcrs.c"
#include "../providers/tpm_quote.c"
#include "../providers/tpm_response.c"
#include "../providers/tpm_run.c"

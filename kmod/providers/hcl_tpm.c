// SPDX-License-Identifier: GPL-2.0-only
/*
 * What this provider shares with that of TPMs, once more, since an object can be in one
 * module only and neither module is to need the other. Where vmlinux has both, they use
 * the same functions, and Kbuild leaves this file out.
 */
#include "tpm_host.c"
#undef pr_fmt
#include "tpm_log.c"
#include "tpm_nv.c"
#include "tpm_pcrs.c"
#include "tpm_quote.c"
#include "tpm_response.c"
#undef pr_fmt
#include "tpm_run.c"

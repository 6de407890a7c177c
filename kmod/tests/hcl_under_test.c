// SPDX-License-Identifier: GPL-2.0-only
/*
 * The functions that the HCL provider's tests are about, once more: tsmfd_hcl.ko is not
 * loaded where there is no such TPM, and an object can be in one module only. Where
 * vmlinux has both provider and tests, the tests use the provider's own functions, and
 * Kbuild leaves this file out.
 */
#include "../providers/hcl_hash.c"
#include "../providers/hcl_json.c"
#include "../providers/hcl_report.c"

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The HCL report, which the paravisor of an Azure confidential VM leaves in NV index
 * 0x01400001: a report of the hardware, and "runtime claims", a JSON object whose hash
 * the hardware's REPORT_DATA starts with. The layout is that of Microsoft's OpenHCL
 * (openhcl_attestation_protocol, igvm_attest), as real reports have it.
 *
 * It is not verified here: no key is looked at. What is looked for is whether it is whole,
 * and the answer to a challenge.
 */
#ifndef _TSMFD_HCL_REPORT_H
#define _TSMFD_HCL_REPORT_H

#include <linux/types.h>

#include "tpm_span.h"

enum {
	HCL_REPORT_USER_DATA	= 64,	/* bytes */
};

/**
 * struct hcl_report - what is read of an HCL report
 * @report_data: REPORT_DATA of the hardware's report, 64 bytes
 * @hash: the name of the hash that it starts with
 * @claims: the runtime claims, which that hash is of
 */
struct hcl_report {
	struct tpm_span	report_data;
	const char	*hash;
	struct tpm_span	claims;
};

int hcl_report_parse(struct tpm_span index, struct hcl_report *report);
int hcl_report_user_data(struct tpm_span claims, u8 *user_data);
int hcl_report_check(struct tpm_span index, const u8 *user_data);

#endif /* _TSMFD_HCL_REPORT_H */

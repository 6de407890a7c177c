/* SPDX-License-Identifier: GPL-2.0-only */
/* The blobs of a report, put together as <linux/tsmfd_hcl.h> says. */
#ifndef _TSMFD_HCL_BLOBS_H
#define _TSMFD_HCL_BLOBS_H

#include <linux/tsmfd.h>
#include <uapi/linux/tsmfd_hcl.h>

#include "hcl_quote.h"
#include "tpm_nv.h"
#include "tpm_response.h"
#include "tpm_span.h"

enum {
	HCL_BLOBS_OUTBLOB_MAX	= sizeof(struct tsmfd_hcl_report) +
				  TPM_NV_SIZE_MAX +
				  TPM_RESPONSE_ATTEST_MAX +
				  TPM_RESPONSE_SIGNATURE_MAX +
				  TPM_RESPONSE_PUBLIC_MAX,
	/* Without the event log. */
	HCL_BLOBS_AUXBLOB_MAX	= sizeof(struct tsmfd_hcl_aux) + TPM_NV_SIZE_MAX,
};

int hcl_blobs_make_report(const struct tsmfd_blob *hcl, const struct hcl_quote *quote,
			  const struct hcl_public *public, struct tsmfd_blob *outblob);
int hcl_blobs_make_aux(const struct tsmfd_blob *ak_cert, const struct tsmfd_blob *event_log,
		       struct tsmfd_blob *auxblob);

#endif /* _TSMFD_HCL_BLOBS_H */

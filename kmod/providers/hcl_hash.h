/* SPDX-License-Identifier: GPL-2.0-only */
/* Hashes by the name that the kernel's crypto API has for them. */
#ifndef _TSMFD_HCL_HASH_H
#define _TSMFD_HCL_HASH_H

#include <linux/types.h>

#include "tpm_span.h"

enum {
	HCL_HASH_MAX	= 64,	/* bytes, of SHA-512 */
};

struct hcl_digest {
	unsigned int	len;
	u8		bytes[HCL_HASH_MAX];
};

int hcl_hash(const char *name, struct tpm_span data, struct hcl_digest *digest);

#endif /* _TSMFD_HCL_HASH_H */

// SPDX-License-Identifier: GPL-2.0-only
#include <crypto/hash.h>
#include <linux/err.h>
#include <linux/errno.h>

#include "hcl_hash.h"

/**
 * hcl_hash() - hash some bytes
 * @name: "sha256" and the like
 * @data: the bytes
 * @digest: set upon success
 *
 * Return: 0, -EOPNOTSUPP if the kernel does not have that hash, or an errno of the
 * crypto API.
 */
int hcl_hash(const char *name, struct tpm_span data, struct hcl_digest *digest)
{
	struct crypto_shash *hash;
	int err;

	hash = crypto_alloc_shash(name, 0, 0);
	if (IS_ERR(hash))
		return PTR_ERR(hash) == -ENOMEM ? -ENOMEM : -EOPNOTSUPP;

	digest->len = crypto_shash_digestsize(hash);
	err = digest->len > sizeof(digest->bytes) ? -EOPNOTSUPP :
	      crypto_shash_tfm_digest(hash, data.data, data.len, digest->bytes);
	crypto_free_shash(hash);
	return err;
}

// SPDX-License-Identifier: GPL-2.0-only
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/printk.h>
#include <linux/string.h>

#include "tpm_aux.h"
#include "tpm_log.h"
#include "tpm_nv.h"
#include "tpm_response.h"
#include "tpm_run.h"

/* Reports can do without a certificate, so the only failure is a lack of memory. */
static int tpm_aux_gather_cert(struct tpm_chip *chip, u32 index, struct tsmfd_blob *cert)
{
	unsigned int attempt = 0;
	int err;

	do {
		tsmfd_blob_free(cert);
		err = tpm_run_hold(chip);
		if (err)
			break;
		err = tpm_nv_read(chip, index, index, cert);
		tpm_put_ops(chip);
	} while (tpm_run_again(err, &attempt));

	if (!err)
		return 0;
	tsmfd_blob_free(cert);
	if (err == -ENOMEM)
		return err;
	if (err != -ESTALE)
		pr_warn("no EK certificate of index 0x%08x: error %d\n", index, err);
	return 0;
}

/**
 * tpm_aux_gather() - take from a chip what does not change
 * @aux: zeros; to be freed with tpm_aux_free() upon success
 * @chip: a reference to it; the caller does not hold it (tpm_run_hold())
 *
 * Return: 0 or -ENOMEM.
 */
int tpm_aux_gather(struct tpm_aux *aux, struct tpm_chip *chip)
{
	int err;

	err = tpm_aux_gather_cert(chip, TPM_NV_EK_ECC_P256, &aux->ek_ecc);
	if (!err)
		err = tpm_aux_gather_cert(chip, TPM_NV_EK_RSA_2048, &aux->ek_rsa);
	if (!err)
		err = tpm_log_copy(chip, &aux->event_log);
	if (err)
		tpm_aux_free(aux);
	return err;
}

/**
 * tpm_aux_free() - undo tpm_aux_gather()
 * @aux: is empty then
 */
void tpm_aux_free(struct tpm_aux *aux)
{
	tsmfd_blob_free(&aux->ek_ecc);
	tsmfd_blob_free(&aux->ek_rsa);
	tsmfd_blob_free(&aux->event_log);
}

/**
 * tpm_aux_max() - the longest auxblob
 * @aux: from tpm_aux_gather()
 *
 * Return: bytes, less than TSMFD_BLOB_MAX.
 */
u32 tpm_aux_max(const struct tpm_aux *aux)
{
	BUILD_BUG_ON(sizeof(struct tsmfd_tpm_aux) + TPM_RESPONSE_PUBLIC_MAX +
		     2 * TPM_NV_SIZE_MAX + TPM_LOG_MAX > TSMFD_BLOB_MAX);

	return sizeof(struct tsmfd_tpm_aux) + TPM_RESPONSE_PUBLIC_MAX +
	       aux->ek_ecc.len + aux->ek_rsa.len + aux->event_log.len;
}

static u8 *tpm_aux_append(u8 *to, const void *data, size_t len)
{
	if (len)
		memcpy(to, data, len);
	return to + len;
}

/**
 * tpm_aux_make() - an auxblob
 * @aux: from tpm_aux_gather()
 * @public: the TPM2B_PUBLIC of the report's key
 * @blob: empty; holds the auxblob upon success
 *
 * Return: 0 or -ENOMEM.
 */
int tpm_aux_make(const struct tpm_aux *aux, struct tpm_span public, struct tsmfd_blob *blob)
{
	struct tsmfd_tpm_aux *head;
	u8 *next;

	head = tsmfd_blob_alloc(blob, sizeof(*head) + public.len + aux->ek_ecc.len +
				      aux->ek_rsa.len + aux->event_log.len);
	if (!head)
		return -ENOMEM;

	*head = (struct tsmfd_tpm_aux) {
		.magic = TSMFD_TPM_AUX_MAGIC,
		.version = cpu_to_le32(1),
		.public_len = cpu_to_le32(public.len),
		.ek_ecc_len = cpu_to_le32(aux->ek_ecc.len),
		.ek_rsa_len = cpu_to_le32(aux->ek_rsa.len),
		.event_log_len = cpu_to_le32(aux->event_log.len),
	};
	next = tpm_aux_append((u8 *)(head + 1), public.data, public.len);
	next = tpm_aux_append(next, aux->ek_ecc.data, aux->ek_ecc.len);
	next = tpm_aux_append(next, aux->ek_rsa.data, aux->ek_rsa.len);
	tpm_aux_append(next, aux->event_log.data, aux->event_log.len);
	return 0;
}

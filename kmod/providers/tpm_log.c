// SPDX-License-Identifier: GPL-2.0-only
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/device.h>
#include <linux/errno.h>
#include <linux/printk.h>
#include <linux/string.h>

#include "tpm_log.h"

enum {
	LOG_HASHES_MAX		= 16,
	LOG_SHA1_SIZE		= 20,
	LOG_NO_ACTION		= 3,	/* EV_NO_ACTION */
};

/* TCG_EfiSpecIDEvent.algorithms */
struct log_hashes {
	u32	count;
	struct {
		u16	alg;
		u16	size;
	} hashes[LOG_HASHES_MAX];
};

/* TCG_EfiSpecIDEvent, up to what the vendor adds */
static bool tpm_log_take_spec_id(struct tpm_span event, struct log_hashes *hashes)
{
	static const char signature[] = "Spec ID Event03";
	struct tpm_span taken;
	u32 i;

	if (!tpm_take(&event, sizeof(signature), &taken) ||
	    memcmp(taken.data, signature, sizeof(signature)) ||
	    !tpm_take(&event, 4 + 4, &taken) ||	/* platform class; versions */
	    !tpm_take_le32(&event, &hashes->count) ||
	    !hashes->count || hashes->count > LOG_HASHES_MAX)
		return false;

	for (i = 0; i < hashes->count; i++) {
		if (!tpm_take_le16(&event, &hashes->hashes[i].alg) ||
		    !tpm_take_le16(&event, &hashes->hashes[i].size) ||
		    !hashes->hashes[i].size)
			return false;
	}
	return true;
}

/* TCG_PCClientPCREvent, which a log of either kind starts with */
static bool tpm_log_take_first(struct tpm_span *log, struct log_hashes *hashes)
{
	struct tpm_span digest, event;
	u32 pcr, type, len;

	return tpm_take_le32(log, &pcr) && !pcr &&
	       tpm_take_le32(log, &type) && type == LOG_NO_ACTION &&
	       tpm_take(log, LOG_SHA1_SIZE, &digest) &&
	       tpm_take_le32(log, &len) && tpm_take(log, len, &event) &&
	       tpm_log_take_spec_id(event, hashes);
}

static bool tpm_log_take_digest(struct tpm_span *log, const struct log_hashes *hashes)
{
	struct tpm_span digest;
	u16 alg;
	u32 i;

	if (!tpm_take_le16(log, &alg))
		return false;
	for (i = 0; i < hashes->count; i++) {
		if (hashes->hashes[i].alg == alg)
			return tpm_take(log, hashes->hashes[i].size, &digest);
	}
	return false;
}

/* TCG_PCR_EVENT2 */
static bool tpm_log_take_event(struct tpm_span *log, const struct log_hashes *hashes)
{
	u32 pcr, type, digests, len;
	struct tpm_span event;

	if (!tpm_take_le32(log, &pcr) || !tpm_take_le32(log, &type) ||
	    !tpm_take_le32(log, &digests) || !digests || digests > hashes->count)
		return false;
	while (digests--) {
		if (!tpm_log_take_digest(log, hashes))
			return false;
	}
	return tpm_take_le32(log, &len) && tpm_take(log, len, &event);
}

/**
 * tpm_log_length() - how many bytes of an area are event log
 * @area: what firmware has set aside for it
 *
 * Return: bytes, all of whole events; 0 if there is no crypto-agile log.
 */
size_t tpm_log_length(struct tpm_span area)
{
	struct log_hashes hashes;
	struct tpm_span left = area;
	size_t len;

	if (!tpm_log_take_first(&left, &hashes))
		return 0;
	do {
		len = area.len - left.len;
	} while (tpm_log_take_event(&left, &hashes));
	return len;
}

static int tpm_log_copy_area(const struct tpm_bios_log *from, struct tsmfd_blob *log)
{
	struct tpm_span area = { .data = from->bios_event_log };
	size_t len;

	if (!area.data)
		return 0;
	area.len = (const u8 *)from->bios_event_log_end - area.data;
	len = tpm_log_length(area);
	if (!len)
		return 0;
	if (len > TPM_LOG_MAX) {
		pr_warn("the event log is of %zu bytes, too many to go with reports\n", len);
		return 0;
	}
	if (!tsmfd_blob_alloc(log, len))
		return -ENOMEM;
	memcpy(log->data, area.data, len);
	return 0;
}

/**
 * tpm_log_copy() - the event log of a chip's boot
 * @chip: a reference to it
 * @log: empty; remains so if there is no crypto-agile log, or one too long
 *
 * A reference keeps the chip, but not its log. The log is freed with the chip's other
 * managed resources when its driver leaves it (device_del()), even while its ops are
 * held. Only the lock of the device that the driver is bound to keeps it.
 *
 * Return: 0 or -ENOMEM.
 */
int tpm_log_copy(struct tpm_chip *chip, struct tsmfd_blob *log)
{
	struct device *parent = chip->dev.parent;
	int err = 0;

	/* A virtual chip has no device, and no firmware that has measured the boot. */
	if (!parent)
		return 0;

	device_lock(parent);
	if (device_is_registered(&chip->dev))
		err = tpm_log_copy_area(&chip->log, log);
	device_unlock(parent);
	return err;
}

// SPDX-License-Identifier: GPL-2.0-only
#include <linux/errno.h>
#include <linux/string.h>

#include "../compat/hex.h"
#include "hcl_hash.h"
#include "hcl_json.h"
#include "hcl_report.h"

enum {
	HCL_HEADER_REST		= 6 * sizeof(u32),	/* behind magic and version */
	HCL_HARDWARE_SIZE	= 1184,
	HCL_DATA_HEAD		= 5 * sizeof(u32),	/* data size to claims size */
	HCL_CAPABILITIES	= sizeof(u32),		/* since data version 2 */
	HCL_REPORT_DATA_SIZE	= 64,

	/* Where REPORT_DATA is, in the reports of each kind. */
	HCL_SNP_REPORT_DATA	= 0x50,
	HCL_TDX_REPORT_DATA	= 128,
};

/* What the hardware's report is. */
enum {
	HCL_TYPE_SNP		= 2,
	HCL_TYPE_TDX		= 4,
};

/* By the number that a report has for it. */
static const char *const hashes[] = { NULL, "sha256", "sha384", "sha512" };

/* Takes the header; -EOPNOTSUPP if it is of another version. */
static int hcl_report_take_header(struct tpm_span *from)
{
	struct tpm_span magic, rest;
	u32 version;

	if (!tpm_take(from, 4, &magic) || memcmp(magic.data, "HCLA", 4) ||
	    !tpm_take_le32(from, &version) || !tpm_take(from, HCL_HEADER_REST, &rest))
		return -EIO;
	return version == 1 || version == 2 ? 0 : -EOPNOTSUPP;
}

static int hcl_report_find_data(struct tpm_span hardware, u32 type, struct tpm_span *data)
{
	struct tpm_span before;
	size_t offset;

	switch (type) {
	case HCL_TYPE_SNP:
		offset = HCL_SNP_REPORT_DATA;
		break;
	case HCL_TYPE_TDX:
		offset = HCL_TDX_REPORT_DATA;
		break;
	default:
		return -EOPNOTSUPP;
	}
	return tpm_take(&hardware, offset, &before) &&
	       tpm_take(&hardware, HCL_REPORT_DATA_SIZE, data) ? 0 : -EIO;
}

/**
 * hcl_report_parse() - the parts of an HCL report
 * @index: what the NV index holds; padding may follow the report
 * @report: set upon success; its spans are in @index
 *
 * Return: 0; -EIO for a malformed one; -EOPNOTSUPP for another version, hash or kind of
 * hardware.
 */
int hcl_report_parse(struct tpm_span index, struct hcl_report *report)
{
	u32 data_size, data_version, type, hash, claims_size;
	struct tpm_span hardware, capabilities;
	int err;

	err = hcl_report_take_header(&index);
	if (err)
		return err;
	if (!tpm_take(&index, HCL_HARDWARE_SIZE, &hardware) ||
	    !tpm_take_le32(&index, &data_size) || !tpm_take_le32(&index, &data_version) ||
	    !tpm_take_le32(&index, &type) || !tpm_take_le32(&index, &hash) ||
	    !tpm_take_le32(&index, &claims_size))
		return -EIO;
	if (data_size == (u64)HCL_DATA_HEAD + HCL_CAPABILITIES + claims_size &&
	    !tpm_take(&index, HCL_CAPABILITIES, &capabilities))
		return -EIO;
	if (!tpm_take(&index, claims_size, &report->claims))
		return -EIO;
	if (hash >= ARRAY_SIZE(hashes) || !hashes[hash])
		return -EOPNOTSUPP;
	report->hash = hashes[hash];
	return hcl_report_find_data(hardware, type, &report->report_data);
}

/**
 * hcl_report_user_data() - the challenge that an HCL report answers
 * @claims: the runtime claims
 * @user_data: set upon success: HCL_REPORT_USER_DATA bytes
 *
 * Return: 0; -EOPNOTSUPP if there is none, as in the oldest; -EIO for malformed claims.
 */
int hcl_report_user_data(struct tpm_span claims, u8 *user_data)
{
	struct tpm_span digits;
	int err;

	err = hcl_json_string(claims, "user-data", &digits);
	if (err)
		return err == -ENOENT ? -EOPNOTSUPP : -EIO;
	if (digits.len != 2 * HCL_REPORT_USER_DATA ||
	    hex2bin(user_data, (const char *)digits.data, HCL_REPORT_USER_DATA))
		return -EIO;
	return 0;
}

/* Is the hardware's report about these claims? -EBUSY if it is about others. */
static int hcl_report_check_hash(const struct hcl_report *report)
{
	struct hcl_digest digest;
	int err;

	err = hcl_hash(report->hash, report->claims, &digest);
	if (err)
		return err;
	return memcmp(report->report_data.data, digest.bytes, digest.len) ? -EBUSY : 0;
}

/**
 * hcl_report_check() - is it the answer to a challenge?
 * @index: what the NV index holds
 * @user_data: the challenge: HCL_REPORT_USER_DATA bytes
 *
 * Return: 0; -EBUSY if it answers another challenge, or if its parts are of different
 * reports, since the paravisor wrote it meanwhile; -EIO for a malformed one;
 * -EOPNOTSUPP for one of another version, or without a challenge; -ENOMEM.
 */
int hcl_report_check(struct tpm_span index, const u8 *user_data)
{
	u8 answered[HCL_REPORT_USER_DATA];
	struct hcl_report report;
	int err;

	err = hcl_report_parse(index, &report);
	if (err)
		return err;
	/* First, for claims of which half are old may be malformed. */
	err = hcl_report_check_hash(&report);
	if (err)
		return err;
	err = hcl_report_user_data(report.claims, answered);
	if (err)
		return err;
	return memcmp(answered, user_data, sizeof(answered)) ? -EBUSY : 0;
}

/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * tsmfd: what the provider of an Azure confidential VM (tsmfd_hcl) puts in its reports.
 *
 * Its outblob is a struct tsmfd_hcl_report, and behind that head the HCL report that
 * the VM's paravisor made for the caller's challenge, a TPM2_Quote by the attestation
 * key that the HCL report names, the quote's signature and the key's public part. Its
 * auxblob, with format=extended, is a struct tsmfd_hcl_aux, and behind that what else a
 * verifier wants. To take an outblob apart:
 *
 *	const struct tsmfd_hcl_report *head = outblob;
 *	const __u8 *hcl = (const __u8 *)(head + 1);
 *	const __u8 *attest = hcl + le32toh(head->hcl_len);
 *	const __u8 *signature = attest + le32toh(head->attest_len);
 *	const __u8 *public = signature + le32toh(head->signature_len);
 *
 * The heads and the HCL report are little-endian. What follows these is as the TPM
 * marshals it, which is big-endian (TPM 2.0 library specification, part 2).
 * Documentation/abi.rst is the specification; this file is its summary.
 */
#ifndef _UAPI_LINUX_TSMFD_HCL_H
#define _UAPI_LINUX_TSMFD_HCL_H

#include <linux/types.h>

/**
 * struct tsmfd_hcl_report - the head of the outblob
 * @magic: TSMFD_HCL_REPORT_MAGIC
 * @version: 1
 * @hcl_len: bytes of the HCL report that follows this head: all that NV index
 *	0x01400001 holds, and so with the padding behind it
 * @attest_len: bytes of the TPMS_ATTEST that follows the HCL report
 * @signature_len: bytes of the TPMT_SIGNATURE that follows the TPMS_ATTEST
 * @public_len: bytes of the key's TPM2B_PUBLIC that follows the signature
 * @reserved: 0
 *
 * The challenge, with zeros behind it up to 64 bytes, is the HCL report's user-data.
 * The quote's qualifyingData is the SHA-256 of these 64 bytes.
 */
struct tsmfd_hcl_report {
	__u8	magic[8];
	__le32	version;
	__le32	hcl_len;
	__le32	attest_len;
	__le32	signature_len;
	__le32	public_len;
	__le32	reserved;
};

#define TSMFD_HCL_REPORT_MAGIC		"TSMFDHCL"	/* without its NUL */

/**
 * struct tsmfd_hcl_aux - the head of the auxblob
 * @magic: TSMFD_HCL_AUX_MAGIC
 * @version: 1
 * @ak_cert_len: bytes of the attestation key's certificate that follows this head: all
 *	that NV index 0x01c101d0 holds, X.509 in DER and the padding behind it; 0 if
 *	there is none
 * @event_log_len: bytes of the firmware's event log, which comes last (TCG PC
 *	Client Platform Firmware Profile, crypto-agile, little-endian); 0 if there
 *	is none
 * @reserved: 0
 */
struct tsmfd_hcl_aux {
	__u8	magic[8];
	__le32	version;
	__le32	ak_cert_len;
	__le32	event_log_len;
	__le32	reserved;
};

#define TSMFD_HCL_AUX_MAGIC		"TSMFDHCA"	/* without its NUL */

#endif /* _UAPI_LINUX_TSMFD_HCL_H */

/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * tsmfd: what the TPM provider (tsmfd_tpm) puts in its reports.
 *
 * Its outblob is a struct tsmfd_tpm_report, and behind that head a TPM2_Quote that
 * answers the caller's challenge, the quote's signature and the public part of the
 * key that signed. Its auxblob, with format=extended, is a struct tsmfd_tpm_aux, and
 * behind that what else a verifier wants. To take an outblob apart:
 *
 *	const struct tsmfd_tpm_report *head = outblob;
 *	const __u8 *attest = (const __u8 *)(head + 1);
 *	const __u8 *signature = attest + le32toh(head->attest_len);
 *	const __u8 *public = signature + le32toh(head->signature_len);
 *
 * The heads are little-endian. What follows them is as the TPM marshals it, which is
 * big-endian (TPM 2.0 library specification, part 2). Documentation/abi.rst is the
 * specification; this file is its summary.
 */
#ifndef _UAPI_LINUX_TSMFD_TPM_H
#define _UAPI_LINUX_TSMFD_TPM_H

#include <linux/types.h>

/**
 * struct tsmfd_tpm_report - the head of the outblob
 * @magic: TSMFD_TPM_REPORT_MAGIC
 * @version: 1
 * @attest_len: bytes of the TPMS_ATTEST that follows this head
 * @signature_len: bytes of the TPMT_SIGNATURE that follows the TPMS_ATTEST
 * @public_len: bytes of the key's TPM2B_PUBLIC that follows the signature
 *
 * tpm2_checkquote takes the three, each written to a file, as its -m, -s and -u.
 */
struct tsmfd_tpm_report {
	__u8	magic[8];
	__le32	version;
	__le32	attest_len;
	__le32	signature_len;
	__le32	public_len;
};

#define TSMFD_TPM_REPORT_MAGIC		"TSMFDTPM"	/* without its NUL */

/**
 * struct tsmfd_tpm_aux - the head of the auxblob
 * @magic: TSMFD_TPM_AUX_MAGIC
 * @version: 1
 * @public_len: bytes of the key's TPM2B_PUBLIC that follows this head
 * @ek_ecc_len: bytes of the EK certificate of NV index 0x01c0000a that follows
 *	the TPM2B_PUBLIC; 0 if the TPM has none
 * @ek_rsa_len: likewise, of NV index 0x01c00002, behind that one
 * @event_log_len: bytes of the firmware's event log, which comes last (TCG PC
 *	Client Platform Firmware Profile, crypto-agile, little-endian); 0 if there
 *	is none
 * @reserved: 0
 *
 * A certificate is all that its index holds: X.509 in DER, and the padding behind
 * it. The event log ends where its last event does.
 */
struct tsmfd_tpm_aux {
	__u8	magic[8];
	__le32	version;
	__le32	public_len;
	__le32	ek_ecc_len;
	__le32	ek_rsa_len;
	__le32	event_log_len;
	__le32	reserved;
};

#define TSMFD_TPM_AUX_MAGIC		"TSMFDAUX"	/* without its NUL */

#endif /* _UAPI_LINUX_TSMFD_TPM_H */

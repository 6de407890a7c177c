/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * tsmfd: what the emulated provider (tsmfd_emu) puts in its reports.
 *
 * Its outblob is 1184 bytes in the layout of SEV-SNP's ATTESTATION_REPORT version 2
 * (AMD 56860), unsigned. Its auxblob, with format=extended, is a certificate table in
 * the GHCB's layout (AMD 56421), which holds no real certificates. Both carry a tag
 * that says which options and which firmware call they answer:
 *
 *	const struct tsmfd_emu_tag *tag =
 *		(const void *)(outblob + TSMFD_EMU_TAG_HOST_DATA);
 *
 *	if (!memcmp(tag->magic, TSMFD_EMU_TAG_MAGIC, sizeof(tag->magic)))
 *		printf("privlevel %u\n", le32toh(tag->privlevel));
 *
 * Members are little-endian. Documentation/abi.rst is the specification; this file
 * is its summary.
 */
#ifndef _UAPI_LINUX_TSMFD_EMU_H
#define _UAPI_LINUX_TSMFD_EMU_H

#include <linux/types.h>

/**
 * struct tsmfd_emu_tag - the options and the call that an emulated report is for
 * @magic: TSMFD_EMU_TAG_MAGIC
 * @format: enum tsmfd_format
 * @privlevel: as asked, or the provider's floor
 * @inblob_len: bytes of REPORT_DATA that are the caller's; the rest is 0
 * @serial: counts the instance's firmware calls
 * @reserved: 0
 *
 * The tag stands in HOST_DATA (offset 0xC0 of the report). With the 64 bytes of
 * REPORT_DATA behind it, it stands once more in the last 96 bytes of the report
 * (offset 0x440) and in each certificate of an auxblob. Options that were mixed up,
 * a torn report, and blobs of two different calls can so be told from the blobs
 * alone.
 */
struct tsmfd_emu_tag {
	__u8	magic[4];
	__le32	format;
	__le32	privlevel;
	__le32	inblob_len;
	__le64	serial;
	__u8	reserved[8];
};

#define TSMFD_EMU_TAG_MAGIC		"TEMU"	/* without its NUL */

/* Where the tag is in a report; bytes from the report's start. */
#define TSMFD_EMU_TAG_HOST_DATA		0x0c0
#define TSMFD_EMU_TAG_TAIL		0x440

#endif /* _UAPI_LINUX_TSMFD_EMU_H */

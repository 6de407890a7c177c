/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an emulated report looks like: the layout of an SNP ATTESTATION_REPORT
 * version 2 (AMD 56860) and of a GHCB certificate table (AMD 56421), unsigned.
 * There are no locks, and no state but the templates. The caller decides what is to
 * be wrong with a report.
 */
#ifndef _TSMFD_EMU_REPORT_H
#define _TSMFD_EMU_REPORT_H

#include <linux/tsmfd.h>
#include <uapi/linux/tsmfd_emu.h>

/* Which options and which call a blob belongs to, and the challenge itself. */
struct emu_echo {
	struct tsmfd_emu_tag	tag;		/* 0x00 */
	u8			report_data[64]; /* 0x20 */
} __packed;
static_assert(sizeof(struct emu_echo) == 0x60);

/* Milan and Genoa order. */
struct emu_tcb {
	u8	bootloader;
	u8	tee;
	u8	reserved[4];
	u8	snp;
	u8	microcode;
} __packed;
static_assert(sizeof(struct emu_tcb) == 8);

struct emu_version {
	u8	build;
	u8	minor;
	u8	major;
	u8	reserved;
} __packed;
static_assert(sizeof(struct emu_version) == 4);

/* Little-endian throughout. */
struct emu_snp_report {
	__le32			version;		/* 0x000 */
	__le32			guest_svn;		/* 0x004 */
	__le64			policy;			/* 0x008 */
	u8			family_id[16];		/* 0x010 */
	u8			image_id[16];		/* 0x020 */
	__le32			vmpl;			/* 0x030 */
	__le32			sig_algo;		/* 0x034 */
	struct emu_tcb		current_tcb;		/* 0x038 */
	__le64			platform_info;		/* 0x040 */
	__le32			signer_info;		/* 0x048 */
	__le32			reserved_04c;		/* 0x04c */
	u8			report_data[64];	/* 0x050 */
	u8			measurement[48];	/* 0x090 */
	struct tsmfd_emu_tag	host_data;		/* 0x0c0 */
	u8			id_key_digest[48];	/* 0x0e0 */
	u8			author_key_digest[48];	/* 0x110 */
	u8			report_id[32];		/* 0x140 */
	u8			report_id_ma[32];	/* 0x160 */
	struct emu_tcb		reported_tcb;		/* 0x180 */
	u8			reserved_188[24];	/* 0x188 */
	u8			chip_id[64];		/* 0x1a0 */
	struct emu_tcb		committed_tcb;		/* 0x1e0 */
	struct emu_version	current_version;	/* 0x1e8 */
	struct emu_version	committed_version;	/* 0x1ec */
	struct emu_tcb		launch_tcb;		/* 0x1f0 */
	u8			reserved_1f8[168];	/* 0x1f8 */
	u8			signature[416];		/* 0x2a0 */
	struct emu_echo		tail;			/* 0x440 */
} __packed;
static_assert(offsetof(struct emu_snp_report, vmpl) == 0x030);
static_assert(offsetof(struct emu_snp_report, report_data) == 0x050);
static_assert(offsetof(struct emu_snp_report, host_data) == TSMFD_EMU_TAG_HOST_DATA);
static_assert(offsetof(struct emu_snp_report, report_id) == 0x140);
static_assert(offsetof(struct emu_snp_report, chip_id) == 0x1a0);
static_assert(offsetof(struct emu_snp_report, launch_tcb) == 0x1f0);
static_assert(offsetof(struct emu_snp_report, signature) == 0x2a0);
static_assert(offsetof(struct emu_snp_report, tail) == TSMFD_EMU_TAG_TAIL);
static_assert(sizeof(struct emu_snp_report) == 0x4a0);

/* guid is in the byte order of its RFC 4122 text, not a guid_t. */
struct emu_cert_entry {
	u8	guid[16];	/* 0x00 */
	__le32	offset;		/* 0x10, from the start of the table */
	__le32	length;		/* 0x14 */
} __packed;
static_assert(sizeof(struct emu_cert_entry) == 24);

enum {
	EMU_CERTS	= 3,	/* VCEK, ASK, ARK */
};

/* A certificate's contents are an echo, not DER, since nothing here is signed. */
struct emu_cert_table {
	struct emu_cert_entry	entry[EMU_CERTS + 1];	/* 0x000, the last all zero */
	struct emu_echo		cert[EMU_CERTS];	/* 0x060 */
} __packed;
static_assert(offsetof(struct emu_cert_table, cert) == 0x060);
static_assert(sizeof(struct emu_cert_table) == 0x180);

/**
 * struct emu_template - the part of an instance's blobs that never changes
 * @report: without vmpl, report_data and the tags
 * @certs: without the certificates' contents
 */
struct emu_template {
	struct emu_snp_report	report;
	struct emu_cert_table	certs;
};

/* What to spoil in a report that is otherwise right. */
enum emu_shape {
	EMU_SHAPE_WHOLE,	/* nothing */
	EMU_SHAPE_EMPTY,	/* success without any blob */
	EMU_SHAPE_SHORT,	/* each blob ends after half of its bytes */
	EMU_SHAPE_OVERSIZE,	/* each blob is twice as long as the ops allow */
};

void emu_template_init(struct emu_template *template, unsigned int instance);
int emu_report_fill(const struct emu_template *template,
		    const struct tsmfd_options *options, u64 serial,
		    enum emu_shape shape, struct tsmfd_report *report);

#endif /* _TSMFD_EMU_REPORT_H */

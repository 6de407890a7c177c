// SPDX-License-Identifier: GPL-2.0-only
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "emu_report.h"

enum {
	SNP_REPORT_VERSION	= 2,
	SNP_SIG_ALGO_NONE	= 0,
};

#define SNP_POLICY_SMT		BIT_ULL(16)
#define SNP_POLICY_RESERVED_1	BIT_ULL(17)	/* must be one */
#define SNP_PLATFORM_SMT	BIT_ULL(0)
#define SNP_SIGNER_KEY_NONE	(7U << 2)

/* 63da758d-e664-4564-adc5-f4b93be8accd */
static const u8 vcek_guid[16] = {
	0x63, 0xda, 0x75, 0x8d, 0xe6, 0x64, 0x45, 0x64,
	0xad, 0xc5, 0xf4, 0xb9, 0x3b, 0xe8, 0xac, 0xcd,
};

/* 4ab7b379-bbac-4fe4-a02f-05aef327c782 */
static const u8 ask_guid[16] = {
	0x4a, 0xb7, 0xb3, 0x79, 0xbb, 0xac, 0x4f, 0xe4,
	0xa0, 0x2f, 0x05, 0xae, 0xf3, 0x27, 0xc7, 0x82,
};

/* c0b406a4-a803-4952-9743-3fb6014cd0ae */
static const u8 ark_guid[16] = {
	0xc0, 0xb4, 0x06, 0xa4, 0xa8, 0x03, 0x49, 0x52,
	0x97, 0x43, 0x3f, 0xb6, 0x01, 0x4c, 0xd0, 0xae,
};

static const u8 *const cert_guids[EMU_CERTS] = { vcek_guid, ask_guid, ark_guid };

static const struct emu_tcb tcb = { .bootloader = 4, .snp = 22, .microcode = 213 };
static const struct emu_version firmware_version = { .build = 8, .minor = 55, .major = 1 };

static void emu_report_init(struct emu_snp_report *report, unsigned int instance)
{
	report->version = cpu_to_le32(SNP_REPORT_VERSION);
	report->policy = cpu_to_le64(SNP_POLICY_SMT | SNP_POLICY_RESERVED_1);
	report->sig_algo = cpu_to_le32(SNP_SIG_ALGO_NONE);
	report->platform_info = cpu_to_le64(SNP_PLATFORM_SMT);
	report->signer_info = cpu_to_le32(SNP_SIGNER_KEY_NONE);
	report->current_tcb = tcb;
	report->reported_tcb = tcb;
	report->committed_tcb = tcb;
	report->launch_tcb = tcb;
	report->current_version = firmware_version;
	report->committed_version = firmware_version;
	/* All ones: the guest has no migration agent. */
	memset(report->report_id_ma, 0xff, sizeof(report->report_id_ma));

	/* Text, padded with zeros, which nobody takes for a real digest. */
	snprintf(report->measurement, sizeof(report->measurement),
		 "tsmfd_emu measurement %u", instance);
	snprintf(report->report_id, sizeof(report->report_id),
		 "tsmfd_emu report id %u", instance);
	snprintf(report->chip_id, sizeof(report->chip_id),
		 "tsmfd_emu chip id %u", instance);
}

static void emu_report_init_certs(struct emu_cert_table *certs)
{
	size_t offset = offsetof(struct emu_cert_table, cert);
	unsigned int i;

	for (i = 0; i < EMU_CERTS; i++) {
		struct emu_cert_entry *entry = &certs->entry[i];

		memcpy(entry->guid, cert_guids[i], sizeof(entry->guid));
		entry->offset = cpu_to_le32(offset);
		entry->length = cpu_to_le32(sizeof(certs->cert[i]));
		offset += sizeof(certs->cert[i]);
	}
}

/**
 * emu_template_init() - build what all reports of an instance share
 * @template: zeroed
 * @instance: makes measurement, report id and chip id the instance's own
 */
void emu_template_init(struct emu_template *template, unsigned int instance)
{
	emu_report_init(&template->report, instance);
	emu_report_init_certs(&template->certs);
}

static void emu_report_init_echo(struct emu_echo *echo, const struct tsmfd_options *options,
				 u64 serial)
{
	*echo = (struct emu_echo) {
		.tag.magic = TSMFD_EMU_TAG_MAGIC,
		.tag.format = cpu_to_le32(options->format),
		.tag.privlevel = cpu_to_le32(options->privlevel),
		.tag.inblob_len = cpu_to_le32(options->inblob_len),
		.tag.serial = cpu_to_le64(serial),
	};
	/* Behind the caller's bytes, the options have zeros. */
	memcpy(echo->report_data, options->inblob, sizeof(echo->report_data));
}

/* Returns room for @len bytes, which the caller fills, or NULL. */
static void *emu_report_alloc(struct tsmfd_blob *blob, size_t len, enum emu_shape shape)
{
	void *data;

	if (shape != EMU_SHAPE_OVERSIZE)
		return tsmfd_blob_alloc(blob, len);

	data = tsmfd_blob_alloc(blob, 2 * len);
	if (data)
		memset(data + len, 0, len);
	return data;
}

static void emu_report_cut(struct tsmfd_blob *blob, enum emu_shape shape)
{
	if (shape == EMU_SHAPE_SHORT)
		blob->len /= 2;
}

static int emu_report_fill_outblob(const struct emu_template *template,
				   const struct emu_echo *echo, enum emu_shape shape,
				   struct tsmfd_blob *blob)
{
	struct emu_snp_report *out = emu_report_alloc(blob, sizeof(*out), shape);

	if (!out)
		return -ENOMEM;

	memcpy(out, &template->report, sizeof(*out));
	out->vmpl = echo->tag.privlevel;
	memcpy(out->report_data, echo->report_data, sizeof(out->report_data));
	out->host_data = echo->tag;
	out->tail = *echo;
	emu_report_cut(blob, shape);
	return 0;
}

static int emu_report_fill_auxblob(const struct emu_template *template,
				   const struct emu_echo *echo, enum emu_shape shape,
				   struct tsmfd_blob *blob)
{
	struct emu_cert_table *aux = emu_report_alloc(blob, sizeof(*aux), shape);
	unsigned int i;

	if (!aux)
		return -ENOMEM;

	memcpy(aux->entry, template->certs.entry, sizeof(aux->entry));
	for (i = 0; i < EMU_CERTS; i++)
		aux->cert[i] = *echo;
	emu_report_cut(blob, shape);
	return 0;
}

/**
 * emu_report_fill() - make the blobs that answer @options
 * @template: the instance's
 * @options: validated by the core
 * @serial: of the firmware call
 * @shape: what to spoil
 * @report: empty; on failure it may hold a blob, which is the caller's to free
 *
 * Return: 0 or -ENOMEM.
 */
int emu_report_fill(const struct emu_template *template,
		    const struct tsmfd_options *options, u64 serial,
		    enum emu_shape shape, struct tsmfd_report *report)
{
	struct emu_echo echo;
	int err;

	if (shape == EMU_SHAPE_EMPTY)
		return 0;

	emu_report_init_echo(&echo, options, serial);
	err = emu_report_fill_outblob(template, &echo, shape, &report->outblob);
	if (err || options->format != TSMFD_FORMAT_EXTENDED)
		return err;
	return emu_report_fill_auxblob(template, &echo, shape, &report->auxblob);
}

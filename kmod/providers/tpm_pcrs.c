// SPDX-License-Identifier: GPL-2.0-only
#include <linux/bitmap.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "tpm_pcrs.h"

static const struct {
	const char	*name;
	u16		alg;
} hashes[TPM_PCRS_BANKS_MAX] = {
	{ "sha1",	0x0004 },
	{ "sha256",	0x000b },
	{ "sha384",	0x000c },
	{ "sha512",	0x000d },
	{ "sm3_256",	0x0012 },
};

/* Returns 0, which is no hash's number, for a name that is no hash's. */
static u16 tpm_pcrs_alg(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(hashes); i++) {
		if (!strcmp(hashes[i].name, name))
			return hashes[i].alg;
	}
	return 0;
}

static bool tpm_pcrs_has_bank(const struct tpm_pcrs *pcrs, u16 alg)
{
	u32 i;

	for (i = 0; i < pcrs->count; i++) {
		if (pcrs->banks[i].alg == alg)
			return true;
	}
	return false;
}

/* Adds the bank that @text names, and cuts @text into pieces. */
static int tpm_pcrs_add_bank(struct tpm_pcrs *pcrs, char *text)
{
	DECLARE_BITMAP(selected, TPM_PCRS_MAX);
	const char *name = strsep(&text, ":");
	u16 alg = tpm_pcrs_alg(name);

	/* No bank is there twice, so there are never more than TPM_PCRS_BANKS_MAX. */
	if (!alg || !text || tpm_pcrs_has_bank(pcrs, alg) ||
	    bitmap_parselist(text, selected, TPM_PCRS_MAX) ||
	    bitmap_empty(selected, TPM_PCRS_MAX))
		return -EINVAL;

	pcrs->banks[pcrs->count].alg = alg;
	pcrs->banks[pcrs->count].pcrs = *selected;
	pcrs->count++;
	return 0;
}

/**
 * tpm_pcrs_parse() - the selection that a text names
 * @text: as the head of this header's file has it
 * @pcrs: set upon success
 *
 * Return: 0, -EINVAL for a text that names none, or -ENOMEM.
 */
int tpm_pcrs_parse(const char *text, struct tpm_pcrs *pcrs)
{
	struct tpm_pcrs parsed = {};
	char *copy, *next, *bank;
	int err = 0;

	copy = kstrdup(text, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	next = copy;
	while (!err && (bank = strsep(&next, "+")))
		err = tpm_pcrs_add_bank(&parsed, bank);
	kfree(copy);
	if (!err)
		*pcrs = parsed;
	return err;
}

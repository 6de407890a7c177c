// SPDX-License-Identifier: GPL-2.0-only
/*
 * Options: from text to a value, all of it or nothing.
 *
 * The grammar is words of the form name=value, parted by spaces, tabs or
 * newlines, no name twice; a first word "reset" forgets what was given before.
 * What is not named stays as it was.
 *
 * Owns: the grammar, and which values a provider takes. May include: nothing of
 * the core.
 */
#include <kunit/visibility.h>
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/string.h>

#include "../compat/hex.h"
#include "options.h"

static const char * const options_format_names[] = {
	[TSMFD_FORMAT_DEFAULT]	= "default",
	[TSMFD_FORMAT_EXTENDED]	= "extended",
};

int tsmfd_format_parse(enum tsmfd_format *format, const char *text)
{
	int i = match_string(options_format_names, ARRAY_SIZE(options_format_names), text);

	if (i < 0)
		return -EINVAL;

	*format = i;
	return 0;
}
EXPORT_SYMBOL_GPL(tsmfd_format_parse);

const char *tsmfd_format_name(enum tsmfd_format format)
{
	return options_format_names[format];
}
EXPORT_SYMBOL_GPL(tsmfd_format_name);

static int options_parse_format(struct tsmfd_options *options, const char *text)
{
	return tsmfd_format_parse(&options->format, text);
}

int tsmfd_inblob_parse(struct tsmfd_options *options, const char *hex)
{
	size_t digits = strlen(hex);
	u8 inblob[TSMFD_INBLOB_MAX] = {};

	if (digits % 2 || digits / 2 > sizeof(inblob))
		return -EINVAL;
	if (hex2bin(inblob, hex, digits / 2))
		return -EINVAL;

	memcpy(options->inblob, inblob, sizeof(inblob));
	options->inblob_len = digits / 2;
	return 0;
}
EXPORT_SYMBOL_GPL(tsmfd_inblob_parse);

/* A number that does not fit is as wrong as any other: EINVAL, never ERANGE. */
static int options_parse_u32(u32 *value, const char *text)
{
	return kstrtou32(text, 0, value) ? -EINVAL : 0;
}

int tsmfd_privlevel_parse(struct tsmfd_options *options, const char *text)
{
	int rc = options_parse_u32(&options->privlevel, text);

	if (rc)
		return rc;

	options->given |= TSMFD_OPT_PRIVLEVEL;
	return 0;
}
EXPORT_SYMBOL_GPL(tsmfd_privlevel_parse);

static int options_parse_service_provider(struct tsmfd_options *options,
					  const char *text)
{
	size_t len = strlen(text);

	if (!len || len >= sizeof(options->service_provider))
		return -EINVAL;

	memset(options->service_provider, 0, sizeof(options->service_provider));
	memcpy(options->service_provider, text, len);
	options->given |= TSMFD_OPT_SERVICE_PROVIDER;
	return 0;
}

static int options_parse_service_guid(struct tsmfd_options *options, const char *text)
{
	/* guid_parse() itself does not look behind the last digit. */
	if (strlen(text) != UUID_STRING_LEN ||
	    guid_parse(text, &options->service_guid))
		return -EINVAL;

	options->given |= TSMFD_OPT_SERVICE_GUID;
	return 0;
}

static int options_parse_service_manifest_version(struct tsmfd_options *options,
						  const char *text)
{
	int rc = options_parse_u32(&options->service_manifest_version, text);

	if (rc)
		return rc;

	options->given |= TSMFD_OPT_SERVICE_MANIFEST_VERSION;
	return 0;
}

static int options_parse_batch(struct tsmfd_options *options, const char *text)
{
	if (strcmp(text, "0") && strcmp(text, "1"))
		return -EINVAL;

	options->given &= ~TSMFD_OPT_BATCH;
	if (*text == '1')
		options->given |= TSMFD_OPT_BATCH;
	return 0;
}

static const struct {
	const char *name;
	int (*parse)(struct tsmfd_options *options, const char *text);
} options_parsers[] = {
	{ "inblob", tsmfd_inblob_parse },
	{ "privlevel", tsmfd_privlevel_parse },
	{ "format", options_parse_format },
	{ "service_provider", options_parse_service_provider },
	{ "service_guid", options_parse_service_guid },
	{ "service_manifest_version", options_parse_service_manifest_version },
	{ "batch", options_parse_batch },
};

static int options_parse_word(struct tsmfd_options *options, char *word,
			      unsigned long *seen)
{
	char *value = strchr(word, '=');
	size_t i;

	if (!value)
		return -EINVAL;
	*value++ = '\0';

	for (i = 0; i < ARRAY_SIZE(options_parsers); i++) {
		if (strcmp(word, options_parsers[i].name))
			continue;
		if (*seen & BIT(i))
			return -EINVAL;
		*seen |= BIT(i);
		return options_parsers[i].parse(options, value);
	}

	return -EINVAL;
}

/**
 * tsmfd_options_parse() - set what @text names
 * @options: changed only if the whole of @text is right
 * @info: the provider that the options are for
 * @text: @len bytes and a NUL behind them; cut to pieces
 * @len: bytes of @text
 *
 * Return: 0; -EINVAL for a text that is not of the grammar, names nothing or
 * has a value out of range; -EOPNOTSUPP for what this provider does not do.
 */
int tsmfd_options_parse(struct tsmfd_options *options,
			const struct tsmfd_info *info, char *text, size_t len)
{
	struct tsmfd_options parsed = *options;
	unsigned long seen = 0;
	bool any = false;
	char *word;
	int rc;

	if (strlen(text) != len)
		return -EINVAL;

	while ((word = strsep(&text, " \t\n"))) {
		if (!*word)
			continue;
		if (!any && !strcmp(word, "reset")) {
			memset(&parsed, 0, sizeof(parsed));
			any = true;
			continue;
		}
		any = true;
		rc = options_parse_word(&parsed, word, &seen);
		if (rc)
			return rc;
	}
	if (!any)
		return -EINVAL;

	rc = tsmfd_options_validate(&parsed, info);
	if (rc)
		return rc;

	*options = parsed;
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(tsmfd_options_parse);

/**
 * tsmfd_options_validate() - are the options ones that this provider takes?
 * @options: what a caller asks for; an empty inblob is right as yet
 * @info: the provider
 *
 * Return: 0, -EINVAL for a value out of range, -EOPNOTSUPP for a right value
 * of something that the provider does not do.
 */
int tsmfd_options_validate(const struct tsmfd_options *options,
			   const struct tsmfd_info *info)
{
	const u32 service = TSMFD_OPT_SERVICE_PROVIDER |
			    TSMFD_OPT_SERVICE_GUID |
			    TSMFD_OPT_SERVICE_MANIFEST_VERSION;

	if (options->inblob_len &&
	    (options->inblob_len < info->inblob_min ||
	     options->inblob_len > info->inblob_max))
		return -EINVAL;
	if ((options->given & TSMFD_OPT_PRIVLEVEL) &&
	    (options->privlevel < info->privlevel_floor ||
	     options->privlevel > info->privlevel_max))
		return -EINVAL;
	if (options->format > TSMFD_FORMAT_EXTENDED)
		return -EINVAL;
	if (!(info->formats & BIT(options->format)))
		return -EOPNOTSUPP;
	if ((options->given & service) &&
	    !(info->features & TSMFD_FEATURE_SERVICE))
		return -EOPNOTSUPP;
	if ((options->given & TSMFD_OPT_BATCH) &&
	    !(info->features & TSMFD_FEATURE_BATCH))
		return -EOPNOTSUPP;
	/* A report for a service is for one caller. */
	if ((options->given & TSMFD_OPT_BATCH) && (options->given & service))
		return -EOPNOTSUPP;

	return 0;
}
EXPORT_SYMBOL_GPL(tsmfd_options_validate);

/**
 * tsmfd_options_equal() - do both ask for the same report?
 * @a: one
 * @b: the other
 *
 * Return: true if so.
 */
bool tsmfd_options_equal(const struct tsmfd_options *a,
			 const struct tsmfd_options *b)
{
	/* No padding, and every byte that is not given is zero. */
	BUILD_BUG_ON(sizeof(*a) != 5 * sizeof(u32) + sizeof(a->inblob) +
				   sizeof(a->service_provider) +
				   sizeof(a->service_guid));

	return !memcmp(a, b, sizeof(*a));
}
EXPORT_SYMBOL_GPL(tsmfd_options_equal);

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TSMFD_CORE_OPTIONS_H
#define TSMFD_CORE_OPTIONS_H

#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/tsmfd.h>

int tsmfd_options_parse(struct tsmfd_options *options,
			const struct tsmfd_info *info, char *text, size_t len);
bool tsmfd_options_equal(const struct tsmfd_options *a,
			 const struct tsmfd_options *b);
int tsmfd_format_parse(enum tsmfd_format *format, const char *text);
const char *tsmfd_format_name(enum tsmfd_format format);
int tsmfd_inblob_parse(struct tsmfd_options *options, const char *hex);
int tsmfd_privlevel_parse(struct tsmfd_options *options, const char *text);

/**
 * tsmfd_options_validate() - are the options ones that this provider takes?
 * @options: what a caller asks for; an empty inblob is right as yet
 * @info: the provider
 *
 * Return: 0, -EINVAL for a value out of range, -EOPNOTSUPP for a right value
 * of something that the provider does not do.
 */
static inline int tsmfd_options_validate(const struct tsmfd_options *options,
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

#endif /* TSMFD_CORE_OPTIONS_H */

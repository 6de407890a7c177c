/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TSMFD_CORE_OPTIONS_H
#define TSMFD_CORE_OPTIONS_H

#include <linux/tsmfd.h>

int tsmfd_options_parse(struct tsmfd_options *options,
			const struct tsmfd_info *info, char *text, size_t len);
bool tsmfd_options_equal(const struct tsmfd_options *a,
			 const struct tsmfd_options *b);
int tsmfd_options_validate(const struct tsmfd_options *options,
			   const struct tsmfd_info *info);
int tsmfd_format_parse(enum tsmfd_format *format, const char *text);
const char *tsmfd_format_name(enum tsmfd_format format);
int tsmfd_inblob_parse(struct tsmfd_options *options, const char *hex);
int tsmfd_privlevel_parse(struct tsmfd_options *options, const char *text);

#endif /* TSMFD_CORE_OPTIONS_H */

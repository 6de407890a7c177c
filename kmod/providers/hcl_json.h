/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads one member of a JSON object (RFC 8259), which a paravisor has written. It is
 * not checked to be JSON in all of its parts; nothing is read past its end, and
 * what stands in a nested object, or in a string, is not taken for the member.
 */
#ifndef _TSMFD_HCL_JSON_H
#define _TSMFD_HCL_JSON_H

#include "tpm_span.h"

int hcl_json_string(struct tpm_span json, const char *name, struct tpm_span *value);

#endif /* _TSMFD_HCL_JSON_H */

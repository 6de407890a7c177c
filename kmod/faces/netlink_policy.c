// SPDX-License-Identifier: GPL-2.0-only
/*
 * What attributes the commands of the generic netlink family take. One that is
 * not listed is refused: attributes here are strict (NL_VALIDATE_STRICT), those
 * of the answers among them.
 */
#include <kunit/visibility.h>

#include "netlink_policy.h"

const struct nla_policy tsmfd_provider_policy[__TSMFD_A_PROVIDER_MAX] = {
	[TSMFD_A_PROVIDER_INDEX]	= { .type = NLA_U32 },
};
EXPORT_SYMBOL_IF_KUNIT(tsmfd_provider_policy);

const struct nla_policy tsmfd_stats_policy[__TSMFD_A_STATS_MAX] = {
	[TSMFD_A_STATS_INDEX]		= { .type = NLA_U32 },
	[TSMFD_A_STATS_FACE]		= NLA_POLICY_MAX(NLA_U32,
						 __TSMFD_FACE_MAX - 1),
};
EXPORT_SYMBOL_IF_KUNIT(tsmfd_stats_policy);

const struct nla_policy tsmfd_emu_policy[__TSMFD_A_EMU_MAX] = {
	[TSMFD_A_EMU_INDEX]		= { .type = NLA_U32 },
	[TSMFD_A_EMU_LATENCY_US]	= { .type = NLA_U32 },
	[TSMFD_A_EMU_JITTER_US]		= { .type = NLA_U32 },
	[TSMFD_A_EMU_THROTTLE_EVERY]	= { .type = NLA_U32 },
	[TSMFD_A_EMU_THROTTLE_US]	= { .type = NLA_U32 },
	[TSMFD_A_EMU_HANG]		= { .type = NLA_U32 },
	[TSMFD_A_EMU_BUSY_PERMILLE]	= { .type = NLA_U32 },
	[TSMFD_A_EMU_FAIL_PERMILLE]	= { .type = NLA_U32 },
	[TSMFD_A_EMU_EMPTY_PERMILLE]	= { .type = NLA_U32 },
	[TSMFD_A_EMU_SHORT_PERMILLE]	= { .type = NLA_U32 },
	[TSMFD_A_EMU_OVERSIZE_PERMILLE]	= { .type = NLA_U32 },
};
EXPORT_SYMBOL_IF_KUNIT(tsmfd_emu_policy);

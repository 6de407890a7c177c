/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * tsmfd: the generic netlink family "tsmfd".
 *
 * Documentation/netlink/specs/tsmfd.yaml describes it in the form that ynl
 * reads; the names and numbers here are that file's. Initial network namespace
 * only.
 */
#ifndef _UAPI_LINUX_TSMFD_NETLINK_H
#define _UAPI_LINUX_TSMFD_NETLINK_H

#define TSMFD_FAMILY_NAME	"tsmfd"
#define TSMFD_FAMILY_VERSION	1
#define TSMFD_MCGRP_EVENTS	"events"

/* Bucket 0 of a latency histogram is below 1 us, bucket n from 2^(n-1) us on. */
#define TSMFD_LATENCY_BUCKETS	32

/* Through which interface a request came. */
enum tsmfd_face {
	TSMFD_FACE_CHARDEV,
	TSMFD_FACE_KEY,
	TSMFD_FACE_SYSFS,
	TSMFD_FACE_CONFIGFS,

	/* private: */
	__TSMFD_FACE_MAX
};

enum tsmfd_nl_command {
	TSMFD_CMD_PROVIDER_GET = 1,
	TSMFD_CMD_PROVIDER_ADD_NTF,
	TSMFD_CMD_PROVIDER_DEL_NTF,
	TSMFD_CMD_STATS_GET,
	TSMFD_CMD_EMU_GET,
	TSMFD_CMD_EMU_SET,
	TSMFD_CMD_FAILED_NTF,
	TSMFD_CMD_THROTTLED_NTF,
	TSMFD_CMD_QUOTA_NTF,
	TSMFD_CMD_REFUSED_NTF,

	/* private: */
	__TSMFD_CMD_MAX
};

enum tsmfd_nl_provider {
	TSMFD_A_PROVIDER_INDEX = 1,	/* u32, N of tsmfdN */
	TSMFD_A_PROVIDER_NAME,		/* string */
	TSMFD_A_PROVIDER_FEATURES,	/* u32, TSMFD_FEATURE_* */
	TSMFD_A_PROVIDER_PRIVLEVEL_FLOOR, /* u32 */
	TSMFD_A_PROVIDER_PRIVLEVEL_MAX,	/* u32 */
	TSMFD_A_PROVIDER_FORMATS,	/* u32, a bit for each enum tsmfd_format */
	TSMFD_A_PROVIDER_INBLOB_MIN,	/* u32, bytes */
	TSMFD_A_PROVIDER_INBLOB_MAX,	/* u32, bytes */
	TSMFD_A_PROVIDER_OUTBLOB_MAX,	/* u32, bytes */
	TSMFD_A_PROVIDER_AUXBLOB_MAX,	/* u32, bytes */
	TSMFD_A_PROVIDER_MANIFESTBLOB_MAX, /* u32, bytes */
	TSMFD_A_PROVIDER_MAX_INFLIGHT,	/* u32 */

	/* private: */
	__TSMFD_A_PROVIDER_MAX
};

enum tsmfd_nl_stats {
	TSMFD_A_STATS_INDEX = 1,	/* u32, N of tsmfdN */
	TSMFD_A_STATS_FACE,		/* u32, enum tsmfd_face; none: of all */
	TSMFD_A_STATS_REQUESTS,		/* u64, submitted */
	TSMFD_A_STATS_REPORTS,		/* u64, of those, answered with a report */
	TSMFD_A_STATS_FAILURES,		/* u64, answered with an error */
	TSMFD_A_STATS_CANCELLED,	/* u64, given up by their caller first */
	TSMFD_A_STATS_BATCHES,		/* u64, firmware calls for more than one */
	TSMFD_A_STATS_LATENCY,		/* binary, u64[TSMFD_LATENCY_BUCKETS] */
	TSMFD_A_STATS_QUEUED,		/* u32, now; of all faces */
	TSMFD_A_STATS_IN_FLIGHT,	/* u32, firmware calls now; of all faces */
	TSMFD_A_STATS_PAD,
	TSMFD_A_STATS_OVER_QUOTA,	/* u64, refused with EDQUOT; of all faces */
	TSMFD_A_STATS_QUOTA_REQUESTS,	/* u32, a user's limit now; 0: none */
	TSMFD_A_STATS_QUOTA_BYTES,	/* u64, a user's limit now; 0: none */

	/* private: */
	__TSMFD_A_STATS_MAX
};

/* The settings of an emulated provider, in the order of its own list. */
enum tsmfd_nl_emu {
	TSMFD_A_EMU_INDEX = 1,		/* u32, N of tsmfdN */
	TSMFD_A_EMU_LATENCY_US,		/* u32, this and all below */
	TSMFD_A_EMU_JITTER_US,
	TSMFD_A_EMU_THROTTLE_EVERY,
	TSMFD_A_EMU_THROTTLE_US,
	TSMFD_A_EMU_HANG,
	TSMFD_A_EMU_BUSY_PERMILLE,
	TSMFD_A_EMU_FAIL_PERMILLE,
	TSMFD_A_EMU_EMPTY_PERMILLE,
	TSMFD_A_EMU_SHORT_PERMILLE,
	TSMFD_A_EMU_OVERSIZE_PERMILLE,

	/* private: */
	__TSMFD_A_EMU_MAX
};

enum tsmfd_nl_event {
	TSMFD_A_EVENT_INDEX = 1,	/* u32, N of tsmfdN */
	TSMFD_A_EVENT_NAME,		/* string, the provider's */
	TSMFD_A_EVENT_ERRNO,		/* u32, positive */
	TSMFD_A_EVENT_SUPPRESSED,	/* u32, like it since the last one sent */
	TSMFD_A_EVENT_UID,		/* u32, of quota-ntf and refused-ntf */

	/* private: */
	__TSMFD_A_EVENT_MAX
};

#endif /* _UAPI_LINUX_TSMFD_NETLINK_H */

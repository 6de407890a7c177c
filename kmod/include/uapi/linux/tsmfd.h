/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * tsmfd: attestation reports by file descriptor, the user ABI.
 *
 * Every open file of /dev/tsmfdN is its own set of options. A C example, whole:
 *
 *	struct tsmfd_report_req req = {
 *		.inblob_len  = sizeof(nonce),		// 1 to 64 bytes
 *		.outblob     = (__u64)(uintptr_t)buf,
 *		.outblob_len = sizeof(buf),
 *	};
 *	memcpy(req.inblob, nonce, sizeof(nonce));
 *	if (ioctl(open("/dev/tsmfd0", O_RDWR), TSMFD_IOC_REPORT, &req))
 *		err(1, "TSMFD_IOC_REPORT");
 *	// buf[0 .. req.outblob_len) is the report
 *
 * Multi-byte members are in the machine's byte order unless typed __le.
 * Documentation/abi.rst is the specification; this file is its summary.
 */
#ifndef _UAPI_LINUX_TSMFD_H
#define _UAPI_LINUX_TSMFD_H

#include <linux/ioctl.h>
#include <linux/types.h>

/* Bytes. */
#define TSMFD_INBLOB_MAX		64
#define TSMFD_WRITE_MAX			4096
#define TSMFD_NAME_MAX			32	/* with its NUL */
#define TSMFD_SERVICE_PROVIDER_MAX	16	/* with its NUL */
#define TSMFD_HASH_LEN			64	/* SHA-512 */

/* Leaves of a batch at most. */
#define TSMFD_BATCH_MAX			4096

#define TSMFD_PRIVLEVEL_MAX		3

/**
 * enum tsmfd_format - how much a report is to carry
 * @TSMFD_FORMAT_DEFAULT: the report alone
 * @TSMFD_FORMAT_EXTENDED: the report, and an auxblob that helps to verify it
 *	(certificates, an event log)
 */
enum tsmfd_format {
	TSMFD_FORMAT_DEFAULT	= 0,
	TSMFD_FORMAT_EXTENDED	= 1,
};

/* tsmfd_report_req.flags: which of the optional options are given. */
#define TSMFD_OPT_PRIVLEVEL			0x1
#define TSMFD_OPT_SERVICE_PROVIDER		0x2
#define TSMFD_OPT_SERVICE_GUID			0x4
#define TSMFD_OPT_SERVICE_MANIFEST_VERSION	0x8
#define TSMFD_OPT_BATCH				0x10

/**
 * struct tsmfd_report_req - one report, options in and blobs out
 * @flags: in, TSMFD_OPT_*; any other bit is EINVAL
 * @timeout_ms: in, 0 waits for as long as the firmware takes; else ETIMEDOUT
 *	after so many milliseconds
 * @privlevel: in, the provider's floor to 3, with TSMFD_OPT_PRIVLEVEL; must be
 *	0 without it
 * @format: in, enum tsmfd_format
 * @inblob_len: in, 1 to 64
 * @service_manifest_version: in, with TSMFD_OPT_SERVICE_MANIFEST_VERSION
 * @inblob: in, the challenge; bytes past @inblob_len must be 0
 * @service_guid: in, a guid_t, with TSMFD_OPT_SERVICE_GUID
 * @service_provider: in, a string with its NUL, with
 *	TSMFD_OPT_SERVICE_PROVIDER
 * @outblob: in, the address of a buffer for the report
 * @auxblob: in, the address of a buffer, or 0 if it is not wanted
 * @manifestblob: in, the address of a buffer, or 0 if it is not wanted
 * @outblob_len: in, room at @outblob; out, the report's length
 * @auxblob_len: in, room at @auxblob; out, the auxblob's length, 0 if the
 *	provider gave none
 * @manifestblob_len: as @auxblob_len
 * @reserved: must be 0
 * @generation: out, counts the provider's reports since it was registered: two
 *	reports with one generation are the same report
 * @proof: in, with TSMFD_OPT_BATCH the address of a buffer for the struct
 *	tsmfd_batch_proof; from here on the structure's second version
 * @proof_len: in, room at @proof; out, the proof's length
 * @reserved2: must be 0
 *
 * A buffer that is too small gives EMSGSIZE, with all three lengths set to what
 * is needed and no blob written. The report is not lost: the next call on the
 * same open file with the same options gets it, without another firmware call.
 *
 * The structure grows at its end. The size is the ioctl number's, so an older
 * program keeps working on a newer kernel; a newer program on an older kernel
 * gets E2BIG if what the kernel does not know is not zero.
 */
struct tsmfd_report_req {
	__u32		flags;
	__u32		timeout_ms;
	__u32		privlevel;
	__u32		format;
	__u32		inblob_len;
	__u32		service_manifest_version;
	__u8		inblob[TSMFD_INBLOB_MAX];
	__u8		service_guid[16];
	char		service_provider[TSMFD_SERVICE_PROVIDER_MAX];
	__aligned_u64	outblob;
	__aligned_u64	auxblob;
	__aligned_u64	manifestblob;
	__u32		outblob_len;
	__u32		auxblob_len;
	__u32		manifestblob_len;
	__u32		reserved;
	__aligned_u64	generation;
	__aligned_u64	proof;
	__u32		proof_len;
	__u32		reserved2;
};

#define TSMFD_REPORT_REQ_SIZE_VER0	168
#define TSMFD_REPORT_REQ_SIZE_VER1	184

/*
 * Batches. With batch=1 (TSMFD_OPT_BATCH) a request may share one report with
 * others that wait at the same time: the report's own challenge is then the root
 * of a Merkle tree over SHA-512 (RFC 9162 section 2.1), and the caller gets the
 * path that leads from its leaf to that root. Documentation/abi.rst says how to
 * verify it.
 */

/**
 * struct tsmfd_batch_leaf - what a leaf's hash is over, behind a byte 0x00
 * @version: TSMFD_BATCH_LEAF_VERSION
 * @privlevel: as asked, or the provider's floor
 * @format: enum tsmfd_format
 * @inblob_len: bytes of @inblob that are the caller's
 * @inblob: with zeros behind
 */
struct tsmfd_batch_leaf {
	__u8	version[16];
	__le32	privlevel;
	__le32	format;
	__le32	inblob_len;
	__u8	inblob[TSMFD_INBLOB_MAX];
};

#define TSMFD_BATCH_LEAF_VERSION	"tsmfd batch v1\0"	/* and its NUL */

/**
 * struct tsmfd_batch_proof - that a leaf is in the tree whose root was signed
 * @magic: TSMFD_BATCH_PROOF_MAGIC
 * @version: 1
 * @leaf_index: which leaf is the caller's, from 0
 * @tree_size: how many leaves there are
 * @path_len: how many hashes follow, of TSMFD_HASH_LEN bytes: the inclusion
 *	proof of RFC 9162 section 2.1.3, the leaf's sibling first
 * @outblob_len: of the report that this is for, bytes
 * @auxblob_len: bytes
 * @manifestblob_len: bytes
 *
 * Where all comes in one piece (read(2), keys), the three blobs follow.
 */
struct tsmfd_batch_proof {
	__u8	magic[8];
	__le32	version;
	__le32	leaf_index;
	__le32	tree_size;
	__le32	path_len;
	__le32	outblob_len;
	__le32	auxblob_len;
	__le32	manifestblob_len;
};

#define TSMFD_BATCH_PROOF_MAGIC		"TSMFDPRF"	/* without its NUL */

/* tsmfd_info.features */
#define TSMFD_FEATURE_PRIVLEVEL		0x1	/* more than one privlevel */
#define TSMFD_FEATURE_SERVICE		0x2	/* takes the service_ options */
#define TSMFD_FEATURE_BATCH		0x4	/* takes batch=1 */

/**
 * struct tsmfd_info - what a provider is and can do
 * @provider: its name, NUL-terminated
 * @index: N of /dev/tsmfdN
 * @features: TSMFD_FEATURE_*
 * @privlevel_floor: the lowest privlevel it accepts
 * @privlevel_max: the highest
 * @formats: a bit for each enum tsmfd_format it gives
 * @inblob_min: bytes of the shortest inblob it takes
 * @inblob_max: bytes of the longest
 * @outblob_max: bytes; a buffer of this size is never too small
 * @auxblob_max: bytes
 * @manifestblob_max: bytes
 * @max_inflight: how many calls its firmware takes at once
 * @reserved: 0
 *
 * Grows at its end as struct tsmfd_report_req does; what the kernel does not
 * know is zeroed.
 */
struct tsmfd_info {
	char	provider[TSMFD_NAME_MAX];
	__u32	index;
	__u32	features;
	__u32	privlevel_floor;
	__u32	privlevel_max;
	__u32	formats;
	__u32	inblob_min;
	__u32	inblob_max;
	__u32	outblob_max;
	__u32	auxblob_max;
	__u32	manifestblob_max;
	__u32	max_inflight;
	__u32	reserved;
};

#define TSMFD_INFO_SIZE_VER0		80

#define TSMFD_IOC_MAGIC			0xBF
#define TSMFD_IOC_REPORT		_IOWR(TSMFD_IOC_MAGIC, 0x01, struct tsmfd_report_req)
#define TSMFD_IOC_INFO			_IOR(TSMFD_IOC_MAGIC, 0x02, struct tsmfd_info)

#endif /* _UAPI_LINUX_TSMFD_H */

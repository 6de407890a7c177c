/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * tsmfd: a firmware in user space.
 *
 * An open /dev/tsmfd-proxy and one ioctl make a provider, and give a descriptor
 * that is the firmware's side of it: read(2) takes requests, write(2) answers
 * them, in any order. Closing it, or the end of its process, removes the provider.
 *
 *	struct tsmfd_proxy_new new = {
 *		.formats = 1 << TSMFD_FORMAT_DEFAULT, .outblob_max = 4096,
 *		.max_inflight = 1, .name = "mine",
 *	};
 *	ioctl(open("/dev/tsmfd-proxy", O_RDWR), TSMFD_PROXY_IOC_NEW, &new);
 *	// /dev/tsmfd<new.index> is there
 *	while (read(new.fd, &request, sizeof(request)) == sizeof(request)) {
 *		struct tsmfd_proxy_answer answer = { .id = request.id, ... };
 *		struct iovec parts[] = { { &answer, sizeof(answer) }, ... };
 *		writev(new.fd, parts, 2);
 *	}
 *
 * Members are in the machine's byte order. Documentation/abi.rst is the
 * specification; this file is its summary.
 */
#ifndef _UAPI_LINUX_TSMFD_PROXY_H
#define _UAPI_LINUX_TSMFD_PROXY_H

#include <linux/ioctl.h>
#include <linux/tsmfd.h>
#include <linux/types.h>

/**
 * struct tsmfd_proxy_new - a provider to be made
 * @flags: in, O_CLOEXEC and O_NONBLOCK of @fd; any other bit is EINVAL
 * @formats: in, a bit for each enum tsmfd_format that the firmware gives
 * @features: in, TSMFD_FEATURE_SERVICE or 0
 * @privlevel_floor: in, the lowest privlevel it accepts
 * @privlevel_max: in, the highest, at most TSMFD_PRIVLEVEL_MAX
 * @inblob_min: in, bytes of the shortest inblob that it takes; 0 for 1
 * @inblob_max: in, bytes of the longest, at most TSMFD_INBLOB_MAX; 0 for that. With
 *	less, the provider takes no batch=1, since a batch's root would not fit.
 * @outblob_max: in, bytes of its longest outblob, at most 16 MiB
 * @auxblob_max: in, likewise
 * @manifestblob_max: in, likewise
 * @max_inflight: in, how many requests it is given at once, 1 to 256
 * @timeout_ms: in, how long it may take over one before that fails with
 *	ETIMEDOUT; 0 for a minute
 * @fd: out, the firmware's side
 * @index: out, N of /dev/tsmfdN
 * @name: in, what users know its reports' format by: letters, digits, '_', '-' and
 *	'.', with a NUL
 */
struct tsmfd_proxy_new {
	__u32	flags;
	__u32	formats;
	__u32	features;
	__u32	privlevel_floor;
	__u32	privlevel_max;
	__u32	inblob_min;
	__u32	inblob_max;
	__u32	outblob_max;
	__u32	auxblob_max;
	__u32	manifestblob_max;
	__u32	max_inflight;
	__u32	timeout_ms;
	__s32	fd;
	__u32	index;
	char	name[TSMFD_NAME_MAX];
};

#define TSMFD_PROXY_NEW_SIZE_VER0	88

/**
 * struct tsmfd_proxy_request - what read(2) gives
 * @id: names it in the answer; never used again
 * @given: TSMFD_OPT_* of the options that the caller gave
 * @format: enum tsmfd_format
 * @privlevel: as the caller gave it, or @privlevel_floor
 * @inblob_len: bytes of @inblob that are the caller's, inblob_min to inblob_max
 * @inblob: the challenge, zeros behind @inblob_len
 * @service_guid: a guid_t, with TSMFD_OPT_SERVICE_GUID
 * @service_provider: a string with its NUL, with TSMFD_OPT_SERVICE_PROVIDER
 * @service_manifest_version: with TSMFD_OPT_SERVICE_MANIFEST_VERSION
 * @reserved: 0
 *
 * A read gives as many as are there and fit; EINVAL if not one would fit.
 */
struct tsmfd_proxy_request {
	__u64	id;
	__u32	given;
	__u32	format;
	__u32	privlevel;
	__u32	inblob_len;
	__u8	inblob[TSMFD_INBLOB_MAX];
	__u8	service_guid[16];
	char	service_provider[TSMFD_SERVICE_PROVIDER_MAX];
	__u32	service_manifest_version;
	__u32	reserved;
};

/**
 * struct tsmfd_proxy_answer - what write(2) takes, the blobs behind it
 * @id: of the request
 * @error: an errno for a request that failed, which has no blobs; or 0
 * @outblob_len: bytes, 1 to outblob_max
 * @auxblob_len: bytes, 0 to auxblob_max
 * @manifestblob_len: bytes, 0 to manifestblob_max
 *
 * One answer a write, whole: EINVAL if its length is another, EMSGSIZE for a blob
 * that is longer than the firmware said, ENOENT for a request that there is not:
 * answered before, given up, or never read.
 *
 * @error becomes the errno of the caller's system call. It is 1 to 4095, and EINVAL
 * if it is one that would tell the caller something else than that the firmware
 * failed: EAGAIN, EINTR, EINPROGRESS, EALREADY (ask again); EMSGSIZE, E2BIG, EFAULT,
 * EBADF, ENOTTY (the call's arguments are wrong); EDQUOT (the user is over a quota);
 * ENODEV (the provider has gone); ENOKEY, EKEYEXPIRED, EKEYREVOKED (the key has
 * gone); and 512 to 1023, which the kernel keeps to itself. Firmware that is busy or
 * throttled says EBUSY.
 */
struct tsmfd_proxy_answer {
	__u64	id;
	__u32	error;
	__u32	outblob_len;
	__u32	auxblob_len;
	__u32	manifestblob_len;
};

/**
 * struct tsmfd_proxy_stats - what became of requests and of answers
 * @requests: handed to the firmware
 * @answers: that were taken
 * @refused: writes that were not, whatever the reason
 * @timeouts: requests that the firmware took too long over
 */
struct tsmfd_proxy_stats {
	__u64	requests;
	__u64	answers;
	__u64	refused;
	__u64	timeouts;
};

/* Of /dev/tsmfd-proxy; takes CAP_SYS_ADMIN. */
#define TSMFD_PROXY_IOC_NEW	_IOWR(TSMFD_IOC_MAGIC, 0x10, struct tsmfd_proxy_new)
/* Of the firmware's side. */
#define TSMFD_PROXY_IOC_STATS	_IOR(TSMFD_IOC_MAGIC, 0x11, struct tsmfd_proxy_stats)

#endif /* _UAPI_LINUX_TSMFD_PROXY_H */

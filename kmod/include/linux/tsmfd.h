/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tsmfd: the provider API.
 *
 * A provider turns options into blobs. It never knows which face (character
 * device, key, …) they came through, and needs no lock of its own against
 * other callers: the core calls it at most @max_inflight times at once.
 */
#ifndef _LINUX_TSMFD_H
#define _LINUX_TSMFD_H

#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/types.h>
#include <linux/uuid.h>

#include <uapi/linux/tsmfd.h>

struct device;
struct tsmfd_provider;

/* The class; its devices are this and a number. */
#define TSMFD_CLASS_NAME	"tsmfd"

/* No provider may return more in one blob; bounds what a caller can pin. */
#define TSMFD_BLOB_MAX		SZ_16M
/* No provider may be called more often at once. */
#define TSMFD_INFLIGHT_MAX	256

/**
 * struct tsmfd_options - what a caller asks for; a value, never shared
 * @given: TSMFD_OPT_* of the options that were given
 * @format: how much the report is to carry
 * @privlevel: as given; once submitted, the provider's floor if it was not
 * @inblob_len: bytes of @inblob that are the caller's
 * @inblob: the challenge, zeros behind @inblob_len
 * @service_provider: with TSMFD_OPT_SERVICE_PROVIDER
 * @service_guid: with TSMFD_OPT_SERVICE_GUID
 * @service_manifest_version: with TSMFD_OPT_SERVICE_MANIFEST_VERSION
 *
 * Two of them ask for the same report exactly when they compare equal member
 * by member; see tsmfd_options_equal().
 */
struct tsmfd_options {
	u32			given;
	enum tsmfd_format	format;
	u32			privlevel;
	u32			inblob_len;
	u8			inblob[TSMFD_INBLOB_MAX];
	char			service_provider[TSMFD_SERVICE_PROVIDER_MAX];
	guid_t			service_guid;
	u32			service_manifest_version;
};

/**
 * struct tsmfd_blob - bytes with their length
 * @data: from kvmalloc(), so that kvfree() frees it; see tsmfd_blob_alloc()
 * @len: bytes at @data
 */
struct tsmfd_blob {
	void	*data;
	size_t	len;
};

/**
 * struct tsmfd_report - the answer to one struct tsmfd_options
 * @outblob: the report; a provider that succeeds has set it
 * @auxblob: what helps to verify it; empty unless the format is extended
 * @manifestblob: an SVSM's service manifest; mostly empty
 */
struct tsmfd_report {
	struct tsmfd_blob	outblob;
	struct tsmfd_blob	auxblob;
	struct tsmfd_blob	manifestblob;
};

/**
 * struct tsmfd_ops - what a provider is and does
 * @name: for users to tell its blobs' format by; shorter than TSMFD_NAME_MAX
 * @formats: BIT() of each enum tsmfd_format it gives
 * @features: TSMFD_FEATURE_SERVICE or 0 (the core derives the others)
 * @privlevel_floor: the lowest privlevel it accepts
 * @privlevel_max: the highest, at most TSMFD_PRIVLEVEL_MAX
 * @inblob_min: the shortest inblob it takes, in bytes, 1 at least
 * @inblob_max: the longest, at most TSMFD_INBLOB_MAX. Where that is less, no
 *	batch is announced, since its root would not fit.
 * @outblob_max: the longest outblob it gives, at most TSMFD_BLOB_MAX
 * @auxblob_max: likewise
 * @manifestblob_max: likewise
 * @max_inflight: how often @report may be called at once; 1 for firmware
 * @busy_retry_ms: milliseconds after which a @report that failed with -EBUSY is
 *	to be called again for the same caller, twice as long the next time and
 *	so on up to 2 s; 0 if EBUSY is an answer like any other
 * @report: makes one report. May sleep; runs without any lock of the core. On
 *	success returns 0 and has filled *report; on failure returns an errno
 *	and may have filled part of it. The core frees the blobs either way.
 * @brief: optional; says whether a call takes a few milliseconds at most just now
 *	and waits for nothing that a user controls. A caller that would wait anyway
 *	may then make the call in its own context, if nobody else wants one. Must
 *	not sleep; called with a spinlock of the core held.
 *
 * Options reach @report validated: the inblob is @inblob_min to @inblob_max bytes,
 * the privlevel between floor and max, the format one of @formats, and a service option is
 * given only with TSMFD_FEATURE_SERVICE. Must stay as it is until
 * tsmfd_unregister() has returned.
 */
struct tsmfd_ops {
	const char	*name;
	u32		formats;
	u32		features;
	u32		privlevel_floor;
	u32		privlevel_max;
	u32		inblob_min;
	u32		inblob_max;
	u32		outblob_max;
	u32		auxblob_max;
	u32		manifestblob_max;
	u32		max_inflight;
	u32		busy_retry_ms;
	int		(*report)(void *priv, const struct tsmfd_options *options,
				  struct tsmfd_report *report);
	bool		(*brief)(void *priv);
};

struct tsmfd_provider *tsmfd_register(const struct tsmfd_ops *ops, void *priv,
				      struct device *parent);
void tsmfd_unregister(struct tsmfd_provider *provider);

/**
 * tsmfd_blob_free() - leaves it empty
 * @blob: of a provider's
 */
static inline void tsmfd_blob_free(struct tsmfd_blob *blob)
{
	kvfree(blob->data);
	*blob = (struct tsmfd_blob) {};
}

int tsmfd_provider_index(const struct tsmfd_provider *provider);
void *tsmfd_blob_alloc(struct tsmfd_blob *blob, size_t len);

#endif /* _LINUX_TSMFD_H */

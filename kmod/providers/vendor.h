/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Vendors' drivers as providers: what the configfs face needs to know of them.
 *
 *	vendor = vendor_get("tsmfd1");
 *	if (vendor && !tsmfd_provider_is_gone(vendor->provider))
 *		request = tsmfd_request_new(vendor->provider, &options);
 *	...
 *	vendor_put(vendor);
 */
#ifndef TSMFD_PROVIDERS_VENDOR_H
#define TSMFD_PROVIDERS_VENDOR_H

#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/tsmfd.h>

#include "../compat/tsm.h"

/**
 * struct vendor - a driver that called tsm_register()
 * @refs: one of the registration, one of each item that asks it
 * @node: in the list of those registered. Protected by vendors_lock.
 * @driver: the driver's ops; not used once it has unregistered
 * @driver_data: the driver's, likewise
 * @ops: the same for the core
 * @provider: what the core knows it by; a reference to its device
 * @format: what it is asked for through configfs: all that it has
 * @attrs: BIT() of each enum tsm_attr_index that it shows
 * @bin_attrs: BIT() of each enum tsm_bin_attr_index that it shows
 * @report: what it is asked for, and answers. Like all below, of the call under way,
 *	of which there is one at most.
 * @service_provider: part of what it is asked for, if that is given
 * @brevity: how often its last calls were brief; see vendor.c
 *
 * What is above @report is constant, but for @refs and @node.
 */
struct vendor {
	refcount_t			refs;
	struct list_head		node;
	const struct tsm_report_ops	*driver;
	void				*driver_data;
	struct tsmfd_ops		ops;
	struct tsmfd_provider		*provider;
	enum tsmfd_format		format;
	unsigned long			attrs;
	unsigned long			bin_attrs;
	struct tsm_report		report;
	char				service_provider[TSMFD_SERVICE_PROVIDER_MAX];
	int				brevity;
};

struct vendor *vendor_get(const char *device);
bool vendor_is_alone(unsigned long *attrs, unsigned long *bin_attrs);
void vendor_put(struct vendor *vendor);

#endif /* TSMFD_PROVIDERS_VENDOR_H */

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Vendors' drivers as providers: what the configfs face needs to know of them.
 *
 *	vendor = vendor_get(NULL);
 *	if (vendor) {
 *		rc = tsmfd_session_init(&session, vendor->provider, face);
 *		...
 *		vendor_put(vendor);
 *	}
 */
#ifndef TSMFD_PROVIDERS_VENDOR_H
#define TSMFD_PROVIDERS_VENDOR_H

#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/tsmfd.h>

#include "../compat/tsm.h"

/**
 * struct vendor - a driver that called tsm_register()
 * @refs: one is the registration's, and one that of each item that asks the driver
 * @node: in the list of those registered. Protected by vendors_lock.
 * @driver: the driver's ops; not used once it has unregistered
 * @driver_data: what the driver wants to be handed; likewise
 * @ops: the same, as the core has it
 * @provider: what the core knows the driver by; a reference to its device
 * @format: what the configfs face asks for, which is all that the driver gives
 * @attrs: BIT() of each enum tsm_attr_index that it shows
 * @bin_attrs: BIT() of each enum tsm_bin_attr_index that it shows
 * @report: what the driver is asked for and answers. This and all below belong to the
 *	call that is under way; there is one at most.
 * @service_provider: part of what the driver is asked for, if it is given
 * @brevity: a score that says whether its last calls were brief; see vendor.c. Read by
 *	whoever wants a call, without a lock.
 *
 * All members above @report except @refs and @node are constant.
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

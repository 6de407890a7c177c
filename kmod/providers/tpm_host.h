/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a provider comes with a TPM, and goes with it.
 *
 * Built in, or loaded early, a provider may be here before the TPM is. So it is a
 * platform driver with one device of its own, whose probe is deferred while there is
 * no TPM: the driver core probes it again whenever a driver has bound to a device.
 * Once there is one, a device link to it has the provider go when the TPM's driver
 * goes, and come back when that does.
 */
#ifndef _TSMFD_TPM_HOST_H
#define _TSMFD_TPM_HOST_H

#include <linux/platform_device.h>
#include <linux/tpm.h>

#include "tpm_pcrs.h"

/**
 * struct tpm_host - a provider's driver and device
 * @name: of both, the module's
 * @probe: makes the provider. There is nothing that undoes it: all that it makes is a
 *	managed resource of the device. Calls tpm_host_find_chip().
 * @driver: set by tpm_host_register()
 * @device: likewise
 * @result: what the latest probe returned; tpm_host_register() reads it when the
 *	first has returned
 */
struct tpm_host {
	const char		*name;
	int			(*probe)(struct device *dev);
	struct platform_driver	driver;
	struct platform_device	*device;
	int			result;
};

int tpm_host_register(struct tpm_host *host);
void tpm_host_unregister(struct tpm_host *host);
struct tpm_chip *tpm_host_find_chip(struct device *dev, const struct tpm_pcrs *selection,
				    const char *text);

#endif /* _TSMFD_TPM_HOST_H */

// SPDX-License-Identifier: GPL-2.0-only
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/compiler.h>
#include <linux/container_of.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/printk.h>

#include "tpm_host.h"

static bool tpm_host_has_bank(const struct tpm_chip *chip, u16 alg)
{
	unsigned int i;

	for (i = 0; i < chip->nr_allocated_banks; i++) {
		if (chip->allocated_banks[i].alg_id == alg)
			return true;
	}
	return false;
}

/* A TPM signs a selection of PCRs that it lacks as one of no PCRs at all. */
static bool tpm_host_has_banks(const struct tpm_chip *chip, const struct tpm_pcrs *selection)
{
	u32 i;

	for (i = 0; i < selection->count; i++) {
		if (!tpm_host_has_bank(chip, selection->banks[i].alg))
			return false;
	}
	return true;
}

static bool tpm_host_is_fit(struct device *dev, struct tpm_chip *chip,
			    const struct tpm_pcrs *selection, const char *text)
{
	if (tpm_is_firmware_upgrade(chip) || tpm_is_tpm2(chip) <= 0)
		dev_err(dev, "%s is no working TPM 2.0\n", dev_name(&chip->dev));
	else if (!tpm_host_has_banks(chip, selection))
		dev_err(dev, "%s does not have all PCRs of %s\n", dev_name(&chip->dev), text);
	else
		return true;
	return false;
}

static void tpm_host_put_chip(void *chip)
{
	put_device(&((struct tpm_chip *)chip)->dev);
}

/*
 * Makes the driver core unbind this device before it unbinds the TPM's, and probe it
 * again when the TPM's has a driver again. A virtual TPM (tpm_vtpm_proxy) has no
 * device that could be linked to. When it goes, the provider stays, and answers with
 * ENODEV.
 */
static int tpm_host_follow(struct device *dev, struct tpm_chip *chip)
{
	if (!chip->dev.parent)
		return 0;
	return device_link_add(dev, chip->dev.parent, DL_FLAG_AUTOPROBE_CONSUMER) ?
	       0 : -ENOMEM;
}

/**
 * tpm_host_find_chip() - the first TPM, if it will do
 * @dev: the provider's; goes with the TPM from now on
 * @selection: PCRs that it has to have
 * @text: what named them, for the log
 *
 * Return: the chip, a reference to which is kept until the driver unbinds, and which
 * keeps the structure but not the chip's driver; -EPROBE_DEFER if there is none yet;
 * -ENODEV if it will not do; or -ENOMEM.
 */
struct tpm_chip *tpm_host_find_chip(struct device *dev, const struct tpm_pcrs *selection,
				    const char *text)
{
	struct tpm_chip *chip;
	int err;

	chip = tpm_default_chip();
	if (!chip)
		return ERR_PTR(dev_err_probe(dev, -EPROBE_DEFER, "there is no TPM yet\n"));
	err = devm_add_action_or_reset(dev, tpm_host_put_chip, chip);
	if (err)
		return ERR_PTR(err);
	if (!tpm_host_is_fit(dev, chip, selection, text))
		return ERR_PTR(-ENODEV);
	err = tpm_host_follow(dev, chip);
	return err ? ERR_PTR(err) : chip;
}

static int tpm_host_probe(struct platform_device *device)
{
	struct tpm_host *host = container_of(to_platform_driver(device->dev.driver),
					     struct tpm_host, driver);
	int err = host->probe(&device->dev);

	WRITE_ONCE(host->result, err);
	return err;
}

/*
 * Having no TPM is no failure, since one may come. Having one that will not do is a
 * failure, so that whoever loads the module is told.
 */
static int tpm_host_add_device(struct tpm_host *host)
{
	int err;

	host->device = platform_device_register_simple(host->name, PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(host->device))
		return PTR_ERR(host->device);

	err = READ_ONCE(host->result);
	if (err == -EPROBE_DEFER) {
		pr_info("there is no TPM yet; a provider will come with one\n");
		return 0;
	}
	if (err)
		platform_device_unregister(host->device);
	return err;
}

/**
 * tpm_host_register() - a provider for the TPM that is there, or that comes
 * @host: with name and probe
 *
 * Return: 0, also if there is no TPM yet; or what probe() returns of a TPM that will
 * not do.
 */
int tpm_host_register(struct tpm_host *host)
{
	int err;

	host->driver = (struct platform_driver) {
		.probe		= tpm_host_probe,
		.driver		= {
			.name		= host->name,
			/* tpm_host_add_device() reads the result as soon as it returns. */
			.probe_type	= PROBE_FORCE_SYNCHRONOUS,
		},
	};
	err = platform_driver_register(&host->driver);
	if (err)
		return err;
	err = tpm_host_add_device(host);
	if (err)
		platform_driver_unregister(&host->driver);
	return err;
}

/**
 * tpm_host_unregister() - undo tpm_host_register()
 * @host: registered
 */
void tpm_host_unregister(struct tpm_host *host)
{
	platform_device_unregister(host->device);
	platform_driver_unregister(&host->driver);
}

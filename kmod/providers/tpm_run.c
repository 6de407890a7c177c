// SPDX-License-Identifier: GPL-2.0-only
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bits.h>
#include <linux/compiler.h>
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/printk.h>

#include "tpm_run.h"

enum {
	/* So many tries for what may work at another time, after 20, 40, 80, ... ms. */
	RUN_ATTEMPTS	= 6,
	RUN_PAUSE_MS	= 20,
	/*
	 * How long, and how often, a suspended TPM is waited for. The kernel resumes it
	 * before it lets processes run again, so that mostly there is no wait.
	 */
	RUN_RESUME_MS	= 100,
	RUN_RESUMES	= 50,
};

/* Response codes, without the number of a handle, parameter or session (format one). */
enum {
	RC_TPM12_FAIL		= 0x009,	/* QEMU's, when its swtpm is gone */
	RC_FMT1			= BIT(7),
	RC_FMT1_MASK		= 0x0bf,
	RC_HANDLE		= 0x08b,
	RC_AUTH_FAIL		= 0x08e,
	RC_SIZE			= 0x095,
	RC_INTEGRITY		= 0x09f,
	RC_BAD_AUTH		= 0x0a2,
	RC_INITIALIZE		= 0x100,
	RC_FAILURE		= 0x101,
	RC_OBJECT_MEMORY	= 0x902,
	RC_MEMORY		= 0x904,
	RC_OBJECT_HANDLES	= 0x906,
	RC_YIELDED		= 0x908,
	RC_CANCELED		= 0x909,
	RC_TESTING		= 0x90a,
	RC_REFERENCE_H0		= 0x910,
	RC_LOCKOUT		= 0x921,
	RC_RETRY		= 0x922,
};

static bool tpm_run_is_suspended(const struct tpm_chip *chip)
{
	return READ_ONCE(chip->flags) & TPM_CHIP_FLAG_SUSPENDED;
}

/* Some kernels hand out a suspended chip, others refuse to. */
static int tpm_run_try_hold(struct tpm_chip *chip)
{
	int err = tpm_try_get_ops(chip);

	if (!err && tpm_run_is_suspended(chip)) {
		tpm_put_ops(chip);
		return -ESHUTDOWN;
	}
	if (err && tpm_run_is_suspended(chip))
		return -ESHUTDOWN;
	/* Without ops the chip's driver has left it, for good. */
	if (err && !READ_ONCE(chip->ops))
		return -ENODEV;
	return err ? -EREMOTEIO : 0;
}

/**
 * tpm_run_hold() - keep the TPM for the commands that follow
 * @chip: to be given back with tpm_put_ops()
 *
 * Waits for a suspended chip, for some seconds in which the machine is awake.
 *
 * Return: 0, -ESHUTDOWN if it stays suspended, -ENODEV if its driver has left it,
 * or -EREMOTEIO if it does not start.
 */
int tpm_run_hold(struct tpm_chip *chip)
{
	unsigned int i;
	int err;

	for (i = 0; i < RUN_RESUMES; i++) {
		err = tpm_run_try_hold(chip);
		if (err != -ESHUTDOWN)
			break;
		msleep(RUN_RESUME_MS);
	}
	return err;
}

/**
 * tpm_run_again() - is it worth another try?
 * @err: from tpm_run()
 * @attempt: how many there were; 0 before the first
 *
 * Sleeps if it is. The caller must not hold the TPM, which is for others meanwhile.
 *
 * Return: true at most RUN_ATTEMPTS - 1 times.
 */
bool tpm_run_again(int err, unsigned int *attempt)
{
	if ((err != -ECANCELED && err != -ENOSPC) || ++*attempt == RUN_ATTEMPTS)
		return false;
	msleep(RUN_PAUSE_MS << (*attempt - 1));
	return true;
}

/**
 * tpm_run() - have the TPM run a command
 * @chip: held, see tpm_run_hold()
 * @buf: the command; upon success the response
 * @command: its name, for the log
 *
 * Return: 0, an errno of tpm_run_errno(), -ETIMEDOUT or -ENOMEM; -EREMOTEIO for any
 * other failure of the TPM's driver, whose errnos say nothing to a user.
 */
int tpm_run(struct tpm_chip *chip, struct tpm_buf *buf, const char *command)
{
	ssize_t rc;
	int err;

	if (buf->flags & TPM_BUF_INVALID)
		return -EIO;

	rc = tpm_transmit_cmd(chip, buf, 0, NULL);
	if (!rc)
		return 0;

	if (rc > 0) {
		err = tpm_run_errno(rc);
		if (err == -EIO || err == -EREMOTEIO)
			pr_err_ratelimited("%s: TPM error 0x%03zx\n", command, rc);
	} else {
		err = rc == -ETIME ? -ETIMEDOUT : rc == -ENOMEM ? -ENOMEM : -EREMOTEIO;
		pr_err_ratelimited("%s: error %zd\n", command, rc);
	}
	return err;
}

/**
 * tpm_run_malformed() - log that a response makes no sense
 * @command: the name of what was asked
 *
 * Return: -EIO.
 */
int tpm_run_malformed(const char *command)
{
	pr_err_ratelimited("%s: malformed response\n", command);
	return -EIO;
}

/**
 * tpm_run_errno() - what a response code means to the provider
 * @rc: a TPM_RC other than success
 *
 * Return: -EBUSY if the TPM was not ready for as long as tpm_transmit_cmd()
 * tried, which is some four seconds; -ECANCELED if another's command came
 * between; -ENOSPC if others have all of the TPM's room; -ESTALE if what a handle
 * or a saved context stands for is gone; -EINVAL if it does not take as many
 * bytes; -EACCES if it wants a password; -EKEYREJECTED if it is locked against
 * attempts to guess one; -EREMOTEIO if it has failed; else -EIO.
 */
int tpm_run_errno(u32 rc)
{
	if (rc & RC_FMT1)
		rc &= RC_FMT1_MASK;

	switch (rc) {
	case RC_RETRY:
	case RC_TESTING:
		return -EBUSY;
	case RC_YIELDED:
	case RC_CANCELED:
		return -ECANCELED;
	case RC_MEMORY:
	case RC_OBJECT_MEMORY:
	case RC_OBJECT_HANDLES:
		return -ENOSPC;
	case RC_HANDLE:
	case RC_INTEGRITY:
	case RC_REFERENCE_H0:
		return -ESTALE;
	case RC_SIZE:
		return -EINVAL;
	case RC_AUTH_FAIL:
	case RC_BAD_AUTH:
		return -EACCES;
	case RC_LOCKOUT:
		return -EKEYREJECTED;
	case RC_TPM12_FAIL:
	case RC_INITIALIZE:
	case RC_FAILURE:
		return -EREMOTEIO;
	default:
		return -EIO;
	}
}

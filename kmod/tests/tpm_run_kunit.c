// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of how long a TPM is waited for, and what its failures are called, over a
 * chip whose answers are the test's.
 */
#include <kunit/test.h>
#include <linux/device.h>
#include <linux/jiffies.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "../providers/tpm_run.h"

/* Response codes, as the TPM 2.0 library specification has them, part 2, 6.6.3. */
enum {
	RC_FAILURE		= 0x101,
	RC_OBJECT_MEMORY	= 0x902,
	RC_YIELDED		= 0x908,
	RC_LOCKOUT		= 0x921,
	RC_RETRY		= 0x922,
};

/* What tpm_run.c makes of one that may pass: so many tries in all. */
enum {
	RUN_ATTEMPTS		= 6,
};

/**
 * struct fake - a chip
 * @chip: what the kernel's TPM core needs of one to run a command
 * @rc: what the TPM answers to all commands
 * @err: an errno of its driver, instead
 * @commands: that it got
 * @resume: ends its suspension
 */
struct fake {
	struct tpm_chip		chip;
	u32			rc;
	int			err;
	unsigned int		commands;
	struct delayed_work	resume;
};

static struct fake *fake_of(struct tpm_chip *chip)
{
	return container_of(chip, struct fake, chip);
}

static int fake_send(struct tpm_chip *chip, u8 *buf, size_t len)
{
	fake_of(chip)->commands++;
	return 0;
}

static int fake_recv(struct tpm_chip *chip, u8 *buf, size_t len)
{
	const struct tpm_header answer = {
		.tag = cpu_to_be16(TPM2_ST_NO_SESSIONS),
		.length = cpu_to_be32(sizeof(answer)),
		.return_code = cpu_to_be32(fake_of(chip)->rc),
	};

	if (fake_of(chip)->err)
		return fake_of(chip)->err;
	memcpy(buf, &answer, sizeof(answer));
	return sizeof(answer);
}

static u8 fake_status(struct tpm_chip *chip)
{
	return 0;
}

COMPAT_TPM_DEFINE_SEND(fake_send)

static const struct tpm_class_ops fake_ops = {
	.send	= COMPAT_TPM_SEND(fake_send),
	.recv	= fake_recv,
	.status	= fake_status,
};

static void resume(struct work_struct *work)
{
	struct fake *fake = container_of(work, struct fake, resume.work);

	fake->chip.flags &= ~TPM_CHIP_FLAG_SUSPENDED;
}

/* The memory is the test's. */
static void fake_release(struct device *dev)
{
}

static int run_init(struct kunit *test)
{
	struct fake *fake;

	fake = kunit_kzalloc(test, sizeof(*fake), GFP_KERNEL);
	if (!fake)
		return -ENOMEM;
	device_initialize(&fake->chip.dev);
	fake->chip.dev.release = fake_release;
	init_rwsem(&fake->chip.ops_sem);
	mutex_init(&fake->chip.tpm_mutex);
	fake->chip.ops = &fake_ops;
	fake->chip.flags = TPM_CHIP_FLAG_TPM2;
	INIT_DELAYED_WORK(&fake->resume, resume);
	test->priv = fake;
	return dev_set_name(&fake->chip.dev, "tsmfd-test-tpm");
}

static void run_exit(struct kunit *test)
{
	struct fake *fake = test->priv;

	/* Not if run_init() had no memory. */
	if (!fake)
		return;
	cancel_delayed_work_sync(&fake->resume);
	put_device(&fake->chip.dev);
}

/* Holds the chip for one command, and says what came of it. */
static int run_once(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct tpm_buf *buf = kunit_kzalloc(test, TPM_BUFSIZE, GFP_KERNEL);
	int err;

	KUNIT_ASSERT_NOT_NULL(test, buf);
	err = tpm_run_hold(&fake->chip);
	if (err)
		return err;
	tpm_buf_init(buf, TPM_BUFSIZE);
	tpm_buf_reset(buf, TPM2_ST_NO_SESSIONS, TPM2_CC_GET_RANDOM);
	err = tpm_run(&fake->chip, buf, "GetRandom");
	tpm_put_ops(&fake->chip);
	return err;
}

static void test_a_command_runs(struct kunit *test)
{
	struct fake *fake = test->priv;

	KUNIT_EXPECT_EQ(test, 0, run_once(test));
	KUNIT_EXPECT_EQ(test, 1U, fake->commands);
}

static void test_a_tpm_that_stays_busy_is_given_up(struct kunit *test)
{
	struct fake *fake = test->priv;
	unsigned long start = jiffies;

	fake->rc = RC_RETRY;
	KUNIT_EXPECT_EQ(test, -EBUSY, run_once(test));
	KUNIT_EXPECT_GT(test, fake->commands, 5U);
	KUNIT_EXPECT_LT(test, jiffies - start, 10UL * HZ);
}

static const struct {
	u32	rc;
	int	driver;
	int	err;
} failures[] = {
	{ RC_YIELDED,		0,	-ECANCELED },
	{ RC_LOCKOUT,		0,	-EKEYREJECTED },
	{ RC_OBJECT_MEMORY,	0,	-ENOSPC },
	{ RC_FAILURE,		0,	-EREMOTEIO },
	{ 0,			-EIO,	-EREMOTEIO },
	{ 0,			-EFAULT, -EREMOTEIO },
	{ 0,			-ETIME,	-ETIMEDOUT },
	{ 0,			-ENOMEM, -ENOMEM },
};

static void test_a_failure_has_its_errno(struct kunit *test)
{
	struct fake *fake = test->priv;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(failures); i++) {
		fake->rc = failures[i].rc;
		fake->err = failures[i].driver;
		KUNIT_EXPECT_EQ_MSG(test, failures[i].err, run_once(test), "%zu", i);
	}
	KUNIT_EXPECT_EQ(test, (unsigned int)ARRAY_SIZE(failures), fake->commands);
}

static void test_a_suspended_chip_is_waited_for(struct kunit *test)
{
	struct fake *fake = test->priv;

	fake->chip.flags |= TPM_CHIP_FLAG_SUSPENDED;
	schedule_delayed_work(&fake->resume, HZ / 2);
	KUNIT_EXPECT_EQ(test, 0, run_once(test));
	KUNIT_EXPECT_EQ(test, 1U, fake->commands);
}

static void test_a_chip_that_stays_suspended_is_given_up(struct kunit *test)
{
	struct fake *fake = test->priv;
	unsigned long start = jiffies;

	fake->chip.flags |= TPM_CHIP_FLAG_SUSPENDED;
	KUNIT_EXPECT_EQ(test, -ESHUTDOWN, run_once(test));
	KUNIT_EXPECT_EQ(test, 0U, fake->commands);
	KUNIT_EXPECT_GE(test, jiffies - start, 4UL * HZ);
	KUNIT_EXPECT_LT(test, jiffies - start, 20UL * HZ);
}

static void test_a_chip_without_a_driver_is_gone(struct kunit *test)
{
	struct fake *fake = test->priv;

	fake->chip.ops = NULL;
	KUNIT_EXPECT_EQ(test, -ENODEV, run_once(test));
	KUNIT_EXPECT_EQ(test, 0U, fake->commands);
}

static const struct {
	u32	rc;
	int	err;
} codes[] = {
	{ 0x922, -EBUSY },		/* RETRY */
	{ 0x90a, -EBUSY },		/* TESTING */
	{ 0x908, -ECANCELED },		/* YIELDED */
	{ 0x909, -ECANCELED },		/* CANCELED */
	{ 0x902, -ENOSPC },		/* OBJECT_MEMORY */
	{ 0x921, -EKEYREJECTED },	/* LOCKOUT */
	{ 0x18b, -ESTALE },		/* HANDLE, of handle 1 */
	{ 0x1df, -ESTALE },		/* INTEGRITY, of parameter 1 */
	{ 0x910, -ESTALE },		/* REFERENCE_H0 */
	{ 0x1d5, -EINVAL },		/* SIZE, of parameter 1 */
	{ 0x9a2, -EACCES },		/* BAD_AUTH, of session 1 */
	{ 0x98e, -EACCES },		/* AUTH_FAIL, of session 1 */
	{ 0x101, -EREMOTEIO },		/* FAILURE */
	{ 0x009, -EREMOTEIO },		/* TPM 1.2's FAIL */
	{ 0x143, -EIO },		/* COMMAND_CODE */
	{ 0xffffffff, -EIO },
};

static void test_a_code_has_its_errno(struct kunit *test)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(codes); i++)
		KUNIT_EXPECT_EQ_MSG(test, codes[i].err, tpm_run_errno(codes[i].rc),
				    "0x%03x", codes[i].rc);
}

static void test_another_try_comes_to_an_end(struct kunit *test)
{
	unsigned int attempt = 0, tries = 0;

	KUNIT_EXPECT_FALSE(test, tpm_run_again(0, &attempt));
	KUNIT_EXPECT_FALSE(test, tpm_run_again(-EBUSY, &attempt));
	KUNIT_EXPECT_EQ(test, 0U, attempt);
	while (tpm_run_again(-ECANCELED, &attempt))
		KUNIT_ASSERT_LT(test, ++tries, (unsigned int)RUN_ATTEMPTS);
	KUNIT_EXPECT_EQ(test, RUN_ATTEMPTS - 1U, tries);
}

static struct kunit_case run_cases[] = {
	KUNIT_CASE(test_a_command_runs),
	KUNIT_CASE_SLOW(test_a_tpm_that_stays_busy_is_given_up),
	KUNIT_CASE(test_a_failure_has_its_errno),
	KUNIT_CASE(test_a_suspended_chip_is_waited_for),
	KUNIT_CASE_SLOW(test_a_chip_that_stays_suspended_is_given_up),
	KUNIT_CASE(test_a_chip_without_a_driver_is_gone),
	KUNIT_CASE(test_a_code_has_its_errno),
	KUNIT_CASE_SLOW(test_another_try_comes_to_an_end),
	{}
};

static struct kunit_suite run_suite = {
	.name		= "tsmfd_tpm_run",
	.init		= run_init,
	.exit		= run_exit,
	.test_cases	= run_cases,
};

kunit_test_suite(run_suite);

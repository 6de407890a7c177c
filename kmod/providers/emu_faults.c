// SPDX-License-Identifier: GPL-2.0-only
#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/hrtimer.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/random.h>
#include <linux/sched/signal.h>
#include <linux/string.h>

#include "emu_faults.h"

enum {
	PERMILLE	= 1000,
	DELAY_MAX_US	= 600U * USEC_PER_SEC,
	/* How late a timer may fire, to share an interrupt with another. */
	SLACK_NS	= 1000,
};

static const struct {
	const char	*name;
	u32		max;
} setting_info[EMU_SETTINGS] = {
	[EMU_LATENCY_US]	= { "latency_us",		DELAY_MAX_US },
	[EMU_JITTER_US]		= { "jitter_us",		DELAY_MAX_US },
	[EMU_THROTTLE_EVERY]	= { "throttle_every",		U32_MAX },
	[EMU_THROTTLE_US]	= { "throttle_us",		DELAY_MAX_US },
	[EMU_HANG]		= { "hang",			1 },
	[EMU_BUSY_PERMILLE]	= { "busy_permille",		PERMILLE },
	[EMU_FAIL_PERMILLE]	= { "fail_permille",		PERMILLE },
	[EMU_EMPTY_PERMILLE]	= { "empty_permille",		PERMILLE },
	[EMU_SHORT_PERMILLE]	= { "short_permille",		PERMILLE },
	[EMU_OVERSIZE_PERMILLE]	= { "oversize_permille",	PERMILLE },
};

/*
 * What published measurements say of real firmware, in Documentation/ with
 * their sources. A preset is a name for values of the settings in
 * EMU_PRESET_SETTINGS and nothing else, so that any of them can be changed
 * afterwards.
 */
#define EMU_PRESET_SETTINGS						\
	(BIT(EMU_LATENCY_US) | BIT(EMU_JITTER_US) |			\
	 BIT(EMU_THROTTLE_EVERY) | BIT(EMU_THROTTLE_US))

static const struct {
	const char	*name;
	u32		value[EMU_SETTINGS];
} presets[] = {
	{ "none" },
	{ "gcp-tdx",	{ [EMU_LATENCY_US] = 38900 } },
	{ "gcp-milan",	{ [EMU_LATENCY_US] = 7700,
			  [EMU_THROTTLE_EVERY] = 10,
			  [EMU_THROTTLE_US] = 10200000 } },
	{ "snp",	{ [EMU_LATENCY_US] = 8000 } },
	{ "qgs-1s",	{ [EMU_LATENCY_US] = 1026000 } },
};

/**
 * emu_setting_name() - the name of a setting for parameters and files
 * @setting: which
 *
 * Return: a string that is never freed.
 */
const char *emu_setting_name(enum emu_setting setting)
{
	return setting_info[setting].name;
}

/**
 * emu_setting_find() - the setting of a name
 * @name: as emu_setting_name() gives it
 *
 * Return: its enum emu_setting, or -EINVAL for an unknown name.
 */
int emu_setting_find(const char *name)
{
	int i;

	for (i = 0; i < EMU_SETTINGS; i++) {
		if (!strcmp(name, setting_info[i].name))
			return i;
	}
	return -EINVAL;
}

/**
 * emu_faults_init() - a firmware that answers at once and never fails
 * @faults: zeroed
 * @max_inflight: how many calls are to be made at once, for the statistics
 */
void emu_faults_init(struct emu_faults *faults, u32 max_inflight)
{
	seqlock_init(&faults->lock);
	init_waitqueue_head(&faults->wake);
	faults->brief = true;
	faults->max_inflight = max_inflight;
}

/**
 * emu_faults_stop() - end all calls that sleep, and let none sleep any more
 * @faults: whose calls fail with ENODEV from now on
 */
void emu_faults_stop(struct emu_faults *faults)
{
	WRITE_ONCE(faults->stopping, true);
	wake_up_all(&faults->wake);
}

static bool emu_faults_sleeps(const struct emu_settings *settings)
{
	return settings->value[EMU_LATENCY_US] || settings->value[EMU_JITTER_US] ||
	       settings->value[EMU_HANG] ||
	       (settings->value[EMU_THROTTLE_EVERY] && settings->value[EMU_THROTTLE_US]);
}

/**
 * emu_faults_set() - change several settings at once, all of them or none
 * @faults: whose
 * @values: by enum emu_setting, in the unit that the setting's name says
 * @given: a bit for each one to be changed
 *
 * Calls under way keep the latency they began with, but leave a hang that is
 * cleared.
 *
 * Return: 0, or -ERANGE if one is out of its range.
 */
int emu_faults_set(struct emu_faults *faults, const u32 *values, unsigned long given)
{
	int i;

	for_each_set_bit(i, &given, EMU_SETTINGS) {
		if (values[i] > setting_info[i].max)
			return -ERANGE;
	}

	write_seqlock(&faults->lock);
	/* emu_faults_wait() looks at one of them without the lock. */
	for_each_set_bit(i, &given, EMU_SETTINGS)
		WRITE_ONCE(faults->settings.value[i], values[i]);
	if (given & BIT(EMU_THROTTLE_EVERY))
		atomic64_set(&faults->throttle_calls, 0);
	WRITE_ONCE(faults->brief, !emu_faults_sleeps(&faults->settings));
	write_sequnlock(&faults->lock);

	wake_up_all(&faults->wake);
	return 0;
}

/**
 * emu_faults_get() - read all settings, as they are at one moment
 * @faults: whose
 * @settings: filled
 */
void emu_faults_get(struct emu_faults *faults, struct emu_settings *settings)
{
	unsigned int seq;

	do {
		seq = read_seqbegin(&faults->lock);
		*settings = faults->settings;
	} while (read_seqretry(&faults->lock, seq));
}

/**
 * emu_faults_set_preset() - take the timing of a firmware that was measured
 * @faults: whose
 * @name: "none" or the name of a preset
 *
 * Return: 0, or -EINVAL for an unknown name.
 */
int emu_faults_set_preset(struct emu_faults *faults, const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(presets); i++) {
		if (!strcmp(name, presets[i].name))
			return emu_faults_set(faults, presets[i].value,
						    EMU_PRESET_SETTINGS);
	}
	return -EINVAL;
}

static bool emu_faults_is_preset(const struct emu_settings *settings, const u32 *values)
{
	const unsigned long timing = EMU_PRESET_SETTINGS;
	int i;

	for_each_set_bit(i, &timing, EMU_SETTINGS) {
		if (settings->value[i] != values[i])
			return false;
	}
	return true;
}

/**
 * emu_faults_preset() - which preset the timing in force is
 * @faults: whose
 *
 * Return: its name, or "custom"; a string that is never freed.
 */
const char *emu_faults_preset(struct emu_faults *faults)
{
	struct emu_settings settings;
	size_t i;

	emu_faults_get(faults, &settings);
	for (i = 0; i < ARRAY_SIZE(presets); i++) {
		if (emu_faults_is_preset(&settings, presets[i].value))
			return presets[i].name;
	}
	return "custom";
}

static bool emu_faults_hits(u32 permille)
{
	return permille && get_random_u32_below(PERMILLE) < permille;
}

static enum emu_shape emu_faults_pick_shape(const struct emu_settings *settings)
{
	if (emu_faults_hits(settings->value[EMU_EMPTY_PERMILLE]))
		return EMU_SHAPE_EMPTY;
	if (emu_faults_hits(settings->value[EMU_SHORT_PERMILLE]))
		return EMU_SHAPE_SHORT;
	if (emu_faults_hits(settings->value[EMU_OVERSIZE_PERMILLE]))
		return EMU_SHAPE_OVERSIZE;
	return EMU_SHAPE_WHOLE;
}

static u64 emu_faults_delay_us(struct emu_faults *faults, const struct emu_settings *settings)
{
	u32 jitter = settings->value[EMU_JITTER_US];
	u32 every = settings->value[EMU_THROTTLE_EVERY];
	u64 us = settings->value[EMU_LATENCY_US];
	u32 past;

	if (jitter)
		us += get_random_u32_inclusive(0, jitter);
	if (every) {
		div_u64_rem(atomic64_inc_return(&faults->throttle_calls), every, &past);
		if (!past)
			us += settings->value[EMU_THROTTLE_US];
	}
	return us;
}

/*
 * Sleeps until the time @until or, without one, until the hang is cleared. Ends early
 * when the instance goes away and when the calling process is killed. (That is a
 * user's process if the core has it make its own call, or if it comes through stock
 * tsm.ko.)
 */
static int emu_faults_wait(struct emu_faults *faults, ktime_t *until)
{
	DEFINE_WAIT(wait);
	int err;

	for (;;) {
		prepare_to_wait(&faults->wake, &wait, TASK_KILLABLE);

		err = -ENODEV;
		if (READ_ONCE(faults->stopping))
			break;
		err = -EINTR;
		if (fatal_signal_pending(current))
			break;
		err = 0;
		if (until ? ktime_compare(ktime_get(), *until) >= 0 :
			    !READ_ONCE(faults->settings.value[EMU_HANG]))
			break;

		schedule_hrtimeout_range(until, SLACK_NS, HRTIMER_MODE_ABS);
	}
	finish_wait(&faults->wake, &wait);
	return err;
}

static void emu_faults_count_begin(struct emu_faults *faults)
{
	int now = atomic_inc_return(&faults->inflight);
	int peak = atomic_read(&faults->inflight_peak);

	while (now > peak && !atomic_try_cmpxchg(&faults->inflight_peak, &peak, now))
		;
	if (now > faults->max_inflight)
		atomic64_inc(&faults->overlap);
}

/**
 * emu_call_begin() - begin a call: sleep, and fail if it is to
 * @faults: whose call
 * @call: filled; but for @serial and @start on success only
 *
 * Sleeps for the latency. emu_call_end() has to follow, even upon failure.
 *
 * Return: 0; -EBUSY or -EIO as the settings ask; -ENODEV if the instance goes
 * away; -EINTR if the caller was killed.
 */
int emu_call_begin(struct emu_faults *faults, struct emu_call *call)
{
	ktime_t until;
	struct emu_settings settings;
	u64 us;
	int err;

	emu_faults_count_begin(faults);
	call->start = 0;
	call->serial = atomic64_inc_return(&faults->calls);

	emu_faults_get(faults, &settings);
	if (emu_faults_hits(settings.value[EMU_BUSY_PERMILLE])) {
		atomic64_inc(&faults->busy);
		return -EBUSY;
	}

	if (emu_faults_sleeps(&settings))
		call->start = ktime_get();
	if (settings.value[EMU_HANG]) {
		err = emu_faults_wait(faults, NULL);
		if (err)
			return err;
	}
	us = emu_faults_delay_us(faults, &settings);
	if (us) {
		until = ktime_add_us(call->start, us);
		err = emu_faults_wait(faults, &until);
		if (err)
			return err;
	}

	if (emu_faults_hits(settings.value[EMU_FAIL_PERMILLE])) {
		atomic64_inc(&faults->failed);
		return -EIO;
	}
	call->shape = emu_faults_pick_shape(&settings);
	if (call->shape != EMU_SHAPE_WHOLE)
		atomic64_inc(&faults->spoiled);
	return 0;
}

/**
 * emu_call_end() - the call returns
 * @faults: whose call
 * @call: from emu_call_begin()
 */
void emu_call_end(struct emu_faults *faults, const struct emu_call *call)
{
	if (call->start)
		atomic64_add(ktime_to_ns(ktime_sub(ktime_get(), call->start)),
			     &faults->busy_ns);
	atomic_dec(&faults->inflight);
}

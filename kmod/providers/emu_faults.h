/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How an emulated firmware behaves: how long a call takes and how it fails.
 *
 *	err = emu_call_begin(faults, &call);	// sleeps, or refuses
 *	if (!err)
 *		... make the report in the shape that call.shape says ...
 *	emu_call_end(faults);
 */
#ifndef _TSMFD_EMU_FAULTS_H
#define _TSMFD_EMU_FAULTS_H

#include <linux/atomic.h>
#include <linux/ktime.h>
#include <linux/seqlock.h>
#include <linux/types.h>
#include <linux/wait.h>

#include "emu_report.h"

/* What can be set; emu_setting_name() gives the names that users see. */
enum emu_setting {
	EMU_LATENCY_US,		/* a call takes so long */
	EMU_JITTER_US,		/* and a random part of this more */
	EMU_THROTTLE_EVERY,	/* each so many calls, 0 for never, one takes */
	EMU_THROTTLE_US,	/* this much longer */
	EMU_HANG,		/* 1: calls do not return while it is set */
	EMU_BUSY_PERMILLE,	/* so many of 1000 calls fail at once, EBUSY */
	EMU_FAIL_PERMILLE,	/* fail after their latency, EIO */
	EMU_EMPTY_PERMILLE,	/* succeed and give no blob */
	EMU_SHORT_PERMILLE,	/* give blobs cut in half */
	EMU_OVERSIZE_PERMILLE,	/* give blobs longer than the ops allow */
	EMU_SETTINGS
};

struct emu_settings {
	u32	value[EMU_SETTINGS];
};

/**
 * struct emu_faults - the behaviour of one instance and what came of it
 * @lock: guards @settings; a call reads them all at its start
 * @settings: in force for calls that begin from now on
 * @brief: none of @settings makes a call sleep; written with @lock held for
 *	write, read without
 * @wake: calls that sleep; woken by a change of @settings and by @stopping
 * @stopping: the instance goes away, no call may sleep any more; only ever set
 * @max_inflight: how many calls the instance declared that it takes at once
 * @inflight: calls that have begun and not ended
 * @inflight_peak: the most @inflight has ever been
 * @overlap: calls that began with @max_inflight others under way
 * @calls: calls that have begun
 * @throttle_calls: calls that have begun since the throttle was last set
 * @busy: calls that failed with EBUSY
 * @failed: calls that failed with EIO
 * @busy_ns: time that calls with a latency took, from begin to end
 * @spoiled: calls that gave blobs of a wrong length
 */
struct emu_faults {
	seqlock_t		lock;
	struct emu_settings	settings;
	bool			brief;
	wait_queue_head_t	wake;
	bool			stopping;
	u32			max_inflight;
	atomic_t		inflight;
	atomic_t		inflight_peak;
	atomic64_t		overlap;
	atomic64_t		calls;
	atomic64_t		throttle_calls;
	atomic64_t		busy;
	atomic64_t		failed;
	atomic64_t		busy_ns;
	atomic64_t		spoiled;
};

/**
 * struct emu_call - one call that has passed emu_call_begin()
 * @serial: counts from 1
 * @start: when it began; 0 if it has no latency
 * @shape: of the report it is to give
 */
struct emu_call {
	u64		serial;
	ktime_t		start;
	enum emu_shape	shape;
};

const char *emu_setting_name(enum emu_setting setting);
int emu_setting_find(const char *name);

void emu_faults_init(struct emu_faults *faults, u32 max_inflight);
void emu_faults_stop(struct emu_faults *faults);
int emu_faults_set(struct emu_faults *faults, const u32 *values, unsigned long given);
void emu_faults_get(struct emu_faults *faults, struct emu_settings *settings);
int emu_faults_set_preset(struct emu_faults *faults, const char *name);
const char *emu_faults_preset(struct emu_faults *faults);

int emu_call_begin(struct emu_faults *faults, struct emu_call *call);
void emu_call_end(struct emu_faults *faults, const struct emu_call *call);

#endif /* _TSMFD_EMU_FAULTS_H */

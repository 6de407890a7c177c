/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TSMFD_CORE_SLOTS_H
#define TSMFD_CORE_SLOTS_H

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/types.h>

#define TSMFD_SLOTS_GUARDED	BIT(30)

/**
 * struct tsmfd_slots - a queue's calls under way
 * @word: how many slots are taken; and TSMFD_SLOTS_GUARDED, with which none is
 *	taken or given back but under the queue's lock
 *
 * A caller of short firmware takes a slot and gives it back without the queue's
 * lock, unless somebody has to be told of it or goes before: a request is queued,
 * the firmware was busy, the provider leaves. Since guard and count are in one
 * word, who sets the guard sees every slot given back without the lock, and who
 * gives one back later sees the guard.
 */
struct tsmfd_slots {
	atomic_t	word;
};

/**
 * tsmfd_slots_taken() - how many calls are under way
 * @slots: a queue's
 *
 * Return: the count; what those did that are no longer in it has been done.
 */
static inline u32 tsmfd_slots_taken(const struct tsmfd_slots *slots)
{
	return atomic_read_acquire(&slots->word) & ~TSMFD_SLOTS_GUARDED;
}

/**
 * tsmfd_slots_guarded() - do slots need the lock?
 * @slots: a queue's
 *
 * Return: true if so; out of date at once, unless the queue is locked.
 */
static inline bool tsmfd_slots_guarded(const struct tsmfd_slots *slots)
{
	return atomic_read(&slots->word) & TSMFD_SLOTS_GUARDED;
}

/**
 * tsmfd_slots_guard() - have slots need the lock, or no longer
 * @slots: a queue's, which is locked
 * @guarded: whether they do
 */
static inline void tsmfd_slots_guard(struct tsmfd_slots *slots, bool guarded)
{
	if (tsmfd_slots_guarded(slots) == guarded)
		return;
	if (guarded)
		atomic_fetch_or(TSMFD_SLOTS_GUARDED, &slots->word);
	else
		atomic_fetch_andnot(TSMFD_SLOTS_GUARDED, &slots->word);
}

/**
 * tsmfd_slots_try_take() - without the lock
 * @slots: a queue's
 * @max: how many there are
 *
 * Return: how many are taken now, or 0 if none is free or it needs the lock.
 */
static inline u32 tsmfd_slots_try_take(struct tsmfd_slots *slots, u32 max)
{
	int word = atomic_read(&slots->word);

	do {
		/* One that is guarded is more than any max. */
		if (word >= max)
			return 0;
	} while (!atomic_try_cmpxchg_acquire(&slots->word, &word, word + 1));
	return word + 1;
}

/**
 * tsmfd_slots_try_give() - back, without the lock
 * @slots: a queue's, of which the caller has one
 *
 * Return: false if it needs the lock, and the caller still has it.
 */
static inline bool tsmfd_slots_try_give(struct tsmfd_slots *slots)
{
	int word = atomic_read(&slots->word);

	do {
		if (word & TSMFD_SLOTS_GUARDED)
			return false;
	} while (!atomic_try_cmpxchg_release(&slots->word, &word, word - 1));
	return true;
}

/**
 * tsmfd_slots_take() - with the lock
 * @slots: guarded, and not all taken
 */
static inline void tsmfd_slots_take(struct tsmfd_slots *slots)
{
	atomic_inc(&slots->word);
}

/**
 * tsmfd_slots_give() - back, with the lock
 * @slots: a queue's, which is locked
 *
 * Return: how many are still taken.
 */
static inline u32 tsmfd_slots_give(struct tsmfd_slots *slots)
{
	return atomic_dec_return(&slots->word) & ~TSMFD_SLOTS_GUARDED;
}

#endif /* TSMFD_CORE_SLOTS_H */

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of where an event log ends.
 */
#include <kunit/test.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../providers/tpm_log.h"

/* Two hashes, of 2 and 3 bytes; then two events. */
static const u8 log[] = {
	0, 0, 0, 0,  3, 0, 0, 0,				/* PCR, EV_NO_ACTION */
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	37, 0, 0, 0,
	'S', 'p', 'e', 'c', ' ', 'I', 'D', ' ', 'E', 'v', 'e', 'n', 't', '0', '3', 0,
	0, 0, 0, 0,  0, 2, 0, 2,  2, 0, 0, 0,			/* two hashes */
	0x0b, 0, 2, 0,  0x0c, 0, 3, 0,  0,			/* no vendor info */
	/* 69 */
	7, 0, 0, 0,  4, 0, 0, 0,  2, 0, 0, 0,
	0x0b, 0, 1, 2,  0x0c, 0, 1, 2, 3,
	1, 0, 0, 0,  0xaa,
	/* 95 */
	1, 0, 0, 0,  5, 0, 0, 0,  1, 0, 0, 0,
	0x0c, 0, 4, 5, 6,
	0, 0, 0, 0,
	/* 116 */
};

enum { LOG_FIRST = 69, LOG_SECOND = 95, LOG_ALL = sizeof(log) };

/* Of a copy that ends where its allocation ends. */
static size_t length_of(struct kunit *test, const u8 *bytes, size_t len)
{
	u8 *copy = kunit_kmalloc(test, max_t(size_t, len, 1), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, copy);
	memcpy(copy, bytes, len);
	return tpm_log_length((struct tpm_span) { .data = copy, .len = len });
}

static void test_a_log_ends_with_its_last_whole_event(struct kunit *test)
{
	size_t len, expected;

	BUILD_BUG_ON(LOG_ALL != 116);
	for (len = 0; len <= LOG_ALL; len++) {
		expected = len == LOG_ALL ? LOG_ALL : len >= LOG_SECOND ? LOG_SECOND :
			   len >= LOG_FIRST ? LOG_FIRST : 0;
		KUNIT_EXPECT_EQ_MSG(test, expected, length_of(test, log, len), "%zu bytes", len);
	}
}

static void test_a_log_ends_before_its_padding(struct kunit *test)
{
	u8 area[256];

	memset(area, 0, sizeof(area));
	memcpy(area, log, sizeof(log));
	KUNIT_EXPECT_EQ(test, (size_t)LOG_ALL, length_of(test, area, sizeof(area)));
	memset(area + sizeof(log), 0xff, sizeof(area) - sizeof(log));
	KUNIT_EXPECT_EQ(test, (size_t)LOG_ALL, length_of(test, area, sizeof(area)));
}

static const struct {
	size_t	at;
	u8	value;
	size_t	expected;
} spoilt[] = {
	{ 0,	1,	0 },		/* a PCR of the first event */
	{ 4,	4,	0 },		/* its type */
	{ 28,	200,	0 },		/* its size */
	{ 32,	's',	0 },		/* its signature */
	{ 56,	0,	0 },		/* no hash */
	{ 56,	17,	0 },		/* too many */
	{ 56,	9,	0 },		/* more than there are */
	{ 62,	0,	0 },		/* of no bytes */
	{ 77,	0,	LOG_FIRST },	/* an event without a digest */
	{ 77,	3,	LOG_FIRST },	/* with more than there are hashes */
	{ 80,	0xff,	LOG_FIRST },
	{ 81,	0x04,	LOG_FIRST },	/* by another hash */
	{ 93,	0xff,	LOG_FIRST },	/* of too many bytes */
	{ 115,	0x7f,	LOG_SECOND },
};

static void test_a_log_ends_before_what_is_no_event(struct kunit *test)
{
	u8 bytes[sizeof(log)];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(spoilt); i++) {
		memcpy(bytes, log, sizeof(log));
		bytes[spoilt[i].at] = spoilt[i].value;
		KUNIT_EXPECT_EQ_MSG(test, spoilt[i].expected,
				    length_of(test, bytes, sizeof(bytes)),
				    "%u at %zu", spoilt[i].value, spoilt[i].at);
	}
}

static struct kunit_case log_cases[] = {
	KUNIT_CASE(test_a_log_ends_with_its_last_whole_event),
	KUNIT_CASE(test_a_log_ends_before_its_padding),
	KUNIT_CASE(test_a_log_ends_before_what_is_no_event),
	{}
};

static struct kunit_suite log_suite = {
	.name		= "tsmfd_tpm_log",
	.test_cases	= log_cases,
};

kunit_test_suite(log_suite);

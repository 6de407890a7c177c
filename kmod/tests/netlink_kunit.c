// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the generic netlink family's policies: what attributes get through to
 * a command, and what is refused before it.
 */
#include <kunit/test.h>
#include <linux/slab.h>
#include <net/genetlink.h>
#include <net/netlink.h>
#include <uapi/linux/tsmfd_netlink.h>

#include "../faces/netlink.h"

enum {
	MAX_ATTRS	= 32,
};

struct command {
	const char	*name;
	u8		cmd;
	int		last;	/* attribute that there is, in answers too */
	unsigned long	takes;	/* a bit for each attribute */
};

static const struct command commands[] = {
	{ "provider-get", TSMFD_CMD_PROVIDER_GET, TSMFD_A_PROVIDER_MAX,
	  BIT(TSMFD_A_PROVIDER_INDEX) },
	{ "stats-get", TSMFD_CMD_STATS_GET, TSMFD_A_STATS_MAX,
	  BIT(TSMFD_A_STATS_INDEX) | BIT(TSMFD_A_STATS_FACE) },
};

static void describe_command(const struct command *command, char *desc)
{
	strscpy(desc, command->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(command, commands, describe_command);

static const struct genl_ops *ops_of(const struct command *command)
{
	int i;

	for (i = 0; i < tsmfd_nl_family.n_ops; i++) {
		if (tsmfd_nl_family.ops[i].cmd == command->cmd)
			return &tsmfd_nl_family.ops[i];
	}
	return NULL;
}

/* Parses one attribute, as strictly as the family does; 0 or an error. */
static int parse(struct kunit *test, const struct command *command, int type,
		 const void *data, int len)
{
	const struct genl_ops *ops = ops_of(command);
	struct nlattr *parsed[MAX_ATTRS] = {};
	struct netlink_ext_ack extack = {};
	struct nlattr *attr = kunit_kzalloc(test, nla_total_size(len),
					    GFP_KERNEL);
	int rc;

	KUNIT_ASSERT_NOT_NULL(test, attr);
	KUNIT_ASSERT_NOT_NULL(test, ops);
	KUNIT_ASSERT_LT(test, ops->maxattr, MAX_ATTRS);
	attr->nla_type = type;
	attr->nla_len = nla_attr_size(len);
	memcpy(nla_data(attr), data, len);

	rc = __nla_parse(parsed, ops->maxattr, attr, nla_total_size(len),
			 ops->policy, NL_VALIDATE_STRICT, &extack);
	if (rc)
		KUNIT_EXPECT_NOT_NULL(test, extack._msg);
	else
		KUNIT_EXPECT_PTR_EQ(test, attr, parsed[type]);
	return rc;
}

static void test_every_command_is_tested(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ARRAY_SIZE(commands), tsmfd_nl_family.n_ops);
}

static void test_each_attribute_that_is_taken_gets_through(struct kunit *test)
{
	const struct command *command = test->param_value;
	u32 value = 0;
	int type;

	for_each_set_bit(type, &command->takes, command->last + 1)
		KUNIT_EXPECT_EQ_MSG(test, 0, parse(test, command, type, &value,
						   sizeof(value)),
				    "attribute %d", type);
}

static void test_every_other_attribute_is_refused(struct kunit *test)
{
	const struct command *command = test->param_value;
	u32 value = 0;
	int type;

	/* One further than there are, too. */
	for_each_clear_bit(type, &command->takes, command->last + 2)
		KUNIT_EXPECT_EQ_MSG(test, -EINVAL, parse(test, command, type,
							 &value, sizeof(value)),
				    "attribute %d", type);
}

static void test_a_number_of_another_length_is_refused(struct kunit *test)
{
	const struct command *command = test->param_value;
	static const u8 bytes[8];
	int type, len;

	for_each_set_bit(type, &command->takes, command->last + 1) {
		for (len = 0; len <= sizeof(bytes); len++) {
			if (len == sizeof(u32))
				continue;
			KUNIT_EXPECT_LT_MSG(test, parse(test, command, type,
							bytes, len), 0,
					    "attribute %d of %d bytes", type,
					    len);
		}
	}
}

static void test_a_nested_number_is_refused(struct kunit *test)
{
	const struct command *command = test->param_value;
	u32 value = 0;
	int type;

	for_each_set_bit(type, &command->takes, command->last + 1)
		KUNIT_EXPECT_EQ_MSG(test, -EINVAL,
				    parse(test, command, type | NLA_F_NESTED,
					  &value, sizeof(value)),
				    "attribute %d", type);
}

static void test_only_a_face_that_there_is_gets_through(struct kunit *test)
{
	const struct command *stats = &commands[1];
	u32 face;

	for (face = 0; face < __TSMFD_FACE_MAX; face++)
		KUNIT_EXPECT_EQ(test, 0, parse(test, stats, TSMFD_A_STATS_FACE,
					       &face, sizeof(face)));
	for (; face; face <<= 1)
		KUNIT_EXPECT_EQ(test, -ERANGE,
				parse(test, stats, TSMFD_A_STATS_FACE, &face,
				      sizeof(face)));
}

static struct kunit_case netlink_cases[] = {
	KUNIT_CASE(test_every_command_is_tested),
	KUNIT_CASE_PARAM(test_each_attribute_that_is_taken_gets_through,
			 command_gen_params),
	KUNIT_CASE_PARAM(test_every_other_attribute_is_refused,
			 command_gen_params),
	KUNIT_CASE_PARAM(test_a_number_of_another_length_is_refused,
			 command_gen_params),
	KUNIT_CASE_PARAM(test_a_nested_number_is_refused, command_gen_params),
	KUNIT_CASE(test_only_a_face_that_there_is_gets_through),
	{}
};

static struct kunit_suite netlink_suite = {
	.name		= "tsmfd_netlink",
	.test_cases	= netlink_cases,
};

kunit_test_suite(netlink_suite);

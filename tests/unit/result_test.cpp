// SPDX-License-Identifier: MIT
#include <tsmfd/result.hpp>

#include <gtest/gtest.h>

namespace {

TEST(Error, SaysWhatWasAskedAndWhy) {
    const tsmfd::Result<int> result = tsmfd::fail("open /dev/tsmfd0", ENOENT);
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, ENOENT);
    EXPECT_EQ(result.error().message(), "open /dev/tsmfd0: No such file or directory");
}

TEST(Error, NamesErrnos) {
    EXPECT_EQ(tsmfd::errno_name(ENODEV), "ENODEV");
    EXPECT_EQ(tsmfd::errno_name(EDQUOT), "EDQUOT");
    EXPECT_EQ(tsmfd::errno_name(4711), "errno 4711");
    EXPECT_EQ(tsmfd::Error("ask", 4711).message(), "ask: errno 4711");
}

} // namespace

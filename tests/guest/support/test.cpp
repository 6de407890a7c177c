// SPDX-License-Identifier: MIT
#include "support/test.hpp"

#include <tsmfd/hex.hpp>

#include <string_view>

namespace guest {

namespace {

testing::AssertionResult as_result(const tsmfd::Verdict& verdict) {
    if (verdict.ok())
        return testing::AssertionSuccess();
    return testing::AssertionFailure() << verdict.text();
}

} // namespace

testing::AssertionResult answers(const Options& asked, ByteSpan stream) {
    return as_result(verdict_on(asked, stream)) << " in " << stream.size() << " bytes";
}

testing::AssertionResult answers(const Options& asked, ByteSpan outblob, ByteSpan auxblob) {
    return as_result(verdict_on(asked, outblob, auxblob));
}

Bytes printed_report(const Ran& ran) {
    EXPECT_EQ(ran.status, 0) << ran.output;
    EXPECT_TRUE(ran.output.ends_with('\n'));
    const auto bytes =
        tsmfd::from_hex(std::string_view(ran.output).substr(0, ran.output.size() - 1));
    EXPECT_TRUE(bytes.has_value()) << ran.output;
    return bytes.value_or(Bytes{});
}

std::string in_checkout(const std::string& path) {
    return TSMFD_CHECKOUT "/" + path;
}

void GuestTest::TearDown() {
    for (unsigned instance = 0; instance < instances; ++instance) {
        EXPECT_EQ(counter(instance, "overlap"), 0)
            << device_path(instance) << " was called more often at once than max_inflight";
        EXPECT_TRUE(await([=] { return counter(instance, "inflight") == 0; }))
            << device_path(instance) << " is still at work";
    }
}

} // namespace guest

// SPDX-License-Identifier: MIT
//
// What every test here is built on.
#pragma once

#include "support/device.hpp"
#include "support/emulator.hpp"
#include "support/outcome.hpp"
#include "support/tasks.hpp"

#include <string>

#include <gtest/gtest.h>

namespace guest {

// "ok", or what is wrong with the report.
[[nodiscard]] testing::AssertionResult answers(const Options& asked, ByteSpan stream);
[[nodiscard]] testing::AssertionResult answers(const Options& asked, ByteSpan outblob,
                                               ByteSpan auxblob);

// The report that a program has printed as one line of hex digits.
[[nodiscard]] Bytes printed_report(const Ran& ran);

// The path of a file of the checkout.
[[nodiscard]] std::string in_checkout(const std::string& path);

// A test over all instances. Afterwards none of them has been called more often at once
// than it said, and none is still at work.
class GuestTest : public testing::Test {
protected:
    void TearDown() override;
};

} // namespace guest

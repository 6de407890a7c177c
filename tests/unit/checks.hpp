// SPDX-License-Identifier: MIT
//
// What tests want to know of a Verification.
//
//     EXPECT_EQ(failed(verification), (Names{"chain", "signature"}));
//     expect_failed(verification, "chain");
#pragma once

#include <tsmfd/evidence/verification.hpp>

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace checks {

using Names = std::vector<std::string>;

// The checks that failed, in their order.
inline Names failed(const tsmfd::Verification& verification) {
    Names names;
    for (const tsmfd::Check& check : verification.checks) {
        if (check.outcome == tsmfd::Check::Outcome::failed)
            names.push_back(check.name);
    }
    return names;
}

// The verification does not hold, and this is one of the checks that failed.
inline void expect_failed(const tsmfd::Verification& verification, std::string_view name) {
    EXPECT_FALSE(verification.ok());
    const tsmfd::Check* check = verification.find(name);
    const auto told = testing::PrintToString(failed(verification));
    ASSERT_NE(check, nullptr) << name << "; failed: " << told;
    EXPECT_EQ(check->outcome, tsmfd::Check::Outcome::failed) << name << "; failed: " << told;
}

} // namespace checks

// SPDX-License-Identifier: MIT
//
// Whom the words of attested-client's command line trust.
#include "../../user/examples/attested-tls/command.hpp" // tsmctl has another of that name

#include <tsmfd/version.hpp>

#include <regex>
#include <string>

#include <gtest/gtest.h>

namespace {

TEST(AttestedCommand, TrustsNothingWithoutBeingTold) {
    EXPECT_EQ(attested::trust_of({}).error().code, EINVAL);
    EXPECT_TRUE(attested::trust_of({.policy = {}, .insecure_emulated = true}));
}

// A report that anyone can make would pass any policy.
TEST(AttestedCommand, TakesNoEmulatedReportsBesideAPolicy) {
    const std::string policy = TSMFD_TEST_DATA "/../../attested/any-snp.json";
    const auto trust = attested::trust_of({.policy = policy, .insecure_emulated = false});
    EXPECT_TRUE(trust) << trust.error().message();
    EXPECT_EQ(attested::trust_of({.policy = policy, .insecure_emulated = true}).error().code,
              EINVAL);
}

TEST(Version, IsOfThreeNumbers) {
    EXPECT_TRUE(std::regex_match(std::string(tsmfd::version()), std::regex("\\d+\\.\\d+\\.\\d+")))
        << tsmfd::version();
}

} // namespace

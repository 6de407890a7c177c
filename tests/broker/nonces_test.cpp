// SPDX-License-Identifier: MIT
#include "nonces.hpp"

#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace {

using namespace keybroker;
using namespace std::chrono_literals;
using Use = Nonces::Use;

const Nonces::Clock::time_point start{};

TEST(Nonces, AreGoodOnce) {
    Nonces nonces({.lifetime = 60s, .capacity = 8});
    const Nonce nonce = nonces.give(start).value();
    EXPECT_EQ(nonces.use(nonce, start + 59s), Use::valid);
    EXPECT_EQ(nonces.use(nonce, start + 59s), Use::unknown);
}

TEST(Nonces, Expire) {
    Nonces nonces({.lifetime = 60s, .capacity = 8});
    const Nonce nonce = nonces.give(start).value();
    const Nonce late = nonces.give(start).value();
    EXPECT_EQ(nonces.use(nonce, start + 60s), Use::expired);
    EXPECT_EQ(nonces.use(nonce, start + 60s), Use::unknown);
    EXPECT_EQ(nonces.use(late, start + 120s), Use::unknown);
    EXPECT_EQ(nonces.size(), 0U);
}

TEST(Nonces, ThatWereNeverGivenAreUnknown) {
    Nonces nonces({.lifetime = 60s, .capacity = 8});
    EXPECT_EQ(nonces.use(Nonce{}, start), Use::unknown);
    Nonce nonce = nonces.give(start).value();
    nonce[31] ^= 1;
    EXPECT_EQ(nonces.use(nonce, start), Use::unknown);
}

TEST(Nonces, TheOldestGoesWhenThereAreTooMany) {
    Nonces nonces({.lifetime = 60s, .capacity = 8});
    std::vector<Nonce> given;
    given.reserve(1000);
    for (int i = 0; i < 1000; ++i)
        given.push_back(nonces.give(start).value());
    EXPECT_EQ(nonces.size(), 8U);
    EXPECT_EQ(nonces.use(given[991], start), Use::unknown);
    EXPECT_EQ(nonces.use(given[992], start), Use::valid);
    EXPECT_EQ(nonces.use(given[999], start), Use::valid);
    EXPECT_EQ(std::set<Nonce>(given.begin(), given.end()).size(), given.size());
}

} // namespace

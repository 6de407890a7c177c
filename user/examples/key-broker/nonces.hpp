// SPDX-License-Identifier: MIT
//
// The nonces that were given and not yet used: each is good once, for some time.
//
//     Nonces nonces({.lifetime = 60s, .capacity = 65536});
//     const auto nonce = nonces.give(now);
//     nonces.use(nonce, now)               // valid, the first time
//
// When there are as many as may be, the oldest goes: who asks for many takes from others the time
// that they have, and no more memory.
//
// Threads: from one.
#pragma once

#include "wire.hpp"

#include <tsmfd/result.hpp>

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>

namespace keybroker {

class Nonces {
public:
    using Clock = std::chrono::steady_clock;

    struct Limits {
        std::chrono::seconds lifetime{60};
        std::size_t capacity = 65536;
    };
    enum class Use { valid, unknown, expired };

    explicit Nonces(const Limits& limits) : limits_(limits) {}

    // EIO if there is no randomness to be had.
    tsmfd::Result<Nonce> give(Clock::time_point now);
    // Whatever it says, the nonce is unknown from then on. An expired one is told from an unknown
    // one for as long again as it was good.
    Use use(const Nonce& nonce, Clock::time_point now);

    [[nodiscard]] std::chrono::seconds lifetime() const { return limits_.lifetime; }
    [[nodiscard]] std::size_t size() const { return until_.size(); }

private:
    struct Given {
        Nonce nonce;
        Clock::time_point until;
    };

    void forget_old(Clock::time_point now);
    void forget_oldest();

    Limits limits_;
    std::map<Nonce, Clock::time_point> until_;
    std::deque<Given> order_; // of giving; those used are still in it
};

} // namespace keybroker

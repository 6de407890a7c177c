// SPDX-License-Identifier: MIT
//
// Challenges that look random and never repeat.
//
//     ChallengeSource source(seed, caller, 64);
//     source.next()     differs from every other of all callers of this seed, if 8 bytes or more
//
// The first 8 bytes are the caller's number and its counter, put through a bijection; what
// follows is drawn from them.
//
// Threads: one at a time; each caller has its own.
#pragma once

#include <tsmfd/options.hpp>

#include <cstdint>

namespace stress {

class ChallengeSource {
public:
    // `caller` is unique over all processes and below 2^24; `bytes` is 1 to 64.
    ChallengeSource(std::uint64_t seed, std::uint32_t caller, std::uint32_t bytes)
        : seed_(seed), next_(std::uint64_t{caller} << 40), bytes_(bytes) {}

    tsmfd::Inblob next();

private:
    std::uint64_t seed_;
    std::uint64_t next_; // caller in the upper 24 bits, counter in the lower 40
    std::uint32_t bytes_;
};

} // namespace stress

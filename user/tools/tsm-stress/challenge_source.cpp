// SPDX-License-Identifier: MIT
#include "challenge_source.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace stress {

namespace {

constexpr std::uint64_t golden = 0x9e3779b97f4a7c15;

// The finalizer of splitmix64: a bijection, each step of it can be undone.
constexpr std::uint64_t mix(std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
}

} // namespace

tsmfd::Inblob ChallengeSource::next() {
    std::array<std::uint64_t, TSMFD_INBLOB_MAX / sizeof(std::uint64_t)> words{};
    words[0] = mix(seed_ ^ next_++);
    for (std::size_t i = 1; i < words.size(); ++i)
        words[i] = mix(words[0] + i * golden);

    tsmfd::Inblob inblob;
    inblob.size = bytes_;
    std::memcpy(inblob.padded.data(), words.data(), sizeof(words));
    std::fill(inblob.padded.begin() + bytes_, inblob.padded.end(), std::uint8_t{0});
    return inblob;
}

} // namespace stress

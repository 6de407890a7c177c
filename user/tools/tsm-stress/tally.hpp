// SPDX-License-Identifier: MIT
//
// What one caller counted, in memory that all processes of a run share.
//
// A plain structure that is right when it is all zeros: it lies in a mapping that the caller's
// process writes and the first process reads, also when the former has died. Counters that are
// read while they are written go through bump() and peek().
//
// Threads: one writes a Tally; any may peek().
#pragma once

#include "histogram.hpp"

#include <tsmfd/evidence/verdict.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace stress {

// A text of bounded length; longer ones are cut.
struct Note {
    std::array<char, 240> chars;
    std::size_t length;

    void set(std::string_view text) {
        length = std::min(text.size(), chars.size());
        std::copy_n(text.begin(), length, chars.begin());
    }
    [[nodiscard]] std::string_view text() const { return {chars.data(), length}; }
};

struct Tally {
    // Linux's errno end at 133; what is more goes into the last.
    static constexpr std::size_t errnos = 136;

    std::uint64_t ok;
    std::uint64_t proofs;         // batched answers whose proof was verified, well or not
    std::uint64_t signed_checked; // reports whose signature was checked
    std::uint64_t signed_wrong;   // of those, by another or not as the policy says
    std::uint64_t mixed_up;
    std::uint64_t mixed_inblob;
    std::uint64_t mixed_privlevel;
    std::uint64_t mixed_format;
    std::uint64_t torn;
    std::uint64_t malformed;
    std::uint64_t failed;
    std::array<std::uint64_t, errnos> failed_by_errno;
    std::uint64_t submitted; // requests that the kernel is to have counted
    std::uint64_t abandoned; // of those, given up before they were answered
    std::uint64_t unsent;    // open loop: due before the end, but never started
    std::uint64_t measured;  // reports that came between the warm-up and the end

    std::int64_t first_race_ns; // when the first mixed-up or torn report came; 0: none
    std::int64_t finished_ns;   // when the caller came back; 0: not yet
    bool gone;                  // it ended because the provider was removed
    int prepare_errno;          // it never started

    Note first_bad;   // the first report that was not ok
    Note first_error; // the first call that failed, or why it never started

    Histogram latency; // of every report that was asked for after the warm-up, in ns
};
static_assert(std::is_trivially_copyable_v<Tally>);

inline void bump(std::uint64_t& counter) {
    const std::atomic_ref<std::uint64_t> shared(counter);
    shared.store(shared.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

// Not const: atomic_ref wants an object that could be written.
template <typename T>
T peek(T& counter) {
    return std::atomic_ref<T>(counter).load(std::memory_order_relaxed);
}

template <typename T>
void publish(T& counter, T value) {
    std::atomic_ref<T>(counter).store(value, std::memory_order_relaxed);
}

} // namespace stress

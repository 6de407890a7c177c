// SPDX-License-Identifier: MIT
//
// Does the kernel count what was asked of it? Its counters of one provider, read before and after
// a run, against the tallies.
//
//     Result<Counters> counters = Counters::read(index);              // before
//     ... the run ...
//     Result<CounterCheck> check = counters->compare(settings, board);
//     check->equal()
//
// Nobody else may use the provider meanwhile. A request that a caller gave up is cancelled only
// once the firmware is done with it: compare() waits for that.
//
// Threads: from one.
#pragma once

#include "board.hpp"
#include "settings.hpp"

#include <tsmfd/netlink.hpp>
#include <tsmfd/result.hpp>

#include <array>
#include <cstdint>
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace stress {

struct FaceCount {
    std::uint64_t requests = 0;
    std::uint64_t reports = 0;
    std::uint64_t failures = 0;
    std::uint64_t cancelled = 0;

    bool operator==(const FaceCount&) const = default;
};

// By tsmfd::FaceId.
using FaceCounts = std::array<FaceCount, tsmfd::all_faces.size()>;

// What the callers ask for and get, by the kernel's face.
[[nodiscard]] FaceCounts count_of(const Settings& settings, Board& board);

struct CounterCheck {
    FaceCounts callers;
    FaceCounts kernel;
    bool at_rest = false;       // the kernel had nothing under way any more
    bool latencies_sum = false; // the histograms have as many as were answered

    [[nodiscard]] bool equal() const { return at_rest && latencies_sum && callers == kernel; }
    // One line.
    [[nodiscard]] std::string text() const;
    [[nodiscard]] nlohmann::json json() const;
};

class Counters {
public:
    static tsmfd::Result<Counters> read(std::uint32_t index);

    tsmfd::Result<CounterCheck> compare(const Settings& settings, Board& board);

private:
    using All = std::array<tsmfd::Stats, tsmfd::all_faces.size()>;

    Counters(tsmfd::Netlink netlink, std::uint32_t index)
        : netlink_(std::move(netlink)), index_(index) {}
    tsmfd::Result<All> now();

    tsmfd::Netlink netlink_;
    std::uint32_t index_;
    All before_{};
};

} // namespace stress

// SPDX-License-Identifier: MIT
//
// When a caller starts its next request.
//
// In a closed loop that is at once, until the seconds or the reports are used up. In an open loop
// (a rate) request n of the run is due n / rate seconds after the start, whatever became of those
// before it, and caller c of C makes the requests c, c + C, c + 2C, ... A request's latency counts
// from when it was due: a stall is in the latencies of all requests that it held up, and is not
// omitted because nobody asked meanwhile.
//
//     switch (const Turn turn = pacer.turn(now); turn.kind) {
//     case Turn::Kind::now:   ... start it; its latency counts from turn.at
//     case Turn::Kind::later: ... sleep until turn.at
//     case Turn::Kind::over:  ...
//     }
//
// Threads: one at a time; each caller has its own.
#pragma once

#include "board.hpp"
#include "settings.hpp"

#include <cstdint>

namespace stress {

struct Turn {
    enum class Kind { now, later, over };
    Kind kind;
    std::int64_t at; // ns
};

class Pacer {
public:
    Pacer(const Settings& settings, Control& control, std::uint32_t caller);

    // `start`: of the run; ns.
    void begin(std::int64_t start);
    Turn turn(std::int64_t now);
    // The run has ended for everybody: by its time, or because it was stopped.
    [[nodiscard]] bool ended(std::int64_t now) const;

    // Open loop, once turn() said over: requests that were due before the end and never started.
    [[nodiscard]] std::uint64_t unsent() const { return unsent_; }

private:
    Turn closed_turn(std::int64_t now);
    Turn open_turn(std::int64_t now);
    [[nodiscard]] std::int64_t due(std::uint64_t request) const;
    [[nodiscard]] std::uint64_t count_unsent() const;

    Control& control_;
    std::uint64_t reports_;  // in all
    std::int64_t length_ns_; // of the run
    double rate_;            // requests a second in all; 0: closed loop
    std::uint64_t next_;     // open loop: the number of the next request
    std::uint32_t callers_;  // open loop: the step from one to the next
    std::int64_t start_ = 0;
    std::int64_t end_ = 0;
    std::uint64_t unsent_ = 0;
};

} // namespace stress

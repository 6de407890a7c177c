// SPDX-License-Identifier: MIT
//
// How a run is getting on, on stderr: one line that is written over on a terminal, else a line
// every five seconds.
//
//     Progress progress;
//     progress.tick(now - start, board);    // as often as one likes
//     progress.end();
//
// Threads: from one.
#pragma once

#include "board.hpp"

#include <cstdint>

namespace stress {

class Progress {
public:
    Progress();

    void tick(std::int64_t elapsed_ns, Board& board);
    // Leaves the terminal's line.
    void end() const;

private:
    bool terminal_;
    bool drawn_ = false;
    std::int64_t next_ns_;
    std::int64_t last_ns_ = 0;
    std::uint64_t last_reports_ = 0;
};

} // namespace stress

// SPDX-License-Identifier: MIT
//
// How a run is getting on, as a line of status.
//
//     Progress progress;
//     progress.tick(now - start, board);    // as often as one likes
//     progress.end();
//
// Threads: from one.
#pragma once

#include "board.hpp"
#include "status_line.hpp"

#include <cstdint>

namespace stress {

class Progress {
public:
    void tick(std::int64_t elapsed_ns, Board& board);
    // Leaves the terminal's line.
    void end() const { line_.end(); }

private:
    StatusLine line_;
    std::int64_t last_ns_ = 0;
    std::uint64_t last_reports_ = 0;
};

} // namespace stress

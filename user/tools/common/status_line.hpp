// SPDX-License-Identifier: MIT
//
// How a run is getting on, on stderr: one line that is written over on a terminal, else a line
// every five seconds.
//
//     StatusLine status;
//     if (status.due(now - start))          // as often as one likes
//         status.show("1234 reports");
//     status.end();
//
// Threads: from one.
#pragma once

#include <cstdint>
#include <string_view>

namespace stress {

class StatusLine {
public:
    StatusLine();

    // Of a run that is that old; true once for each line.
    [[nodiscard]] bool due(std::int64_t elapsed_ns);
    void show(std::string_view line);
    // Leaves the terminal's line.
    void end() const;

private:
    bool terminal_;
    bool drawn_ = false;
    std::int64_t next_ns_;
};

} // namespace stress

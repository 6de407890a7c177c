// SPDX-License-Identifier: MIT
//
// The processes and threads of a run: started together, watched, and waited for.
//
//     Crew crew(settings, face, board);
//     if (auto done = crew.run(progress); !done)
//         ...a caller could not be prepared...
//     crew.ending().died
//
// The first process forks the others before it has any thread, and never has one itself. All
// counting is in the Board, so a process that dies takes nothing away but is counted.
//
// Threads: from one.
#pragma once

#include "board.hpp"
#include "face.hpp"
#include "progress.hpp"
#include "settings.hpp"

#include <tsmfd/result.hpp>
#include <tsmfd/unique_fd.hpp>

#include <cstdint>
#include <vector>

#include <sys/types.h>

namespace stress {

class Crew {
public:
    Crew(const Settings& settings, const Face& face, Board& board)
        : settings_(settings), face_(face), board_(board) {}

    // An error if the run did not take place. Failures in the run are in the board.
    tsmfd::Result<void> run(Progress& progress);

    [[nodiscard]] const Ending& ending() const { return ending_; }

private:
    struct Child {
        pid_t pid;
        bool running;
    };

    tsmfd::Result<void> fork_all();
    [[noreturn]] void child(std::uint32_t first, std::uint32_t count);
    void caller(std::uint32_t number);
    void watch_until_ready();
    void watch_until_done(Progress& progress);
    void stop_if_enough(std::int64_t now);
    void reap();
    void kill_all(int signal);
    [[nodiscard]] bool any_running() const;
    [[nodiscard]] tsmfd::Result<void> prepared();

    const Settings& settings_;
    const Face& face_;
    Board& board_;
    std::vector<Child> children_;
    // Callers wait for the end of this pipe, which comes when the first process closes it (or
    // dies: nobody waits for ever).
    tsmfd::UniqueFd gate_;
    tsmfd::UniqueFd gate_holder_;
    bool killed_ = false;
    std::int64_t stopped_ns_ = 0; // when the run was over or told to stop; 0: not yet
    Ending ending_;
};

} // namespace stress

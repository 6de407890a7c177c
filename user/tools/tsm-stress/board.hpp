// SPDX-License-Identifier: MIT
//
// The memory that the processes of a run share: the start, the stop, the tickets and a Tally for
// each caller.
//
//     Result<Board> board = Board::make(threads);   // before fork()
//     board->control().ready.fetch_add(1);          // in a caller
//     board->tally(caller).ok
//
// Threads: control() and the tallies as tally.hpp says; the Board itself from one.
#pragma once

#include "tally.hpp"

#include <tsmfd/result.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace stress {

struct Control {
    std::atomic<std::uint32_t> ready;   // callers that have prepared, well or not
    std::atomic<std::uint32_t> asked;   // callers that have asked all they will
    std::atomic<bool> stop;             // enough, whatever else is due
    std::atomic<std::uint64_t> tickets; // closed loop with a number of reports: those taken
    std::atomic<std::int64_t> start_ns; // set before the callers are let go
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);
static_assert(std::atomic<bool>::is_always_lock_free);

// What the first process saw of the others' ending.
struct Ending {
    unsigned died = 0;        // processes that neither came to their end nor were killed for it
    unsigned lost = 0;        // callers that had not come back when the grace was over
    bool interrupted = false; // somebody did not want to wait
    int signal = 0;           // and said so with this
    int sender = 0;           // a process, or 0 for the kernel or one elsewhere
};

class Board {
public:
    static tsmfd::Result<Board> make(std::size_t callers);
    ~Board();

    Board(Board&& other) noexcept
        : memory_(std::exchange(other.memory_, nullptr)), bytes_(other.bytes_),
          control_(other.control_), tallies_(other.tallies_) {}
    Board& operator=(Board&&) = delete;
    Board(const Board&) = delete;
    Board& operator=(const Board&) = delete;

    [[nodiscard]] Control& control() { return *control_; }
    [[nodiscard]] std::span<Tally> tallies() { return tallies_; }
    [[nodiscard]] Tally& tally(std::size_t caller) { return tallies_[caller]; }

private:
    Board(void* memory, std::size_t bytes, std::size_t callers);

    void* memory_;
    std::size_t bytes_;
    Control* control_;
    std::span<Tally> tallies_;
};

} // namespace stress

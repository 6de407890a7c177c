// SPDX-License-Identifier: MIT
#include "progress.hpp"

#include "clock.hpp"

#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

namespace stress {

namespace {

constexpr std::int64_t every_on_terminal = ns_per_second / 4;
constexpr std::int64_t every_line = 5 * ns_per_second;

} // namespace

Progress::Progress()
    : terminal_(::isatty(STDERR_FILENO) != 0),
      next_ns_(terminal_ ? every_on_terminal : every_line) {}

void Progress::tick(std::int64_t elapsed_ns, Board& board) {
    if (elapsed_ns < next_ns_)
        return;
    next_ns_ = elapsed_ns + (terminal_ ? every_on_terminal : every_line);

    std::uint64_t reports = 0;
    std::uint64_t wrong = 0;
    std::uint64_t failed = 0;
    for (Tally& tally : board.tallies()) {
        const std::uint64_t bad = peek(tally.mixed_up) + peek(tally.torn) + peek(tally.malformed);
        reports += peek(tally.ok) + bad;
        wrong += bad;
        failed += peek(tally.failed);
    }
    const double span = static_cast<double>(elapsed_ns - last_ns_) / ns_per_second;
    const double rate = static_cast<double>(reports - last_reports_) / span;
    last_ns_ = elapsed_ns;
    last_reports_ = reports;

    const std::string line =
        fmt::format("{:6.1f} s  {} reports  {:.0f}/s  wrong {}  failed {}",
                    static_cast<double>(elapsed_ns) / ns_per_second, reports, rate, wrong, failed);
    if (terminal_)
        fmt::print(stderr, "\r{}\033[K", line);
    else
        fmt::print(stderr, "{}\n", line);
    drawn_ = true;
}

void Progress::end() const {
    if (terminal_ && drawn_)
        fmt::print(stderr, "\r\033[K");
}

} // namespace stress

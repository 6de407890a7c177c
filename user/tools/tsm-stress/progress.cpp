// SPDX-License-Identifier: MIT
#include "progress.hpp"

#include "clock.hpp"

#include <fmt/format.h>

namespace stress {

void Progress::tick(std::int64_t elapsed_ns, Board& board) {
    if (!line_.due(elapsed_ns))
        return;

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

    line_.show(fmt::format("{:6.1f} s  {} reports  {:.0f}/s  wrong {}  failed {}",
                           static_cast<double>(elapsed_ns) / ns_per_second, reports, rate, wrong,
                           failed));
}

} // namespace stress

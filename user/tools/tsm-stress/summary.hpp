// SPDX-License-Identifier: MIT
//
// What a run came to: all tallies added up, judged and written down.
//
//     const Summary summary = Summary::of(board, crew.ending());
//     summary.text(settings, provider)
//     summary.json(settings, provider)
//     return summary.passed(settings) ? 0 : 1;
//
// Threads: from one, after the run.
#pragma once

#include "board.hpp"
#include "counters.hpp"
#include "histogram.hpp"
#include "settings.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace stress {

struct Summary {
    std::uint64_t reports = 0;  // that came, right or wrong
    std::uint64_t measured = 0; // of those, between the warm-up and the end
    std::uint64_t ok = 0;
    std::uint64_t proofs = 0; // of batches, verified
    std::uint64_t signed_checked = 0;
    std::uint64_t signed_wrong = 0;
    std::uint64_t mixed_up = 0;
    std::uint64_t mixed_inblob = 0;
    std::uint64_t mixed_privlevel = 0;
    std::uint64_t mixed_format = 0;
    std::uint64_t torn = 0;
    std::uint64_t malformed = 0;
    std::uint64_t failed = 0;
    std::map<int, std::uint64_t> failed_by_errno;
    std::uint64_t unsent = 0;
    unsigned gone = 0; // callers that ended because the provider was removed
    Ending ending;
    std::uint64_t fewest = 0; // reports of the caller that got the fewest
    std::uint64_t most = 0;

    double seconds = 0; // from the start to the last caller's end
    std::optional<double> first_race_seconds;
    std::string first_bad;
    std::string first_error;
    Histogram latency{};
    std::optional<CounterCheck> counters; // set by who checked them

    static Summary of(Board& board, const Ending& ending);

    [[nodiscard]] bool passed(const Settings& settings) const;
    // With a warm-up, of the time between that and the end; else of all of it.
    [[nodiscard]] double reports_per_second(const Settings& settings) const;
    [[nodiscard]] std::string text(const Settings& settings, const std::string& provider) const;
    [[nodiscard]] nlohmann::json json(const Settings& settings, const std::string& provider) const;
};

} // namespace stress

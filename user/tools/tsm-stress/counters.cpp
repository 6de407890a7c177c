// SPDX-License-Identifier: MIT
#include "counters.hpp"

#include "clock.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace stress {

namespace {

// For requests that were given up while the firmware was at them.
constexpr std::int64_t longest_wait = 15 * ns_per_second;
constexpr std::int64_t look_every = 20 * ns_per_ms;

tsmfd::FaceId face_of(FaceKind kind) {
    switch (kind) {
    case FaceKind::key:
        return tsmfd::FaceId::key;
    case FaceKind::sysfs:
        return tsmfd::FaceId::sysfs;
    case FaceKind::configfs:
        return tsmfd::FaceId::configfs;
    default:
        return tsmfd::FaceId::chardev;
    }
}

std::uint64_t answered(const tsmfd::Stats& stats) {
    return std::accumulate(stats.latency.begin(), stats.latency.end(), std::uint64_t{0});
}

} // namespace

FaceCounts count_of(const Settings& settings, Board& board) {
    FaceCounts counts;
    for (std::uint32_t caller = 0; caller < board.tallies().size(); ++caller) {
        const Tally& tally = board.tally(caller);
        const std::uint64_t reports = tally.ok + tally.mixed_up + tally.torn + tally.malformed;
        FaceCount& count = counts.at(std::to_underlying(face_of(settings.kind_of(caller))));
        count.requests += tally.submitted;
        count.reports += reports;
        count.failures += tally.submitted - reports - tally.abandoned;
        count.cancelled += tally.abandoned;
    }
    return counts;
}

tsmfd::Result<Counters> Counters::read(std::uint32_t index) {
    tsmfd::Result<tsmfd::Netlink> netlink = tsmfd::Netlink::open();
    if (!netlink)
        return std::unexpected(std::move(netlink.error()));
    Counters counters(std::move(*netlink), index);
    tsmfd::Result<All> before = counters.now();
    if (!before)
        return std::unexpected(std::move(before.error()));
    counters.before_ = *before;
    return counters;
}

tsmfd::Result<Counters::All> Counters::now() {
    All all;
    for (const tsmfd::FaceId face : tsmfd::all_faces) {
        tsmfd::Result<tsmfd::Stats> stats = netlink_.stats(index_, face);
        if (!stats)
            return std::unexpected(std::move(stats.error()));
        all.at(std::to_underlying(face)) = *stats;
    }
    return all;
}

tsmfd::Result<CounterCheck> Counters::compare(const Settings& settings, Board& board) {
    CounterCheck check{.callers = count_of(settings, board), .kernel = {}};
    const std::int64_t until = now_ns() + longest_wait;
    tsmfd::Result<All> after;
    for (;;) {
        after = now();
        if (!after)
            return std::unexpected(std::move(after.error()));
        check.at_rest = std::ranges::all_of(*after, &tsmfd::Stats::at_rest);
        if (check.at_rest || now_ns() > until)
            break;
        sleep_until_ns(now_ns() + look_every);
    }

    check.latencies_sum = true;
    for (std::size_t face = 0; face < after->size(); ++face) {
        const tsmfd::Stats& was = before_.at(face);
        const tsmfd::Stats& is = after->at(face);
        FaceCount& count = check.kernel.at(face);
        count.requests = is.requests - was.requests;
        count.reports = is.reports - was.reports;
        count.failures = is.failures - was.failures;
        count.cancelled = is.cancelled - was.cancelled;
        check.latencies_sum =
            check.latencies_sum && answered(is) - answered(was) == count.reports + count.failures;
    }
    return check;
}

std::string CounterCheck::text() const {
    std::string text = equal() ? "equal" : "NOT EQUAL";
    if (!at_rest)
        text += ", the kernel not at rest";
    if (!latencies_sum)
        text += ", its histogram of another sum";
    for (const tsmfd::FaceId face : tsmfd::all_faces) {
        const FaceCount& asked = callers.at(std::to_underlying(face));
        const FaceCount& counted = kernel.at(std::to_underlying(face));
        if (asked == FaceCount{} && counted == FaceCount{})
            continue;
        text += fmt::format("; {} {}/{}/{}/{}", tsmfd::face_name(face), counted.requests,
                            counted.reports, counted.failures, counted.cancelled);
        if (asked != counted)
            text += fmt::format(" where the callers have {}/{}/{}/{}", asked.requests,
                                asked.reports, asked.failures, asked.cancelled);
    }
    return text;
}

nlohmann::json CounterCheck::json() const {
    using nlohmann::json;

    const auto counts = [](const FaceCount& count) {
        return json{{"requests", count.requests},
                    {"reports", count.reports},
                    {"failures", count.failures},
                    {"cancelled", count.cancelled}};
    };
    json faces = json::object();
    for (const tsmfd::FaceId face : tsmfd::all_faces)
        faces[tsmfd::face_name(face)] = {{"callers", counts(callers.at(std::to_underlying(face)))},
                                         {"kernel", counts(kernel.at(std::to_underlying(face)))}};
    return {{"equal", equal()},
            {"at_rest", at_rest},
            {"latencies_sum", latencies_sum},
            {"faces", faces}};
}

} // namespace stress

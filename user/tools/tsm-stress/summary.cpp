// SPDX-License-Identifier: MIT
#include "summary.hpp"

#include "clock.hpp"
#include "face.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>
#include <sys/utsname.h>

namespace stress {

namespace {

double microseconds(double ns) {
    return ns / 1000;
}

double percentile_us(const Histogram& latency, double percent) {
    return microseconds(static_cast<double>(latency.percentile(percent)));
}

std::string level_name(const std::optional<std::uint32_t>& level) {
    return level ? std::to_string(*level) : "unset";
}

std::vector<std::string> level_names(const Settings& settings) {
    std::vector<std::string> names;
    std::ranges::transform(settings.privlevels, std::back_inserter(names), level_name);
    return names;
}

std::vector<std::string_view> format_names(const Settings& settings) {
    std::vector<std::string_view> names;
    std::ranges::transform(settings.formats, std::back_inserter(names), tsmfd::format_name);
    return names;
}

std::string plural(std::uint64_t count, std::string_view one, std::string_view many) {
    return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::string kernel_release() {
    utsname names{};
    return ::uname(&names) == 0 ? static_cast<const char*>(names.release) : "";
}

std::string target_of(const Settings& settings) {
    return settings.face == FaceKind::configfs ? "configfs-tsm" : settings.device;
}

std::string headline(const Settings& settings, const std::string& provider) {
    std::string line =
        fmt::format("{} on {} ({}): {} in {}", face_name(settings.face), target_of(settings),
                    provider, plural(settings.threads, "thread", "threads"),
                    plural(settings.processes, "process", "processes"));
    if (settings.face == FaceKind::mixed) {
        std::vector<std::string_view> dealt;
        std::ranges::transform(settings.dealt, std::back_inserter(dealt), face_name);
        line += fmt::format(" over {}", fmt::join(dealt, ","));
    }
    if (settings.face == FaceKind::nonblock)
        line += fmt::format(", {} in flight each", settings.inflight);
    if (settings.rate)
        line += fmt::format(", {:g} requests/s", *settings.rate);
    if (settings.batch)
        line += ", batched";
    line += fmt::format(", privlevels {}, formats {}", fmt::join(level_names(settings), ","),
                        fmt::join(format_names(settings), ","));
    return line;
}

} // namespace

Summary Summary::of(Board& board, const Ending& ending) {
    Summary all;
    all.ending = ending;
    all.fewest = std::numeric_limits<std::uint64_t>::max();
    const std::int64_t start = board.control().start_ns;
    std::int64_t last = start;
    std::int64_t first_race = std::numeric_limits<std::int64_t>::max();

    for (const Tally& tally : board.tallies()) {
        const std::uint64_t got = tally.ok + tally.mixed_up + tally.torn + tally.malformed;
        all.reports += got;
        all.measured += tally.measured;
        all.fewest = std::min(all.fewest, got);
        all.most = std::max(all.most, got);
        all.ok += tally.ok;
        all.proofs += tally.proofs;
        all.signed_checked += tally.signed_checked;
        all.signed_wrong += tally.signed_wrong;
        all.mixed_up += tally.mixed_up;
        all.mixed_inblob += tally.mixed_inblob;
        all.mixed_privlevel += tally.mixed_privlevel;
        all.mixed_format += tally.mixed_format;
        all.torn += tally.torn;
        all.malformed += tally.malformed;
        all.failed += tally.failed;
        for (std::size_t code = 0; code < Tally::errnos; ++code) {
            if (tally.failed_by_errno[code] != 0)
                all.failed_by_errno[static_cast<int>(code)] += tally.failed_by_errno[code];
        }
        all.unsent += tally.unsent;
        all.gone += tally.gone ? 1U : 0U;
        all.latency.merge(tally.latency);
        last = std::max(last, tally.finished_ns);
        if (tally.first_race_ns != 0)
            first_race = std::min(first_race, tally.first_race_ns);
        if (all.first_bad.empty())
            all.first_bad = tally.first_bad.text();
        if (all.first_error.empty())
            all.first_error = tally.first_error.text();
    }
    // Nobody came back: the time is that of the watching.
    if (last == start)
        last = now_ns();
    all.seconds = static_cast<double>(last - start) / ns_per_second;
    if (all.mixed_up + all.torn > 0)
        all.first_race_seconds = static_cast<double>(first_race - start) / ns_per_second;
    return all;
}

bool Summary::passed(const Settings& settings) const {
    if (ending.died > 0 || ending.lost > 0 || ending.interrupted)
        return false;
    if (counters && !counters->equal())
        return false;
    // A run that was to check signatures and found none to check has shown nothing.
    if (signed_wrong > 0 || (settings.signed_every > 0 && signed_checked == 0))
        return false;
    if (settings.expect_race)
        return mixed_up + torn > 0;
    if (settings.until_gone && gone != settings.threads)
        return false;
    return mixed_up + torn + malformed + failed == 0 && ok > 0;
}

double Summary::reports_per_second(const Settings& settings) const {
    if (settings.warm_up > 0 && settings.seconds)
        return static_cast<double>(measured) / (*settings.seconds - settings.warm_up);
    return seconds > 0 ? static_cast<double>(reports) / seconds : 0;
}

std::string Summary::text(const Settings& settings, const std::string& provider) const {
    std::string out;
    const auto line = [&out](std::string_view name, const std::string& value) {
        out += fmt::format("  {:<11} {}\n", name, value);
    };

    out += headline(settings, provider) + '\n';
    const std::string after =
        settings.warm_up > 0 ? fmt::format(" after the first {:g} s", settings.warm_up) : "";
    line("reports", fmt::format("{} in {:.2f} s, {:.1f}/s{}", reports, seconds,
                                reports_per_second(settings), after));
    line("ok", std::to_string(ok));
    if (settings.batch)
        line("proofs", fmt::format("{} verified", proofs));
    if (settings.signed_every > 0)
        line("signed", fmt::format("{} checked, {} wrong", signed_checked, signed_wrong));
    line("mixed up", mixed_up == 0
                         ? "0"
                         : fmt::format("{} (inblob {}, privlevel {}, format {})", mixed_up,
                                       mixed_inblob, mixed_privlevel, mixed_format));
    line("torn", std::to_string(torn));
    line("malformed", std::to_string(malformed));
    std::string failures = std::to_string(failed);
    for (const auto& [code, count] : failed_by_errno)
        failures += fmt::format(" {} {}", tsmfd::errno_name(code), count);
    line("failed", failures);
    if (first_race_seconds)
        line("first race", fmt::format("after {:.3f} s", *first_race_seconds));
    if (!first_bad.empty())
        line("first bad", first_bad);
    if (!first_error.empty())
        line("first error", first_error);
    if (settings.until_gone)
        line("gone", fmt::format("{} of {} callers", gone, settings.threads));
    if (settings.rate)
        line("unsent", fmt::format("{} due, but not started before the end", unsent));
    if (ending.died > 0)
        line("died", plural(ending.died, "process", "processes"));
    if (ending.lost > 0)
        line("hung", plural(ending.lost, "caller", "callers"));
    if (ending.interrupted)
        line("interrupted",
             fmt::format("by signal {} of process {}", ending.signal, ending.sender));
    if (counters)
        line("counters", counters->text());
    line("per caller", fmt::format("{} to {} reports", fewest, most));
    line("latency us", fmt::format("p50 {:.1f}  p90 {:.1f}  p99 {:.1f}  p99.9 {:.1f}  max {:.1f}",
                                   percentile_us(latency, 50), percentile_us(latency, 90),
                                   percentile_us(latency, 99), percentile_us(latency, 99.9),
                                   microseconds(static_cast<double>(latency.max()))));
    out += passed(settings) ? "PASS\n" : "FAIL\n";
    return out;
}

nlohmann::json Summary::json(const Settings& settings, const std::string& provider) const {
    using nlohmann::json;

    json errnos = json::object();
    for (const auto& [code, count] : failed_by_errno)
        errnos[tsmfd::errno_name(code)] = count;

    json asked = {
        {"face", face_name(settings.face)},
        {"threads", settings.threads},
        {"processes", settings.processes},
        {"seconds", settings.seconds ? json(*settings.seconds) : json(nullptr)},
        {"warm_up", settings.warm_up},
        {"reports", settings.reports ? json(*settings.reports) : json(nullptr)},
        {"rate", settings.rate ? json(*settings.rate) : json(nullptr)},
        {"privlevels", level_names(settings)},
        {"formats", format_names(settings)},
        {"inblob_bytes", settings.inblob_bytes},
        {"batch", settings.batch},
        {"signed", settings.signed_every},
        {"seed", settings.seed},
    };
    if (settings.face == FaceKind::nonblock)
        asked["inflight"] = settings.inflight;
    if (settings.face == FaceKind::configfs)
        asked["reuse_item"] = settings.reuse_item;
    if (settings.face == FaceKind::ioctl)
        asked["share_fd"] = settings.share_fd;

    if (settings.face == FaceKind::mixed) {
        asked["inflight"] = settings.inflight;
        for (const FaceKind kind : settings.dealt)
            asked["faces"].push_back(face_name(kind));
    }

    return {
        {"tool", "tsm-stress"},
        {"label", settings.label},
        {"target", target_of(settings)},
        {"provider", provider},
        {"kernel", kernel_release()},
        {"asked", asked},
        {"passed", passed(settings)},
        {"seconds", seconds},
        {"reports", reports},
        {"reports_per_s", reports_per_second(settings)},
        {"ok", ok},
        {"proofs", proofs},
        {"signed_checked", signed_checked},
        {"signed_wrong", signed_wrong},
        {"mixed_up",
         {{"total", mixed_up},
          {"inblob", mixed_inblob},
          {"privlevel", mixed_privlevel},
          {"format", mixed_format}}},
        {"torn", torn},
        {"malformed", malformed},
        {"failed", {{"total", failed}, {"by_errno", errnos}}},
        {"unsent", unsent},
        {"gone", gone},
        {"processes_died", ending.died},
        {"callers_lost", ending.lost},
        {"interrupted", ending.interrupted},
        {"per_caller", {{"fewest", fewest}, {"most", most}}},
        {"counters", counters ? counters->json() : json(nullptr)},
        {"first_race_s", first_race_seconds ? json(*first_race_seconds) : json(nullptr)},
        {"first_bad", first_bad},
        {"first_error", first_error},
        {"latency_us",
         {{"mean", microseconds(latency.mean())},
          {"p50", percentile_us(latency, 50)},
          {"p90", percentile_us(latency, 90)},
          {"p99", percentile_us(latency, 99)},
          {"p99_9", percentile_us(latency, 99.9)},
          {"max", microseconds(static_cast<double>(latency.max()))}}},
    };
}

} // namespace stress

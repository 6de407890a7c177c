// SPDX-License-Identifier: MIT
#include "command.hpp"

#include <tsmfd/names.hpp>
#include <tsmfd/netlink.hpp>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <map>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace tsmctl {

namespace {

using tsmfd::Stats;

struct Words {
    std::string provider;
    bool watch = false;
    double interval = 1;
    std::uint64_t count = 0; // of rounds; 0: until interrupted
    bool json = false;
};

using Place = std::pair<std::uint32_t, tsmfd::FaceId>;

Json document_of(const Stats& stats) {
    return {{"device", tsmfd::device_name(stats.index)},
            {"face", stats.face ? Json(tsmfd::face_name(*stats.face)) : Json(nullptr)},
            {"requests", stats.requests},
            {"reports", stats.reports},
            {"failures", stats.failures},
            {"cancelled", stats.cancelled},
            {"batches", stats.batches},
            {"queued", stats.queued},
            {"in_flight", stats.in_flight},
            {"over_quota", stats.over_quota},
            {"quota_requests", stats.quota_requests},
            {"quota_bytes", stats.quota_bytes},
            {"latency_log2_us", stats.latency}};
}

tsmfd::Result<std::vector<Stats>> read(tsmfd::Netlink& netlink, std::optional<unsigned> index) {
    auto all = netlink.all_stats();
    if (all && index)
        std::erase_if(*all, [index](const Stats& stats) { return stats.index != *index; });
    if (all && all->empty())
        return tsmfd::fail("get the statistics", ENODEV);
    return all;
}

class Table {
public:
    // With rates from the second time on.
    std::string of(const std::vector<Stats>& all, double seconds) {
        std::string text =
            fmt::format("{:<8} {:<9} {:>10} {:>10} {:>9} {:>9} {:>7} {:>7} {:>9} {:>9}\n", "DEVICE",
                        "FACE", "REQUESTS", "REPORTS", "FAILURES", "CANCELLED", "QUEUED", "REP/S",
                        "P50_US<", "P99_US<");
        for (const Stats& stats : all) {
            const Place place{stats.index, *stats.face};
            const auto before = reports_.find(place);
            const std::string rate =
                before == reports_.end()
                    ? "-"
                    : fmt::format("{:.0f}",
                                  static_cast<double>(stats.reports - before->second) / seconds);
            text +=
                fmt::format("{:<8} {:<9} {:>10} {:>10} {:>9} {:>9} {:>7} {:>7} {:>9} {:>9}\n",
                            tsmfd::device_name(stats.index), tsmfd::face_name(*stats.face),
                            stats.requests, stats.reports, stats.failures, stats.cancelled,
                            stats.queued, rate, stats.percentile_us(50), stats.percentile_us(99));
            reports_[place] = stats.reports;
        }
        return text;
    }

private:
    std::map<Place, std::uint64_t> reports_;
};

int run(const Words& words) {
    std::optional<unsigned> index;
    if (!words.provider.empty()) {
        const auto parsed = provider_index(words.provider);
        if (!parsed)
            return report_usage(parsed.error().message());
        index = *parsed;
    }
    auto netlink = tsmfd::Netlink::open();
    if (!netlink)
        return netlink.error().code == ENOENT ? report_no_provider()
                                              : report_failure(netlink.error());
    catch_interrupts();

    Table table;
    for (std::uint64_t round = 1; !interrupted(); ++round) {
        const auto all = read(*netlink, index);
        if (!all)
            return all.error().code == ENODEV && !index ? report_no_provider()
                                                        : report_failure(all.error());
        if (words.json) {
            Json document = Json::array();
            for (const Stats& stats : *all)
                document.push_back(document_of(stats));
            const Json whole = {{"stats", document}};
            fmt::print("{}\n", words.watch ? json_line(whole) : json_text(whole));
        } else {
            fmt::print("{}{}", round > 1 ? "\n" : "", table.of(*all, words.interval));
        }
        (void)std::fflush(stdout);
        if (!words.watch || round == words.count)
            break;
        // Not sleep_for(): that goes on after a signal.
        const auto ns = static_cast<long long>(words.interval * 1e9);
        const timespec wait{.tv_sec = ns / 1'000'000'000, .tv_nsec = ns % 1'000'000'000};
        (void)::nanosleep(&wait, nullptr);
    }
    return done;
}

} // namespace

void add_stats(CLI::App& app, int& status) {
    auto words = std::make_shared<Words>();
    CLI::App* command = app.add_subcommand("stats", "What was counted, by provider and interface");
    command->add_option("--provider", words->provider, "Only this one")->type_name("tsmfdN");
    auto* watch = command->add_flag("--watch", words->watch, "Again and again, until interrupted");
    command->add_option("--interval", words->interval, "Seconds between two times (1)")
        ->check(CLI::Range(0.01, 86400.0))
        ->needs(watch);
    command->add_option("--count", words->count, "So many times")->needs(watch);
    command->add_flag("--json", words->json,
                      "As JSON, with the histograms; with --watch an object a line");
    refuse_empty_words(*command);
    command->callback([words, &status] { status = run(*words); });
}

} // namespace tsmctl

// SPDX-License-Identifier: MIT
#include "command.hpp"
#include "document.hpp"

#include <tsmfd/names.hpp>
#include <tsmfd/netlink.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace tsmctl {

namespace {

using Clock = std::chrono::steady_clock;

struct Words {
    std::optional<double> seconds;
    std::uint64_t count = 0; // 0: without end
    bool json = false;
};

bool is_about_provider(const tsmfd::Event& event) {
    return event.kind == tsmfd::Event::Kind::added || event.kind == tsmfd::Event::Kind::removed;
}

Json json_of(const tsmfd::Event& event) {
    Json json = {{"event", event.kind_name()}};
    if (is_about_provider(event)) {
        json["provider"] = document_of(event.provider);
        return json;
    }
    json["provider"] = {{"device", tsmfd::device_name(event.provider.index)},
                        {"index", event.provider.index},
                        {"name", event.provider.name}};
    json["errno"] = event.error;
    json["error"] = tsmfd::errno_name(event.error);
    json["suppressed"] = event.suppressed;
    if (event.uid)
        json["uid"] = *event.uid;
    return json;
}

std::string line_of(const tsmfd::Event& event) {
    std::string line = fmt::format("{:<9} {} {}", event.kind_name(),
                                   tsmfd::device_name(event.provider.index), event.provider.name);
    if (!is_about_provider(event))
        line += ' ' + tsmfd::errno_name(event.error);
    if (event.uid)
        line += fmt::format(" uid {}", *event.uid);
    if (event.suppressed > 0)
        line += fmt::format(" (and {} more before it)", event.suppressed);
    return line;
}

// Milliseconds that may still be waited; -1 for ever.
int left_of(const Words& words, Clock::time_point start) {
    if (!words.seconds)
        return -1;
    const std::chrono::duration<double, std::milli> gone = Clock::now() - start;
    return static_cast<int>(std::clamp(*words.seconds * 1000 - gone.count(), 0.0, 1e9));
}

int run(const Words& words) {
    auto events = tsmfd::EventStream::open();
    if (!events)
        return events.error().code == ENOENT ? report_no_provider()
                                             : report_failure(events.error());
    catch_interrupts();

    const Clock::time_point start = Clock::now();
    for (std::uint64_t seen = 0; !interrupted() && (words.count == 0 || seen < words.count);) {
        const int left = left_of(words, start);
        const auto event = events->next(left);
        if (!event && event.error().code == EINTR)
            continue;
        if (!event && event.error().code == ENOBUFS) {
            fmt::print(stderr, "tsmctl: events were lost: more came than could be printed\n");
            continue;
        }
        if (!event)
            return report_failure(event.error());
        if (*event) {
            fmt::print("{}\n", words.json ? json_line(json_of(**event)) : line_of(**event));
            (void)std::fflush(stdout);
            ++seen;
        } else if (left == 0) {
            break;
        }
    }
    return done;
}

} // namespace

void add_events(CLI::App& app, int& status) {
    auto words = std::make_shared<Words>();
    CLI::App* command =
        app.add_subcommand("events", "Print what happens, until interrupted: providers that come "
                                     "and go, firmware that fails or throttles");
    command->add_option("--seconds", words->seconds, "So long")->check(CLI::NonNegativeNumber);
    command->add_option("--count", words->count, "So many events");
    command->add_flag("--json", words->json, "A JSON object a line");
    refuse_empty_words(*command);
    command->callback([words, &status] { status = run(*words); });
}

} // namespace tsmctl

// SPDX-License-Identifier: MIT
#include "command.hpp"

#include "document.hpp"
#include "files.hpp"

#include <tsmfd/names.hpp>
#include <tsmfd/netlink.hpp>
#include <tsmfd/printable.hpp>

#include <charconv>
#include <csignal>
#include <cstdio>
#include <memory>
#include <string_view>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace tsmctl {

namespace {

constexpr std::string_view load_one =
    "load one with modprobe: tsmfd_tpm (this guest's TPM) or tsmfd_emu (emulated firmware)";

volatile std::sig_atomic_t interrupts = 0;

void on_interrupt(int /*signal*/) {
    interrupts = 1;
}

Json with_schema(const Json& object) {
    Json document = {{"schema", json_schema}};
    document.update(object);
    return document;
}

bool means_no_provider(int code) {
    return code == ENOENT || code == ENODEV || code == ENXIO;
}

} // namespace

int report_failure(const tsmfd::Error& error, std::string_view missing) {
    if (means_no_provider(error.code)) {
        fmt::print(stderr, "tsmctl: {}; {}\n", tsmfd::printable(error.message()),
                   missing.empty() ? load_one : missing);
        return no_provider;
    }
    std::string_view advice;
    if (error.code == EACCES || error.code == EPERM)
        advice = "; run as root, or as a member of the group that owns it";
    else if (error.code == EBUSY)
        advice = "; the firmware is throttling: try again later";
    fmt::print(stderr, "tsmctl: {}{}\n", tsmfd::printable(error.message()), advice);
    return failed;
}

int report_no_provider() {
    fmt::print(stderr, "tsmctl: there is no provider of reports; {}\n", load_one);
    return no_provider;
}

int report_unreadable(const tsmfd::Error& error) {
    fmt::print(stderr, "tsmctl: {}\n", tsmfd::printable(error.message()));
    return failed;
}

int report_usage(const std::string& problem) {
    fmt::print(stderr, "tsmctl: {}\n", tsmfd::printable(problem));
    return usage;
}

tsmfd::Result<unsigned> provider_index(const std::string& word) {
    if (word.empty()) {
        auto netlink = tsmfd::Netlink::open();
        if (!netlink)
            return std::unexpected(std::move(netlink.error()));
        const auto all = netlink->providers();
        if (!all)
            return std::unexpected(all.error());
        if (all->empty())
            return tsmfd::fail("find a provider", ENODEV);
        return all->front().index;
    }

    std::string_view digits = word;
    for (const std::string_view prefix : {std::string_view("/dev/"), tsmfd::class_name}) {
        if (digits.starts_with(prefix))
            digits.remove_prefix(prefix.size());
    }
    unsigned index = 0;
    const char* end = digits.data() + digits.size();
    const auto parsed = std::from_chars(digits.data(), end, index);
    if (parsed.ec != std::errc{} || parsed.ptr != end)
        return tsmfd::fail("provider '" + word + "', which is to be like " + tsmfd::device_name(0),
                           EINVAL);
    return index;
}

tsmfd::Result<std::vector<std::uint8_t>> read_in(const std::string& file) {
    return files::read_input(file);
}

std::string json_text(const Json& object) {
    return with_schema(object).dump(2, ' ', false, Json::error_handler_t::replace);
}

std::string json_line(const Json& object) {
    return with_schema(object).dump(-1, ' ', false, Json::error_handler_t::replace);
}

tsmfd::Result<std::vector<std::uint8_t>> read_report(const std::string& file) {
    auto bytes = read_in(file);
    if (!bytes)
        return bytes;
    auto stream = stream_of(std::move(*bytes));
    if (!stream)
        return tsmfd::fail(file + ": " + stream.error().what, stream.error().code);
    return stream;
}

void refuse_empty_words(CLI::App& command) {
    const CLI::Validator said(
        [](const std::string& word) {
            return word.empty()
                       ? std::string("it is empty; leave the option out to ask for nothing")
                       : std::string();
        },
        "");
    for (CLI::Option* option : command.get_options({}))
        option->check(said);
    for (CLI::App* group : command.get_subcommands({})) // a group of options is one
        refuse_empty_words(*group);
}

void catch_interrupts() {
    struct sigaction action {};
    action.sa_handler = on_interrupt; // without SA_RESTART: a wait ends
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() {
    return interrupts != 0;
}

} // namespace tsmctl

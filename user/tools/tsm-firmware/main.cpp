// SPDX-License-Identifier: MIT
//
// tsm-firmware: a provider of signed reports, emulated in user space.
#include "serve.hpp"

#include <atomic>
#include <csignal>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

namespace {

using namespace firmware;

struct Words {
    std::string profile = "snp";
    std::string state = "/var/lib/tsm-firmware";
    std::string name = "tsm_firmware";
    std::string faults;
    std::uint32_t version = 3;
    std::uint32_t inflight = 1;
    std::uint32_t timeout_ms = 0;
    std::uint64_t latency_us = 0;
    bool debug = false;
    bool prepare = false;
};

std::atomic<bool> stop = false;

void on_signal(int /*signal*/) {
    stop = true;
}

// Without SA_RESTART, so that a read ends.
void handle_signals() {
    struct sigaction action {};
    action.sa_handler = on_signal;
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
}

// The same in every run: certificates are made for it once.
Platform platform() {
    Platform made;
    for (std::size_t i = 0; i < made.chip_id.size(); ++i)
        made.chip_id[i] = static_cast<std::uint8_t>(i);
    made.tcb = {.fmc = std::nullopt, .boot_loader = 4, .tee = 0, .snp = 0x16, .microcode = 0xd5};
    return made;
}

SnpSettings settings_of(const Words& words) {
    SnpSettings settings{.version = words.version, .measurement = {}, .debug = words.debug};
    constexpr std::string_view text = "tsm-firmware measurement";
    std::ranges::copy(text, settings.measurement.begin());
    return settings;
}

int complain(const tsmfd::Error& error) {
    fmt::print(stderr, "tsm-firmware: {}\n", error.message());
    return error.code == ENOENT && error.what.starts_with("open ") ? 3 : 1;
}

// The others sleep in read(2), from which only the end wakes them.
[[noreturn]] void end() {
    (void)std::fflush(stdout);
    ::_exit(0);
}

int run(const Words& words) {
    const auto faults = Faults::parse(words.faults);
    if (!faults) {
        fmt::print(stderr, "tsm-firmware: {}\n", faults.error().message());
        return 2;
    }
    auto authority = Authority::in(words.state, platform());
    if (!authority)
        return complain(authority.error());
    if (words.prepare)
        return 0;

    const SnpFirmware snp(std::move(*authority), platform(), settings_of(words));
    const auto proxy = tsmfd::Proxy::make({.name = words.name,
                                           .extended = true,
                                           .outblob_max = SnpFirmware::outblob_size,
                                           .auxblob_max = snp.auxblob_size(),
                                           .max_inflight = words.inflight,
                                           .timeout_ms = words.timeout_ms});
    if (!proxy)
        return complain(proxy.error());

    handle_signals();
    fmt::print("/dev/tsm{}\n", proxy->index());
    (void)std::fflush(stdout);
    const Work work{.proxy = *proxy,
                    .firmware = snp,
                    .faults = *faults,
                    .latency = std::chrono::microseconds(words.latency_us)};
    // The kernel hands out no more than this at once; the first thread gets the signals.
    std::vector<std::jthread> others;
    for (std::uint32_t i = 1; i < words.inflight; ++i) {
        others.emplace_back([&work] {
            if (const auto served = serve(work, stop); !served)
                complain(served.error());
        });
    }
    const auto served = serve(work, stop);
    if (!served)
        return complain(served.error());
    end();
}

} // namespace

int main(int argc, char** argv) {
    Words words;
    CLI::App app("A provider of attestation reports that are signed, emulated in user space");
    app.add_option("--profile", words.profile, "What it emulates")
        ->check(CLI::IsMember({"snp"}))
        ->capture_default_str();
    app.add_option("--state", words.state, "Where its keys and certificates are, or are to be")
        ->capture_default_str();
    app.add_flag("--prepare", words.prepare, "Make keys and certificates, if need be, and no more");
    app.add_option("--name", words.name, "The provider's name")->capture_default_str();
    app.add_option("--report-version", words.version, "Version of ATTESTATION_REPORT")
        ->check(CLI::IsMember({2, 3, 5}))
        ->capture_default_str();
    app.add_flag("--debug-policy", words.debug, "Reports of a guest that its host may debug");
    app.add_option("--inflight", words.inflight, "Requests that it takes at once")
        ->check(CLI::Range(1, 256))
        ->capture_default_str();
    app.add_option("--latency-us", words.latency_us, "Before each answer")->capture_default_str();
    app.add_option("--timeout-ms", words.timeout_ms, "What the kernel allows it; 0: a minute")
        ->capture_default_str();
    app.add_option("--faults", words.faults,
                   "KIND=N,...: in N of a thousand reports; signature, stale-tcb, report-data, "
                   "truncated, oversize, busy, error, silence");
    app.footer("Prints the device's name when it is there. Exit status: 0 ended by a signal; 1 it "
               "failed; 2 usage; 3 the module tsmfd_proxy is not loaded.");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    return run(words);
}

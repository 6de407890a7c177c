// SPDX-License-Identifier: MIT
//
// tsm-firmware: a provider of signed reports, emulated in user space.
#include "pipe.hpp"
#include "platform.hpp"
#include "serve.hpp"
#include "supervise.hpp"

#include <tsmfd/hex.hpp>
#include <tsmfd/names.hpp>
#include <tsmfd/version.hpp>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <linux/tsmfd.h>
#include <unistd.h>

namespace {

using namespace firmware;

struct Words {
    std::string profile = "snp";
    std::string state = "/var/lib/tsm-firmware";
    std::string name = "tsm_firmware";
    std::string faults;
    std::string product = "milan";
    std::string measurement;
    std::uint32_t version = 3;
    std::uint32_t inflight = 1;
    std::uint32_t timeout_ms = 0;
    std::optional<std::uint32_t> inblob_min; // the profile's, if not given
    std::optional<std::uint32_t> inblob_max;
    std::uint64_t latency_us = 0;
    std::uint32_t rate = 0;
    bool vlek = false;
    bool debug = false;
    bool prepare = false;
    bool pipe = false;
    bool restart = false;
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

Profile profile_of(const Words& words) {
    Profile profile;
    profile.profile = words.profile;
    profile.state = words.state;
    profile.product = product_by_name(words.product).value_or(Product::milan);
    profile.vlek = words.vlek;
    profile.version = words.version;
    profile.debug = words.debug;
    if (const auto bytes = tsmfd::from_hex(words.measurement); bytes && bytes->size() == 48)
        std::ranges::copy(*bytes, profile.measurement.emplace().begin());
    return profile;
}

tsmfd::ProxySettings settings_of(const Words& words, const Firmware& emulated) {
    tsmfd::ProxySettings settings = emulated.provider();
    settings.name = words.name;
    settings.inblob_min = words.inblob_min.value_or(settings.inblob_min);
    settings.inblob_max = words.inblob_max.value_or(settings.inblob_max);
    settings.max_inflight = words.inflight;
    settings.timeout_ms = words.timeout_ms;
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
    const auto made = make_firmware(profile_of(words));
    if (!made)
        return complain(made.error());
    if (words.prepare)
        return 0;

    const Firmware& emulated = **made;
    if (words.pipe) {
        const auto answered = answer_pipe(emulated, STDIN_FILENO, STDOUT_FILENO);
        return answered ? 0 : complain(answered.error());
    }
    const tsmfd::ProxySettings settings = settings_of(words, emulated);
    if (settings.inblob_min > settings.inblob_max) {
        fmt::print(stderr, "tsm-firmware: no challenge has {} bytes at least and {} at most\n",
                   settings.inblob_min, settings.inblob_max);
        return 2;
    }
    if (words.restart) {
        const auto ended = restart_when_killed();
        if (!ended)
            return complain(ended.error());
        if (*ended >= 0)
            return *ended;
    }
    const auto proxy = tsmfd::Proxy::make(settings);
    if (!proxy)
        return complain(proxy.error());

    handle_signals();
    fmt::print("{}\n", tsmfd::device_path(proxy->index()));
    (void)std::fflush(stdout);
    Pace pace({.latency = std::chrono::microseconds(words.latency_us), .rate = words.rate});
    const Work work{.proxy = *proxy, .firmware = emulated, .faults = *faults, .pace = pace};
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
    app.set_version_flag("--version", std::string(tsmfd::version()));
    app.add_option("--profile", words.profile, "What it emulates")
        ->check(CLI::IsMember({"snp", "tdx"}))
        ->capture_default_str();
    app.add_option("--state", words.state, "Where its keys and certificates are, or are to be")
        ->capture_default_str();
    app.add_flag("--prepare", words.prepare, "Make keys and certificates, if need be, and no more");
    app.add_flag("--pipe", words.pipe,
                 "Be no provider: answer each 64 bytes on stdin, a report's REPORT_DATA, with that "
                 "report on stdout, until stdin ends");
    app.add_option("--name", words.name, "The provider's name")->capture_default_str();
    app.add_option("--product", words.product, "For snp: whose processor it is of")
        ->check(CLI::IsMember({"milan", "genoa", "turin"}))
        ->capture_default_str();
    app.add_flag("--vlek", words.vlek, "For snp: reports are signed by a cloud's VLEK");
    app.add_option("--report-version", words.version, "For snp: version of ATTESTATION_REPORT")
        ->check(CLI::IsMember({2, 3, 5}))
        ->capture_default_str();
    app.add_option("--measurement", words.measurement, "MEASUREMENT or MRTD, 48 bytes")
        ->type_name("HEX")
        ->check([](const std::string& hex) {
            const auto bytes = tsmfd::from_hex(hex);
            return bytes && bytes->size() == 48 ? std::string() : "not 96 digits: " + hex;
        });
    app.add_flag("--debug-policy", words.debug, "Reports of a guest that its host may debug");
    app.add_option("--challenge-min,--inblob-min", words.inblob_min,
                   "Bytes of the shortest challenge that it takes, behind which it puts zeros; 1, "
                   "but for tdx 64, which is what a TDX module takes")
        ->check(CLI::Range(1, TSMFD_INBLOB_MAX));
    app.add_option("--challenge-max,--inblob-max", words.inblob_max,
                   "Bytes of the longest; 64. Many TPMs take 34 or 50. There are no batches "
                   "with less than 64")
        ->check(CLI::Range(1, TSMFD_INBLOB_MAX));
    app.add_option("--inflight", words.inflight, "Requests that it takes at once")
        ->check(CLI::Range(1, 256))
        ->capture_default_str();
    app.add_option("--latency-us", words.latency_us, "Before each answer")->capture_default_str();
    app.add_option("--rate", words.rate, "Answers a second, at most; 0: any")
        ->capture_default_str();
    app.add_flag("--restart", words.restart, "Come back, as a new provider, when killed");
    app.add_option("--timeout-ms", words.timeout_ms, "What the kernel allows it; 0: a minute")
        ->capture_default_str();
    app.add_option("--faults", words.faults,
                   "KIND=N,...: in N of a thousand reports; signature, stale-tcb, report-data, "
                   "truncated, oversize, busy, throttled, error, silence, crash");
    app.footer("Prints the device's name when it is there. Exit status: 0 ended by a signal; 1 it "
               "failed; 2 usage; 3 the module tsmfd_proxy is not loaded.");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    return run(words);
}

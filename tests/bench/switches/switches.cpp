// SPDX-License-Identifier: MIT
//
// How often one caller, who asks for one report after the other, and the process that is the
// firmware give the processor away for a report.
//
//     tsmfd-switches DEVICE REPORTS [PID]     {"caller":1.002,"firmware":1.000}
#include <tsmfd/device.hpp>
#include <tsmfd/report_buffer.hpp>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <sys/resource.h>

namespace {

constexpr unsigned warm_up = 20; // reports

[[noreturn]] void give_up(const std::string& why) {
    fmt::print(stderr, "tsmfd-switches: {}\n", why);
    std::exit(1);
}

std::uint64_t own_switches() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return static_cast<std::uint64_t>(usage.ru_nvcsw);
}

// Of all threads of a process: those that it asked for by sleeping.
std::uint64_t switches_of(const std::string& pid) {
    constexpr std::string_view name = "voluntary_ctxt_switches:";
    std::uint64_t all = 0;
    for (const auto& task : std::filesystem::directory_iterator("/proc/" + pid + "/task")) {
        std::ifstream status(task.path() / "status");
        for (std::string line; std::getline(status, line);) {
            if (line.starts_with(name))
                all += std::stoull(line.substr(name.size()));
        }
    }
    return all;
}

void ask(const tsmfd::Device& device, unsigned reports) {
    tsmfd::ReportBuffer buffer;
    for (unsigned i = 0; i < reports; ++i) {
        std::array<std::uint8_t, 64> nonce{};
        nonce[0] = static_cast<std::uint8_t>(i);
        nonce[1] = static_cast<std::uint8_t>(i >> 8);
        tsmfd::Options options;
        options.inblob = *tsmfd::Inblob::from(nonce);
        if (const auto got = device.report_into(options, buffer); !got)
            give_up(got.error().message());
    }
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 3 && argc != 4)
        give_up("usage: tsmfd-switches DEVICE REPORTS [PID]");
    const auto reports = static_cast<unsigned>(std::strtoul(argv[2], nullptr, 10));
    const auto device = tsmfd::Device::open(std::string(argv[1]));
    if (!device || reports == 0)
        give_up(device ? "no reports" : device.error().message());
    const auto firmware = [&] { return argc == 4 ? switches_of(argv[3]) : 0; };

    ask(*device, warm_up);
    const std::uint64_t own_before = own_switches();
    const std::uint64_t firmware_before = firmware();
    ask(*device, reports);
    const std::uint64_t own = own_switches() - own_before;
    fmt::print("{{\"caller\":{:.3f},\"firmware\":{:.3f}}}\n", static_cast<double>(own) / reports,
               static_cast<double>(firmware() - firmware_before) / reports);
    return 0;
}

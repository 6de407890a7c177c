// SPDX-License-Identifier: MIT
//
// tsmfd-generation-latency SECONDS
//
// How long reading `generation` of one item takes while another item asks the firmware for one
// report after the other. Prints {"reads_per_s": N, "p50_us": N, "p99_us": N, "max_us": N}.
#include "support/files.hpp"
#include "support/item.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include <fcntl.h>
#include <fmt/core.h>

namespace {

using Clock = std::chrono::steady_clock;
using conformance::TestItem;

void ask_without_end(const TestItem& item, const std::atomic<bool>& stop) {
    while (!stop) {
        conformance::set_inblob(item, conformance::ask());
        if (conformance::get(item, "outblob").empty())
            std::abort();
    }
}

// configfs shows a file as it was at its first read: each file is opened for one, beforehand.
std::vector<double> measure(const TestItem& item, std::chrono::duration<double> duration) {
    std::vector<double> took;
    const auto end = Clock::now() + duration;
    while (Clock::now() < end) {
        const tsmfd::UniqueFd fd = guest::open_file(item.file("generation"), O_RDONLY);
        std::array<std::uint8_t, 32> text{};
        const auto start = Clock::now();
        const conformance::Outcome got = guest::get(fd.get(), text);
        took.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
        if (!got.ok())
            guest::throw_errno("read generation", static_cast<int>(-got.value));
        // Not in step with the firmware's calls.
        std::this_thread::sleep_for(std::chrono::microseconds(took.size() % 7 * 100));
    }
    return took;
}

} // namespace

int main(int argc, char** argv) {
    const double seconds = argc == 2 ? std::strtod(argv[1], nullptr) : 0;
    if (seconds <= 0) {
        fmt::print(stderr, "usage: tsmfd-generation-latency SECONDS\n");
        return 2;
    }
    try {
        const TestItem asking;
        const TestItem watched;
        std::atomic<bool> stop = false;
        std::vector<double> took;
        {
            const std::jthread busy([&] { ask_without_end(asking, stop); });
            took = measure(watched, std::chrono::duration<double>(seconds));
            stop = true;
        }
        std::ranges::sort(took);
        const auto at = [&](std::size_t percent) {
            return took[(took.size() - 1) * percent / 100];
        };
        fmt::print("{{\"reads_per_s\": {:.1f}, \"p50_us\": {:.2f}, \"p99_us\": {:.2f}, "
                   "\"max_us\": {:.2f}}}\n",
                   static_cast<double>(took.size()) / seconds, at(50), at(99), at(100));
    } catch (const std::exception& error) {
        fmt::print(stderr, "tsmfd-generation-latency: {}\n", error.what());
        return 1;
    }
    return 0;
}

// SPDX-License-Identifier: MIT
//
// tsmfd-removal-test MODULES ROUNDS: modules come and go under load.
//
// Loads tsmfd.ko, tsmfd_emu.ko and tsmfd_sysfs2023.ko from the directory MODULES again and again,
// and takes them away while sixty-four callers are at work. Prints the rounds, what the callers
// met, and "ok".
#include "removal/rounds.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <string>

#include <fmt/core.h>
#include <unistd.h>

namespace {

using guest::Modules;
using guest::Tally;
using std::chrono::duration;
using std::chrono::steady_clock;

// A round that takes longer hangs, on the slowest of kernels.
constexpr unsigned longest_round_seconds = 60;

std::string_view running_round; // for the handler, which runs while it does not change

void say(std::string_view text) {
    if (::write(STDOUT_FILENO, text.data(), text.size()) < 0)
        std::abort();
}

void give_up(int) {
    say("FAIL ");
    say(running_round);
    say(": has not ended after 60 s; giving up\n0 passed, 1 failed, 0 skipped\n");
    ::_exit(1);
}

double seconds_since(steady_clock::time_point start) {
    return duration<double>(steady_clock::now() - start).count();
}

bool run_all(Modules& modules, unsigned long count) {
    const auto kinds = guest::rounds();
    std::vector<double> seconds(kinds.size());
    std::vector<unsigned> done(kinds.size());
    Tally tally;
    const auto start = steady_clock::now();

    for (unsigned long number = 0; number < count; ++number) {
        const std::size_t kind = number % kinds.size();
        const auto round_start = steady_clock::now();
        running_round = kinds[kind].name;
        ::alarm(longest_round_seconds);
        try {
            kinds[kind].run(modules, tally);
        } catch (const std::exception& error) {
            fmt::print("FAIL round {}, {}: {}\n{} passed, 1 failed, 0 skipped\n", number + 1,
                       kinds[kind].name, error.what(), std::min(number, kinds.size() - 1));
            return false;
        }
        seconds[kind] += seconds_since(round_start);
        ++done[kind];
    }
    ::alarm(0);

    for (std::size_t kind = 0; kind < kinds.size(); ++kind)
        fmt::print("{:4} x {} ({:.2f} s each)\n", done[kind], kinds[kind].name,
                   done[kind] == 0 ? 0 : seconds[kind] / done[kind]);
    for (const auto& [what, times] : tally.counts())
        fmt::print("{:8} {}\n", times, what);
    fmt::print("{} rounds in {:.1f} s\n{} passed, 0 failed, 0 skipped\nok\n", count,
               seconds_since(start), std::min(count, kinds.size()));
    return true;
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 3 || std::signal(SIGALRM, give_up) == SIG_ERR) {
        fmt::print(stderr, "usage: tsmfd-removal-test MODULES ROUNDS\n");
        return 2;
    }
    // What is printed before a machine dies should be seen.
    (void)std::setvbuf(stdout, nullptr, _IOLBF, 0);
    try {
        const std::string directory = argv[1];
        Modules modules{guest::Module(directory + "/tsmfd.ko"),
                        guest::Module(directory + "/tsmfd_emu.ko"),
                        guest::Module(directory + "/tsmfd_sysfs2023.ko")};
        for (const guest::Module* module : {&modules.emulator, &modules.sysfs2023, &modules.core}) {
            if (module->is_loaded())
                module->unload();
        }
        modules.core.load();
        modules.sysfs2023.load();
        return run_all(modules, std::strtoul(argv[2], nullptr, 10)) ? 0 : 1;
    } catch (const std::exception& error) {
        fmt::print("FAIL: {}\n", error.what());
        return 1;
    }
}

// SPDX-License-Identifier: MIT
//
// tsmfd-guest-tests: a line a test, and at the end "N passed, N failed, N skipped".
#include "support/emulator.hpp"

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <fcntl.h>
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace {

// A test that takes longer hangs, on the slowest of kernels.
constexpr unsigned longest_test_seconds = 240;

// For the handler, which runs while they do not change.
std::string running_test;
std::vector<std::string> settings_files;

void say(std::string_view text) {
    // One write: a test's children and shells print too.
    const ssize_t written = ::write(STDOUT_FILENO, text.data(), text.size());
    if (written < 0)
        std::abort();
}

// Threads of the test may be waiting for firmware that hangs, and be deaf to all signals.
void end_hangs() {
    for (const std::string& path : settings_files) {
        const int fd = ::open(path.c_str(), O_WRONLY);
        if (::write(fd, "hang=0", 6) != 6)
            say("the firmware cannot be freed\n");
    }
}

void give_up(int) {
    say("FAIL ");
    say(running_test);
    say(": has not ended after 240 s; giving up\n");
    end_hangs();
    ::_exit(1);
}

std::string name_of(const testing::TestInfo& test) {
    return fmt::format("{}.{}", test.test_suite_name(), test.name());
}

std::string skip_reason(const testing::TestResult& result) {
    for (int i = 0; i < result.total_part_count(); ++i) {
        if (result.GetTestPartResult(i).skipped())
            return result.GetTestPartResult(i).message();
    }
    return "";
}

class Reporter : public testing::EmptyTestEventListener {
public:
    void OnTestStart(const testing::TestInfo& test) override {
        running_test = name_of(test);
        ::alarm(longest_test_seconds);
    }

    void OnTestPartResult(const testing::TestPartResult& part) override {
        if (!part.failed())
            return;
        say(fmt::format("{}:{}: {}\n", part.file_name() == nullptr ? "?" : part.file_name(),
                        part.line_number(), part.message()));
    }

    void OnTestEnd(const testing::TestInfo& test) override {
        ::alarm(0);
        const testing::TestResult& result = *test.result();
        if (result.Skipped())
            say(fmt::format("SKIP {}: {}\n", name_of(test), skip_reason(result)));
        else
            say(fmt::format("{} {} ({} ms)\n", result.Passed() ? "ok  " : "FAIL", name_of(test),
                            result.elapsed_time()));
    }

    void OnTestIterationEnd(const testing::UnitTest& all, int) override {
        say(fmt::format("{} passed, {} failed, {} skipped\n", all.successful_test_count(),
                        all.failed_test_count(), all.skipped_test_count()));
    }
};

} // namespace

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    for (unsigned instance = 0; instance < guest::instances; ++instance)
        settings_files.push_back(guest::emulator_file(instance, "settings"));
    if (::access(settings_files.back().c_str(), F_OK) != 0) {
        fmt::print(stderr, "tsmfd-guest-tests: the emulated firmwares are not here;"
                           " run me by tests/guest/run\n");
        return 2;
    }
    if (std::signal(SIGALRM, give_up) == SIG_ERR)
        return 2;

    testing::TestEventListeners& listeners = testing::UnitTest::GetInstance()->listeners();
    delete listeners.Release(listeners.default_result_printer());
    listeners.Append(std::make_unique<Reporter>().release()); // which takes it
    return RUN_ALL_TESTS();
}

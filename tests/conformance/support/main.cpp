// SPDX-License-Identifier: MIT
//
// tsmfd-conformance-tests stock|dropin MODULES [GTEST ARGUMENT...]
//
// A line a test, and at the end "N passed, N failed, N skipped". With stock, a test that
// support/weaknesses.cpp lists has to fail, and counts as passed if it does.
#include "support/test.hpp"
#include "support/weaknesses.hpp"

#include <csignal>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include <fmt/core.h>
#include <unistd.h>

namespace {

using conformance::Weakness;

// A test that takes longer hangs, on the slowest of kernels.
constexpr unsigned longest_test_seconds = 120;

std::string running_test; // for the handler, which runs while it does not change

void say(std::string_view text) {
    // One write: a test's children and shells print too.
    const ssize_t written = ::write(STDOUT_FILENO, text.data(), text.size());
    if (written < 0)
        std::abort();
}

void give_up(int) {
    say("FAIL ");
    say(running_test);
    say(": has not ended after 120 s; giving up\n");
    ::_exit(1);
}

std::string name_of(const testing::TestInfo& test) {
    return fmt::format("{}.{}", test.test_suite_name(), test.name());
}

class Reporter : public testing::EmptyTestEventListener {
public:
    [[nodiscard]] int failed() const { return failed_; }

    void OnTestStart(const testing::TestInfo& test) override {
        running_test = name_of(test);
        complaints_.clear();
        ::alarm(longest_test_seconds);
    }

    void OnTestPartResult(const testing::TestPartResult& part) override {
        if (part.failed())
            complaints_ +=
                fmt::format("{}:{}: {}\n", part.file_name() == nullptr ? "?" : part.file_name(),
                            part.line_number(), part.message());
    }

    void OnTestEnd(const testing::TestInfo& test) override {
        ::alarm(0);
        const testing::TestResult& result = *test.result();
        const Weakness* weakness =
            conformance::subject_is_dropin() ? nullptr : conformance::stock_weakness(running_test);
        if (result.Skipped())
            skip();
        else if (weakness != nullptr)
            judge_weakness(*weakness, result.Failed());
        else if (result.Passed())
            pass(fmt::format("({} ms)", result.elapsed_time()));
        else
            fail("");
    }

    void OnTestIterationEnd(const testing::UnitTest&, int) override {
        say(fmt::format("{} passed, {} failed, {} skipped\n", passed_, failed_, skipped_));
    }

private:
    void judge_weakness(const Weakness& weakness, bool failed) {
        if (failed)
            pass(fmt::format("fails, as known: {} ({})", weakness.what, weakness.where));
        else
            fail("passes, though weaknesses.cpp says that stock tsm.ko is too weak for it\n");
    }
    void pass(std::string_view remark) {
        ++passed_;
        say(fmt::format("ok   {} {}\n", running_test, remark));
    }
    void fail(std::string_view remark) {
        ++failed_;
        say(fmt::format("{}FAIL {} {}\n", complaints_, running_test, remark));
    }
    void skip() {
        ++skipped_;
        say(fmt::format("SKIP {}\n", running_test));
    }

    std::string complaints_;
    int passed_ = 0;
    int failed_ = 0;
    int skipped_ = 0;
};

// A name that no test has would excuse nothing, and go unnoticed.
bool weaknesses_are_tests() {
    const testing::UnitTest& all = *testing::UnitTest::GetInstance();
    bool good = true;
    for (const Weakness& weakness : conformance::stock_weaknesses()) {
        bool found = false;
        for (int s = 0; s < all.total_test_suite_count(); ++s) {
            const testing::TestSuite& suite = *all.GetTestSuite(s);
            for (int t = 0; t < suite.total_test_count(); ++t)
                found = found || name_of(*suite.GetTestInfo(t)) == weakness.test;
        }
        if (!found)
            fmt::print(stderr, "weaknesses.cpp: there is no test {}\n", weakness.test);
        good = good && found;
    }
    return good;
}

} // namespace

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    const std::string_view subject = argc == 3 ? argv[1] : "";
    if (subject != "stock" && subject != "dropin") {
        fmt::print(stderr, "usage: tsmfd-conformance-tests stock|dropin MODULES;"
                           " tests/conformance/run does it\n");
        return 2;
    }
    conformance::set_subject(subject == "dropin", argv[2]);
    if (!weaknesses_are_tests() || std::signal(SIGALRM, give_up) == SIG_ERR)
        return 2;

    testing::TestEventListeners& listeners = testing::UnitTest::GetInstance()->listeners();
    delete listeners.Release(listeners.default_result_printer());
    auto reporter = std::make_unique<Reporter>();
    const Reporter& counted = *reporter;
    listeners.Append(reporter.release()); // which takes it
    // GoogleTest's own verdict does not know of weaknesses, but of a crash in a fixture it does.
    const int status = RUN_ALL_TESTS();
    if (status != 0 && status != 1)
        return status;
    return counted.failed() == 0 ? 0 : 1;
}

// SPDX-License-Identifier: MIT
#include "shortage.hpp"

#include "support/files.hpp"
#include "support/item.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <string_view>

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

namespace conformance {

namespace {

constexpr const char* fail_nth_file = "/proc/thread-self/fail-nth";
constexpr std::string_view knobs = "/sys/kernel/debug/";

// A read that goes on beyond this finds no end.
constexpr unsigned allocations_max = 1'000;

// This task's, from when it is made until it is asked.
class FailNth {
public:
    explicit FailNth(unsigned nth) : fd_(guest::open_file(fail_nth_file, O_RDWR)) {
        const std::string text = std::to_string(nth);
        if (::write(fd_.get(), text.data(), text.size()) < 0)
            guest::throw_errno(fail_nth_file, errno);
    }

    // Stops it. What is left of the count is 0 once it has failed something; and if to read
    // it is what fails, nothing had before.
    [[nodiscard]] bool has_failed() {
        std::array<char, 16> text{};
        const ssize_t size = ::pread(fd_.get(), text.data(), text.size(), 0);
        stop();
        unsigned left = 0;
        return size > 0 &&
               std::from_chars(text.data(), text.data() + size, left).ec == std::errc{} &&
               left == 0;
    }

private:
    // This write may be what fails, and there is nothing to stop any more.
    void stop() {
        if (::write(fd_.get(), "0", 1) < 0 && errno != EFAULT)
            guest::throw_errno(fail_nth_file, errno);
    }

    tsmfd::UniqueFd fd_;
};

// All but kmemleak's, which would complain.
void have_caches_fail() {
    for (const auto& cache : std::filesystem::directory_iterator("/sys/kernel/slab")) {
        if (!cache.path().filename().string().starts_with("kmemleak"))
            guest::write_file(cache.path() / "failslab", "1");
    }
    guest::write_file(fmt::format("{}failslab/cache-filter", knobs), "Y");
}

void spare_nothing_else() {
    for (const std::string_view what : {"failslab", "fail_page_alloc"}) {
        guest::write_file(fmt::format("{}{}/ignore-gfp-wait", knobs, what), "N");
        guest::write_file(fmt::format("{}{}/verbose", knobs, what), "0");
    }
    guest::write_file(fmt::format("{}fail_page_alloc/min-order", knobs), "0");
    guest::write_file(fmt::format("{}fail_usercopy/verbose", knobs), "0");
}

tsmfd::Verdict verdict_on(const TestItem& item, const Options& asked) {
    const Bytes outblob = get(item, "outblob");
    return guest::verdict_on(asked, outblob, get(item, "auxblob"));
}

Options set_new(const TestItem& item) {
    Options asked = ask(2);
    set(item, asked);
    return asked;
}

struct Attempt {
    Outcome outcome;
    bool something_failed;
};

Attempt read_failing(const TestItem& item, unsigned nth) {
    const tsmfd::UniqueFd fd = guest::open_file(item.file("outblob"), O_RDONLY);
    std::array<std::uint8_t, 65536> room{};
    FailNth fail(nth);
    const Outcome outcome = guest::get(fd.get(), room);
    return {outcome, fail.has_failed()};
}

} // namespace

bool can_run_short() {
    return ::access(fail_nth_file, W_OK) == 0 &&
           ::access(fmt::format("{}failslab/ignore-gfp-wait", knobs).c_str(), W_OK) == 0;
}

Shortage read_running_short() {
    have_caches_fail();
    spare_nothing_else();
    const TestItem item;
    Shortage shortage;
    for (unsigned nth = 1; nth <= allocations_max; ++nth) {
        set_new(item);
        const auto [outcome, something_failed] = read_failing(item, nth);
        if (!something_failed)
            return shortage;

        if (!outcome.ok())
            ++shortage.refused;
        if (!outcome.ok() && outcome != fails(ENOMEM) && outcome != fails(EFAULT))
            shortage.wrong = fmt::format("allocation {}: errno {}", nth, -outcome.value);
        else if (const auto verdict = verdict_on(item, set_new(item)); !verdict.ok())
            shortage.wrong = fmt::format("behind a failed allocation {}: {}", nth, verdict.text());
        if (!shortage.wrong.empty())
            return shortage;
    }
    shortage.wrong = "a read's allocations have no end";
    return shortage;
}

} // namespace conformance

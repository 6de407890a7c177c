// SPDX-License-Identifier: MIT
#include "shortage.hpp"

#include "support/fail_nth.hpp"
#include "support/files.hpp"
#include "support/item.hpp"

#include <array>
#include <cerrno>
#include <cstdint>

#include <fcntl.h>
#include <fmt/core.h>

namespace conformance {

namespace {

// A read that goes on beyond this finds no end.
constexpr unsigned allocations_max = 1'000;

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
    guest::FailNth fail(nth);
    const Outcome outcome = guest::get(fd.get(), room);
    return {outcome, fail.has_failed()};
}

} // namespace

Shortage read_running_short() {
    guest::run_short_of_everything();
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

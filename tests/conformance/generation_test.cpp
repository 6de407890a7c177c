// SPDX-License-Identifier: MIT
//
// `generation` counts the writes, and a report belongs to one.
#include "support/files.hpp"
#include "support/test.hpp"

#include <stop_token>
#include <thread>

#include <fcntl.h>

namespace conformance {
namespace {

class Generation : public ConformanceTest {
protected:
    TestItem item_;
};

TEST_F(Generation, IsZeroAtFirst) {
    EXPECT_EQ(get_line(item_, "generation"), "0");
}

TEST_F(Generation, CountsEveryWrite) {
    set_inblob(item_, ask());
    EXPECT_EQ(generation(item_), 1U);
    set(item_, "privlevel", "1");
    EXPECT_EQ(generation(item_), 2U);
    set(item_, "privlevel", "1");
    EXPECT_EQ(generation(item_), 3U);
    set(item_, "service_provider", "svsm");
    EXPECT_EQ(generation(item_), 4U);
    set(item_, "service_guid", "c476f1eb-0123-45a5-9641-b4e7dde5bfe3");
    EXPECT_EQ(generation(item_), 5U);
    set(item_, "service_manifest_version", "1");
    EXPECT_EQ(generation(item_), 6U);
}

TEST_F(Generation, IsNotMovedByReading) {
    const Options asked = ask();
    set_inblob(item_, asked);
    ASSERT_TRUE(answers(asked, item_));
    EXPECT_EQ(generation(item_), 1U);
}

TEST_F(Generation, IsTheItemsOwn) {
    const TestItem other;
    set_inblob(item_, ask());
    EXPECT_EQ(generation(other), 0U);
}

TEST_F(Generation, HasOneReport) {
    set_inblob(item_, ask());
    const std::uint64_t calls = counter(plain, "calls");
    const Bytes first = get(item_, "outblob");
    EXPECT_EQ(get(item_, "outblob"), first);
    EXPECT_EQ(get(item_, "auxblob").size(), guest::cert_table_size);
    EXPECT_EQ(counter(plain, "calls"), calls + 1);
}

TEST_F(Generation, NewHasANewReport) {
    const Options asked = ask(1);
    set(item_, asked);
    const Bytes first = get(item_, "outblob");
    set(item_, "privlevel", "1");
    const Bytes second = get(item_, "outblob");
    EXPECT_NE(guest::tag_of(first).serial, guest::tag_of(second).serial);
    EXPECT_TRUE(answers(asked, second, get(item_, "auxblob")));
}

TEST_F(Generation, OfAnOpenFileIsThatOfItsFirstRead) {
    const Options first = ask();
    set_inblob(item_, first);
    const tsmfd::UniqueFd outblob = guest::open_file(item_.file("outblob"), O_RDONLY);
    Bytes report(guest::report_size);
    ASSERT_EQ(guest::get(outblob.get(), std::span(report).first(100)), gives(100));

    set_inblob(item_, ask());
    ASSERT_EQ(try_get(item_, "outblob"), gives(guest::report_size));
    ASSERT_EQ(guest::get(outblob.get(), std::span(report).subspan(100)),
              gives(guest::report_size - 100));
    const tsmfd::Verdict verdict = tsmfd::judge(
        guest::challenge_of(first), {.outblob = report, .auxblob = {}, .auxblob_known = false});
    EXPECT_TRUE(verdict.ok()) << verdict.text();
}

// A reader who finds the same generation before and after has blobs of one firmware call.
TEST_F(Generation, TellsWhetherBlobsBelongTogether) {
    set_inblob(item_, ask());
    const std::jthread writer([&](const std::stop_token& stop) {
        // Now within a reader's four reads, now long enough for them on any kernel.
        for (unsigned written = 0; !stop.stop_requested(); ++written) {
            set_inblob(item_, ask());
            std::this_thread::sleep_for(std::chrono::microseconds(written % 2 == 0 ? 300 : 30'000));
        }
    });

    unsigned settled = 0;
    const auto end = std::chrono::steady_clock::now() + milliseconds(2'000);
    while (std::chrono::steady_clock::now() < end) {
        const std::uint64_t before = generation(item_);
        const Bytes outblob = get(item_, "outblob");
        const Bytes auxblob = get(item_, "auxblob");
        if (generation(item_) != before)
            continue;
        ++settled;
        const Options any = ask();
        const tsmfd::Verdict verdict = guest::verdict_on(any, outblob, auxblob);
        ASSERT_NE(verdict.kind, tsmfd::Verdict::Kind::torn) << verdict.text();
        ASSERT_NE(verdict.kind, tsmfd::Verdict::Kind::malformed) << verdict.text();
    }
    EXPECT_GT(settled, 10U);
}

} // namespace
} // namespace conformance

// SPDX-License-Identifier: MIT
//
// Who waits for whom while the firmware works.
#include "support/files.hpp"
#include "support/test.hpp"

#include <csignal>
#include <optional>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace conformance {
namespace {

// A reader is in the firmware, which does not answer.
class WhileTheFirmwareWorks : public ConformanceTest {
protected:
    void SetUp() override {
        set_inblob(busy_, asked_);
        set_inblob(unread_, ask());
        const Options other_asked = ask();
        set_inblob(other_, other_asked);
        ASSERT_TRUE(answers(other_asked, other_));
        hang_.emplace(plain);
        reader_.emplace([this] { return try_get(busy_, "outblob"); });
        ASSERT_TRUE(reader_->blocks());
    }
    void TearDown() override {
        hang_.reset();
        EXPECT_EQ(reader_->result(), gives(guest::report_size));
    }

    // Also when it is not at once, the test goes on: then the firmware answers.
    [[nodiscard]] testing::AssertionResult at_once(const std::function<Outcome()>& call,
                                                   Outcome expected) {
        Caller caller(call);
        const bool prompt = await([&] { return caller.returned(); }, milliseconds(3'000));
        if (!prompt)
            hang_.reset();
        const Outcome outcome = caller.result();
        if (!prompt)
            return testing::AssertionFailure() << "waits for the firmware";
        if (outcome != expected)
            return testing::AssertionFailure() << outcome << " and not " << expected;
        return testing::AssertionSuccess();
    }

    TestItem busy_;
    TestItem other_;
    TestItem unread_;
    Options asked_ = ask();
    std::optional<Hang> hang_;
    std::optional<Caller> reader_;
};

TEST_F(WhileTheFirmwareWorks, AnotherItemsGenerationCanBeRead) {
    EXPECT_TRUE(at_once([&] { return try_get(other_, "generation"); }, gives(2)));
}

TEST_F(WhileTheFirmwareWorks, AnotherItemsProviderCanBeRead) {
    EXPECT_TRUE(at_once([&] { return try_get(other_, "provider"); }, gives(10)));
}

TEST_F(WhileTheFirmwareWorks, AnotherItemsFinishedReportCanBeRead) {
    EXPECT_TRUE(at_once([&] { return try_get(other_, "outblob"); }, gives(guest::report_size)));
}

TEST_F(WhileTheFirmwareWorks, AnotherItemTakesOptions) {
    EXPECT_TRUE(at_once([&] { return put(other_, "privlevel", "1"); }, gives(1)));
}

TEST_F(WhileTheFirmwareWorks, AnItemCanBeMade) {
    EXPECT_TRUE(at_once(
        [] {
            const TestItem item;
            return gives(0);
        },
        gives(0)));
}

TEST_F(WhileTheFirmwareWorks, TheItemsOwnGenerationCanBeRead) {
    EXPECT_TRUE(at_once([&] { return try_get(busy_, "generation"); }, gives(2)));
}

TEST_F(WhileTheFirmwareWorks, TheItemTakesOptionsForTheNextReport) {
    EXPECT_TRUE(at_once([&] { return put(busy_, "privlevel", "2"); }, gives(1)));
    hang_.reset();
    ASSERT_EQ(reader_->result(), gives(guest::report_size));
    Options next = asked_;
    next.privlevel = 2;
    EXPECT_TRUE(answers(next, busy_));
}

TEST_F(WhileTheFirmwareWorks, AWaitingReaderCanBeKilled) {
    Child waiter([&] { return try_get(unread_, "outblob").ok() ? 0 : 1; });
    ASSERT_TRUE(waiter.sleeps());
    waiter.signal(SIGKILL);
    const std::optional<int> status = waiter.status(milliseconds(3'000));
    if (!status)
        hang_.reset();
    EXPECT_EQ(status, 128 + SIGKILL);
}

TEST_F(WhileTheFirmwareWorks, AReaderIsNotEndedByASignalThatIsHandled) {
    struct sigaction handle {};
    struct sigaction before {};
    handle.sa_handler = [](int) {}; // without SA_RESTART: a read that can be would be interrupted
    ASSERT_EQ(::sigaction(SIGUSR1, &handle, &before), 0);
    reader_->signal(SIGUSR1);
    EXPECT_TRUE(reader_->blocks());
    hang_.reset();
    EXPECT_EQ(reader_->result(), gives(guest::report_size));
    ::sigaction(SIGUSR1, &before, nullptr);
}

TEST_F(WhileTheFirmwareWorks, ASecondReaderOfTheGenerationWaitsForTheSameReport) {
    const std::uint64_t calls = counter(plain, "calls");
    Bytes auxblob;
    Caller second([&] {
        auxblob = get(busy_, "auxblob");
        return gives(auxblob.size());
    });
    ASSERT_TRUE(second.blocks());
    hang_.reset();
    EXPECT_EQ(second.result(), gives(guest::cert_table_size));
    ASSERT_EQ(reader_->result(), gives(guest::report_size));
    EXPECT_TRUE(answers(asked_, get(busy_, "outblob"), auxblob));
    EXPECT_LE(counter(plain, "calls"), calls + 1);
}

TEST_F(WhileTheFirmwareWorks, RemovingTheItemWaitsAndCanBeKilled) {
    const std::string path = busy_.path();
    {
        Child remover([&] { return ::rmdir(path.c_str()) == 0 ? 0 : 1; });
        ASSERT_TRUE(remover.sleeps());
        remover.signal(SIGKILL);
        EXPECT_EQ(remover.status(), 128 + SIGKILL);
    }
    EXPECT_FALSE(reader_->returned());
    EXPECT_TRUE(reader_->blocks());
}

// The reader itself, and not one who waits behind it.
TEST(Reader, InTheFirmwareCanBeKilled) {
    const TestItem item;
    const Options asked = ask();
    set_inblob(item, asked);
    {
        const Hang hang(plain);
        Child reader([&] { return try_get(item, "outblob").ok() ? 0 : 1; });
        ASSERT_TRUE(reader.sleeps());
        reader.signal(SIGKILL);
        EXPECT_EQ(reader.status(), 128 + SIGKILL);
    }
    EXPECT_TRUE(answers(asked, item));
}

TEST(Reader, KilledInTheFirmwareLeavesTheOthersTheirReport) {
    const TestItem item;
    // Ours lets a caller make the call itself once calls have been short.
    for (unsigned i = 0; i < 20; ++i) {
        set_inblob(item, ask());
        ASSERT_EQ(try_get(item, "outblob"), gives(guest::report_size));
    }
    const Options asked = ask();
    set_inblob(item, asked);
    std::optional<Hang> hang(plain);
    Child first([&] { return try_get(item, "outblob").ok() ? 0 : 1; });
    ASSERT_TRUE(first.sleeps());
    Caller second([&] { return try_get(item, "outblob"); });
    ASSERT_TRUE(second.blocks());
    first.signal(SIGKILL);
    EXPECT_EQ(first.status(), 128 + SIGKILL);
    EXPECT_TRUE(second.blocks());
    hang.reset();
    EXPECT_EQ(second.result(), gives(guest::report_size));
    EXPECT_TRUE(answers(asked, item));
}

// A reader whose call does not return, and who is then killed: is he in the driver himself?
bool reader_is_in_driver(const TestItem& item) {
    set_inblob(item, ask());
    const Hang hang(plain);
    const Child reader([&] { return try_get(item, "outblob").ok() ? 0 : 1; });
    EXPECT_TRUE(reader.sleeps());
    return reader.stack().contains("emu_stock_report_new");
}

void take_reports(const TestItem& item, unsigned latency_us, unsigned count) {
    const Setting latency(plain, "latency_us", latency_us);
    for (unsigned i = 0; i < count; ++i) {
        set_inblob(item, ask());
        ASSERT_EQ(try_get(item, "outblob"), gives(guest::report_size));
    }
}

// Stock has every reader make his call; ours, where that takes long, a worker.
TEST(Reader, MakesTheCallHimselfWhileThoseAreBrief) {
    const TestItem item;
    take_reports(item, 50'000, 10);
    EXPECT_EQ(reader_is_in_driver(item), !subject_is_dropin());

    // On a busy machine some take long nevertheless.
    bool in_driver = false;
    for (unsigned attempt = 0; attempt < 5 && !in_driver; ++attempt) {
        take_reports(item, 1'000, 20);
        in_driver = reader_is_in_driver(item);
    }
    EXPECT_TRUE(in_driver);
}

} // namespace
} // namespace conformance

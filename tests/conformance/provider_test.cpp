// SPDX-License-Identifier: MIT
//
// The provider goes and comes while items are there.
#include "support/files.hpp"
#include "support/test.hpp"

#include <optional>
#include <system_error>

#include <unistd.h>

namespace conformance {
namespace {

Outcome try_load(const std::string& parameters) {
    try {
        Driver::module().load(parameters);
        return gives(0);
    } catch (const std::system_error& error) {
        return fails(error.code().value());
    }
}

// With stock tsm.ko the items have to be gone before the provider can come again.
class Provider : public ConformanceTest {
protected:
    void SetUp() override { set_inblob(*item_, asked_); }
    void TearDown() override { item_.reset(); }

    Options asked_ = ask();
    std::optional<NoDriver> gone_; // outlives the item
    std::optional<TestItem> item_{std::in_place};
};

TEST_F(Provider, ThatIsGoneIsENXIO) {
    gone_.emplace();
    EXPECT_EQ(try_get(*item_, "provider"), fails(ENXIO));
    EXPECT_EQ(try_get(*item_, "privlevel_floor"), fails(ENXIO));
    EXPECT_EQ(put(*item_, "privlevel", "1"), fails(ENXIO));
    EXPECT_EQ(try_get(*item_, "outblob"), fails(ENXIO));
    EXPECT_EQ(try_get(*item_, "auxblob"), fails(ENXIO));
}

TEST_F(Provider, ThatIsGoneLeavesTheReportMadeBefore) {
    ASSERT_TRUE(answers(asked_, *item_));
    gone_.emplace();
    EXPECT_TRUE(answers(asked_, *item_));
    EXPECT_EQ(generation(*item_), 1U);
    set_inblob(*item_, ask());
    EXPECT_EQ(generation(*item_), 2U);
    EXPECT_EQ(try_get(*item_, "outblob"), fails(ENXIO));
}

TEST_F(Provider, ReturnsWhileItemsArePresent) {
    gone_.emplace();
    ASSERT_EQ(try_load(usual_driver), gives(0));
    const Options asked = ask();
    const TestItem fresh;
    set_inblob(fresh, asked);
    EXPECT_TRUE(answers(asked, fresh));
    EXPECT_EQ(try_get(*item_, "outblob"), fails(ENXIO)) << "an item stays with whom it asked";
}

TEST_F(Provider, LeavesOnlyAfterTheCallUnderWay) {
    std::optional<Hang> hang(plain);
    Caller reader([&] { return try_get(*item_, "outblob"); });
    ASSERT_TRUE(reader.blocks());
    {
        Caller leaving([] { return Driver::module().try_unload(); });
        EXPECT_TRUE(leaving.blocks());
        hang.reset();
        EXPECT_EQ(leaving.result(), gives(0));
    }
    EXPECT_EQ(reader.result(), gives(guest::report_size));
    gone_.emplace();
}

TEST_F(Provider, ThatLeavesSaysSoAtOnceToWhoWaitsInTheQueue) {
    std::optional<TestItem> other(std::in_place);
    set_inblob(*other, ask());
    std::optional<Hang> hang(plain);
    Caller reader([&] { return try_get(*item_, "outblob"); });
    ASSERT_TRUE(reader.blocks());
    Caller waiter([&] { return try_get(*other, "outblob"); });
    EXPECT_TRUE(waiter.blocks());
    Caller leaving([] { return Driver::module().try_unload(); });
    EXPECT_TRUE(leaving.blocks());
    const bool prompt = await([&] { return waiter.returned(); }, milliseconds(3'000));
    EXPECT_TRUE(prompt) << "waits for the firmware";
    hang.reset();
    if (prompt) {
        EXPECT_EQ(waiter.result(), fails(ENXIO));
    }
    EXPECT_EQ(leaving.result(), gives(0));
    EXPECT_TRUE(reader.result().ok());
    EXPECT_LE(waiter.result().value, static_cast<long>(guest::report_size));
    other.reset();
    gone_.emplace();
}

TEST_F(Provider, IsReachableByDescriptorToo) {
    // The first number behind those of the emulator's own registrations.
    const unsigned number = guest::instances;
    ASSERT_EQ(::access(guest::device_path(number).c_str(), F_OK), 0);
    ASSERT_EQ(guest::attribute(number, "provider"), "tsmfd_emu");
    const tsmfd::UniqueFd fd = guest::open_device(number);
    const Options asked = ask(2);
    guest::set(fd.get(), asked);
    const Bytes stream = guest::read_to_end(fd.get());
    const tsmfd::Verdict verdict = guest::verdict_on(asked, stream);
    EXPECT_TRUE(verdict.ok()) << verdict.text();
}

} // namespace
} // namespace conformance

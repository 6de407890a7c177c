// SPDX-License-Identifier: MIT
//
// Several providers at once, and an item's choice among them.
#include "support/files.hpp"
#include "support/test.hpp"

#include <tsmfd/names.hpp>

#include <fcntl.h>

namespace conformance {
namespace {

constexpr unsigned floored = guest::floored;

// Two drivers: over the plain emulator, and over the one with a floor.
class Selection : public ConformanceTest {
protected:
    Driver drivers_{"format=extended instance=0,3"};
    std::string first_ = tsmfd::device_name(guest::instances);
    std::string second_ = tsmfd::device_name(guest::instances + 1);
    TestItem item_;
};

TEST_F(Selection, IsOfferedWhereThereIsOne) {
    EXPECT_EQ(get_line(item_, "provider_device"), first_);
}

TEST_F(Selection, OfAnotherAsksThat) {
    const std::uint64_t calls = counter(floored, "calls");
    ASSERT_EQ(put(item_, "provider_device", second_ + "\n"), gives(second_.size() + 1));
    EXPECT_EQ(get_line(item_, "provider_device"), second_);
    EXPECT_EQ(get_line(item_, "privlevel_floor"), "2");
    const Options asked = ask(3);
    set(item_, asked);
    EXPECT_TRUE(answers(asked, item_));
    EXPECT_EQ(counter(floored, "calls"), calls + 1);
}

TEST_F(Selection, IsAnItemsOwn) {
    const TestItem other;
    set(item_, "provider_device", second_);
    EXPECT_EQ(get_line(other, "provider_device"), first_);
}

TEST_F(Selection, CountsAsAWrite) {
    set(item_, "provider_device", second_);
    EXPECT_EQ(generation(item_), 1U);
}

TEST_F(Selection, OfNobodyIsENODEV) {
    EXPECT_EQ(put(item_, "provider_device", tsmfd::device_name(99)), fails(ENODEV));
    EXPECT_EQ(put(item_, "provider_device", tsmfd::device_name(0)), fails(ENODEV))
        << "is no vendor's driver";
    EXPECT_EQ(put(item_, "provider_device", "\n"), fails(ENODEV));
    EXPECT_EQ(generation(item_), 0U);
}

TEST_F(Selection, ThatThePrivlevelForbidsIsEINVAL) {
    set(item_, "privlevel", "1");
    EXPECT_EQ(put(item_, "provider_device", second_), fails(EINVAL));
    EXPECT_EQ(get_line(item_, "provider_device"), first_);
}

TEST_F(Selection, AfterAReportIsEBUSY) {
    const Options asked = ask();
    set_inblob(item_, asked);
    ASSERT_TRUE(answers(asked, item_));
    EXPECT_EQ(put(item_, "provider_device", second_), fails(EBUSY));
}

} // namespace
} // namespace conformance

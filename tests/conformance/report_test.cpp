// SPDX-License-Identifier: MIT
//
// What a reader gets when the firmware fails or gives odd blobs.
#include "support/files.hpp"
#include "support/test.hpp"

#include <fcntl.h>

namespace conformance {
namespace {

class Report : public ConformanceTest {
protected:
    void SetUp() override { set_inblob(item_, asked_); }

    TestItem item_;
    Options asked_ = ask();
};

TEST_F(Report, AnswersWhatWasAsked) {
    EXPECT_TRUE(answers(asked_, item_));
}

TEST_F(Report, NamesItsProvider) {
    EXPECT_EQ(get_line(item_, "provider"), "tsmfd_emu");
}

TEST_F(Report, ThatFailsGivesTheProvidersError) {
    const Setting fault(plain, "fail_permille", 1000);
    EXPECT_EQ(try_get(item_, "outblob"), fails(EIO));
    EXPECT_EQ(try_get(item_, "auxblob"), fails(EIO));
}

TEST_F(Report, OfAThrottledFirmwareIsEBUSY) {
    const Setting fault(plain, "busy_permille", 1000);
    EXPECT_EQ(try_get(item_, "outblob"), fails(EBUSY));
}

TEST_F(Report, ThatFailedIsMadeAgainByTheNextRead) {
    {
        const Setting fault(plain, "fail_permille", 1000);
        ASSERT_EQ(try_get(item_, "outblob"), fails(EIO));
    }
    EXPECT_TRUE(answers(asked_, item_));
}

TEST_F(Report, ThatIsShortIsGivenAsItIs) {
    const Setting fault(plain, "short_permille", 1000);
    EXPECT_EQ(try_get(item_, "outblob"), gives(guest::report_size / 2));
}

TEST_F(Report, ThatIsEmptyIsAnError) {
    const Setting fault(plain, "empty_permille", 1000);
    EXPECT_EQ(try_get(item_, "outblob"), fails(EBADMSG));
}

TEST_F(Report, IsReadInPieces) {
    const Bytes whole = get(item_, "outblob");
    const tsmfd::UniqueFd fd = guest::open_file(item_.file("outblob"), O_RDONLY);
    EXPECT_EQ(guest::read_to_end(fd.get(), 7), whole);
}

TEST_F(Report, OfManyItemsAtOnceIsEachItsOwn) {
    guest::in_parallel(16, [](unsigned number) {
        const TestItem item;
        for (unsigned round = 0; round < 20; ++round) {
            const Options asked = ask(number % 4);
            set(item, asked);
            EXPECT_TRUE(answers(asked, item));
        }
    });
}

TEST(Auxblob, IsEmptyWhereTheProviderHasNone) {
    const Driver driver("format=default");
    const TestItem item;
    Options asked = ask();
    asked.format = tsmfd::Format::plain;
    set_inblob(item, asked);
    EXPECT_EQ(try_get(item, "auxblob"), gives(0));
    EXPECT_TRUE(answers(asked, item));
}

} // namespace
} // namespace conformance

// SPDX-License-Identifier: MIT
//
// inblob, privlevel and privlevel_floor.
#include "support/files.hpp"
#include "support/test.hpp"

#include <array>

#include <fcntl.h>
#include <unistd.h>

namespace conformance {
namespace {

class Inblob : public ConformanceTest {
protected:
    TestItem item_;
};

TEST_F(Inblob, OfEveryLengthIsAnswered) {
    for (const std::size_t size : {1U, 2U, 31U, 63U, 64U}) {
        const Options asked = ask({}, size);
        set_inblob(item_, asked);
        EXPECT_TRUE(answers(asked, item_)) << size;
    }
}

TEST_F(Inblob, OfMoreThan64BytesIsEFBIG) {
    EXPECT_EQ(put(item_, "inblob", std::string(65, 'x')), fails(EFBIG));
}

TEST_F(Inblob, ShorterThanTheOneBeforeLeavesNothingOfThat) {
    const Options longer = ask();
    const Options shorter = ask({}, 3);
    set_inblob(item_, longer);
    ASSERT_TRUE(answers(longer, item_));
    set_inblob(item_, shorter);
    EXPECT_TRUE(answers(shorter, item_));
}

TEST_F(Inblob, IsTakenAtClose) {
    const Options asked = ask();
    {
        const tsmfd::UniqueFd fd = guest::open_file(item_.file("inblob"), O_WRONLY);
        const ByteSpan bytes = asked.inblob.bytes();
        ASSERT_EQ(guest::outcome_of(::write(fd.get(), bytes.data(), 10)), gives(10));
        ASSERT_EQ(guest::outcome_of(::write(fd.get(), bytes.data() + 10, 54)), gives(54));
        EXPECT_EQ(generation(item_), 0U);
    }
    EXPECT_EQ(generation(item_), 1U);
    EXPECT_TRUE(answers(asked, item_));
}

TEST_F(Inblob, ThatIsMissingIsEINVALToEveryBlob) {
    for (const char* name : {"outblob", "auxblob", "manifestblob"})
        EXPECT_EQ(try_get(item_, name), fails(EINVAL)) << name;
}

class Privlevel : public ConformanceTest {
protected:
    TestItem item_;
};

TEST_F(Privlevel, IsTheReports) {
    for (std::uint32_t level = 0; level <= 3; ++level) {
        const Options asked = ask(level);
        set(item_, asked);
        EXPECT_TRUE(answers(asked, item_)) << level;
    }
}

TEST_F(Privlevel, IsTakenInEveryBase) {
    for (const char* text : {"2", "2\n", "0x2", "02", "+2"}) {
        const Options asked = ask(2);
        set_inblob(item_, asked);
        ASSERT_EQ(put(item_, "privlevel", text), gives(std::string_view(text).size())) << text;
        EXPECT_TRUE(answers(asked, item_)) << text;
    }
}

TEST_F(Privlevel, OutOfRangeIsEINVAL) {
    for (const char* text : {"4", "4294967295", "-1", "two", "2 3", "2x", "\n"})
        EXPECT_EQ(put(item_, "privlevel", text), fails(EINVAL)) << text;
}

TEST_F(Privlevel, ThatNoWordHoldsIsERANGE) {
    EXPECT_EQ(put(item_, "privlevel", "4294967296"), fails(ERANGE));
}

TEST_F(Privlevel, RefusedChangesNothing) {
    const Options asked = ask(1);
    set(item_, asked);
    const std::uint64_t before = generation(item_);
    ASSERT_EQ(put(item_, "privlevel", "4"), fails(EINVAL));
    EXPECT_EQ(generation(item_), before);
    EXPECT_TRUE(answers(asked, item_));
}

class FlooredPrivlevel : public ConformanceTest {
protected:
    Driver driver_{"format=extended instance=3"};
    TestItem item_;
};

TEST_F(FlooredPrivlevel, IsShown) {
    EXPECT_EQ(get_line(item_, "privlevel_floor"), "2");
}

TEST_F(FlooredPrivlevel, IsTheLowestTaken) {
    EXPECT_EQ(put(item_, "privlevel", "1"), fails(EINVAL));
    const Options asked = ask(2);
    set(item_, asked);
    EXPECT_TRUE(answers(asked, item_));
}

TEST_F(FlooredPrivlevel, IsWhatAReportHasThatNamesNone) {
    const Options asked = ask();
    set_inblob(item_, asked);
    ASSERT_EQ(try_get(item_, "outblob"), gives(guest::report_size));
    EXPECT_TRUE(answers(asked, item_));
    EXPECT_EQ(guest::tag_of(get(item_, "outblob")).privlevel, 2U);
}

} // namespace
} // namespace conformance

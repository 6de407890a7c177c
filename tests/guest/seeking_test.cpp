// SPDX-License-Identifier: MIT
//
// pread(2) and lseek(2) within one report of /dev/tsmfdN.
#include "support/test.hpp"

#include <limits>

#include <unistd.h>

namespace guest {
namespace {

class Seeking : public GuestTest {
protected:
    Seeking() : fd_(open_device(plain)), asked_(ask(2, Format::extended)) {
        set(fd_.get(), asked_);
    }

    [[nodiscard]] Outcome get_at(off_t offset, std::span<std::uint8_t> into) const {
        return outcome_of(::pread(fd_.get(), into.data(), into.size(), offset));
    }

    [[nodiscard]] Outcome seek(off_t offset, int whence) const {
        return outcome_of(::lseek(fd_.get(), offset, whence));
    }

    [[nodiscard]] off_t size() const { return static_cast<off_t>(stream_size(asked_)); }

    UniqueFd fd_;
    Options asked_;
    Bytes buffer_ = Bytes(65536);
};

TEST_F(Seeking, PreadGivesTheReportWithoutAReadBefore) {
    ASSERT_EQ(get_at(0, buffer_), gives(size()));
    EXPECT_TRUE(answers(asked_, ByteSpan(buffer_).first(stream_size(asked_))));
}

TEST_F(Seeking, PreadGivesThePieceAtAnyOffset) {
    const Bytes report = read_to_end(fd_.get());
    for (const off_t offset : {off_t{1}, off_t{1000}, off_t{1183}, off_t{1184}, size() - 1}) {
        const std::size_t want =
            std::min<std::size_t>(300, report.size() - static_cast<std::size_t>(offset));
        ASSERT_EQ(get_at(offset, std::span(buffer_).first(300)), gives(want)) << "at " << offset;
        EXPECT_TRUE(std::equal(buffer_.begin(), buffer_.begin() + static_cast<long>(want),
                               report.begin() + offset))
            << "at " << offset;
    }
}

TEST_F(Seeking, PreadLeavesTheOffsetAlone) {
    EXPECT_EQ(get(fd_.get(), std::span(buffer_).first(100)), gives(100));
    EXPECT_EQ(get_at(700, std::span(buffer_).first(100)), gives(100));
    EXPECT_EQ(seek(0, SEEK_CUR), gives(100));
}

TEST_F(Seeking, PreadAtTheEndGivesNothing) {
    EXPECT_EQ(get_at(size(), buffer_), gives(0));
    EXPECT_EQ(get_at(size() + 1, buffer_), gives(0));
}

TEST_F(Seeking, PreadFarBehindTheEndGivesNothing) {
    for (const off_t offset :
         {off_t{1} << 20, off_t{1} << 24, (off_t{1} << 24) + 10, off_t{1} << 31, off_t{1} << 40})
        EXPECT_EQ(get_at(offset, buffer_), gives(0)) << "at " << offset;
}

TEST_F(Seeking, PreadBeforeTheStartGivesEinval) {
    EXPECT_EQ(get_at(-1, buffer_), fails(EINVAL));
}

TEST_F(Seeking, PwriteSetsOptionsAndRewinds) {
    EXPECT_EQ(get(fd_.get(), std::span(buffer_).first(100)), gives(100));
    const Options asked = ask(1);
    const std::string text = asked.text();
    EXPECT_EQ(outcome_of(::pwrite(fd_.get(), text.data(), text.size(), 5)), gives(text.size()));
    EXPECT_TRUE(answers(asked, read_to_end(fd_.get())));
}

TEST_F(Seeking, SetMovesToAnOffset) {
    const Bytes report = read_to_end(fd_.get());
    EXPECT_EQ(seek(1000, SEEK_SET), gives(1000));
    const Bytes rest = read_to_end(fd_.get());
    EXPECT_EQ(rest, Bytes(report.begin() + 1000, report.end()));
}

TEST_F(Seeking, CurSaysWhereTheNextReadStarts) {
    EXPECT_EQ(seek(0, SEEK_CUR), gives(0));
    EXPECT_EQ(get(fd_.get(), std::span(buffer_).first(100)), gives(100));
    EXPECT_EQ(seek(0, SEEK_CUR), gives(100));
    EXPECT_EQ(seek(50, SEEK_CUR), gives(150));
    EXPECT_EQ(seek(-150, SEEK_CUR), gives(0));
    EXPECT_TRUE(answers(asked_, read_to_end(fd_.get())));
}

TEST_F(Seeking, CurIsZeroAfterAWrite) {
    EXPECT_EQ(get(fd_.get(), std::span(buffer_).first(100)), gives(100));
    set(fd_.get(), ask());
    EXPECT_EQ(seek(0, SEEK_CUR), gives(0));
}

TEST_F(Seeking, EndIsTheLengthOfTheReport) {
    (void)read_to_end(fd_.get());
    EXPECT_EQ(seek(0, SEEK_END), gives(size()));
    EXPECT_EQ(get(fd_.get(), buffer_), gives(0));
    EXPECT_EQ(seek(-96, SEEK_END), gives(size() - 96));
    EXPECT_EQ(get(fd_.get(), buffer_), gives(96));
}

TEST_F(Seeking, EndBeforeThereIsAReportGivesEinval) {
    EXPECT_EQ(seek(0, SEEK_END), fails(EINVAL));
}

TEST_F(Seeking, BehindTheEndMakesReadsGiveNothing) {
    EXPECT_EQ(seek(100000, SEEK_SET), gives(100000));
    EXPECT_EQ(get(fd_.get(), buffer_), gives(0));
    EXPECT_EQ(seek(0, SEEK_CUR), gives(100000));
}

TEST_F(Seeking, OutOfRangeGivesEinvalAndMovesNothing) {
    EXPECT_EQ(get(fd_.get(), std::span(buffer_).first(100)), gives(100));
    constexpr off_t lowest = std::numeric_limits<off_t>::min();
    constexpr off_t highest = std::numeric_limits<off_t>::max();
    EXPECT_EQ(seek(-1, SEEK_SET), fails(EINVAL));
    EXPECT_EQ(seek(-101, SEEK_CUR), fails(EINVAL));
    EXPECT_EQ(seek(-size() - 1, SEEK_END), fails(EINVAL));
    for (const int whence : {SEEK_SET, SEEK_CUR, SEEK_END}) {
        EXPECT_EQ(seek(lowest, whence), fails(EINVAL));
        EXPECT_EQ(seek(highest, whence), fails(EINVAL));
    }
    EXPECT_EQ(seek(0, SEEK_DATA), fails(EINVAL));
    EXPECT_EQ(seek(0, 77), fails(EINVAL));
    EXPECT_EQ(seek(0, SEEK_CUR), gives(100));
}

TEST_F(Seeking, DoesNotCarryAnOffsetIntoTheNextReport) {
    (void)read_to_end(fd_.get());
    EXPECT_EQ(seek(1000, SEEK_SET), gives(1000));
    const Options asked = ask(1);
    set(fd_.get(), asked);
    EXPECT_TRUE(answers(asked, read_to_end(fd_.get())));
}

} // namespace
} // namespace guest

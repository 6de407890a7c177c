// SPDX-License-Identifier: MIT
//
// The character device is a stream: what has been read is gone, for all who share the open file,
// and there is no position to move to or to read at.
#include "support/files.hpp"
#include "support/ring.hpp"
#include "support/test.hpp"

#include <memory>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

namespace guest {
namespace {

class Stream : public GuestTest {
protected:
    Stream() : fd_(open_device(plain)), asked_(ask(2, Format::extended)) { set(fd_.get(), asked_); }

    void expect_rest_behind(ByteSpan start) const {
        Bytes report(start.begin(), start.end());
        const Bytes rest = read_to_end(fd_.get());
        report.insert(report.end(), rest.begin(), rest.end());
        EXPECT_TRUE(answers(asked_, report));
    }

    UniqueFd fd_;
    Options asked_;
    Bytes buffer_ = Bytes(65536);
};

TEST_F(Stream, CannotBeSoughtIn) {
    for (const bool is_read : {false, true}) {
        for (const int whence : {SEEK_SET, SEEK_CUR, SEEK_END, SEEK_DATA, SEEK_HOLE}) {
            for (const off_t offset : {off_t{0}, off_t{1}, off_t{-1}})
                EXPECT_EQ(outcome_of(::lseek(fd_.get(), offset, whence)), fails(ESPIPE))
                    << offset << ", " << whence << (is_read ? " behind a read" : "");
        }
        if (!is_read) {
            ASSERT_EQ(get(fd_.get(), std::span(buffer_).first(100)), gives(100));
        }
    }
    expect_rest_behind(ByteSpan(buffer_).first(100));
}

TEST_F(Stream, CannotBeReadNorWrittenAtAnOffset) {
    ASSERT_EQ(get(fd_.get(), std::span(buffer_).first(100)), gives(100));
    const std::string text = ask().text();
    const iovec part{buffer_.data() + 100, 100};
    for (const off_t offset : {off_t{0}, off_t{100}, off_t{1} << 40}) {
        EXPECT_EQ(outcome_of(::pread(fd_.get(), buffer_.data() + 100, 100, offset)), fails(ESPIPE));
        EXPECT_EQ(outcome_of(::preadv(fd_.get(), &part, 1, offset)), fails(ESPIPE));
        EXPECT_EQ(outcome_of(::pwrite(fd_.get(), text.data(), text.size(), offset)), fails(ESPIPE));
    }
    expect_rest_behind(ByteSpan(buffer_).first(100));
}

TEST_F(Stream, HasNoPositionToShow) {
    const std::string path = "/proc/self/fdinfo/" + std::to_string(fd_.get());
    const auto shown = [&] {
        const Bytes bytes = read_bytes(path);
        return std::string(bytes.begin(), bytes.end());
    };
    EXPECT_TRUE(shown().starts_with("pos:\t0\n")) << shown();
    ASSERT_EQ(get(fd_.get(), std::span(buffer_).first(100)), gives(100));
    EXPECT_TRUE(shown().starts_with("pos:\t0\n")) << shown();
    expect_rest_behind(ByteSpan(buffer_).first(100));
}

TEST_F(Stream, GoesOnWhateverOffsetAnIoUringNames) {
    std::unique_ptr<Ring> ring;
    try {
        ring = std::make_unique<Ring>(4);
    } catch (const std::system_error& error) {
        GTEST_SKIP() << "this kernel has no io_uring: " << error.what();
    }
    Bytes report;
    for (const std::uint64_t offset :
         {std::uint64_t{700}, std::uint64_t{0}, std::uint64_t{1} << 40}) {
        io_uring_sqe read = Ring::read(fd_.get(), std::span(buffer_).first(100));
        read.off = offset;
        ring->add(read, 1);
        ASSERT_EQ(ring->submit(), gives(1));
        const std::optional<Completion> done = ring->wait();
        ASSERT_TRUE(done.has_value());
        ASSERT_EQ(done->outcome, gives(100));
        report.insert(report.end(), buffer_.begin(), buffer_.begin() + 100);
    }
    expect_rest_behind(report);
}

TEST_F(Stream, IsOneForAllThatShareTheFile) {
    const UniqueFd twin(::dup(fd_.get()));
    ASSERT_EQ(get(fd_.get(), std::span(buffer_).first(600)), gives(600));
    Child child([&] {
        Bytes next(600);
        return get(twin.get(), next) == gives(600) ? 0 : 1;
    });
    ASSERT_EQ(child.status(), 0);
    EXPECT_EQ(read_to_end(twin.get()).size(), stream_size(asked_) - 1200);
    EXPECT_EQ(get(fd_.get(), buffer_), gives(0));
}

TEST_F(Stream, StartsAnewWithEachWrite) {
    ASSERT_EQ(get(fd_.get(), std::span(buffer_).first(700)), gives(700));
    asked_ = ask(1);
    set(fd_.get(), asked_);
    expect_rest_behind({});
    asked_ = ask(3, Format::extended);
    set(fd_.get(), asked_);
    expect_rest_behind({});
}

TEST_F(Stream, GivesTheRestOfAReportWhoseProviderDoesOtherThingsMeanwhile) {
    ASSERT_EQ(get(fd_.get(), std::span(buffer_).first(700)), gives(700));
    const UniqueFd another = open_device(plain);
    set(another.get(), ask());
    (void)read_to_end(another.get());
    expect_rest_behind(ByteSpan(buffer_).first(700));
}

} // namespace
} // namespace guest

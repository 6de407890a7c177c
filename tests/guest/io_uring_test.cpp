// SPDX-License-Identifier: MIT
//
// /dev/tsmfdN under io_uring.
#include "support/ring.hpp"
#include "support/test.hpp"

#include <chrono>
#include <memory>
#include <system_error>

#include <fcntl.h>
#include <poll.h>
#include <sys/uio.h>

namespace guest {
namespace {

constexpr milliseconds soon{100};

class IoUring : public GuestTest {
protected:
    void SetUp() override {
        try {
            ring_ = std::make_unique<Ring>(128);
        } catch (const std::system_error& error) {
            GTEST_SKIP() << "this kernel has no io_uring: " << error.what();
        }
    }

    std::unique_ptr<Ring> ring_;
    Bytes buffer_ = Bytes(4096);
};

TEST_F(IoUring, ReadOfABlockingFileCompletesWhenTheReportComes) {
    const UniqueFd fd = open_device(plain);
    Hang hang(plain);
    const Options asked = ask(2, Format::extended);
    set(fd.get(), asked);
    ring_->add(Ring::read(fd.get(), buffer_), 1);
    ASSERT_EQ(ring_->submit(), gives(1)); // and has not waited for the firmware
    EXPECT_FALSE(ring_->wait(soon).has_value());
    hang.end();

    const std::optional<Completion> done = ring_->wait();
    ASSERT_TRUE(done.has_value());
    ASSERT_EQ(done->outcome, gives(stream_size(asked)));
    EXPECT_TRUE(answers(asked, ByteSpan(buffer_).first(stream_size(asked))));
}

// The ring takes O_NONBLOCK for leave to retry, if the file can be polled, and not for a wish to
// see EAGAIN; RWF_NOWAIT is that wish.
TEST_F(IoUring, ReadOfANonBlockingFileCompletesWhenTheReportComes) {
    const UniqueFd fd = open_device(plain, O_NONBLOCK);
    Hang hang(plain);
    const Options asked = ask(1);
    set(fd.get(), asked);
    ring_->add(Ring::read(fd.get(), buffer_), 1);
    ASSERT_EQ(ring_->submit(), gives(1));
    EXPECT_FALSE(ring_->wait(soon).has_value());
    hang.end();

    const std::optional<Completion> done = ring_->wait();
    ASSERT_TRUE(done.has_value());
    ASSERT_EQ(done->outcome, gives(report_size));
    EXPECT_TRUE(answers(asked, ByteSpan(buffer_).first(report_size)));
}

TEST_F(IoUring, ReadThatMustNotWaitGivesEagainUntilAPollSaysPollin) {
    const UniqueFd fd = open_device(plain);
    Hang hang(plain);
    const Options asked = ask(1);
    set(fd.get(), asked);
    io_uring_sqe read = Ring::read(fd.get(), buffer_);
    read.rw_flags = RWF_NOWAIT;
    ring_->add(read, 1);
    ASSERT_EQ(ring_->submit(), gives(1));
    std::optional<Completion> done = ring_->wait();
    ASSERT_TRUE(done.has_value());
    EXPECT_EQ(done->outcome, fails(EAGAIN));

    ring_->add(Ring::poll(fd.get(), POLLIN), 2);
    ASSERT_EQ(ring_->submit(), gives(1));
    EXPECT_FALSE(ring_->wait(soon).has_value());
    hang.end();
    done = ring_->wait();
    ASSERT_TRUE(done.has_value());
    EXPECT_EQ(done->outcome, gives(POLLIN));

    ring_->add(read, 3);
    ASSERT_EQ(ring_->submit(), gives(1));
    done = ring_->wait();
    ASSERT_TRUE(done.has_value());
    ASSERT_EQ(done->outcome, gives(report_size));
    EXPECT_TRUE(answers(asked, ByteSpan(buffer_).first(report_size)));
}

TEST_F(IoUring, ReadGoesOnWhereTheLastOneEnded) {
    const UniqueFd fd = open_device(plain);
    const Options asked = ask(1, Format::extended);
    set(fd.get(), asked);
    Bytes report;
    for (;;) {
        ring_->add(Ring::read(fd.get(), std::span(buffer_).first(500)), 1);
        ASSERT_EQ(ring_->submit(), gives(1));
        const std::optional<Completion> done = ring_->wait();
        ASSERT_TRUE(done.has_value());
        ASSERT_TRUE(done->outcome.ok()) << done->outcome;
        if (done->outcome.value == 0)
            break;
        report.insert(report.end(), buffer_.begin(), buffer_.begin() + done->outcome.value);
    }
    EXPECT_TRUE(answers(asked, report));
}

TEST_F(IoUring, WriteThenReadLinkedGivesTheReportForWhatWasWritten) {
    const UniqueFd fd = open_device(plain);
    const Setting latency(plain, "latency_us", 5000);
    for (int i = 0; i < 5; ++i) {
        const Options asked = ask(3, Format::extended);
        const std::string text = asked.text();
        io_uring_sqe write = Ring::write(fd.get(), text);
        write.flags |= IOSQE_IO_LINK;
        ring_->add(write, 1);
        ring_->add(Ring::read(fd.get(), buffer_), 2);
        ASSERT_EQ(ring_->submit(), gives(2));

        const std::optional<Completion> written = ring_->wait();
        ASSERT_TRUE(written.has_value());
        EXPECT_EQ(written->tag, 1U);
        EXPECT_EQ(written->outcome, gives(text.size()));
        const std::optional<Completion> got = ring_->wait();
        ASSERT_TRUE(got.has_value());
        ASSERT_EQ(got->outcome, gives(stream_size(asked)));
        EXPECT_TRUE(answers(asked, ByteSpan(buffer_).first(stream_size(asked))));
    }
}

TEST_F(IoUring, RefusedWriteCompletesWithItsError) {
    const UniqueFd fd = open_device(plain);
    ring_->add(Ring::write(fd.get(), "privlevel=4"), 1);
    ASSERT_EQ(ring_->submit(), gives(1));
    const std::optional<Completion> done = ring_->wait();
    ASSERT_TRUE(done.has_value());
    EXPECT_EQ(done->outcome, fails(EINVAL));
}

TEST_F(IoUring, ReadsOfManyFilesAtOnceEachGetTheirOwnReport) {
    constexpr std::size_t count = 64;
    struct Pending {
        UniqueFd fd;
        Options asked;
        Bytes buffer = Bytes(4096);
    };
    const Setting latency(plain, "latency_us", 1000);
    std::vector<Pending> pending(count);
    for (std::size_t i = 0; i < count; ++i) {
        Pending& one = pending[i];
        one.fd = open_device(plain);
        one.asked =
            ask(static_cast<std::uint32_t>(i % 4), i % 3 ? Format::plain : Format::extended);
        set(one.fd.get(), one.asked);
        ring_->add(Ring::read(one.fd.get(), one.buffer), i);
    }
    ASSERT_EQ(ring_->submit(), gives(count));
    for (std::size_t i = 0; i < count; ++i) {
        const std::optional<Completion> done = ring_->wait();
        ASSERT_TRUE(done.has_value()) << "after " << i << " reports";
        const Pending& one = pending[done->tag];
        ASSERT_EQ(done->outcome, gives(stream_size(one.asked)));
        EXPECT_TRUE(answers(one.asked, ByteSpan(one.buffer).first(stream_size(one.asked))));
    }
}

TEST_F(IoUring, ReadThatWaitsWhileOptionsAreWrittenAnewGivesTheNewReport) {
    for (const int flags : {0, O_NONBLOCK}) {
        const UniqueFd fd = open_device(plain, flags);
        Hang hang(plain);
        const std::uint64_t calls = counter(plain, "calls");
        set(fd.get(), ask(1));
        ring_->add(Ring::read(fd.get(), buffer_), 1);
        ASSERT_EQ(ring_->submit(), gives(1));
        ASSERT_TRUE(await([&] { return counter(plain, "calls") == calls + 1; }));
        const Options asked = ask(2, Format::extended);
        set(fd.get(), asked);
        hang.end();
        const std::optional<Completion> done = ring_->wait(milliseconds(10'000));
        ASSERT_TRUE(done.has_value()) << "flags " << flags;
        ASSERT_EQ(done->outcome, gives(stream_size(asked)));
        EXPECT_TRUE(answers(asked, ByteSpan(buffer_).first(stream_size(asked))));
    }
}

TEST_F(IoUring, PollThatStaysSaysEachReport) {
    for (const int flags : {0, O_NONBLOCK}) {
        const UniqueFd fd = open_device(plain, flags);
        io_uring_sqe poll = Ring::poll(fd.get(), POLLIN);
        poll.len = IORING_POLL_ADD_MULTI;
        ring_->add(poll, 1);
        ASSERT_EQ(ring_->submit(), gives(1));
        for (int i = 0; i < 5; ++i) {
            const Options asked = ask(static_cast<std::uint32_t>(i % 4));
            set(fd.get(), asked);
            const std::optional<Completion> done = ring_->wait(milliseconds(10'000));
            ASSERT_TRUE(done.has_value()) << "report " << i << ", flags " << flags;
            EXPECT_EQ(done->outcome, gives(POLLIN));
            EXPECT_TRUE(answers(asked, read_to_end(fd.get())));
            while (ring_->next()) { // it may say the same twice
            }
        }
        ring_->add(Ring::cancel(1), 2);
        ASSERT_EQ(ring_->submit(), gives(1));
        while (const std::optional<Completion> done = ring_->wait()) {
            if (done->tag == 1 && done->outcome == fails(ECANCELED))
                break;
        }
    }
}

TEST_F(IoUring, ReadCanBeCancelledWhileTheFirmwareHangs) {
    const UniqueFd fd = open_device(plain);
    const Hang hang(plain);
    set(fd.get(), ask());
    ring_->add(Ring::read(fd.get(), buffer_), 1);
    ASSERT_EQ(ring_->submit(), gives(1));
    EXPECT_FALSE(ring_->wait(soon).has_value());
    ring_->add(Ring::cancel(1), 2);
    ASSERT_EQ(ring_->submit(), gives(1));
    for (int i = 0; i < 2; ++i) {
        const std::optional<Completion> done = ring_->wait();
        ASSERT_TRUE(done.has_value());
        EXPECT_EQ(done->outcome, done->tag == 1 ? fails(ECANCELED) : gives(0));
    }
}

TEST_F(IoUring, EndsWhileItsReadsWait) {
    Hang hang(plain);
    {
        std::vector<UniqueFd> files;
        for (unsigned i = 0; i < 16; ++i) {
            files.push_back(open_device(plain));
            set(files.back().get(), ask());
            ring_->add(Ring::read(files.back().get(), buffer_), i);
        }
        ASSERT_EQ(ring_->submit(), gives(16));
        EXPECT_FALSE(ring_->wait(soon).has_value());
    } // the ring still holds the files
    ring_.reset();
    hang.end();

    const UniqueFd fd = open_device(plain);
    const Options asked = ask();
    set(fd.get(), asked);
    EXPECT_TRUE(answers(asked, read_to_end(fd.get())));
}

} // namespace
} // namespace guest

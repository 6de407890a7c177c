// SPDX-License-Identifier: MIT
//
// TSMFD_IOC_REPORT, bare, into guarded buffers.
//
//     OneShot shot(asked);
//     EXPECT_EQ(shot.call(fd), gives(0));
//     EXPECT_TRUE(answers(asked, shot.outblob(), shot.auxblob()));
//     EXPECT_TRUE(shot.untouched_outside());
//
// Any member of `req` may be changed before the call, to say something wrong.
#pragma once

#include "support/device.hpp"
#include "support/outcome.hpp"

#include <cstddef>
#include <cstdint>

#include <linux/tsmfd.h>

namespace guest {

// Room of any size in the middle of a pattern.
class GuardedBuffer {
public:
    explicit GuardedBuffer(std::size_t room);

    [[nodiscard]] std::uint64_t address() const;
    [[nodiscard]] std::size_t room() const { return room_; }
    [[nodiscard]] ByteSpan first(std::size_t length) const;
    // Is the pattern whole, from `written` bytes into the room on?
    [[nodiscard]] bool untouched_behind(std::size_t written) const;

private:
    static constexpr std::size_t guard = 4096;
    static constexpr std::uint8_t pattern = 0xa5;

    std::size_t room_;
    Bytes bytes_;
};

// The ioctl's number with another size of its structure.
[[nodiscard]] unsigned long report_ioctl_of_size(std::size_t size);
[[nodiscard]] unsigned long info_ioctl_of_size(std::size_t size);

[[nodiscard]] Outcome call_ioctl(int fd, unsigned long number, const void* argument);

class OneShot {
public:
    explicit OneShot(const Options& asked, std::size_t outblob_room = 4096,
                     std::size_t auxblob_room = 16384, std::size_t manifestblob_room = 4096);

    Outcome call(int fd);
    // A structure of another size: what is missing is cut off, what is more is `tail`.
    Outcome call_with_size(int fd, std::size_t size, std::uint8_t tail = 0);

    [[nodiscard]] ByteSpan outblob() const { return outblob_.first(req.outblob_len); }
    [[nodiscard]] ByteSpan auxblob() const { return auxblob_.first(req.auxblob_len); }

    // Is everything behind the blobs as it was? And with no blobs, everything?
    [[nodiscard]] bool untouched_outside() const;
    [[nodiscard]] bool untouched() const;

    tsmfd_report_req req{};

private:
    GuardedBuffer outblob_;
    GuardedBuffer auxblob_;
    GuardedBuffer manifestblob_;
};

// All of two structures, reserved members and all.
[[nodiscard]] bool same(const tsmfd_report_req& a, const tsmfd_report_req& b);

} // namespace guest

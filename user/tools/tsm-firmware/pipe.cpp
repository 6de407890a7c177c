// SPDX-License-Identifier: MIT
#include "pipe.hpp"

#include <array>
#include <cerrno>
#include <span>

#include <linux/tsmfd.h>
#include <unistd.h>

namespace firmware {

namespace {

using tsmfd::fail;
using tsmfd::Result;

// How many bytes came before the end.
Result<std::size_t> read_all(int fd, std::span<std::uint8_t> to) {
    std::size_t got = 0;
    while (got < to.size()) {
        const ssize_t count = ::read(fd, to.data() + got, to.size() - got);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return fail("read a question", errno);
        if (count == 0)
            break;
        got += static_cast<std::size_t>(count);
    }
    return got;
}

Result<void> write_all(int fd, std::span<const std::uint8_t> bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(fd, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return fail("write an answer", errno);
        bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    return {};
}

} // namespace

Result<void> answer_pipe(const Firmware& firmware, int in, int out) {
    std::array<std::uint8_t, TSMFD_INBLOB_MAX> question{};
    for (;;) {
        const auto size = read_all(in, question);
        if (!size)
            return std::unexpected(size.error());
        if (*size == 0)
            return {};
        if (*size < question.size())
            return fail("a question of less than 64 bytes", EBADMSG);

        tsmfd::Options options;
        options.inblob = {.padded = question, .size = TSMFD_INBLOB_MAX};
        const auto blobs = firmware.report(options);
        if (!blobs)
            return std::unexpected(blobs.error());
        if (const auto written = write_all(out, blobs->outblob); !written)
            return written;
    }
}

} // namespace firmware

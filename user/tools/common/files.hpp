// SPDX-License-Identifier: MIT
//
// Whole files: the one reader of them that tools and examples have.
//
//     Result<Bytes> pem = files::read_file("ark.pem");              // EFBIG above 64 MiB
//     Result<Bytes> report = files::read_input("-");                // stdin
//     files::write_file(dir + "/inhex", "00ff", 4);                 // of sysfs and configfs
//     Result<ByteSpan> blob = files::read_file(dir + "/outblob", buffer);
//
// What fails is named by the file and is the kernel's errno; a signal that ends a read is EINTR.
//
// Threads: functions of their arguments.
#pragma once

#include <tsmfd/bytes.hpp>
#include <tsmfd/result.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <string>
#include <vector>

#include <unistd.h>

namespace files {

using Bytes = std::vector<std::uint8_t>;

// A file may have so many bytes unless said otherwise: no evidence, log or list comes near, and
// /dev/zero does not end.
inline constexpr std::size_t size_max = std::size_t{64} << 20;

// What is left of an open file, in the front of `buffer`, which grows as needed: so many bytes of
// it. EFBIG if there are more than `most`.
template <typename Buffer>
[[nodiscard]] tsmfd::Result<std::size_t> read_open(int fd, const std::string& name, Buffer& buffer,
                                                   std::size_t most = size_max) {
    constexpr std::size_t first = std::size_t{32} << 10;
    std::size_t length = 0;
    while (length <= most) {
        if (length == buffer.size())
            buffer.resize(std::min(most + 1, std::max(first, 2 * length)));
        const ssize_t got = ::read(fd, buffer.data() + length, buffer.size() - length);
        if (got < 0)
            return tsmfd::fail("read " + name, errno);
        if (got == 0)
            return length;
        length += static_cast<std::size_t>(got);
    }
    return tsmfd::fail("read " + name, EFBIG);
}

[[nodiscard]] tsmfd::Result<Bytes> read_file(const std::string& path, std::size_t most = size_max);
// The span lies in `buffer`, which is of use for the next one, too.
[[nodiscard]] tsmfd::Result<tsmfd::ByteSpan> read_file(const std::string& path, Bytes& buffer);
// A file, or with the name - stdin.
[[nodiscard]] tsmfd::Result<Bytes> read_input(const std::string& name);
// Without the newlines at its end.
[[nodiscard]] tsmfd::Result<std::string> read_line(const std::string& path);

// In one write(2) to a file that is there. close(2) is checked, too: configfs commits a binary
// attribute there, though it drops its own error.
[[nodiscard]] tsmfd::Result<void> write_file(const std::string& path, const void* data,
                                             std::size_t size);

} // namespace files

// SPDX-License-Identifier: MIT
//
// Whole small files, as sysfs and configfs have them.
//
//     write_file(dir + "/inhex", "00ff");
//     Result<ByteSpan> blob = read_file(dir + "/outblob", buffer);
//
// Threads: functions of their arguments.
#pragma once

#include <tsmfd/bytes.hpp>
#include <tsmfd/result.hpp>
#include <tsmfd/unique_fd.hpp>

#include <cerrno>
#include <cstdint>
#include <string>
#include <vector>

#include <fcntl.h>

namespace stress {

// In one write(2). close(2) is checked, too: configfs commits a binary attribute there, though
// it drops its own error.
inline tsmfd::Result<void> write_file(const std::string& path, const void* data, std::size_t size) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return tsmfd::fail("open " + path, errno);
    const ssize_t written = ::write(fd, data, size);
    const int write_errno = written < 0 ? errno : EIO;
    const int closed = ::close(fd);
    if (written != static_cast<ssize_t>(size))
        return tsmfd::fail("write " + path, write_errno);
    if (closed != 0)
        return tsmfd::fail("close " + path, errno);
    return {};
}

// The span lies in `buffer`, which grows as needed.
inline tsmfd::Result<tsmfd::ByteSpan> read_file(const std::string& path,
                                                std::vector<std::uint8_t>& buffer) {
    const tsmfd::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd)
        return tsmfd::fail("open " + path, errno);
    std::size_t length = 0;
    for (;;) {
        if (length == buffer.size())
            buffer.resize(buffer.empty() ? std::size_t{32} << 10 : 2 * buffer.size());
        const ssize_t got = ::read(fd.get(), buffer.data() + length, buffer.size() - length);
        if (got < 0)
            return tsmfd::fail("read " + path, errno);
        if (got == 0)
            return tsmfd::ByteSpan(buffer).first(length);
        length += static_cast<std::size_t>(got);
    }
}

inline tsmfd::Result<std::vector<std::uint8_t>> read_bytes(const std::string& path) {
    std::vector<std::uint8_t> buffer;
    const tsmfd::Result<tsmfd::ByteSpan> bytes = read_file(path, buffer);
    if (!bytes)
        return std::unexpected(bytes.error());
    buffer.resize(bytes->size());
    return buffer;
}

// Without the newline at its end.
inline tsmfd::Result<std::string> read_line(const std::string& path) {
    const tsmfd::Result<std::vector<std::uint8_t>> bytes = read_bytes(path);
    if (!bytes)
        return std::unexpected(bytes.error());
    std::string text(bytes->begin(), bytes->end());
    while (!text.empty() && text.back() == '\n')
        text.pop_back();
    return text;
}

} // namespace stress

// SPDX-License-Identifier: MIT
#include "files.hpp"

#include <tsmfd/unique_fd.hpp>

#include <fcntl.h>

namespace files {

namespace {

using tsmfd::fail;
using tsmfd::Result;

Result<tsmfd::UniqueFd> open(const std::string& path) {
    tsmfd::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd)
        return fail("open " + path, errno);
    return fd;
}

Result<Bytes> all_of(int fd, const std::string& name, std::size_t most) {
    Bytes bytes;
    const auto size = read_open(fd, name, bytes, most);
    if (!size)
        return std::unexpected(size.error());
    bytes.resize(*size);
    return bytes;
}

} // namespace

Result<Bytes> read_file(const std::string& path, std::size_t most) {
    const auto fd = open(path);
    if (!fd)
        return std::unexpected(fd.error());
    return all_of(fd->get(), path, most);
}

Result<tsmfd::ByteSpan> read_file(const std::string& path, Bytes& buffer) {
    const auto fd = open(path);
    if (!fd)
        return std::unexpected(fd.error());
    const auto size = read_open(fd->get(), path, buffer);
    if (!size)
        return std::unexpected(size.error());
    return tsmfd::ByteSpan(buffer).first(*size);
}

Result<Bytes> read_input(const std::string& name) {
    return name == "-" ? all_of(STDIN_FILENO, "stdin", size_max) : read_file(name);
}

Result<std::string> read_line(const std::string& path) {
    const auto bytes = read_file(path);
    if (!bytes)
        return std::unexpected(bytes.error());
    std::string text(bytes->begin(), bytes->end());
    while (!text.empty() && text.back() == '\n')
        text.pop_back();
    return text;
}

Result<void> write_file(const std::string& path, const void* data, std::size_t size) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return fail("open " + path, errno);
    const ssize_t written = ::write(fd, data, size);
    const int write_errno = written < 0 ? errno : EIO;
    const int closed = ::close(fd);
    if (written != static_cast<ssize_t>(size))
        return fail("write " + path, write_errno);
    if (closed != 0)
        return fail("close " + path, errno);
    return {};
}

} // namespace files

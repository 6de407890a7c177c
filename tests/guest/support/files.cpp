// SPDX-License-Identifier: MIT
#include "support/files.hpp"

#include <array>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace guest {

using tsmfd::UniqueFd;

void throw_errno(const std::string& what, int error) {
    throw std::system_error(error, std::generic_category(), what);
}

UniqueFd open_file(const std::string& path, int flags) {
    UniqueFd fd(::open(path.c_str(), flags | O_CLOEXEC));
    if (!fd)
        throw_errno("open " + path, errno);
    return fd;
}

std::vector<std::uint8_t> read_bytes(const std::string& path) {
    const UniqueFd fd = open_file(path, O_RDONLY);
    std::vector<std::uint8_t> all;
    std::array<std::uint8_t, 65536> part{};
    for (;;) {
        const ssize_t got = ::read(fd.get(), part.data(), part.size());
        if (got < 0)
            throw_errno("read " + path, errno);
        if (got == 0)
            return all;
        all.insert(all.end(), part.begin(), part.begin() + got);
    }
}

std::string read_line(const std::string& path) {
    const std::vector<std::uint8_t> bytes = read_bytes(path);
    std::string line(bytes.begin(), bytes.end());
    if (line.ends_with('\n'))
        line.pop_back();
    return line;
}

std::uint64_t read_number(const std::string& path) {
    return std::stoull(read_line(path));
}

void write_file(const std::string& path, std::string_view text) {
    const Outcome outcome = try_write(path, text);
    if (!outcome.ok())
        throw_errno("write " + std::string(text) + " to " + path, static_cast<int>(-outcome.value));
}

Outcome try_open(const std::string& path, int flags) {
    const UniqueFd fd(::open(path.c_str(), flags | O_CLOEXEC));
    return fd ? gives(0) : fails(errno);
}

Outcome try_read(const std::string& path) {
    const UniqueFd fd = open_file(path, O_RDONLY);
    std::array<std::uint8_t, 4096> part{};
    return outcome_of(::read(fd.get(), part.data(), part.size()));
}

Outcome try_write(const std::string& path, std::string_view text) {
    const UniqueFd fd = open_file(path, O_WRONLY);
    return outcome_of(::write(fd.get(), text.data(), text.size()));
}

} // namespace guest

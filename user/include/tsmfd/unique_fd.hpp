// SPDX-License-Identifier: MIT
//
// A file descriptor that is closed once.
//
//     UniqueFd fd(::open("/dev/tsmfd0", O_RDWR | O_CLOEXEC));
//     if (!fd)
//         return fail("open /dev/tsmfd0", errno);
//     ::read(fd.get(), ...);
//
// Threads: get() from any, the rest from one at a time.
#pragma once

#include <utility>

#include <unistd.h>

namespace tsmfd {

class UniqueFd {
public:
    UniqueFd() = default;
    explicit UniqueFd(int fd) : fd_(fd) {}
    ~UniqueFd() { reset(); }

    UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    UniqueFd& operator=(UniqueFd&& other) noexcept {
        if (this != &other) {
            reset();
            fd_ = std::exchange(other.fd_, -1);
        }
        return *this;
    }
    UniqueFd(const UniqueFd&) = delete;
    UniqueFd& operator=(const UniqueFd&) = delete;

    explicit operator bool() const { return fd_ >= 0; }
    [[nodiscard]] int get() const { return fd_; }

    void reset() {
        if (fd_ >= 0)
            ::close(fd_);
        fd_ = -1;
    }

private:
    int fd_ = -1;
};

} // namespace tsmfd

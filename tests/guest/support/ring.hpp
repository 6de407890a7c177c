// SPDX-License-Identifier: MIT
//
// An io_uring by its bare system calls: enough to read, write, poll and cancel.
//
//     Ring ring(8);                                  // throws
//     ring.add(Ring::read(fd, buffer), 17);
//     EXPECT_TRUE(ring.submit().ok());
//     const std::optional<Completion> done = ring.wait(milliseconds(1000));
//     done->tag == 17, done->outcome
//
// Threads: one at a time.
#pragma once

#include "support/outcome.hpp"
#include "support/tasks.hpp"

#include <tsmfd/unique_fd.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <linux/io_uring.h>

namespace guest {

struct Completion {
    std::uint64_t tag = 0;
    Outcome outcome;
};

class Ring {
public:
    explicit Ring(unsigned entries);

    // Both at the file's own offset.
    [[nodiscard]] static io_uring_sqe read(int fd, std::span<std::uint8_t> into);
    [[nodiscard]] static io_uring_sqe write(int fd, std::string_view text);
    [[nodiscard]] static io_uring_sqe poll(int fd, std::uint32_t events);
    [[nodiscard]] static io_uring_sqe cancel(std::uint64_t tag);

    void add(io_uring_sqe entry, std::uint64_t tag);
    // Hands over what was added; gives how many.
    [[nodiscard]] Outcome submit();
    [[nodiscard]] std::optional<Completion> next();
    [[nodiscard]] std::optional<Completion> wait(milliseconds limit = milliseconds(20'000));

private:
    class Mapping {
    public:
        Mapping(int fd, off_t what, std::size_t size);
        ~Mapping();
        Mapping(const Mapping&) = delete;
        Mapping& operator=(const Mapping&) = delete;

        template <typename T>
        [[nodiscard]] T* at(std::size_t offset) const {
            return static_cast<T*>(static_cast<void*>(static_cast<char*>(start_) + offset));
        }

    private:
        void* start_;
        std::size_t size_;
    };

    io_uring_params params_{};
    tsmfd::UniqueFd fd_;
    Mapping submissions_;
    Mapping completions_;
    Mapping entries_;
    unsigned added_ = 0;
};

} // namespace guest

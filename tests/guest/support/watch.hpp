// SPDX-License-Identifier: MIT
//
// The ways to learn that an open file has something to read.
//
//     const std::unique_ptr<Watch> watch = Watch::of(fd, Way::epoll_edge);   // throws
//     EXPECT_EQ(watch->wait(patience_ms), EPOLLIN);
//
// Threads: one at a time.
#pragma once

#include "support/outcome.hpp"
#include "support/tasks.hpp"

#include <cstdint>
#include <iosfwd>
#include <memory>

namespace guest {

// Enough for whatever has to happen, on the slowest of machines; and for what must not.
inline constexpr int patience_ms = 10'000;
inline constexpr int soon_ms = 100;

// For who is to be woken within patience_ms, and would otherwise find out by himself: poll(2) takes
// a last look when its time is up.
inline constexpr int asleep_ms = patience_ms + 5'000;

enum class Way { poll, epoll_level, epoll_edge, io_uring };

[[nodiscard]] const char* name_of(Way way);
std::ostream& operator<<(std::ostream& to, Way way);

// Not every kernel has an io_uring.
[[nodiscard]] bool can_watch_by(Way way);

// What was heard by who sleeps for asleep_ms in a wait(); ETIME if he was not woken.
[[nodiscard]] Outcome woken(Caller& sleeper);

class Watch {
public:
    // Where the kernel is told once what to watch for, it is told now.
    [[nodiscard]] static std::unique_ptr<Watch> of(int fd, Way way);

    Watch() = default;
    virtual ~Watch() = default;
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    // Of EPOLLIN, EPOLLERR and EPOLLHUP those that there are; 0 if the limit passes first.
    [[nodiscard]] virtual std::uint32_t wait(int limit_ms) = 0;
};

} // namespace guest

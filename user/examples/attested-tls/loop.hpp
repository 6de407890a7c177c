// SPDX-License-Identifier: MIT
//
// One thread's epoll: what is ready is told to who waits for it.
//
//     Result<Loop> loop = Loop::make();
//     loop->add(fd, EPOLLIN | EPOLLET, handler);
//     loop->wait(100ms);                            // calls handler.ready(events)
//
// A handler has to live until the wait() during which its descriptor was closed has returned.
//
// Threads: one.
#pragma once

#include <tsmfd/result.hpp>
#include <tsmfd/unique_fd.hpp>

#include <chrono>
#include <cstdint>
#include <utility>

namespace attested {

class Handler {
public:
    virtual void ready(std::uint32_t events) = 0;

protected:
    ~Handler() = default;
};

class Loop {
public:
    static tsmfd::Result<Loop> make();

    // Until the descriptor is closed.
    tsmfd::Result<void> add(int fd, std::uint32_t events, Handler& handler);
    // Returns once something was ready, or the time is over.
    tsmfd::Result<void> wait(std::chrono::milliseconds most);

private:
    explicit Loop(tsmfd::UniqueFd epoll) : epoll_(std::move(epoll)) {}
    tsmfd::UniqueFd epoll_;
};

} // namespace attested

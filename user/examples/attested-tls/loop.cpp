// SPDX-License-Identifier: MIT
#include "loop.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>

#include <sys/epoll.h>

namespace attested {

using tsmfd::fail;
using tsmfd::Result;

Result<Loop> Loop::make() {
    tsmfd::UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
    if (!epoll)
        return fail("epoll_create1", errno);
    return Loop(std::move(epoll));
}

Result<void> Loop::add(int fd, std::uint32_t events, Handler& handler) {
    epoll_event event{.events = events, .data = {.ptr = &handler}};
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0)
        return fail("epoll_ctl", errno);
    return {};
}

Result<void> Loop::wait(std::chrono::milliseconds most) {
    std::array<epoll_event, 256> events{};
    const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()),
                                   static_cast<int>(most.count()));
    if (count < 0 && errno != EINTR)
        return fail("epoll_wait", errno);
    for (const epoll_event& event :
         std::span(events).first(static_cast<std::size_t>(std::max(count, 0))))
        static_cast<Handler*>(event.data.ptr)->ready(event.events);
    return {};
}

} // namespace attested

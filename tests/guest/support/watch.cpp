// SPDX-License-Identifier: MIT
#include "support/watch.hpp"

#include "support/files.hpp"
#include "support/ring.hpp"

#include <tsmfd/unique_fd.hpp>

#include <cerrno>
#include <ostream>
#include <system_error>

#include <poll.h>
#include <sys/epoll.h>

namespace guest {

namespace {

// Again after EINTR: a ring that was closed a moment ago still interrupts the thread that had it.
template <typename Call>
int uninterrupted(const char* what, Call call) {
    for (;;) {
        const int count = call();
        if (count >= 0)
            return count;
        if (errno != EINTR)
            throw_errno(what, errno);
    }
}

class PollWatch : public Watch {
public:
    explicit PollWatch(int fd) : fd_(fd) {}

    std::uint32_t wait(int limit_ms) override {
        pollfd polled{.fd = fd_, .events = POLLIN, .revents = 0};
        (void)uninterrupted("poll", [&] { return ::poll(&polled, 1, limit_ms); });
        return static_cast<std::uint32_t>(polled.revents);
    }

private:
    int fd_;
};

class EpollWatch : public Watch {
public:
    EpollWatch(int fd, std::uint32_t flags) : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
        epoll_event event{.events = EPOLLIN | flags, .data = {.fd = fd}};
        if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0)
            throw_errno("epoll_ctl", errno);
    }

    std::uint32_t wait(int limit_ms) override {
        epoll_event event{};
        const int count = uninterrupted(
            "epoll_wait", [&] { return ::epoll_wait(epoll_.get(), &event, 1, limit_ms); });
        return count == 0 ? 0 : event.events;
    }

private:
    tsmfd::UniqueFd epoll_;
};

// A poll of the ring ends with its first event; the next wait() asks for another.
class RingWatch : public Watch {
public:
    explicit RingWatch(int fd) : fd_(fd) { arm(); }

    std::uint32_t wait(int limit_ms) override {
        if (!armed_)
            arm();
        const std::optional<Completion> done = ring_.wait(milliseconds(limit_ms));
        if (!done)
            return 0;
        armed_ = false;
        if (!done->outcome.ok())
            throw_errno("poll by an io_uring", static_cast<int>(-done->outcome.value));
        return static_cast<std::uint32_t>(done->outcome.value);
    }

private:
    void arm() {
        ring_.add(Ring::poll(fd_, POLLIN), 1);
        if (ring_.submit() != gives(1))
            throw_errno("submit to an io_uring", EIO);
        armed_ = true;
    }

    int fd_;
    bool armed_ = false;
    Ring ring_{4};
};

} // namespace

const char* name_of(Way way) {
    switch (way) {
    case Way::poll:
        return "Poll";
    case Way::epoll_level:
        return "EpollLevel";
    case Way::epoll_edge:
        return "EpollEdge";
    case Way::io_uring:
        return "IoUring";
    }
    return "?";
}

std::ostream& operator<<(std::ostream& to, Way way) {
    return to << name_of(way);
}

bool can_watch_by(Way way) {
    if (way != Way::io_uring)
        return true;
    try {
        const Ring ring(1);
        return true;
    } catch (const std::system_error&) {
        return false;
    }
}

Outcome woken(Caller& sleeper) {
    if (await([&] { return sleeper.returned(); }, milliseconds(patience_ms)))
        return sleeper.result();
    (void)sleeper.result();
    return fails(ETIME);
}

std::unique_ptr<Watch> Watch::of(int fd, Way way) {
    switch (way) {
    case Way::poll:
        return std::make_unique<PollWatch>(fd);
    case Way::epoll_level:
        return std::make_unique<EpollWatch>(fd, 0);
    case Way::epoll_edge:
        return std::make_unique<EpollWatch>(fd, EPOLLET);
    case Way::io_uring:
        return std::make_unique<RingWatch>(fd);
    }
    throw_errno("no such way to watch a file", EINVAL);
}

} // namespace guest

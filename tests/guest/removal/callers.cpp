// SPDX-License-Identifier: MIT
#include "removal/callers.hpp"

#include "support/files.hpp"
#include "support/one_shot.hpp"
#include "support/sysfs2023_path.hpp"
#include "support/tasks.hpp"

#include <tsmfd/result.hpp>

#include <stdexcept>

#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>

namespace guest {

namespace {

// Of any kind, so that a mix-up would show.
Options ask_variously(unsigned number) {
    return ask(2 + number % 2, number % 4 < 2 ? Format::plain : Format::extended);
}

std::string name_of(const Outcome& outcome) {
    return tsmfd::errno_name(static_cast<int>(-outcome.value));
}

// Waits for POLLIN, or for what is wrong with the file. Of one that close_files() has closed
// meanwhile the number is -1, which poll(2) would pass over and wait for ever.
std::uint32_t poll_one(int fd) {
    if (fd < 0)
        return POLLNVAL;
    pollfd polled{.fd = fd, .events = POLLIN, .revents = 0};
    while (::poll(&polled, 1, -1) < 0)
        ;
    return static_cast<std::uint32_t>(polled.revents);
}

} // namespace

void Tally::count(const std::string& what) {
    const std::scoped_lock guard(lock_);
    ++counts_[what];
}

std::map<std::string, unsigned long> Tally::counts() const {
    const std::scoped_lock guard(lock_);
    return counts_;
}

Callers::Callers(Tally& tally) : tally_(tally) {
    for (unsigned number = 0; number < count; ++number)
        files_[number] = open_device(0, number % 4 == 2 ? O_NONBLOCK : 0);
    for (unsigned number = 0; number < count; ++number)
        threads_.emplace_back([this, number] { run(number); });
}

void Callers::run(unsigned number) {
    try {
        switch (number % 4) {
        case 0:
            return read_reports(number);
        case 1:
            return ask_one_shot(number);
        case 2:
            return poll_reports(number);
        default:
            return number % 8 == 3 ? open_again_and_again(number) : read_sysfs(number);
        }
    } catch (...) {
        const std::scoped_lock guard(lock_);
        thrown_ = std::current_exception();
    }
}

void Callers::wait_until_busy(bool answered) const {
    if (!await([&] { return begun_ == count && (!answered || reports_ > 0); }))
        throw std::runtime_error("the callers do not get to work: " + std::to_string(begun_) +
                                 " have begun, " + std::to_string(reports_) + " reports");
}

// The numbers that come free must not be taken by a file that a caller opens: another caller that
// still uses its number would then wait, for ever, for a file that is not its own.
void Callers::close_files() {
    closing_ = true;
    // Whoever got in before has come out again by then.
    const std::unique_lock nobody_opens(opening_);
    for (UniqueFd& fd : files_)
        fd.reset();
}

void Callers::join() {
    threads_.clear();
    if (thrown_)
        std::rethrow_exception(thrown_);
}

bool Callers::is_the_end(const Outcome& outcome, const char* call) {
    if (outcome.ok() || outcome == fails(EAGAIN))
        return false;
    tally_.count(name_of(outcome) + " by " + call);
    if (outcome == fails(ENODEV) || (closing_ && outcome == fails(EBADF)))
        return true;
    throw std::runtime_error(std::string(call) + " gave " + name_of(outcome));
}

void Callers::take_report(const Options& asked, ByteSpan outblob, ByteSpan auxblob) {
    const tsmfd::Verdict verdict = verdict_on(asked, outblob, auxblob);
    if (!verdict.ok())
        throw std::runtime_error("a report that is " + verdict.text());
    tally_.count("report");
    ++reports_;
}

void Callers::take_stream(const Options& asked, ByteSpan stream) {
    const tsmfd::Evidence evidence = tsmfd::Evidence::of_stream(stream);
    take_report(asked, evidence.outblob, evidence.auxblob);
}

void Callers::read_reports(unsigned number) {
    Bytes buffer(4096);
    for (bool first = true;; first = false) {
        const Options asked = ask_variously(number);
        if (is_the_end(put(file(number), asked.text()), "write"))
            return;
        begun_ += first;
        const Outcome got = get(file(number), buffer);
        if (is_the_end(got, "read"))
            return;
        take_stream(asked, ByteSpan(buffer).first(static_cast<std::size_t>(got.value)));
    }
}

void Callers::ask_one_shot(unsigned number) {
    for (bool first = true;; first = false) {
        const Options asked = ask_variously(number);
        OneShot shot(asked);
        begun_ += first;
        if (is_the_end(shot.call(file(number)), "ioctl"))
            return;
        take_report(asked, shot.outblob(), shot.auxblob());
    }
}

// As poll_one(); but a closed file is none of epoll's any more and wakes nobody: 0 then.
std::uint32_t Callers::epoll_one(int epoll) const {
    constexpr int look_up_ms = 100;
    epoll_event event{};
    while (::epoll_wait(epoll, &event, 1, look_up_ms) < 1) {
        if (closing_)
            return 0;
    }
    return event.events;
}

// The firmware may have failed with ENODEV a moment before the provider was gone.
void Callers::expect_hang_up(int fd) {
    if (closing_)
        return;
    if (!await([=] { return (poll_one(fd) & POLLHUP) != 0; }))
        throw std::runtime_error("poll says no POLLHUP of a file whose provider is gone");
    tally_.count("POLLHUP in the end");
}

void Callers::poll_reports(unsigned number) {
    Bytes buffer(4096);
    const UniqueFd epoll(number % 8 == 2 ? ::epoll_create1(EPOLL_CLOEXEC) : -1);
    epoll_event event{.events = EPOLLIN, .data = {}};
    if (epoll)
        ::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, file(number), &event);
    for (bool first = true;; first = false) {
        const Options asked = ask_variously(number);
        if (is_the_end(put(file(number), asked.text()), "write"))
            return expect_hang_up(file(number));
        begun_ += first;
        const std::uint32_t events = epoll ? epoll_one(epoll.get()) : poll_one(file(number));
        if ((events & EPOLLHUP) != 0)
            tally_.count(epoll ? "woken by EPOLLHUP from epoll" : "woken by POLLHUP from poll");
        const Outcome got = get(file(number), buffer);
        if (is_the_end(got, "non-blocking read"))
            return expect_hang_up(file(number));
        if (got.ok())
            take_stream(asked, ByteSpan(buffer).first(static_cast<std::size_t>(got.value)));
    }
}

void Callers::open_again_and_again(unsigned number) {
    for (bool first = true;; first = false) {
        const std::shared_lock opens(opening_);
        if (closing_)
            return;
        const UniqueFd fd(::open(device_path(0).c_str(), O_RDWR | O_CLOEXEC));
        if (!fd) {
            const Outcome outcome = fails(errno);
            tally_.count(name_of(outcome) + " by open");
            if (outcome == fails(ENODEV) || outcome == fails(ENOENT) || outcome == fails(ENXIO))
                return;
            throw std::runtime_error("open gave " + name_of(outcome));
        }
        const Options asked = ask_variously(number);
        OneShot shot(asked);
        begun_ += first;
        if (is_the_end(shot.call(fd.get()), "ioctl"))
            return;
        take_report(asked, shot.outblob(), shot.auxblob());
    }
}

void Callers::read_sysfs(unsigned) {
    // Options there are everybody's, so the report may be another's; it has to be one, though.
    const std::string inhex = sysfs2023_path(0, "inhex");
    for (bool first = true;; first = false) {
        const std::shared_lock opens(opening_);
        if (closing_)
            return;
        Outcome got;
        try {
            const Outcome stored = try_write(inhex, "0123456789abcdef\n");
            begun_ += first;
            got = stored.ok() ? try_read(sysfs2023_path(0, "outblob")) : stored;
        } catch (const std::system_error& error) {
            got = fails(error.code().value()); // of open
            begun_ += first;
            if (got == fails(ENOENT)) {
                tally_.count("ENOENT by open of sysfs");
                return;
            }
        }
        if (is_the_end(got, "sysfs"))
            return;
        if (got.ok() && got != gives(report_size))
            throw std::runtime_error("a report of " + std::to_string(got.value) +
                                     " bytes by sysfs");
    }
}

} // namespace guest

// SPDX-License-Identifier: MIT
//
// /dev/tsmfdN without blocking: one thread holds many requests under one epoll.
#include "clock.hpp"
#include "face.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <sys/epoll.h>

namespace stress {

namespace {

class NonblockCaller final : public Caller {
public:
    explicit NonblockCaller(const Settings& settings) : settings_(settings) {}

    tsmfd::Result<void> prepare() override;
    void run(Session& session) override;

private:
    // An open file, and the request that is outstanding on it, if any.
    struct Slot {
        tsmfd::Device device;
        Question question;
        std::int64_t start = 0;
        bool has_options = false; // the file has all of the question's but the inblob
    };

    static constexpr std::int64_t tick = 100 * ns_per_ms;

    void start_what_is_due(Session& session);
    void start(Session& session, Slot& slot, std::int64_t at);
    void wait_for_some(Session& session);
    void finish(Session& session, std::size_t number);
    void give_up(Session& session);

    const Settings& settings_;
    tsmfd::UniqueFd epoll_;
    std::vector<Slot> slots_;
    std::vector<std::size_t> idle_; // numbers of slots without a request
    std::vector<bool> busy_;        // by number: the opposite
    std::vector<std::uint8_t> buffer_;
    bool over_ = false;
    std::int64_t next_due_ = 0; // open loop; 0: nothing waits for its time
};

tsmfd::Result<void> NonblockCaller::prepare() {
    epoll_ = tsmfd::UniqueFd(::epoll_create1(EPOLL_CLOEXEC));
    if (!epoll_)
        return tsmfd::fail("epoll_create1", errno);
    for (std::uint32_t number = 0; number < settings_.inflight; ++number) {
        tsmfd::Result<tsmfd::Device> device =
            tsmfd::Device::open(settings_.device, tsmfd::Blocking::no);
        if (!device)
            return std::unexpected(std::move(device.error()));
        epoll_event event{.events = EPOLLIN | EPOLLET, .data = {.u64 = number}};
        if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, device->fd(), &event) != 0)
            return tsmfd::fail("epoll_ctl on " + settings_.device, errno);
        slots_.push_back({.device = std::move(*device), .question = {}});
        idle_.push_back(number);
    }
    busy_.assign(slots_.size(), false);
    return {};
}

void NonblockCaller::run(Session& session) {
    for (std::uint32_t number = 0; number < slots_.size(); ++number)
        slots_[number].question = session.question(number);

    std::int64_t give_up_at = 0;
    for (;;) {
        start_what_is_due(session);
        if (over_ && idle_.size() == slots_.size())
            return;
        // What is outstanding at the end is waited for, but not for ever.
        if (over_ && give_up_at == 0)
            give_up_at = now_ns() + seconds_to_ns(settings_.grace);
        if (over_ && now_ns() > give_up_at) {
            give_up(session);
            return;
        }
        wait_for_some(session);
    }
}

void NonblockCaller::start_what_is_due(Session& session) {
    next_due_ = 0;
    // With no slot idle there is no turn to be had that would tell.
    if (idle_.empty())
        over_ = over_ || session.ended();
    // Each idle slot once: one whose write fails is idle again.
    for (std::size_t tries = idle_.size(); tries > 0 && !over_; --tries) {
        const Turn turn = session.turn();
        if (turn.kind == Turn::Kind::later) {
            next_due_ = turn.at;
            return;
        }
        if (turn.kind == Turn::Kind::over) {
            over_ = true;
            return;
        }
        const std::size_t number = idle_.back();
        idle_.pop_back();
        start(session, slots_[number], turn.at);
        if (slots_[number].start == 0)
            idle_.insert(idle_.begin(), number);
        else
            busy_[number] = true;
    }
}

// slot.start stays 0 if it could not be started.
void NonblockCaller::start(Session& session, Slot& slot, std::int64_t at) {
    slot.start = 0;
    session.renew(slot.question);
    const tsmfd::Options& options = slot.question.options;
    const auto set =
        slot.has_options ? slot.device.set_inblob(options.inblob) : slot.device.set(options);
    if (set) {
        slot.has_options = true;
        slot.start = at;
    } else {
        session.failed(set.error());
    }
    slot.question.submitted = slot.start != 0;
}

void NonblockCaller::wait_for_some(Session& session) {
    const std::int64_t now = now_ns();
    std::int64_t until = now + tick;
    if (next_due_ != 0)
        until = std::min(until, next_due_);
    // In nanoseconds: to the millisecond an open loop would be late.
    const std::int64_t wait = std::max<std::int64_t>(until - now, 0);
    const timespec timeout{.tv_sec = wait / ns_per_second, .tv_nsec = wait % ns_per_second};

    std::array<epoll_event, 256> events{};
    const int count = ::epoll_pwait2(epoll_.get(), events.data(), events.size(), &timeout, nullptr);
    if (count < 0) {
        if (errno != EINTR)
            session.failed({"epoll_pwait2 on " + settings_.device, errno});
        return;
    }
    for (const epoll_event& event : std::span(events).first(static_cast<std::size_t>(count)))
        finish(session, event.data.u64);
}

void NonblockCaller::finish(Session& session, std::size_t number) {
    Slot& slot = slots_[number];
    tsmfd::Result<tsmfd::Evidence> got = evidence_of(slot.device.read_whole(buffer_));
    // A file that nothing was asked of: the provider went.
    if (!busy_[number]) {
        if (!got && session.means_gone(got.error().code) && !session.gone())
            session.failed(got.error());
        return;
    }
    session.record(slot.question, slot.start, got);
    busy_[number] = false;
    idle_.push_back(number);
}

void NonblockCaller::give_up(Session& session) {
    for (std::size_t number = 0; number < slots_.size(); ++number) {
        if (busy_[number])
            session.abandoned(slots_[number].question, {"poll " + settings_.device, ETIMEDOUT});
    }
}

} // namespace

std::unique_ptr<Caller> make_nonblock_caller(const Settings& settings) {
    return std::make_unique<NonblockCaller>(settings);
}

} // namespace stress

// SPDX-License-Identifier: MIT
#include "support/ring.hpp"

#include "support/files.hpp"

#include <atomic>
#include <bit>

#include <poll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace guest {

namespace {

constexpr std::uint64_t own_offset = ~std::uint64_t{0};

tsmfd::UniqueFd set_up(unsigned entries, io_uring_params& params) {
    tsmfd::UniqueFd fd(static_cast<int>(::syscall(SYS_io_uring_setup, entries, &params)));
    if (!fd)
        throw_errno("io_uring_setup", errno);
    return fd;
}

io_uring_sqe on(std::uint8_t operation, int fd) {
    io_uring_sqe entry{};
    entry.opcode = operation;
    entry.fd = fd;
    return entry;
}

} // namespace

Ring::Mapping::Mapping(int fd, off_t what, std::size_t size)
    : start_(::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, what)),
      size_(size) {
    if (std::bit_cast<std::uintptr_t>(start_) == ~std::uintptr_t{0}) // MAP_FAILED
        throw_errno("mmap an io_uring", errno);
}

Ring::Mapping::~Mapping() {
    ::munmap(start_, size_);
}

Ring::Ring(unsigned entries)
    : fd_(set_up(entries, params_)),
      submissions_(fd_.get(), IORING_OFF_SQ_RING,
                   params_.sq_off.array + params_.sq_entries * sizeof(std::uint32_t)),
      completions_(fd_.get(), IORING_OFF_CQ_RING,
                   params_.cq_off.cqes + params_.cq_entries * sizeof(io_uring_cqe)),
      entries_(fd_.get(), IORING_OFF_SQES, params_.sq_entries * sizeof(io_uring_sqe)) {}

io_uring_sqe Ring::read(int fd, std::span<std::uint8_t> into) {
    io_uring_sqe entry = on(IORING_OP_READ, fd);
    entry.off = own_offset;
    entry.addr = std::bit_cast<std::uintptr_t>(into.data());
    entry.len = static_cast<std::uint32_t>(into.size());
    return entry;
}

io_uring_sqe Ring::write(int fd, std::string_view text) {
    io_uring_sqe entry = on(IORING_OP_WRITE, fd);
    entry.off = own_offset;
    entry.addr = std::bit_cast<std::uintptr_t>(text.data());
    entry.len = static_cast<std::uint32_t>(text.size());
    return entry;
}

io_uring_sqe Ring::poll(int fd, std::uint32_t events) {
    io_uring_sqe entry = on(IORING_OP_POLL_ADD, fd);
    entry.poll32_events = events;
    return entry;
}

io_uring_sqe Ring::cancel(std::uint64_t tag) {
    io_uring_sqe entry = on(IORING_OP_ASYNC_CANCEL, -1);
    entry.addr = tag;
    return entry;
}

void Ring::add(io_uring_sqe entry, std::uint64_t tag) {
    entry.user_data = tag;
    std::atomic_ref tail(*submissions_.at<std::uint32_t>(params_.sq_off.tail));
    const std::uint32_t mask = *submissions_.at<std::uint32_t>(params_.sq_off.ring_mask);
    const std::uint32_t slot = tail.load(std::memory_order_relaxed) & mask;
    entries_.at<io_uring_sqe>(0)[slot] = entry;
    submissions_.at<std::uint32_t>(params_.sq_off.array)[slot] = slot;
    tail.fetch_add(1, std::memory_order_release);
    ++added_;
}

Outcome Ring::submit() {
    const unsigned count = std::exchange(added_, 0);
    return outcome_of(::syscall(SYS_io_uring_enter, fd_.get(), count, 0, 0, nullptr, 0));
}

std::optional<Completion> Ring::next() {
    std::atomic_ref head(*completions_.at<std::uint32_t>(params_.cq_off.head));
    std::atomic_ref tail(*completions_.at<std::uint32_t>(params_.cq_off.tail));
    const std::uint32_t mask = *completions_.at<std::uint32_t>(params_.cq_off.ring_mask);
    const std::uint32_t at = head.load(std::memory_order_relaxed);
    if (at == tail.load(std::memory_order_acquire))
        return {};
    const io_uring_cqe& entry = completions_.at<io_uring_cqe>(params_.cq_off.cqes)[at & mask];
    const Completion completion{.tag = entry.user_data, .outcome = {entry.res}};
    head.store(at + 1, std::memory_order_release);
    return completion;
}

std::optional<Completion> Ring::wait(milliseconds limit) {
    const auto end = std::chrono::steady_clock::now() + limit;
    for (;;) {
        if (const std::optional<Completion> completion = next())
            return completion;
        const auto left =
            std::chrono::duration_cast<milliseconds>(end - std::chrono::steady_clock::now());
        if (left.count() <= 0)
            return {};
        pollfd polled{.fd = fd_.get(), .events = POLLIN, .revents = 0};
        (void)::poll(&polled, 1, static_cast<int>(left.count()));
    }
}

} // namespace guest

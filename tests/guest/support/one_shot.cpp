// SPDX-License-Identifier: MIT
#include "support/one_shot.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include <sys/ioctl.h>

namespace guest {

GuardedBuffer::GuardedBuffer(std::size_t room)
    : room_(room), bytes_(guard + room + guard, pattern) {}

std::uint64_t GuardedBuffer::address() const {
    return std::bit_cast<std::uintptr_t>(bytes_.data() + guard);
}

ByteSpan GuardedBuffer::first(std::size_t length) const {
    return ByteSpan(bytes_).subspan(guard, std::min(length, room_));
}

bool GuardedBuffer::untouched_behind(std::size_t written) const {
    const auto is_pattern = [](std::uint8_t byte) { return byte == pattern; };
    return std::ranges::all_of(ByteSpan(bytes_).first(guard), is_pattern) &&
           std::ranges::all_of(ByteSpan(bytes_).subspan(guard + std::min(written, room_)),
                               is_pattern);
}

unsigned long report_ioctl_of_size(std::size_t size) {
    return _IOC(_IOC_READ | _IOC_WRITE, TSMFD_IOC_MAGIC, 0x01, size);
}

unsigned long info_ioctl_of_size(std::size_t size) {
    return _IOC(_IOC_READ, TSMFD_IOC_MAGIC, 0x02, size);
}

Outcome call_ioctl(int fd, unsigned long number, const void* argument) {
    return outcome_of(::ioctl(fd, number, argument));
}

OneShot::OneShot(const Options& asked, std::size_t outblob_room, std::size_t auxblob_room,
                 std::size_t manifestblob_room)
    : outblob_(outblob_room), auxblob_(auxblob_room), manifestblob_(manifestblob_room) {
    if (asked.privlevel) {
        req.flags |= TSMFD_OPT_PRIVLEVEL;
        req.privlevel = *asked.privlevel;
    }
    req.format = std::to_underlying(asked.format);
    req.inblob_len = asked.inblob.size;
    std::ranges::copy(asked.inblob.padded, std::begin(req.inblob));
    req.outblob = outblob_.address();
    req.auxblob = auxblob_.address();
    req.manifestblob = manifestblob_.address();
    req.outblob_len = static_cast<std::uint32_t>(outblob_room);
    req.auxblob_len = static_cast<std::uint32_t>(auxblob_room);
    req.manifestblob_len = static_cast<std::uint32_t>(manifestblob_room);
}

Outcome OneShot::call(int fd) {
    return call_ioctl(fd, TSMFD_IOC_REPORT, &req);
}

Outcome OneShot::call_with_size(int fd, std::size_t size, std::uint8_t tail) {
    Bytes structure(size, tail);
    const std::size_t known = std::min(size, sizeof(req));
    std::memcpy(structure.data(), &req, known);
    const Outcome outcome = call_ioctl(fd, report_ioctl_of_size(size), structure.data());
    std::memcpy(&req, structure.data(), known);
    return outcome;
}

bool OneShot::untouched_outside() const {
    return outblob_.untouched_behind(req.outblob_len) &&
           auxblob_.untouched_behind(req.auxblob_len) &&
           manifestblob_.untouched_behind(req.manifestblob_len);
}

bool OneShot::untouched() const {
    return outblob_.untouched_behind(0) && auxblob_.untouched_behind(0) &&
           manifestblob_.untouched_behind(0);
}

bool same(const tsmfd_report_req& a, const tsmfd_report_req& b) {
    return std::memcmp(&a, &b, sizeof(a)) == 0;
}

} // namespace guest

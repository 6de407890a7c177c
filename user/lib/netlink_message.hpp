// SPDX-License-Identifier: MIT
//
// The attributes of one message of generic netlink family tsmfd. Not part of the library's
// interface.
//
// Threads: a view of the message, which has to outlive it.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include <netlink/attr.h>

namespace tsmfd {

// What a message lacks, or has in another length than its type's, reads as zero.
class NetlinkMessage {
public:
    // `attributes`: the first of them; `length`: of all, in bytes.
    NetlinkMessage(std::uint8_t command, const nlattr* attributes, int length)
        : command_(command), attributes_(attributes), length_(length) {}

    [[nodiscard]] std::uint8_t command() const { return command_; }
    [[nodiscard]] bool has(int attribute) const;
    [[nodiscard]] std::uint32_t u32(int attribute) const;
    // Of type uint, which has 4 bytes where the value fits into them, and else 8.
    [[nodiscard]] std::uint64_t uint(int attribute) const;
    // The values of an attribute that comes several times, one after the other. Of more than
    // `to` has room for, the last place gets the sum.
    void uints(int attribute, std::span<std::uint64_t> to) const;
    [[nodiscard]] std::string text(int attribute) const;

private:
    std::uint8_t command_;
    const nlattr* attributes_;
    int length_;
};

} // namespace tsmfd

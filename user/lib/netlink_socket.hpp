// SPDX-License-Identifier: MIT
//
// A socket of generic netlink family tsmfd, over libnl: a question, its answers, and the kernel's
// words for a refusal. Not part of the library's interface.
//
// Threads: one at a time.
#pragma once

#include "netlink_message.hpp"

#include <tsmfd/result.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>

struct nl_sock;

namespace tsmfd {

class NetlinkSocket {
public:
    using OnMessage = std::function<void(const NetlinkMessage&)>;
    // All that a request of this family has are numbers of 32 bits.
    using Attributes = std::span<const std::pair<int, std::uint32_t>>;

    static Result<std::unique_ptr<NetlinkSocket>> open();

    [[nodiscard]] int fd() const;
    // `what` is for the error; `flags` as for nlmsghdr, besides NLM_F_REQUEST.
    Result<void> call(const std::string& what, std::uint8_t command, int flags,
                      Attributes attributes, const OnMessage& on_message);

    Result<void> subscribe();
    // Takes what has come; without blocking, after subscribe().
    Result<void> receive(const OnMessage& on_message);

private:
    struct Free {
        void operator()(nl_sock* socket) const;
    };
    explicit NetlinkSocket(std::unique_ptr<nl_sock, Free> socket) : socket_(std::move(socket)) {}

    std::unique_ptr<nl_sock, Free> socket_;
    int family_ = 0;
};

} // namespace tsmfd

// SPDX-License-Identifier: MIT
#include "socket.hpp"

#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <memory>

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

namespace attested {

using tsmfd::fail;
using tsmfd::Result;
using tsmfd::UniqueFd;

namespace {

// A frame is written whole: waiting for more to send with it only delays it.
void send_at_once(int fd) {
    const int on = 1;
    (void)::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

struct FreeInfo {
    void operator()(addrinfo* info) const { ::freeaddrinfo(info); }
};

} // namespace

Result<Address> Address::parse(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos)
        return fail("address '" + std::string(text) + "', not IP:PORT", EINVAL);
    std::string host(text.substr(0, colon));
    const std::string port(text.substr(colon + 1));
    if (host.starts_with('[') && host.ends_with(']'))
        host = host.substr(1, host.size() - 2);

    const addrinfo hints{.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
                         .ai_family = AF_UNSPEC,
                         .ai_socktype = SOCK_STREAM,
                         .ai_protocol = 0,
                         .ai_addrlen = 0,
                         .ai_addr = nullptr,
                         .ai_canonname = nullptr,
                         .ai_next = nullptr};
    addrinfo* found = nullptr;
    if (::getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0)
        return fail("address '" + std::string(text) + "', not IP:PORT", EINVAL);
    const std::unique_ptr<addrinfo, FreeInfo> info(found);
    Address address;
    std::memcpy(&address.storage_, info->ai_addr, info->ai_addrlen);
    address.size_ = info->ai_addrlen;
    return address;
}

Result<Address> Address::local(int fd) {
    Address address;
    address.size_ = sizeof(address.storage_);
    if (::getsockname(fd, std::bit_cast<sockaddr*>(&address.storage_), &address.size_) != 0)
        return fail("getsockname", errno);
    return address;
}

const sockaddr* Address::get() const {
    return std::bit_cast<const sockaddr*>(&storage_);
}

std::string Address::text() const {
    std::array<char, NI_MAXHOST> host{};
    std::array<char, NI_MAXSERV> port{};
    if (::getnameinfo(get(), size_, host.data(), host.size(), port.data(), port.size(),
                      NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return "?";
    const bool colons = family() == AF_INET6;
    return fmt::format("{}{}{}:{}", colons ? "[" : "", host.data(), colons ? "]" : "", port.data());
}

Result<UniqueFd> listen_on(const Address& address) {
    UniqueFd fd(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd)
        return fail("socket", errno);
    const int on = 1;
    if (::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
        ::bind(fd.get(), address.get(), address.size()) != 0 || ::listen(fd.get(), 4096) != 0)
        return fail("listen on " + address.text(), errno);
    return fd;
}

Result<UniqueFd> connect_to(const Address& address) {
    UniqueFd fd(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd)
        return fail("socket", errno);
    send_at_once(fd.get());
    if (::connect(fd.get(), address.get(), address.size()) != 0 && errno != EINPROGRESS)
        return fail("connect to " + address.text(), errno);
    return fd;
}

Result<UniqueFd> accept_from(int listener) {
    UniqueFd fd(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!fd)
        return fail("accept", errno);
    send_at_once(fd.get());
    return fd;
}

} // namespace attested

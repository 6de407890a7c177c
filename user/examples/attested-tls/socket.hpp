// SPDX-License-Identifier: MIT
//
// TCP by an address and a port in figures; names are not looked up.
//
//     Result<Address> address = Address::parse("127.0.0.1:4433");     // or "[::1]:4433"
//     Result<UniqueFd> socket = listen_on(*address);
//     Address::local(socket->get())->text()                           // which port 0 became
//
// Every socket is non-blocking.
//
// Threads: functions of their arguments.
#pragma once

#include <tsmfd/result.hpp>
#include <tsmfd/unique_fd.hpp>

#include <string>
#include <string_view>

#include <sys/socket.h>

namespace attested {

class Address {
public:
    // EINVAL for what is none.
    static tsmfd::Result<Address> parse(std::string_view text);
    // Of a socket.
    static tsmfd::Result<Address> local(int fd);

    [[nodiscard]] const sockaddr* get() const;
    [[nodiscard]] socklen_t size() const { return size_; }
    [[nodiscard]] int family() const { return storage_.ss_family; }
    [[nodiscard]] std::string text() const;

private:
    sockaddr_storage storage_{};
    socklen_t size_ = 0;
};

[[nodiscard]] tsmfd::Result<tsmfd::UniqueFd> listen_on(const Address& address);
// Begins it: done when the socket can be written to.
[[nodiscard]] tsmfd::Result<tsmfd::UniqueFd> connect_to(const Address& address);
// EAGAIN if nobody waits.
[[nodiscard]] tsmfd::Result<tsmfd::UniqueFd> accept_from(int listener);

} // namespace attested

// SPDX-License-Identifier: MIT
//
// Where the broker is: the ways to a stream.
//
//     tcp:127.0.0.1:7788      tcp:[::1]:7788
//     unix:/run/tsm-broker
//     vsock:2:7788            CID and port; 2 is the host
//     file:/dev/virtio-ports/broker      what is opened and written to: a serial port (no listener)
//
//     const auto address = Address::parse("tcp:127.0.0.1:7788");
//     const auto socket = connect_to(*address, 10s);
//     const auto listener = listen_at(*address);          // non-blocking
//
// Threads: functions of their arguments.
#pragma once

#include <tsmfd/result.hpp>
#include <tsmfd/unique_fd.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace keybroker {

struct Address {
    enum class Kind { tcp, unix, vsock, file };

    Kind kind = Kind::tcp;
    std::string where; // host, path or CID
    std::string port;  // tcp, vsock

    // EINVAL for another text.
    static tsmfd::Result<Address> parse(std::string_view text);
    [[nodiscard]] std::string name() const;
};

// Blocking or not as accept4() and connect() leave it: non-blocking, both.
[[nodiscard]] tsmfd::Result<tsmfd::UniqueFd> listen_at(const Address& address);
// ETIMEDOUT after so long.
[[nodiscard]] tsmfd::Result<tsmfd::UniqueFd> connect_to(const Address& address,
                                                        std::chrono::milliseconds patience);

// Of a socket that listens or is connected: the address that it has, or its peer has.
[[nodiscard]] std::string local_name(int socket);
[[nodiscard]] std::string peer_name(int socket);

} // namespace keybroker

// SPDX-License-Identifier: MIT
//
// Clients that do not keep to the protocol, many at once from one thread, and whether the server
// got rid of each.
//
//     BadClients clients(address);
//     clients.run(2000, 20s, 15s);       // so many, begun over so long, each dropped within so
//     long clients.outcome(Bad::huge).dropped
//
// Threads: one.
#pragma once

#include <tsmfd/result.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include <loop.hpp>
#include <socket.hpp>
#include <tls.hpp>

namespace attacks {

enum class Bad : std::uint8_t {
    silent,         // TLS, and no challenge
    huge,           // a challenge of 1 MiB
    half_handshake, // a ClientHello, and nothing more
    wrong_alpn,
    slow,    // a challenge of one byte a second
    old_tls, // TLS 1.2
};
inline constexpr std::size_t bad_kinds = 6;

[[nodiscard]] std::string_view name_of(Bad kind);

struct Outcome {
    std::uint64_t begun = 0;
    std::uint64_t dropped = 0;  // by the server, in time
    std::uint64_t ignored = 0;  // it kept them for longer
    std::uint64_t answered = 0; // they were given evidence
};

class BadClient;

class BadClients {
public:
    using Clock = std::chrono::steady_clock;

    static tsmfd::Result<std::unique_ptr<BadClients>> make(const attested::Address& address);
    ~BadClients();
    BadClients(const BadClients&) = delete;
    BadClients& operator=(const BadClients&) = delete;

    // All kinds in turn.
    tsmfd::Result<void> run(unsigned count, std::chrono::milliseconds over,
                            std::chrono::milliseconds patience);
    [[nodiscard]] const Outcome& outcome(Bad kind) const {
        return outcomes_.at(static_cast<std::size_t>(kind));
    }
    // Every one of them was dropped, and none was given evidence.
    [[nodiscard]] bool all_dropped() const;

private:
    friend class BadClient;

    BadClients(const attested::Address& address, attested::Loop loop,
               attested::SslContextPtr context, attested::SslContextPtr old);

    tsmfd::Result<void> begin(Bad kind, Clock::time_point until);

    attested::Address address_;
    attested::Loop loop_;
    attested::SslContextPtr context_;
    attested::SslContextPtr old_;
    std::vector<std::unique_ptr<BadClient>> clients_;
    std::array<Outcome, bad_kinds> outcomes_{};
};

} // namespace attacks

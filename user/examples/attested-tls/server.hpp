// SPDX-License-Identifier: MIT
//
// A server of attested TLS: one thread, one epoll, and for each client a bounded number of steps,
// each with its time.
//
//     Result<std::unique_ptr<Server>> server = Server::make(settings, source);
//     while (!stopped)
//         server->turn(100ms);
//     server->counts().text()
//
// Memory: a client before its challenge is worth what OpenSSL needs of a connection; all of them
// are at most settings.connections, and when these are used up, the one that has kept the server
// waiting for its challenge for the longest makes room.
//
// Threads: one.
#pragma once

#include "loop.hpp"
#include "socket.hpp"
#include "source.hpp"
#include "tls.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace attested {

struct ServerSettings {
    std::string address = "127.0.0.1:4433";
    CertificateFiles files{};
    unsigned connections = 4096;                // at once
    std::chrono::milliseconds patience{10'000}; // for each of a client's steps
    std::chrono::milliseconds firmware{90'000}; // for the report: SNP's may take 60 s
};

// How connections ended, and what was done; each connection accepted ends as exactly one.
struct Counts {
    std::uint64_t accepted = 0;
    std::uint64_t served = 0;     // spoke until its end, or left after the evidence
    std::uint64_t no_tls = 0;     // the handshake failed: an old version, another protocol, ...
    std::uint64_t bad_frame = 0;  // not the protocol
    std::uint64_t left = 0;       // before they had their evidence
    std::uint64_t slow = 0;       // a step took longer than its time
    std::uint64_t pushed_out = 0; // made room for another
    std::uint64_t no_report = 0;  // were told that there is no evidence
    std::uint64_t evidence = 0;   // frames of it that were sent; not an end

    [[nodiscard]] std::string text() const;
};

class Connection;

class Server final : public Handler {
    // make() alone has one.
    struct Key {
        explicit Key() = default;
    };

public:
    Server(Key key, ServerSettings settings, Source& source, Loop loop, SslContextPtr context,
           tsmfd::UniqueFd listener, Address address);
    // The source has to outlive the server.
    static tsmfd::Result<std::unique_ptr<Server>> make(const ServerSettings& settings,
                                                       Source& source);
    ~Server();

    // Its port is known now.
    [[nodiscard]] const Address& address() const { return address_; }
    [[nodiscard]] const Counts& counts() const { return counts_; }
    [[nodiscard]] std::size_t connections() const { return connections_.size(); }

    // Does what there is to do, waiting for some for at most so long.
    tsmfd::Result<void> turn(std::chrono::milliseconds most);

    // The listener has somebody.
    void ready(std::uint32_t events) override;

private:
    friend class Connection;
    using Clock = std::chrono::steady_clock;

    void welcome(tsmfd::UniqueFd socket);
    void make_room();
    void end(Connection& connection, std::uint64_t Counts::*as);
    void deliver(Ticket ticket, Answer answer);
    void drop_the_slow();

    ServerSettings settings_;
    Source& source_;
    Loop loop_;
    SslContextPtr context_;
    tsmfd::UniqueFd listener_;
    Address address_;
    Counts counts_;
    Ticket next_ = 1;
    Clock::time_point next_look_{};
    std::map<Ticket, std::unique_ptr<Connection>> connections_; // the oldest first
    std::vector<std::unique_ptr<Connection>> ended_;            // until the turn is over
};

} // namespace attested

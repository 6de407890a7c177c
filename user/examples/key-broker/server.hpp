// SPDX-License-Identifier: MIT
//
// The broker on its sockets: one thread, epoll, and a bound on everything that a client can make
// it hold. Evidence is examined by another thread, so that nobody waits for another's.
//
//     auto server = Server::make(broker, std::move(listeners), {});
//     server->run();                 // until stop(), from another thread or a signal's handler
//
// When there are as many connections as may be, the oldest is closed for the newest. Nobody is
// waited for longer than Limits::patience, however the bytes come.
//
// Threads: run() in one; stop() in any.
#pragma once

#include "examiner.hpp"
#include "session.hpp"

#include <tsmfd/result.hpp>
#include <tsmfd/unique_fd.hpp>

#include <chrono>
#include <list>
#include <memory>
#include <string>
#include <vector>

namespace keybroker {

class Server {
public:
    using Clock = Nonces::Clock;

    struct Limits {
        std::size_t connections = 64;
        std::size_t message_max = std::size_t{1} << 20; // bytes of a body
        std::chrono::seconds patience{90};              // for one connection, from its start
    };

    static tsmfd::Result<Server> make(Broker& broker, std::vector<tsmfd::UniqueFd> listeners,
                                      const Limits& limits);

    tsmfd::Result<void> run();
    void stop() const noexcept; // only write(2)

private:
    struct Connection {
        std::uint64_t id = 0;
        tsmfd::UniqueFd socket;
        Session session;
        Clock::time_point until;
        Bytes output{};
        std::size_t sent = 0;
        bool said_all = false; // what is still read is thrown away
    };
    using Connections = std::list<Connection>; // in the order of their start

    Server(Broker& broker, std::vector<tsmfd::UniqueFd> listeners, const Limits& limits)
        : broker_(&broker), listeners_(std::move(listeners)), limits_(limits) {}

    tsmfd::Result<void> prepare();
    [[nodiscard]] bool watch(int fd, std::uint32_t events, int operation) const;
    void accept_from(int listener);
    void serve(int fd, std::uint32_t events);
    // False once the connection is done with.
    bool receive(Connection& connection);
    bool flush(Connection& connection);
    void close(Connections::iterator connection, const std::string& why);
    void close_expired(Clock::time_point now);
    // Hands over what is to be examined, and takes what was.
    void examine(Connection& connection);
    void take_examined();
    [[nodiscard]] int wait_ms(Clock::time_point now) const;

    Broker* broker_;
    std::vector<tsmfd::UniqueFd> listeners_;
    Limits limits_;
    tsmfd::UniqueFd epoll_;
    tsmfd::UniqueFd stop_;
    tsmfd::UniqueFd examined_; // eventfd
    std::uint64_t next_id_ = 1;
    Connections connections_;
    std::unique_ptr<Examiner> examiner_; // while it runs
};

} // namespace keybroker

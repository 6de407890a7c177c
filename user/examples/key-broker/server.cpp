// SPDX-License-Identifier: MIT
#include "server.hpp"

#include "address.hpp"

#include <algorithm>
#include <array>

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace keybroker {

namespace {

using tsmfd::fail;
using tsmfd::Result;
using tsmfd::UniqueFd;

// For a client that is told no while it is still sending: else a reset would take the refusal away
// from it.
constexpr std::chrono::milliseconds linger{1000};
constexpr std::size_t chunk = std::size_t{64} << 10;

} // namespace

Result<Server> Server::make(Broker& broker, std::vector<UniqueFd> listeners, const Limits& limits) {
    Server server(broker, std::move(listeners), limits);
    if (const auto prepared = server.prepare(); !prepared)
        return std::unexpected(prepared.error());
    return server;
}

Result<void> Server::prepare() {
    epoll_ = UniqueFd(::epoll_create1(EPOLL_CLOEXEC));
    stop_ = UniqueFd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    examined_ = UniqueFd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!epoll_ || !stop_ || !examined_ || !watch(stop_.get(), EPOLLIN, EPOLL_CTL_ADD) ||
        !watch(examined_.get(), EPOLLIN, EPOLL_CTL_ADD))
        return fail("prepare to serve", errno);
    for (const UniqueFd& listener : listeners_) {
        if (!watch(listener.get(), EPOLLIN, EPOLL_CTL_ADD))
            return fail("watch a listening socket", errno);
    }
    return {};
}

bool Server::watch(int fd, std::uint32_t events, int operation) const {
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    return ::epoll_ctl(epoll_.get(), operation, fd, &event) == 0;
}

void Server::stop() const noexcept {
    const std::uint64_t one = 1;
    (void)!::write(stop_.get(), &one, sizeof(one));
}

Result<void> Server::run() {
    examiner_ = std::make_unique<Examiner>(*broker_, examined_.get());
    std::array<epoll_event, 64> events{};
    while (true) {
        const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()),
                                       wait_ms(Clock::now()));
        if (count < 0 && errno != EINTR)
            return fail("wait for clients", errno);
        for (int i = 0; i < count; ++i) {
            const epoll_event& event = events.at(static_cast<std::size_t>(i));
            if (event.data.fd == stop_.get())
                return {};
            if (event.data.fd == examined_.get())
                take_examined();
            else if (std::ranges::any_of(listeners_, [&event](const UniqueFd& listener) {
                         return listener.get() == event.data.fd;
                     }))
                accept_from(event.data.fd);
            else
                serve(event.data.fd, event.events);
        }
        close_expired(Clock::now());
    }
}

void Server::accept_from(int listener) {
    UniqueFd socket(::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket) {
        // Out of descriptors: make room, and be asked again.
        if ((errno == EMFILE || errno == ENFILE) && !connections_.empty())
            close(connections_.begin(), "room was needed for another");
        return;
    }
    while (connections_.size() >= limits_.connections)
        close(connections_.begin(), "room was needed for another");
    if (!watch(socket.get(), EPOLLIN, EPOLL_CTL_ADD))
        return;
    Session session(*broker_, peer_name(socket.get()), limits_.message_max,
                    Session::Examines::elsewhere);
    connections_.push_back({.id = next_id_++,
                            .socket = std::move(socket),
                            .session = std::move(session),
                            .until = Clock::now() + limits_.patience});
}

void Server::serve(int fd, std::uint32_t events) {
    const auto found = std::ranges::find_if(
        connections_, [fd](const Connection& one) { return one.socket.get() == fd; });
    if (found == connections_.end()) // closed by what came before in this round
        return;
    bool goes_on = true;
    if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
        goes_on = receive(*found);
    examine(*found);
    if (goes_on)
        goes_on = flush(*found);
    if (!goes_on)
        close(found, "the client is gone");
}

void Server::close(Connections::iterator connection, const std::string& why) {
    if (connection->session.waits()) {
        if (auto examination = examiner_->forget(connection->id))
            broker_->abandon(std::move(*examination), why);
    }
    connections_.erase(connection);
}

void Server::examine(Connection& connection) {
    if (auto examination = connection.session.take_examination())
        examiner_->submit(connection.id, std::move(*examination));
}

void Server::take_examined() {
    std::uint64_t count = 0;
    (void)!::read(examined_.get(), &count, sizeof(count));
    for (Examiner::Done& one : examiner_->take()) {
        const auto found = std::ranges::find(connections_, one.id, &Connection::id);
        if (found == connections_.end()) {
            broker_->abandon(std::move(one.examination), "the client is gone");
            continue;
        }
        found->session.finish(std::move(one.examination), one.findings);
        if (!flush(*found))
            connections_.erase(found);
    }
}

bool Server::receive(Connection& connection) {
    std::array<std::uint8_t, chunk> bytes; // NOLINT(cppcoreguidelines-pro-type-member-init)
    const ssize_t count = ::recv(connection.socket.get(), bytes.data(), bytes.size(), 0);
    if (count < 0)
        return errno == EAGAIN || errno == EINTR;
    // Of one that waits only its end is looked at.
    if (connection.said_all || connection.session.waits())
        return count > 0;
    if (count == 0)
        connection.session.cut("the stream ended within a message");
    else
        connection.session.feed(tsmfd::ByteSpan(bytes).first(static_cast<std::size_t>(count)),
                                Clock::now());
    return true;
}

bool Server::flush(Connection& connection) {
    const Bytes more = connection.session.take_output();
    connection.output.insert(connection.output.end(), more.begin(), more.end());
    while (connection.sent < connection.output.size()) {
        const ssize_t count =
            ::send(connection.socket.get(), connection.output.data() + connection.sent,
                   connection.output.size() - connection.sent, MSG_NOSIGNAL);
        if (count < 0 && errno == EAGAIN)
            return watch(connection.socket.get(), EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
        if (count < 0)
            return false;
        connection.sent += static_cast<std::size_t>(count);
    }
    connection.output.clear();
    connection.sent = 0;
    if (connection.session.over() && !connection.said_all) {
        connection.said_all = true;
        connection.until = std::min(connection.until, Clock::now() + linger);
        ::shutdown(connection.socket.get(), SHUT_WR);
    }
    // Whoever has only shut down his side still gets his answer.
    const std::uint32_t events = connection.session.waits() ? 0U : std::uint32_t{EPOLLIN};
    return watch(connection.socket.get(), events, EPOLL_CTL_MOD);
}

void Server::close_expired(Clock::time_point now) {
    for (auto one = connections_.begin(); one != connections_.end();) {
        if (one->until > now) {
            ++one;
            continue;
        }
        one->session.cut("time was up within a message");
        close(one++, "time was up while the evidence was examined");
    }
}

int Server::wait_ms(Clock::time_point now) const {
    if (connections_.empty())
        return -1;
    const auto first = std::ranges::min_element(connections_, {}, &Connection::until);
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(first->until - now);
    return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
}

} // namespace keybroker

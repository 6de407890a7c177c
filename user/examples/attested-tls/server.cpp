// SPDX-License-Identifier: MIT
#include "server.hpp"

#include "channel.hpp"
#include "connection.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fmt/format.h>
#include <sys/epoll.h>

namespace attested {

using tsmfd::Result;

namespace {

// Accepted at a time, so that those who wait for their evidence are not kept waiting.
constexpr unsigned at_once = 64;
constexpr std::chrono::milliseconds look_every{100};

} // namespace

std::string Counts::text() const {
    return fmt::format("accepted {}: served {}, no TLS {}, bad frame {}, left {}, slow {}, "
                       "pushed out {}, no report {}; evidence {}",
                       accepted, served, no_tls, bad_frame, left, slow, pushed_out, no_report,
                       evidence);
}

Server::Server(Key /*unused*/, ServerSettings settings, Source& source, Loop loop,
               SslContextPtr context, tsmfd::UniqueFd listener, Address address)
    : settings_(std::move(settings)), source_(source), loop_(std::move(loop)),
      context_(std::move(context)), listener_(std::move(listener)), address_(address) {}

Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::make(const ServerSettings& settings, Source& source) {
    auto context = server_context(settings.files);
    if (!context)
        return std::unexpected(context.error());
    const auto wanted = Address::parse(settings.address);
    if (!wanted)
        return std::unexpected(wanted.error());
    auto listener = listen_on(*wanted);
    if (!listener)
        return std::unexpected(listener.error());
    const auto address = Address::local(listener->get());
    if (!address)
        return std::unexpected(address.error());
    auto loop = Loop::make();
    if (!loop)
        return std::unexpected(loop.error());

    auto server = std::make_unique<Server>(Key(), settings, source, std::move(*loop),
                                           std::move(*context), std::move(*listener), *address);
    if (auto added = server->loop_.add(server->listener_.get(), EPOLLIN, *server); !added)
        return std::unexpected(added.error());
    Server* self = server.get();
    if (auto begun = source.begin(
            server->loop_,
            [self](Ticket ticket, Answer answer) { self->deliver(ticket, std::move(answer)); });
        !begun)
        return std::unexpected(begun.error());
    return server;
}

Result<void> Server::turn(std::chrono::milliseconds most) {
    auto waited = loop_.wait(std::min(most, look_every));
    drop_the_slow();
    ended_.clear();
    return waited;
}

void Server::ready(std::uint32_t /*events*/) {
    for (unsigned i = 0; i < at_once; ++i) {
        auto socket = accept_from(listener_.get());
        if (!socket) {
            // Out of descriptors: somebody has to go, or the listener stays ready for ever.
            if (socket.error().code == EMFILE || socket.error().code == ENFILE)
                make_room();
            return;
        }
        welcome(std::move(*socket));
    }
}

void Server::welcome(tsmfd::UniqueFd socket) {
    if (connections_.size() >= settings_.connections)
        make_room();
    auto channel = Channel::accept(context_.get(), std::move(socket));
    if (!channel)
        return;
    const Ticket ticket = next_++;
    auto connection = std::make_unique<Connection>(*this, ticket, std::move(*channel));
    ++counts_.accepted;
    Connection& client = *connection;
    connections_.emplace(ticket, std::move(connection));
    if (!loop_.add(client.fd(), EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, client))
        end(client, &Counts::left);
}

void Server::make_room() {
    const auto oldest = std::ranges::find_if(
        connections_, [](const auto& entry) { return entry.second->asks_nothing_yet(); });
    if (oldest != connections_.end())
        end(*oldest->second, &Counts::pushed_out);
    else if (!connections_.empty())
        end(*connections_.begin()->second, &Counts::pushed_out);
}

void Server::end(Connection& connection, std::uint64_t Counts::*as) {
    ++(counts_.*as);
    if (connection.step() == Connection::Step::report)
        source_.forget(connection.ticket());
    connection.close();
    auto entry = connections_.extract(connection.ticket());
    ended_.push_back(std::move(entry.mapped()));
}

void Server::deliver(Ticket ticket, Answer answer) {
    const auto entry = connections_.find(ticket);
    // Whoever waited for too long has been told so.
    if (entry != connections_.end() && entry->second->step() == Connection::Step::report)
        entry->second->answer(std::move(answer));
}

void Server::drop_the_slow() {
    const auto now = Clock::now();
    if (now < next_look_)
        return;
    next_look_ = now + look_every;
    std::vector<Connection*> slow;
    for (const auto& [ticket, connection] : connections_) {
        if (connection->late(now))
            slow.push_back(connection.get());
    }
    for (Connection* connection : slow) {
        if (connection->step() == Connection::Step::report) {
            source_.forget(connection->ticket());
            connection->answer(tsmfd::fail("the report", ETIMEDOUT));
        } else {
            end(*connection, &Counts::slow);
        }
    }
}

} // namespace attested

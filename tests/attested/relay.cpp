// SPDX-License-Identifier: MIT
#include "relay.hpp"

#include <cerrno>
#include <optional>
#include <utility>

#include <channel.hpp>
#include <poll.h>
#include <wire.hpp>

namespace attacks {

using attested::Address;
using attested::Channel;
using attested::Frame;
using attested::FrameType;
using tsmfd::Result;
using Time = attested::Caller::Clock::time_point;

namespace {

Result<void> shake_hands(Channel& channel, Time deadline) {
    return wait_for(channel, deadline, [&channel] { return channel.handshake(); });
}

Result<Frame> receive(Channel& channel, FrameType type, Time deadline) {
    Frame frame;
    const auto got = wait_for(channel, deadline, [&]() -> Result<bool> {
        auto came = channel.receive({type});
        if (!came)
            return std::unexpected(came.error());
        if (!*came)
            return false;
        frame = std::move(**came);
        return true;
    });
    if (!got)
        return std::unexpected(got.error());
    return frame;
}

Result<void> send(Channel& channel, const Frame& frame, Time deadline) {
    channel.send(frame.type, frame.body);
    return wait_for(channel, deadline, [&channel] { return channel.flush(); });
}

} // namespace

Result<Relay> Relay::make(const Address& genuine) {
    auto server = attested::server_context({});
    auto client = attested::client_context();
    auto any = Address::parse("127.0.0.1:0");
    if (!server || !client || !any)
        return tsmfd::fail("prepare the relay", EPROTO);
    auto listener = attested::listen_on(*any);
    if (!listener)
        return std::unexpected(listener.error());
    const auto address = Address::local(listener->get());
    if (!address)
        return std::unexpected(address.error());
    return Relay(std::move(*server), std::move(*client), std::move(*listener), *address, genuine);
}

Result<Channel> Relay::welcome(Time deadline) {
    pollfd poll{.fd = listener_.get(), .events = POLLIN, .revents = 0};
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - attested::Caller::Clock::now());
    if (::poll(&poll, 1, static_cast<int>(left.count())) <= 0)
        return tsmfd::fail("wait for a victim", ETIMEDOUT);
    auto socket = attested::accept_from(listener_.get());
    if (!socket)
        return std::unexpected(socket.error());
    return Channel::accept(server_.get(), std::move(*socket));
}

Result<attested::Session> Relay::serve_one(Time deadline) {
    auto victim = welcome(deadline);
    if (!victim)
        return std::unexpected(victim.error());
    auto socket = attested::connect_to(genuine_);
    if (!socket)
        return std::unexpected(socket.error());
    auto genuine = Channel::connect(client_.get(), std::move(*socket));
    if (!genuine)
        return std::unexpected(genuine.error());

    for (Channel* channel : {&*victim, &*genuine}) {
        if (auto up = shake_hands(*channel, deadline); !up)
            return std::unexpected(up.error());
    }
    const auto challenge = receive(*victim, FrameType::challenge, deadline);
    if (!challenge)
        return std::unexpected(challenge.error());
    if (auto sent = send(*genuine, *challenge, deadline); !sent)
        return std::unexpected(sent.error());
    auto evidence = receive(*genuine, FrameType::evidence, deadline);
    if (!evidence)
        return std::unexpected(evidence.error());
    if (auto sent = send(*victim, *evidence, deadline); !sent)
        return std::unexpected(sent.error());

    attested::Session seen;
    const auto parsed = attested::parse_challenge(challenge->body);
    if (!parsed)
        return std::unexpected(parsed.error());
    const auto exporter = attested::exporter_of(genuine->ssl(), parsed->nonce);
    if (!exporter)
        return std::unexpected(exporter.error());
    seen.challenge = *parsed;
    seen.exporter = *exporter;
    seen.evidence = std::move(evidence->body);
    victim->close();
    genuine->close();
    return seen;
}

} // namespace attacks

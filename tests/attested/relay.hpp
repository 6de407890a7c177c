// SPDX-License-Identifier: MIT
//
// A man in the middle: has a TLS key of its own, and a genuine server to ask.
//
//     Relay relay = *Relay::make(genuine);
//     std::jthread thread([&] { relay.serve_one(deadline); });
//     Caller victim = *Caller::begin(context, relay.address(), formats);
//
// The victim's challenge goes to the server as it came, and the server's evidence back.
//
// Threads: one at a time.
#pragma once

#include <tsmfd/result.hpp>

#include <caller.hpp>

namespace attacks {

class Relay {
public:
    static tsmfd::Result<Relay> make(const attested::Address& genuine);

    [[nodiscard]] const attested::Address& address() const { return address_; }
    // What it saw of its own connection to the server: with this the evidence does hold.
    tsmfd::Result<attested::Session> serve_one(attested::Caller::Clock::time_point deadline);

private:
    Relay(attested::SslContextPtr server, attested::SslContextPtr client, tsmfd::UniqueFd listener,
          attested::Address address, attested::Address genuine)
        : server_(std::move(server)), client_(std::move(client)), listener_(std::move(listener)),
          address_(address), genuine_(genuine) {}

    tsmfd::Result<attested::Channel> welcome(attested::Caller::Clock::time_point deadline);

    attested::SslContextPtr server_;
    attested::SslContextPtr client_;
    tsmfd::UniqueFd listener_;
    attested::Address address_;
    attested::Address genuine_;
};

} // namespace attacks

// SPDX-License-Identifier: MIT
//
// The client's side of a connection, up to its evidence.
//
//     Result<Caller> caller = Caller::begin(context, address, {Format::extended});
//     Result<bool> there = caller->advance();           // false: again when channel().wants() is
//     Verification verification = check(caller->session(), trust);
//
// or, for who has nothing else to do:
//
//     Result<void> there = caller->wait_for_evidence(deadline);
//
// Errors: those of Channel; EACCES for a server that says that it has no evidence, with its words;
// ETIMEDOUT.
//
// Threads: one at a time.
#pragma once

#include "channel.hpp"
#include "socket.hpp"

#include <tsmfd/options.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace attested {

// All that there is to know of a connection to judge its evidence by.
struct Session {
    Challenge challenge;
    Exporter exporter{}; // this connection's, for the challenge's nonce
    Bytes evidence{};    // the body of the frame
};

class Caller {
public:
    using Clock = std::chrono::steady_clock;

    // With a nonce that is drawn here.
    static tsmfd::Result<Caller> begin(SSL_CTX* context, const Address& address,
                                       std::vector<tsmfd::Format> formats);

    // True when the evidence is there; it is not judged.
    tsmfd::Result<bool> advance();
    tsmfd::Result<void> wait_for_evidence(Clock::time_point deadline);
    // The server's echo.
    tsmfd::Result<std::string> speak(std::string_view line, Clock::time_point deadline);

    [[nodiscard]] const Session& session() const { return session_; }
    [[nodiscard]] Session take_session() { return std::move(session_); }
    [[nodiscard]] Channel& channel() { return channel_; }

private:
    enum class Step : std::uint8_t { handshake, challenge, evidence, done };

    Caller(Channel channel, Challenge challenge)
        : channel_(std::move(channel)), session_{.challenge = std::move(challenge)} {}

    tsmfd::Result<bool> take_step();
    tsmfd::Result<bool> take_evidence();

    Channel channel_;
    Session session_;
    Step step_ = Step::handshake;
};

} // namespace attested

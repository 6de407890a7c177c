// SPDX-License-Identifier: MIT
//
// One client of the server: which step it is at, and until when it may be.
//
// Threads: the server's.
#pragma once

#include "channel.hpp"
#include "server.hpp"

#include <chrono>
#include <cstdint>

namespace attested {

class Connection final : public Handler {
public:
    using Clock = std::chrono::steady_clock;

    enum class Step : std::uint8_t {
        handshake,
        challenge, // is awaited
        report,    // is being made
        evidence,  // is being sent
        line,      // is awaited
        echo,      // is being sent
        refusal,   // is being sent
    };

    Connection(Server& server, Ticket ticket, Channel channel);

    void ready(std::uint32_t events) override;
    // The source has answered.
    void answer(Answer answer);

    [[nodiscard]] Ticket ticket() const { return ticket_; }
    [[nodiscard]] Step step() const { return step_; }
    [[nodiscard]] int fd() const { return channel_.fd(); }
    [[nodiscard]] bool late(Clock::time_point now) const { return now > deadline_; }
    [[nodiscard]] bool asks_nothing_yet() const {
        return step_ == Step::handshake || step_ == Step::challenge;
    }
    void close() {
        over_ = true;
        channel_.close();
    }

private:
    void advance();
    // One step; false if it waits, or is over.
    bool take_step();
    bool shake_hands();
    bool take_challenge();
    bool take_line();
    bool finish_sending();
    void enter(Step step);
    bool end(std::uint64_t Counts::*as);

    Server& server_;
    Ticket ticket_;
    Channel channel_;
    Step step_ = Step::handshake;
    Clock::time_point deadline_;
    bool over_ = false;
};

} // namespace attested

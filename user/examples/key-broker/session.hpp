// SPDX-License-Identifier: MIT
//
// One client's exchange with the broker, as bytes in and bytes out.
//
//     Session session(broker, peer, message_max);
//     session.feed(received, now);
//     send(session.take_output());
//     if (session.over())
//         ...                          // nothing more is read, or said
//
// Hello, challenge, request, answer or refusal, and that is all. It holds no more than one message
// and what came after it in one feed().
//
// Threads: from one.
#pragma once

#include "broker.hpp"

#include <optional>
#include <string>

namespace keybroker {

class Session {
public:
    // Who examines evidence: the session itself, in feed(), or its owner, elsewhere.
    enum class Examines { here, elsewhere };

    Session(Broker& broker, std::string peer, std::size_t message_max,
            Examines examines = Examines::here)
        : broker_(broker), peer_(std::move(peer)), message_max_(message_max), examines_(examines) {}

    void feed(tsmfd::ByteSpan bytes, Nonces::Clock::time_point now);
    // The stream ended, or time was up: logged if something was begun.
    void cut(const std::string& why);

    [[nodiscard]] Bytes take_output() { return std::exchange(output_, {}); }
    [[nodiscard]] bool over() const { return over_ && !waits_; }

    // For who examines elsewhere: what is to be examined, once; and what came of it. Meanwhile it
    // waits: nothing is read.
    [[nodiscard]] std::optional<Examination> take_examination() {
        return std::exchange(examination_, std::nullopt);
    }
    void finish(Examination of, const Findings& findings);
    [[nodiscard]] bool waits() const { return waits_; }

private:
    // How many bytes of the buffer were one message; 0 if it is not whole yet.
    std::size_t take_message(Nonces::Clock::time_point now);
    void handle(Type type, tsmfd::ByteSpan body, Nonces::Clock::time_point now);
    void say(const Bytes& message);
    void refuse(Reason reason, std::string why);

    Broker& broker_;
    std::string peer_;
    std::size_t message_max_; // bytes of a body
    Bytes buffer_;
    Bytes output_;
    Examines examines_;
    std::optional<Examination> examination_;
    bool waits_ = false;
    bool challenged_ = false;
    bool over_ = false;
};

} // namespace keybroker

// SPDX-License-Identifier: MIT
#include "connection.hpp"

#include "append.hpp"

#include <tsmfd/evidence/tls_binding.hpp>

#include <cerrno>
#include <utility>

#include <sys/epoll.h>

namespace attested {

Connection::Connection(Server& server, Ticket ticket, Channel channel)
    : server_(server), ticket_(ticket), channel_(std::move(channel)) {
    enter(Step::handshake);
}

void Connection::enter(Step step) {
    const ServerSettings& settings = server_.settings_;
    step_ = step;
    deadline_ = Clock::now() + (step == Step::report ? settings.firmware : settings.patience);
}

bool Connection::end(std::uint64_t Counts::*as) {
    server_.end(*this, as);
    return false;
}

void Connection::ready(std::uint32_t events) {
    if (over_)
        return;
    // While the report is made nothing is read, which would show this.
    if (step_ == Step::report && (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
        end(&Counts::left);
        return;
    }
    advance();
}

void Connection::advance() {
    while (!over_ && take_step()) {
    }
}

bool Connection::take_step() {
    switch (step_) {
    case Step::handshake:
        return shake_hands();
    case Step::challenge:
        return take_challenge();
    case Step::line:
        return take_line();
    case Step::report:
        return false;
    case Step::evidence:
    case Step::echo:
    case Step::refusal:
        break;
    }
    return finish_sending();
}

bool Connection::shake_hands() {
    const auto done = channel_.handshake();
    if (!done)
        return end(done.error().code == EPROTO ? &Counts::no_tls : &Counts::left);
    if (!*done)
        return false;
    // Whoever names no protocol is not asked for it by OpenSSL.
    if (!speaks_alpn(channel_.ssl()))
        return end(&Counts::no_tls);
    enter(Step::challenge);
    return true;
}

bool Connection::take_challenge() {
    const auto frame = channel_.receive({FrameType::challenge});
    if (!frame)
        return end(frame.error().code == ECONNRESET ? &Counts::left : &Counts::bad_frame);
    if (!*frame)
        return false;
    const auto challenge = parse_challenge((*frame)->body);
    if (!challenge)
        return end(&Counts::bad_frame);
    const auto exporter = exporter_of(channel_.ssl(), challenge->nonce);
    const auto inblob = exporter ? tsmfd::tls_binding(challenge->nonce, *exporter)
                                 : std::unexpected(exporter.error());
    enter(Step::report);
    if (inblob)
        server_.source_.ask(ticket_, *inblob, challenge->formats);
    else
        answer(std::unexpected(inblob.error()));
    return false;
}

void Connection::answer(Answer answer) {
    if (answer) {
        channel_.send(FrameType::evidence, *answer);
        ++server_.counts_.evidence;
        enter(Step::evidence);
    } else {
        const std::string why = answer.error().message();
        channel_.send(FrameType::refusal, tsmfd::text(std::string_view(why).substr(
                                              0, longest_body(FrameType::refusal))));
        enter(Step::refusal);
    }
    advance();
}

bool Connection::take_line() {
    auto frame = channel_.receive({FrameType::line});
    if (!frame)
        return end(frame.error().code == ECONNRESET ? &Counts::served : &Counts::bad_frame);
    if (!*frame)
        return false;
    channel_.send(FrameType::line, (*frame)->body);
    enter(Step::echo);
    return true;
}

bool Connection::finish_sending() {
    const auto done = channel_.flush();
    if (!done)
        return end(&Counts::left);
    if (!*done)
        return false;
    switch (step_) {
    case Step::evidence:
        enter(Step::line);
        return true;
    case Step::refusal:
        return end(&Counts::no_report);
    default:
        return end(&Counts::served);
    }
}

} // namespace attested

// SPDX-License-Identifier: MIT
#include "caller.hpp"

#include "append.hpp"

#include <tsmfd/printable.hpp>

#include <cerrno>
#include <utility>

#include <sys/random.h>

namespace attested {

using tsmfd::fail;
using tsmfd::Result;

Result<Caller> Caller::begin(SSL_CTX* context, const Address& address,
                             std::vector<tsmfd::Format> formats) {
    Challenge challenge{.nonce = {}, .formats = std::move(formats)};
    if (::getrandom(challenge.nonce.data(), challenge.nonce.size(), 0) !=
        static_cast<ssize_t>(challenge.nonce.size()))
        return fail("getrandom", errno);
    auto socket = connect_to(address);
    if (!socket)
        return std::unexpected(socket.error());
    auto channel = Channel::connect(context, std::move(*socket));
    if (!channel)
        return std::unexpected(channel.error());
    return Caller(std::move(*channel), std::move(challenge));
}

Result<bool> Caller::advance() {
    for (;;) {
        auto went = step_ == Step::evidence ? take_evidence() : take_step();
        if (!went || !*went || step_ == Step::done)
            return went;
    }
}

Result<bool> Caller::take_step() {
    if (step_ == Step::challenge) {
        auto sent = channel_.flush();
        if (sent && *sent)
            step_ = Step::evidence;
        return sent;
    }
    auto up = channel_.handshake();
    if (!up || !*up)
        return up;
    if (!speaks_alpn(channel_.ssl()))
        return fail("the server does not speak " + std::string(alpn), EPROTO);
    const auto exporter = exporter_of(channel_.ssl(), session_.challenge.nonce);
    if (!exporter)
        return std::unexpected(exporter.error());
    session_.exporter = *exporter;
    channel_.send(FrameType::challenge, encode(session_.challenge));
    step_ = Step::challenge;
    return true;
}

Result<bool> Caller::take_evidence() {
    auto frame = channel_.receive({FrameType::evidence, FrameType::refusal});
    if (!frame)
        return std::unexpected(frame.error());
    if (!*frame)
        return false;
    if ((*frame)->type == FrameType::refusal)
        return fail("the server gives no evidence, for \"" + tsmfd::printable((*frame)->body) + '"',
                    EACCES);
    session_.evidence = std::move((*frame)->body);
    step_ = Step::done;
    return true;
}

Result<void> Caller::wait_for_evidence(Clock::time_point deadline) {
    return wait_for(channel_, deadline, [this] { return advance(); });
}

Result<std::string> Caller::speak(std::string_view line, Clock::time_point deadline) {
    channel_.send(FrameType::line, tsmfd::text(line.substr(0, longest_body(FrameType::line))));
    std::string echo;
    const auto heard = wait_for(channel_, deadline, [this, &echo]() -> Result<bool> {
        if (auto sent = channel_.flush(); !sent || !*sent)
            return sent;
        auto frame = channel_.receive({FrameType::line});
        if (!frame)
            return std::unexpected(frame.error());
        if (!*frame)
            return false;
        echo = tsmfd::printable((*frame)->body);
        return true;
    });
    if (!heard)
        return std::unexpected(heard.error());
    return echo;
}

} // namespace attested

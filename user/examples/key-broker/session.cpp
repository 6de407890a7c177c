// SPDX-License-Identifier: MIT
#include "session.hpp"

#include "append.hpp"

#include <fmt/format.h>

namespace keybroker {

using tsmfd::append;
using tsmfd::ByteSpan;

void Session::feed(ByteSpan bytes, Nonces::Clock::time_point now) {
    if (over_)
        return;
    append(buffer_, bytes);
    while (!over_) {
        const std::size_t taken = take_message(now);
        if (taken == 0)
            break;
        buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(taken));
    }
    if (over_)
        buffer_ = {};
}

std::size_t Session::take_message(Nonces::Clock::time_point now) {
    const ByteSpan all = buffer_;
    if (all.size() < head_size)
        return 0;
    const auto head = parse_head(all.first(head_size));
    if (!head) {
        refuse(Reason::malformed, "this is no message of a client's");
        return 0;
    }
    if (head->size > message_max_) {
        refuse(Reason::too_big, fmt::format("a message of {} bytes, where {} are allowed",
                                            head->size, message_max_));
        return 0;
    }
    if (all.size() - head_size < head->size)
        return 0;
    handle(head->type, all.subspan(head_size, head->size), now);
    return head_size + head->size;
}

void Session::handle(Type type, ByteSpan body, Nonces::Clock::time_point now) {
    if (!challenged_ && type == Type::hello && body.empty()) {
        const auto challenge = broker_.challenge(now);
        if (!challenge)
            return refuse(Reason::broken, challenge.error().message());
        challenged_ = true;
        return say(encode(*challenge));
    }
    if (!challenged_ || type != Type::request)
        return refuse(Reason::malformed, "a message out of turn");
    const auto request = parse_request(body);
    if (!request)
        return refuse(Reason::malformed, request.error().what);
    over_ = true;
    auto begun = broker_.begin(*request, peer_, now);
    if (const auto* refusal = std::get_if<Refusal>(&begun))
        return say(encode(*refusal));
    auto& of = std::get<Examination>(begun);
    waits_ = true;
    if (examines_ == Examines::elsewhere) {
        examination_ = std::move(of);
        return;
    }
    const Findings findings = broker_.examine(of);
    finish(std::move(of), findings);
}

void Session::finish(Examination of, const Findings& findings) {
    waits_ = false;
    std::visit([this](const auto& reply) { say(encode(reply)); },
               broker_.finish(std::move(of), findings));
}

void Session::cut(const std::string& why) {
    if (!over_ && !buffer_.empty())
        refuse(Reason::malformed, why);
    over_ = true;
}

void Session::say(const Bytes& message) {
    append(output_, message);
}

void Session::refuse(Reason reason, std::string why) {
    over_ = true;
    say(encode(broker_.refuse(reason, std::move(why), peer_)));
}

} // namespace keybroker

// SPDX-License-Identifier: MIT
#include "ask.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

namespace keybroker {

namespace {

using tsmfd::ByteSpan;
using tsmfd::fail;
using tsmfd::Result;

// Nothing that a broker says is longer.
constexpr std::size_t body_max = std::size_t{64} << 10;

Result<Bytes> receive(Stream& stream, Type wanted) {
    std::array<std::uint8_t, head_size> bytes{};
    if (const auto read = stream.read(bytes); !read)
        return std::unexpected(read.error());
    const auto head = parse_head(bytes);
    if (!head)
        return std::unexpected(head.error());
    if (head->size > body_max)
        return fail("read an answer of the broker's: it is too long", EBADMSG);
    Bytes body(head->size);
    if (const auto read = stream.read(body); !read)
        return std::unexpected(read.error());
    if (head->type == wanted)
        return body;
    if (head->type != Type::refusal)
        return fail("read an answer of the broker's: it is out of turn", EBADMSG);
    const auto refusal = parse_refusal(body);
    if (!refusal)
        return std::unexpected(refusal.error());
    return fail(
        fmt::format("the broker refuses ({}): {}", reason_name(refusal->reason), refusal->text),
        EACCES);
}

Result<Challenge> challenge_of(Stream& stream) {
    if (const auto sent = stream.write(encode_hello()); !sent)
        return std::unexpected(sent.error());
    const auto body = receive(stream, Type::challenge);
    if (!body)
        return std::unexpected(body.error());
    return parse_challenge(*body);
}

} // namespace

Result<void> Stream::wait_for(short events) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until_ - Clock::now());
    pollfd waiting{.fd = fd_.get(), .events = events, .revents = 0};
    const int ready =
        ::poll(&waiting, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (ready == 0)
        return fail("wait for the broker", ETIMEDOUT);
    if (ready < 0 && errno != EINTR)
        return fail("wait for the broker", errno);
    return {};
}

Result<void> Stream::read(std::span<std::uint8_t> into) {
    while (!into.empty()) {
        const ssize_t count = ::read(fd_.get(), into.data(), into.size());
        if (count == 0)
            return fail("read from the broker", ECONNRESET);
        if (count < 0 && errno != EAGAIN && errno != EINTR)
            return fail("read from the broker", errno);
        if (count > 0)
            into = into.subspan(static_cast<std::size_t>(count));
        else if (const auto ready = wait_for(POLLIN); !ready)
            return ready;
    }
    return {};
}

Result<void> Stream::write(ByteSpan bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(fd_.get(), bytes.data(), bytes.size());
        if (count < 0 && errno != EAGAIN && errno != EINTR)
            return fail("write to the broker", errno);
        if (count > 0)
            bytes = bytes.subspan(static_cast<std::size_t>(count));
        else if (const auto ready = wait_for(POLLOUT); !ready)
            return ready;
    }
    return {};
}

Result<Secret> ask(Stream& stream, const Question& question, const Reporter& report) {
    const auto own = hpke::KeyPair::generate();
    if (!own)
        return std::unexpected(own.error());
    const auto challenge = challenge_of(stream);
    if (!challenge)
        return std::unexpected(challenge.error());
    const auto bound = report_data(challenge->nonce, own->public_key(), question.name);
    if (!bound)
        return std::unexpected(bound.error());
    const auto evidence = report(*bound);
    if (!evidence)
        return std::unexpected(evidence.error());

    const Request request{.nonce = challenge->nonce,
                          .key = own->public_key(),
                          .name = question.name,
                          .outblob = evidence->outblob,
                          .auxblob = evidence->auxblob};
    if (const auto sent = stream.write(encode(request)); !sent)
        return std::unexpected(sent.error());
    const auto body = receive(stream, Type::answer);
    if (!body)
        return std::unexpected(body.error());
    const auto answer = parse_answer(*body);
    if (!answer)
        return std::unexpected(answer.error());
    if (question.broker != nullptr) {
        if (const auto held = question.broker->check(*answer, *bound); !held)
            return std::unexpected(held.error());
    }
    return unseal(*answer, *own, *bound);
}

} // namespace keybroker

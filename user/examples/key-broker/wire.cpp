// SPDX-License-Identifier: MIT
#include "wire.hpp"

#include "append.hpp"

#include <tsmfd/printable.hpp>

#include <algorithm>
#include <utility>

namespace keybroker {

namespace {

using tsmfd::append;
using tsmfd::append_be;
using tsmfd::append_sized;
using tsmfd::ByteSpan;
using tsmfd::fail;
using tsmfd::Reader;
using tsmfd::Result;
using tsmfd::text;

constexpr std::string_view magic = "TKB1";

Bytes framed(Type type, const Bytes& body) {
    Bytes message;
    message.reserve(head_size + body.size());
    append(message, text(magic));
    append_be(message, std::uint32_t{std::to_underlying(type)} << 24);
    append_sized(message, body);
    return message;
}

ByteSpan sized(Reader& in) {
    return in.bytes(in.be32());
}

bool whole(const Reader& in) {
    return in.ok() && in.left() == 0;
}

std::unexpected<tsmfd::Error> malformed(std::string_view what) {
    return fail(std::string("read a ").append(what), EBADMSG);
}

bool is_known(std::uint8_t type) {
    return type >= std::to_underlying(Type::hello) && type <= std::to_underlying(Type::refusal);
}

} // namespace

std::string_view reason_name(Reason reason) {
    switch (reason) {
    case Reason::malformed:
        return "malformed";
    case Reason::too_big:
        return "too big";
    case Reason::nonce:
        return "nonce";
    case Reason::name:
        return "name";
    case Reason::evidence:
        return "evidence";
    case Reason::broken:
        return "broken";
    }
    return "unknown";
}

bool is_name(std::string_view name) {
    const auto fits = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '_' || c == '-';
    };
    return !name.empty() && name.size() <= name_max && std::ranges::all_of(name, fits);
}

Bytes encode_hello() {
    return framed(Type::hello, {});
}

Bytes encode(const Challenge& challenge) {
    Bytes body;
    append(body, challenge.nonce);
    append_be(body, challenge.seconds);
    return framed(Type::challenge, body);
}

Bytes encode(const Request& request) {
    Bytes body;
    append(body, request.nonce);
    append(body, request.key);
    append_sized(body, text(request.name));
    append_sized(body, request.outblob);
    append_sized(body, request.auxblob);
    return framed(Type::request, body);
}

Bytes encode(const Answer& answer) {
    Bytes body;
    append(body, answer.enc);
    append_sized(body, answer.ciphertext);
    append(body, answer.signature);
    return framed(Type::answer, body);
}

Bytes encode(const Refusal& refusal) {
    Bytes body;
    append_be(body, std::to_underlying(refusal.reason));
    append_sized(body, text(refusal.text).first(std::min(refusal.text.size(), text_max)));
    return framed(Type::refusal, body);
}

Result<Head> parse_head(ByteSpan head) {
    Reader in(head);
    const bool is_ours = std::ranges::equal(in.bytes(magic.size()), text(magic));
    const std::uint32_t type_and_zeros = in.be32();
    const std::uint32_t size = in.be32();
    const auto type = static_cast<std::uint8_t>(type_and_zeros >> 24);
    if (!whole(in) || !is_ours || !is_known(type) || (type_and_zeros & 0xffffffU) != 0)
        return malformed("message's head");
    return Head{.type = static_cast<Type>(type), .size = size};
}

Result<Challenge> parse_challenge(ByteSpan body) {
    Reader in(body);
    Challenge challenge;
    challenge.nonce = in.array<nonce_size>();
    challenge.seconds = in.be32();
    if (!whole(in))
        return malformed("challenge");
    return challenge;
}

Result<Request> parse_request(ByteSpan body) {
    Reader in(body);
    Request request;
    request.nonce = in.array<nonce_size>();
    request.key = in.array<key_size>();
    const ByteSpan name = sized(in);
    request.outblob = sized(in);
    request.auxblob = sized(in);
    if (!whole(in))
        return malformed("request");
    request.name.assign(name.begin(), name.end());
    if (!is_name(request.name))
        return malformed("request: the name of a secret");
    return request;
}

Result<Answer> parse_answer(ByteSpan body) {
    Reader in(body);
    Answer answer;
    answer.enc = in.array<key_size>();
    const ByteSpan ciphertext = sized(in);
    answer.signature = in.array<signature_size>();
    if (!whole(in))
        return malformed("answer");
    answer.ciphertext.assign(ciphertext.begin(), ciphertext.end());
    return answer;
}

Result<Refusal> parse_refusal(ByteSpan body) {
    Reader in(body);
    Refusal refusal;
    refusal.reason = static_cast<Reason>(in.be32());
    const ByteSpan text = sized(in);
    if (!whole(in) || text.size() > text_max)
        return malformed("refusal");
    refusal.text = tsmfd::printable(text);
    return refusal;
}

} // namespace keybroker

// SPDX-License-Identifier: MIT
#include "wire.hpp"

#include "append.hpp"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <limits>
#include <utility>

#include <fmt/format.h>

namespace attested {

namespace {

using tsmfd::append;
using tsmfd::append_be;
using tsmfd::append_sized;
using tsmfd::ByteSpan;
using tsmfd::fail;
using tsmfd::Format;
using tsmfd::Reader;
using tsmfd::Result;
using tsmfd::text;

constexpr std::size_t longest_provider = TSMFD_NAME_MAX - 1;

bool is_format(std::uint8_t number) {
    return number == std::to_underlying(Format::plain) ||
           number == std::to_underlying(Format::extended);
}

} // namespace

std::size_t longest_body(FrameType type) {
    switch (type) {
    case FrameType::challenge:
        return sizeof(Challenge::nonce) + 1 + Challenge::most_formats;
    case FrameType::evidence:
        return std::size_t{1} << 20; // a TPM's event log, or certificates
    case FrameType::refusal:
        return 256;
    case FrameType::line:
        break;
    }
    return 1024;
}

std::string_view name_of(FrameType type) {
    switch (type) {
    case FrameType::challenge:
        return "challenge";
    case FrameType::evidence:
        return "evidence";
    case FrameType::refusal:
        return "refusal";
    case FrameType::line:
        break;
    }
    return "line";
}

Result<FrameHead> parse_head(std::span<const std::uint8_t, head_size> bytes) {
    Reader in(bytes);
    const std::size_t size = in.be32();
    const std::uint8_t type = in.u8();
    if (type < std::to_underlying(FrameType::challenge) ||
        type > std::to_underlying(FrameType::line))
        return fail(fmt::format("a frame of type {}", type), EBADMSG);
    const FrameHead head{.type = static_cast<FrameType>(type), .size = size};
    if (size > longest_body(head.type))
        return fail(fmt::format("a {} of {} bytes", name_of(head.type), size), EMSGSIZE);
    return head;
}

void append_frame(Bytes& to, FrameType type, ByteSpan body) {
    append_be(to, static_cast<std::uint32_t>(body.size()));
    append_be(to, std::to_underlying(type));
    append(to, body);
}

Bytes encode(const Challenge& challenge) {
    Bytes body;
    append(body, challenge.nonce);
    const std::size_t count = std::min(challenge.formats.size(), Challenge::most_formats);
    append_be(body, static_cast<std::uint8_t>(count));
    for (const Format format : std::span(challenge.formats).first(count))
        append_be(body, static_cast<std::uint8_t>(std::to_underlying(format)));
    return body;
}

Result<Challenge> parse_challenge(ByteSpan body) {
    Reader in(body);
    Challenge challenge{.nonce = in.array<sizeof(Challenge::nonce)>(), .formats = {}};
    const std::uint8_t count = in.u8();
    const ByteSpan formats = in.bytes(count);
    if (!in.ok() || in.left() > 0)
        return fail("a challenge of another length than it says", EBADMSG);
    for (const std::uint8_t format : formats) {
        if (is_format(format))
            challenge.formats.push_back(static_cast<Format>(format));
    }
    if (challenge.formats.empty())
        return fail("a challenge without a format that is known", EBADMSG);
    return challenge;
}

Result<Bytes> encode(const EvidenceMessage& evidence) {
    const std::size_t size = 1 + 4 + 1 + evidence.provider.size() + std::size_t{3} * 4 +
                             evidence.outblob.size() + evidence.auxblob.size() +
                             evidence.proof.size();
    if (evidence.provider.size() > longest_provider || size > longest_body(FrameType::evidence))
        return fail(fmt::format("send evidence of {} bytes", size), EMSGSIZE);
    Bytes body;
    body.reserve(size);
    append_be(body, static_cast<std::uint8_t>(std::to_underlying(evidence.format)));
    append_be(body, evidence.privlevel);
    append_be(body, static_cast<std::uint8_t>(evidence.provider.size()));
    append(body, text(evidence.provider));
    for (const ByteSpan blob : {evidence.outblob, evidence.auxblob, evidence.proof})
        append_sized(body, blob);
    return body;
}

Result<EvidenceMessage> parse_evidence(ByteSpan body) {
    Reader in(body);
    const std::uint8_t format = in.u8();
    EvidenceMessage evidence{.format = static_cast<Format>(format), .privlevel = in.be32()};
    const ByteSpan provider = in.bytes(in.u8());
    for (ByteSpan* blob : {&evidence.outblob, &evidence.auxblob, &evidence.proof})
        *blob = in.bytes(in.be32());
    if (!in.ok() || in.left() > 0)
        return fail("evidence of another length than it says", EBADMSG);
    if (!is_format(format))
        return fail(fmt::format("evidence of format {}", format), EBADMSG);
    if (provider.size() > longest_provider)
        return fail("evidence of a provider with a long name", EBADMSG);
    evidence.provider = {std::bit_cast<const char*>(provider.data()), provider.size()};
    return evidence;
}

} // namespace attested

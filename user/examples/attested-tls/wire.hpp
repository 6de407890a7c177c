// SPDX-License-Identifier: MIT
//
// What goes over the connection once TLS 1.3 is up: Documentation/attested-tls.rst.
//
// A frame is its body's length (u32), its type (u8) and its body; numbers are big-endian. Every
// type has a longest body, and a frame that says more is refused before it is read.
//
//     std::vector<std::uint8_t> out;
//     append_frame(out, FrameType::challenge, encode(challenge));
//     Result<FrameHead> head = parse_head(bytes);
//     Result<EvidenceMessage> evidence = parse_evidence(body);
//
// Errors of parsing are EBADMSG, or EMSGSIZE for a body that is too long.
//
// Threads: functions of their arguments. Spans of a message live as long as the body parsed.
#pragma once

#include <tsmfd/bytes.hpp>
#include <tsmfd/evidence/verdict.hpp>
#include <tsmfd/options.hpp>
#include <tsmfd/result.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace attested {

using Bytes = std::vector<std::uint8_t>;

// RFC 7301: both ends have to say it.
inline constexpr std::string_view alpn = "tsmfd-attest/1";

enum class FrameType : std::uint8_t { challenge = 1, evidence = 2, refusal = 3, line = 4 };

inline constexpr std::size_t head_size = 5;

struct FrameHead {
    FrameType type = FrameType::refusal;
    std::size_t size = 0; // of the body
};

// Of a body of the type, bytes.
[[nodiscard]] std::size_t longest_body(FrameType type);
// "challenge"
[[nodiscard]] std::string_view name_of(FrameType type);

[[nodiscard]] tsmfd::Result<FrameHead> parse_head(std::span<const std::uint8_t, head_size> bytes);
void append_frame(Bytes& to, FrameType type, tsmfd::ByteSpan body);

// The client's: 32 bytes that it never used before, and the formats that it takes, the one it
// likes best first.
struct Challenge {
    static constexpr std::size_t most_formats = 8;

    std::array<std::uint8_t, 32> nonce{};
    std::vector<tsmfd::Format> formats{tsmfd::Format::plain};
};
[[nodiscard]] Bytes encode(const Challenge& challenge);
// A format that is not known is passed over; one that is has to be among them.
[[nodiscard]] tsmfd::Result<Challenge> parse_challenge(tsmfd::ByteSpan body);

// The server's: how it asked, whom, and what it got. A server that gives none (attested-server
// --plain) leaves all of it empty.
struct EvidenceMessage {
    tsmfd::Format format = tsmfd::Format::plain;
    std::uint32_t privlevel = 0;
    std::string_view provider{}; // at most 31 characters
    tsmfd::ByteSpan outblob{};
    tsmfd::ByteSpan auxblob{};
    tsmfd::ByteSpan proof{}; // of a batch; else empty
};
// EMSGSIZE if it would not fit.
[[nodiscard]] tsmfd::Result<Bytes> encode(const EvidenceMessage& evidence);
[[nodiscard]] tsmfd::Result<EvidenceMessage> parse_evidence(tsmfd::ByteSpan body);

} // namespace attested

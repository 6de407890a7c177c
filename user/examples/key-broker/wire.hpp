// SPDX-License-Identifier: MIT
//
// The messages between tsm-unseal and tsm-broker, and their bytes. Documentation/key-broker.rst is
// their specification.
//
// They need a stream and nothing else: TCP, a unix socket, vsock or a serial port. Each message is
// a head of 12 bytes and a body, numbers big-endian:
//
//     0x00  magic "TKB1"
//     0x04  type, then three zeros
//     0x08  size of the body, 4 bytes
//     0x0c  body
//
//     hello      client   -
//     challenge  broker   nonce[32], seconds u32
//     request    client   nonce[32], key[32], and sized: name, outblob, auxblob
//     answer     broker   enc[32], sized ciphertext, signature[64]
//     refusal    broker   reason u32, sized text
//
// "Sized" is a size of 4 bytes, then as many bytes.
//
//     Bytes message = encode(Request{...});
//     const auto head = parse_head(stream);        // 12 bytes
//     const auto request = parse_request(body);
//
// Threads: functions of their arguments.
#pragma once

#include "secret.hpp"

#include <tsmfd/bytes.hpp>
#include <tsmfd/result.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace keybroker {

inline constexpr std::size_t head_size = 12;
inline constexpr std::size_t nonce_size = 32;
inline constexpr std::size_t key_size = 32;       // X25519
inline constexpr std::size_t signature_size = 64; // Ed25519
inline constexpr std::size_t name_max = 64;
inline constexpr std::size_t text_max = 1024;

using Nonce = std::array<std::uint8_t, nonce_size>;
using Key = std::array<std::uint8_t, key_size>;
using Signature = std::array<std::uint8_t, signature_size>;

enum class Type : std::uint8_t { hello = 1, challenge, request, answer, refusal };

enum class Reason : std::uint32_t {
    malformed = 1, // the message; nothing was looked at
    too_big,       // the message, from what its head says
    nonce,         // unknown: never given, used before, or expired
    name,          // no secret is called that
    evidence,      // does not hold to the policy of any secret of that name
    broken,        // the broker cannot do what it should
};

struct Head {
    Type type = Type::hello;
    std::uint32_t size = 0; // of the body
};

struct Challenge {
    Nonce nonce{};
    std::uint32_t seconds = 0; // that it is good for
};

// Spans lie in the body that was parsed.
struct Request {
    Nonce nonce{};
    Key key{};               // X25519; the report data bind it
    std::string name;        // of the secret; 1 to name_max of A-Z a-z 0-9 . _ -
    tsmfd::ByteSpan outblob; // as /dev/tsmfdN gave it
    tsmfd::ByteSpan auxblob;
};

struct Answer {
    Key enc{}; // of HPKE
    Bytes ciphertext;
    Signature signature{};
};

struct Refusal {
    Reason reason = Reason::malformed;
    std::string text; // for a person; at most text_max bytes
};

[[nodiscard]] std::string_view reason_name(Reason reason);
[[nodiscard]] bool is_name(std::string_view name);

[[nodiscard]] Bytes encode_hello();
[[nodiscard]] Bytes encode(const Challenge& challenge);
[[nodiscard]] Bytes encode(const Request& request);
[[nodiscard]] Bytes encode(const Answer& answer);
[[nodiscard]] Bytes encode(const Refusal& refusal);

// EBADMSG for what is not one such message and nothing else.
[[nodiscard]] tsmfd::Result<Head> parse_head(tsmfd::ByteSpan head);
[[nodiscard]] tsmfd::Result<Challenge> parse_challenge(tsmfd::ByteSpan body);
[[nodiscard]] tsmfd::Result<Request> parse_request(tsmfd::ByteSpan body);
[[nodiscard]] tsmfd::Result<Answer> parse_answer(tsmfd::ByteSpan body);
// What is not printable ASCII in its text becomes '?'.
[[nodiscard]] tsmfd::Result<Refusal> parse_refusal(tsmfd::ByteSpan body);

} // namespace keybroker

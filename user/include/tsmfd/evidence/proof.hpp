// SPDX-License-Identifier: MIT
//
// Batches: one report for many challenges, and the proof that a challenge is among them.
//
// A batched report's own challenge is the root of a Merkle tree over SHA-512 (RFC 9162 section
// 2.1), and its reader also gets the path from its own leaf to that root. The format is in
// Documentation/abi.rst, and what it proves in Documentation/threat-model.rst.
//
//     Result<BatchAnswer> answer = split_batch(stream);     // what read(2) gave with batch=1
//     const BatchedChallenge asked{.inblob = *Inblob::from(nonce), .privlevel = 2};
//     Result<Digest512> root = batch_root(asked, answer->proof);
//     // ...the report answers this nonce if its signature is right and its challenge is *root
//
// or, with the challenge that stands in the report:
//
//     Result<void> proven = verify_batch(asked, answer->proof, report_data);
//
// Every error is EBADMSG and says what is wrong. What is refused: a path that is longer or shorter
// than the tree's size says, an index beyond it, a leaf presented as a node and the reverse (their
// hashes start differently), and any option that is not the one that was asked.
//
// Threads: functions of their arguments.
#pragma once

#include <tsmfd/bytes.hpp>
#include <tsmfd/evidence/verdict.hpp>
#include <tsmfd/export.hpp>
#include <tsmfd/options.hpp>
#include <tsmfd/result.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include <linux/tsmfd.h>

namespace tsmfd {

// A SHA-512 hash.
using Digest512 = std::array<std::uint8_t, TSMFD_HASH_LEN>;

// What a leaf binds. privlevel: as asked, or the provider's floor if none was.
struct BatchedChallenge {
    Inblob inblob;
    std::uint32_t privlevel = 0;
    Format format = Format::plain;
};

// A parsed struct tsmfd_batch_proof. The path lies in the bytes that it was parsed from.
struct BatchProof {
    std::uint32_t leaf_index = 0;
    std::uint32_t tree_size = 0;
    ByteSpan path; // hashes of 64 bytes each, the leaf's sibling first
    // Bytes of the blobs that the proof is for.
    std::uint32_t outblob_size = 0;
    std::uint32_t auxblob_size = 0;
    std::uint32_t manifestblob_size = 0;
};

// What one batched request was answered with, in one piece: proof, outblob, auxblob, manifestblob.
struct BatchAnswer {
    BatchProof proof;
    ByteSpan proof_bytes;
    ByteSpan outblob;
    ByteSpan auxblob;
    ByteSpan manifestblob;
};

// Does a stream start as a proof does?
[[nodiscard]] TSMFD_API bool is_batch_proof(ByteSpan bytes) noexcept;

// Of exactly these bytes, as the ioctl gives them.
[[nodiscard]] TSMFD_API Result<BatchProof> parse_batch_proof(ByteSpan bytes) noexcept;
// Of the whole stream, which has to end where the last blob does.
[[nodiscard]] TSMFD_API Result<BatchAnswer> split_batch(ByteSpan stream) noexcept;

// How many hashes a path has, by RFC 9162 section 2.1.3.1.
[[nodiscard]] TSMFD_API unsigned batch_path_length(std::uint32_t leaf_index,
                                                   std::uint32_t tree_size) noexcept;

// SHA-512(0x00 || struct tsmfd_batch_leaf)
[[nodiscard]] TSMFD_API Digest512 batch_leaf(const BatchedChallenge& asked) noexcept;

// The root that the proof leads to from the challenge, by RFC 9162 section 2.1.3.2.
[[nodiscard]] TSMFD_API Result<Digest512> batch_root(const BatchedChallenge& asked,
                                                     const BatchProof& proof) noexcept;

// Is the root the challenge that stands in the report?
[[nodiscard]] TSMFD_API Result<void>
verify_batch(const BatchedChallenge& asked, const BatchProof& proof, ByteSpan report_data) noexcept;

// The 64 bytes of an SNP report or a TDX quote, a TPM quote's extra data, or the user data of an
// HCL report's claims; nothing of what is none of them.
[[nodiscard]] TSMFD_API std::optional<std::vector<std::uint8_t>>
report_data_of(ByteSpan outblob) noexcept;

// judge() of verdict.hpp for a batched request: with the proof's root as what was asked.
[[nodiscard]] TSMFD_API Verdict judge_batched(const BatchedChallenge& asked, ByteSpan proof,
                                              const Evidence& got) noexcept;

} // namespace tsmfd

// SPDX-License-Identifier: MIT
#include "sha512.hpp"

#include <tsmfd/evidence/hcl_claims.hpp>
#include <tsmfd/evidence/hcl_report.hpp>
#include <tsmfd/evidence/proof.hpp>
#include <tsmfd/evidence/snp_report.hpp>
#include <tsmfd/evidence/tdx_quote.hpp>
#include <tsmfd/evidence/tpm_report.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <utility>

#include <fmt/format.h>
#include <openssl/crypto.h>

namespace tsmfd {

namespace {

constexpr std::string_view magic = TSMFD_BATCH_PROOF_MAGIC;
constexpr std::uint32_t proof_version = 1;

constexpr std::uint8_t leaf_prefix = 0x00;
constexpr std::uint8_t node_prefix = 0x01;

// Documentation/abi.rst has these offsets.
static_assert(sizeof(tsmfd_batch_proof) == 36);
static_assert(offsetof(tsmfd_batch_proof, version) == 8);
static_assert(offsetof(tsmfd_batch_proof, manifestblob_len) == 32);
static_assert(sizeof(tsmfd_batch_leaf) == 92);
static_assert(offsetof(tsmfd_batch_leaf, privlevel) == 16);
static_assert(offsetof(tsmfd_batch_leaf, inblob) == 28);

std::unexpected<Error> bad(std::string why) {
    return fail("batch proof: " + std::move(why), EBADMSG);
}

Digest512 hash_node(ByteSpan left, ByteSpan right) {
    std::array<std::uint8_t, 1 + 2 * TSMFD_HASH_LEN> bytes{node_prefix};
    std::ranges::copy(left, bytes.begin() + 1);
    std::ranges::copy(right, bytes.begin() + 1 + TSMFD_HASH_LEN);
    return sha512(bytes);
}

void put_le32(std::uint8_t* to, std::uint32_t value) {
    for (unsigned i = 0; i < 4; ++i)
        to[i] = static_cast<std::uint8_t>(value >> (8 * i));
}

Result<BatchProof> read_proof(Reader& in) {
    const ByteSpan found = in.bytes(magic.size());
    const std::uint32_t version = in.le32();
    BatchProof proof;
    proof.leaf_index = in.le32();
    proof.tree_size = in.le32();
    const std::uint32_t path_length = in.le32();
    proof.outblob_size = in.le32();
    proof.auxblob_size = in.le32();
    proof.manifestblob_size = in.le32();
    if (!in.ok())
        return bad("ends early");
    if (!std::ranges::equal(found, magic, {}, {},
                            [](char c) { return static_cast<std::uint8_t>(c); }))
        return bad("does not start with " TSMFD_BATCH_PROOF_MAGIC);
    if (version != proof_version)
        return bad(fmt::format("of version {}, not {}", version, proof_version));
    if (proof.tree_size == 0 || proof.tree_size > TSMFD_BATCH_MAX)
        return bad(fmt::format("a tree of {} leaves", proof.tree_size));
    if (proof.leaf_index >= proof.tree_size)
        return bad(fmt::format("leaf {} of {}", proof.leaf_index, proof.tree_size));
    if (path_length != batch_path_length(proof.leaf_index, proof.tree_size))
        return bad(fmt::format("a path of {} hashes for leaf {} of {}", path_length,
                               proof.leaf_index, proof.tree_size));
    proof.path = in.bytes(std::size_t{path_length} * TSMFD_HASH_LEN);
    if (!in.ok())
        return bad("ends within its path");
    return proof;
}

std::optional<std::vector<std::uint8_t>> copy_of(ByteSpan bytes) {
    return std::vector<std::uint8_t>(bytes.begin(), bytes.end());
}

// Of claims that the hardware's report is about: others say nothing.
std::optional<std::vector<std::uint8_t>> user_data_of(ByteSpan outblob) {
    const Result<HclReport> report = parse_hcl_report(outblob);
    if (!report || !report->is_about_its_claims())
        return std::nullopt;
    const Result<HclClaims> claims = parse_hcl_claims(report->claims);
    return claims && claims->user_data ? copy_of(*claims->user_data) : std::nullopt;
}

} // namespace

bool is_batch_proof(ByteSpan bytes) noexcept {
    return bytes.size() >= magic.size() &&
           std::memcmp(bytes.data(), magic.data(), magic.size()) == 0;
}

unsigned batch_path_length(std::uint32_t leaf_index, std::uint32_t tree_size) noexcept {
    unsigned length = 0;
    // Up the tree: a node that is the last of its level and has no sibling costs no hash.
    for (std::uint64_t width = tree_size; width > 1; width = (width + 1) / 2, leaf_index /= 2)
        length += (leaf_index ^ 1U) < width ? 1U : 0U;
    return length;
}

Result<BatchProof> parse_batch_proof(ByteSpan bytes) noexcept {
    Reader in(bytes);
    Result<BatchProof> proof = read_proof(in);
    if (proof && in.left() > 0)
        return bad(fmt::format("{} bytes behind it", in.left()));
    return proof;
}

Result<BatchAnswer> split_batch(ByteSpan stream) noexcept {
    Reader in(stream);
    Result<BatchProof> proof = read_proof(in);
    if (!proof)
        return std::unexpected(std::move(proof.error()));
    BatchAnswer answer{.proof = *proof,
                       .proof_bytes = stream.first(stream.size() - in.left()),
                       .outblob = in.bytes(proof->outblob_size),
                       .auxblob = in.bytes(proof->auxblob_size),
                       .manifestblob = in.bytes(proof->manifestblob_size)};
    if (!in.ok())
        return bad("the blobs are shorter than it says");
    if (in.left() > 0)
        return bad(fmt::format("{} bytes behind the blobs", in.left()));
    return answer;
}

Digest512 batch_leaf(const BatchedChallenge& asked) noexcept {
    constexpr std::string_view version(TSMFD_BATCH_LEAF_VERSION, sizeof(tsmfd_batch_leaf::version));
    std::array<std::uint8_t, 1 + sizeof(tsmfd_batch_leaf)> bytes{leaf_prefix};
    std::uint8_t* leaf = bytes.data() + 1;

    std::memcpy(leaf + offsetof(tsmfd_batch_leaf, version), version.data(), version.size());
    put_le32(leaf + offsetof(tsmfd_batch_leaf, privlevel), asked.privlevel);
    put_le32(leaf + offsetof(tsmfd_batch_leaf, format), std::to_underlying(asked.format));
    put_le32(leaf + offsetof(tsmfd_batch_leaf, inblob_len), asked.inblob.size);
    std::ranges::copy(asked.inblob.padded, leaf + offsetof(tsmfd_batch_leaf, inblob));
    return sha512(bytes);
}

Result<Digest512> batch_root(const BatchedChallenge& asked, const BatchProof& proof) noexcept {
    // Whoever made the proof by hand may not have asked parse_batch_proof().
    if (proof.tree_size == 0 || proof.leaf_index >= proof.tree_size)
        return bad(fmt::format("leaf {} of {}", proof.leaf_index, proof.tree_size));

    Digest512 root = batch_leaf(asked);
    std::uint32_t node = proof.leaf_index;
    std::uint32_t last = proof.tree_size - 1;
    for (ByteSpan left = proof.path; !left.empty(); left = left.subspan(TSMFD_HASH_LEN)) {
        if (last == 0 || left.size() < TSMFD_HASH_LEN)
            return bad("a path longer than the tree is high");
        const ByteSpan sibling = left.first(TSMFD_HASH_LEN);
        if ((node & 1U) != 0 || node == last) {
            root = hash_node(sibling, root);
            while ((node & 1U) == 0 && node != 0) {
                node >>= 1U;
                last >>= 1U;
            }
        } else {
            root = hash_node(root, sibling);
        }
        node >>= 1U;
        last >>= 1U;
    }
    if (last != 0)
        return bad("a path shorter than the tree is high");
    return root;
}

Result<void> verify_batch(const BatchedChallenge& asked, const BatchProof& proof,
                          ByteSpan report_data) noexcept {
    const Result<Digest512> root = batch_root(asked, proof);
    if (!root)
        return std::unexpected(root.error());
    if (report_data.size() != root->size() ||
        CRYPTO_memcmp(report_data.data(), root->data(), root->size()) != 0)
        return bad("it does not lead from what was asked to the challenge in the report");
    return {};
}

std::optional<std::vector<std::uint8_t>> report_data_of(ByteSpan outblob) noexcept {
    if (is_tpm_report(outblob)) {
        const Result<TpmReport> report = parse_tpm_report(outblob);
        return report ? copy_of(report->quote.extra_data) : std::nullopt;
    }
    if (is_hcl_outblob(outblob) || is_hcl_index(outblob))
        return user_data_of(outblob);
    if (is_tdx_quote(outblob)) {
        const auto data = tdx_report_data(outblob);
        return data ? copy_of(*data) : std::nullopt;
    }
    const std::optional<SnpFacts> facts = snp_facts(outblob);
    return facts ? copy_of(facts->report_data) : std::nullopt;
}

Verdict judge_batched(const BatchedChallenge& asked, ByteSpan proof, const Evidence& got) noexcept {
    const Result<BatchProof> parsed = parse_batch_proof(proof);
    if (!parsed)
        return {Verdict::Kind::malformed, 0, "the batch proof is malformed"};
    const Result<Digest512> root = batch_root(asked, *parsed);
    if (!root)
        return {Verdict::Kind::malformed, 0, "the batch proof is of another tree"};

    Challenge expected{.inblob = {.padded = *root, .size = TSMFD_HASH_LEN},
                       .privlevel = asked.privlevel,
                       .format = asked.format};
    return judge(expected, got);
}

} // namespace tsmfd

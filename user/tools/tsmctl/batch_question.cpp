// SPDX-License-Identifier: MIT
#include "batch_question.hpp"

#include <fmt/format.h>

namespace tsmctl {

namespace {

using tsmfd::Result;

struct Root {
    tsmfd::BatchProof proof;
    tsmfd::Digest512 digest;
};

Result<Root> root_of(const tsmfd::Evidence& evidence, const BatchQuestion& question,
                     tsmfd::ByteSpan asked) {
    const auto proof = tsmfd::parse_batch_proof(evidence.proof);
    if (!proof)
        return std::unexpected(proof.error());
    const auto inblob = tsmfd::Inblob::from(asked);
    if (!inblob)
        return std::unexpected(inblob.error());
    const auto by_blobs = evidence.auxblob.empty() ? tsmfd::Format::plain : tsmfd::Format::extended;
    const auto root = tsmfd::batch_root({.inblob = *inblob,
                                         .privlevel = question.privlevel.value_or(0),
                                         .format = question.format.value_or(by_blobs)},
                                        *proof);
    if (!root)
        return std::unexpected(root.error());
    return Root{.proof = *proof, .digest = *root};
}

} // namespace

ReportChallenge
BatchQuestion::challenge(tsmfd::Verification& to, const tsmfd::Evidence& evidence,
                         const std::optional<std::vector<std::uint8_t>>& asked) const {
    if (evidence.proof.empty()) {
        if (privlevel || format)
            to.fail("proof", "there is none, which --privlevel and --format are about");
        return asked ? ReportChallenge(*asked) : ReportChallenge();
    }
    if (!asked) {
        to.note("proof", "not looked at, as any challenge will do");
        return {};
    }
    const auto root = root_of(evidence, *this, *asked);
    if (!root) {
        to.fail("proof", root.error().message());
        return ReportChallenge(*asked);
    }
    // That the report has this root is the check "challenge".
    to.pass("proof", fmt::format("leaf {} of {}", root->proof.leaf_index, root->proof.tree_size));
    return ReportChallenge({root->digest.begin(), root->digest.end()});
}

} // namespace tsmctl

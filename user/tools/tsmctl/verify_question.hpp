// SPDX-License-Identifier: MIT
//
// What tsmctl verify was asked: words of the command line, and what they come to.
//
//     const auto question = question_of(words);
//     const Verification verification = question->judge(evidence, &chains);
//
// Threads: values.
#pragma once

#include "evidence_kinds.hpp"

#include <tsmfd/evidence/policy.hpp>
#include <tsmfd/result.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tsmctl {

struct VerifyWords {
    std::vector<std::string> reports;
    std::string challenge;
    bool any_challenge = false;
    std::string kind; // empty: as the others decide
    std::string policy;
    std::vector<std::string> quotes;
    std::string ak;
    std::string signature;
    std::string eventlog;
    std::vector<std::string> pcrs;
    std::vector<std::string> roots;
    std::vector<std::string> certificates;
    std::vector<std::string> crls;
    std::string qe_identity;
    std::vector<std::string> collateral;
    std::string measurement;
    std::optional<std::int64_t> at;
    std::optional<std::uint32_t> vmpl;
    std::optional<std::uint32_t> privlevel;
    std::string format;
    bool debug_allowed = false;
    bool migration_allowed = false;
    bool json = false;
};

// What the words come to, once files are read.
struct VerifyQuestion {
    using Bytes = std::vector<std::uint8_t>;

    tsmfd::Policy policy;
    std::optional<Bytes> challenge;
    std::optional<Bytes> signature;
    tsmfd::Question files; // without challenge and cache
    // As a batch's challenge was asked with.
    std::optional<std::uint32_t> privlevel;
    std::optional<tsmfd::Format> format;
    std::vector<AboutKinds> options; // that say nothing of some kinds

    // An option that says nothing of this evidence refuses it.
    [[nodiscard]] tsmfd::Verification judge(const tsmfd::Evidence& evidence,
                                            tsmfd::ChainCache* chains) const;
};

// EINVAL for words that are wrong, another errno for files that cannot be had.
tsmfd::Result<VerifyQuestion> question_of(const VerifyWords& words);

} // namespace tsmctl

// SPDX-License-Identifier: MIT
//
// What tsmctl verify was asked: words of the command line, and what they come to.
//
//     const auto question = question_of(words);
//     question->policy.verify(evidence, question->of_library())
//
// Threads: values.
#pragma once

#include <tsmfd/policy.hpp>
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
    std::string policy;
    std::string ak;
    std::string eventlog;
    std::vector<std::string> pcrs;
    std::string roots;
    std::string certificates;
    std::string qe_identity;
    std::vector<std::string> collateral;
    std::string measurement;
    std::optional<std::int64_t> at;
    std::optional<std::uint32_t> vmpl;
    bool debug_allowed = false;
    bool json = false;
};

// What the words come to, once files are read.
struct VerifyQuestion {
    using Bytes = std::vector<std::uint8_t>;

    tsmfd::Policy policy;
    std::optional<Bytes> challenge;
    std::optional<Bytes> eventlog;
    Bytes roots;        // empty: none
    Bytes certificates; // empty: none
    std::optional<tsmfd::QeIdentity> qe_identity;
    std::optional<tsmfd::TdxCollateral> collateral;
    std::optional<std::int64_t> at;

    // It refers to this.
    [[nodiscard]] tsmfd::Policy::Question of_library() const;
};

// EINVAL for words that are wrong, another errno for files that cannot be had.
tsmfd::Result<VerifyQuestion> question_of(const VerifyWords& words);

} // namespace tsmctl

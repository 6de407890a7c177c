// SPDX-License-Identifier: MIT
//
// A batch's proof in front of a report: from the challenge that was asked to the one that the
// report has to answer.
//
// Threads: values.
#pragma once

#include <tsmfd/evidence/proof.hpp>
#include <tsmfd/evidence/verdict.hpp>
#include <tsmfd/evidence/verification.hpp>
#include <tsmfd/options.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace tsmctl {

// What of the bytes is whose.
class ReportChallenge {
public:
    ReportChallenge() = default;
    explicit ReportChallenge(std::vector<std::uint8_t> bytes) : bytes_(std::move(bytes)) {}

    [[nodiscard]] std::optional<tsmfd::ByteSpan> value() const {
        return bytes_ ? std::optional<tsmfd::ByteSpan>(*bytes_) : std::nullopt;
    }

private:
    std::optional<std::vector<std::uint8_t>> bytes_; // none: any
};

struct BatchQuestion {
    std::optional<std::uint32_t> privlevel; // unset: 0
    std::optional<tsmfd::Format> format;    // unset: extended, if there is an auxblob

    // "proof", if there is one; and without one, if these were said. What the report has to answer
    // is the challenge itself, or the root of the batch that it was in.
    [[nodiscard]] ReportChallenge
    challenge(tsmfd::Verification& to, const tsmfd::Evidence& evidence,
              const std::optional<std::vector<std::uint8_t>>& asked) const;
};

} // namespace tsmctl

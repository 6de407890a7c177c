// SPDX-License-Identifier: MIT
//
// Of one caller's reports, the signature of one in so many.
//
//     SignatureCheck check(settings);
//     if (const auto verification = check.look(options, evidence))   // it was this one's turn
//         ...
//
// Threads: one at a time.
#pragma once

#include "settings.hpp"

#include <tsmfd/evidence/chain_cache.hpp>
#include <tsmfd/evidence/verdict.hpp>
#include <tsmfd/evidence/verification.hpp>
#include <tsmfd/options.hpp>

#include <cstdint>
#include <optional>

namespace stress {

class SignatureCheck {
public:
    explicit SignatureCheck(const Settings& settings) : settings_(settings) {}

    // An SNP report without certificates is passed over, if none were given: the next is looked at.
    [[nodiscard]] std::optional<tsmfd::Verification> look(const tsmfd::Options& asked,
                                                          const tsmfd::Evidence& got);

private:
    [[nodiscard]] bool has_certificates(const tsmfd::Evidence& got) const;

    const Settings& settings_;
    tsmfd::ChainCache chains_{4};
    std::uint32_t since_last_ = 0; // reports
};

} // namespace stress

// SPDX-License-Identifier: MIT
//
// What came of verifying a report: a list of what was looked at.
//
// Every verifier gives one, whatever the report is made of, so that lists of several (a report's,
// and that of the proof which ties a challenge to it) can be put together:
//
//     Verification verification = verify_tpm(evidence, policy);
//     verification.add(others);
//     for (const Check& check : verification.checks)
//         fmt::print("{} {}: {}\n", outcome_name(check.outcome), check.name, check.detail);
//     return verification.ok() ? 0 : 1;
//
// Threads: a value.
#pragma once

#include <tsmfd/export.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tsmfd {

struct Check {
    enum class Outcome : std::uint8_t {
        passed,
        failed,
        unasked, // there was nothing to compare with; the detail shows what it is
    };

    std::string name; // of what was looked at: "signature", "pcr sha256:4"
    Outcome outcome = Outcome::failed;
    std::string detail; // what was seen, and why it failed
};

// What is known of the versions of what is below the guest, where its vendor publishes that.
struct TcbVerdict {
    // Intel's word ("UpToDate", "OutOfDate"); "NotSupported" if it is older than all that Intel
    // speaks of; "unknown" if nobody has said.
    std::string status;
    std::vector<std::string> advisories; // of all parts: "INTEL-SA-01036"
};

struct TSMFD_API Verification {
    std::vector<Check> checks;
    std::optional<TcbVerdict> tcb{}; // of TDX; nothing of other kinds

    // True if something was checked and nothing failed.
    [[nodiscard]] bool ok() const noexcept;
    // The first of the name; nullptr if there is none.
    [[nodiscard]] const Check* find(std::string_view name) const noexcept;
    // "chain: it has expired; vmpl: 2, not 0": what failed, each with what was seen; else empty.
    [[nodiscard]] std::string failures() const noexcept;

    // What the detail has of the evidence may be anything; it is kept as printable() gives it.
    void add(const Verification& other) noexcept;
    void pass(std::string name, const std::string& detail) noexcept;
    void fail(std::string name, const std::string& detail) noexcept;
    void note(std::string name, const std::string& detail) noexcept; // unasked
    // Passed or failed.
    void judge(bool holds, std::string name, const std::string& detail) noexcept;
};

// "ok", "FAILED" or "note".
[[nodiscard]] TSMFD_API std::string_view outcome_name(Check::Outcome outcome) noexcept;

} // namespace tsmfd

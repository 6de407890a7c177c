// SPDX-License-Identifier: MIT
//
// What the tests of policies have in common: texts of them, and what they say of real reports.
//
//     EXPECT_EQ(failed(verify_milan(snp_policy(R"(, "vmpl": 1)"))), Names{"vmpl"});
#pragma once

#include "golden.hpp"
#include "tpm_evidence.hpp"

#include <tsmfd/evidence/policy.hpp>

#include <string>

#include <gtest/gtest.h>

namespace policies {

using evidence::Bytes;
using tsmfd::Policy;
using tsmfd::Verification;

inline constexpr std::int64_t in_2024 = 1'704'067'200;

// Files are looked for beside the golden data.
inline Policy parsed(const std::string& text) {
    auto policy = Policy::parse(text, TSMFD_TEST_DATA);
    EXPECT_TRUE(policy) << text << ": " << policy.error().message();
    return policy.value_or(Policy{});
}

inline std::string hex(std::size_t size, const std::string& digit = "a") {
    std::string text;
    while (text.size() < 2 * size)
        text += digit;
    return text;
}

inline std::string in_quotes(const std::string& text) {
    return '"' + text + '"';
}

// The real reports and what a policy says of them.
inline const Bytes& milan() {
    static const Bytes report = golden::read("snp-milan/report.bin");
    return report;
}

inline const Bytes& sapphire_rapids() {
    static const Bytes quote = golden::read("tdx-spr/quote_v4.bin");
    return quote;
}

// That report's guest lets its host debug it. Its chain's file has ASK and ARK; only what signs
// itself can be a root.
inline std::string snp_policy(const std::string& more = {}) {
    const bool named = more.find("\"measurements\"") != std::string::npos;
    const std::string chain = in_quotes(golden::path("snp-milan/ask_ark_milan.pem"));
    return R"({"snp": {"debug": true, "roots": [)" + chain + R"(], "certificates": [)" + chain +
           ", " + in_quotes(golden::path("snp-milan/vcek.der")) + "]" +
           std::string(named ? "" : R"(, "any_measurement": true)") + more + "}}";
}

inline std::string tdx_policy(const std::string& more = {}) {
    const bool named = more.find("\"mrtd\"") != std::string::npos;
    return R"({"tdx": {"roots": [)" + in_quotes(golden::path(golden::intel_chain)) + "]" +
           std::string(named ? "" : R"(, "any_measurement": true)") + more + "}}";
}

inline Verification verify_milan(const std::string& text) {
    return parsed(text).verify({.outblob = milan(), .auxblob = {}}, tsmfd::Question().at(in_2024));
}

inline Verification verify_tdx(const std::string& text) {
    return parsed(text).verify({.outblob = sapphire_rapids(), .auxblob = {}},
                               tsmfd::Question().at(in_2024));
}

inline Verification verify_tpm(const std::string& text, const evidence::TpmEvidence& real) {
    return parsed(text).verify(real.evidence(), tsmfd::Question().challenge(real.challenge));
}

} // namespace policies

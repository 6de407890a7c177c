// SPDX-License-Identifier: MIT
//
// Reports of real machines, each with the answer that it has to get.
#include "checks.hpp"
#include "golden.hpp"
#include "x509/x509.hpp"

#include <tsmfd/evidence/snp_verify.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace {

using checks::expect_failed;
using checks::failed;
using checks::Names;
using evidence::Bytes;
using tsmfd::Check;
using tsmfd::SnpPolicy;
using tsmfd::Verification;

constexpr std::int64_t in_april_2026 = 1'775'001'600;
constexpr std::size_t signed_size = 0x2a0;

struct Row {
    std::string name;
    std::string report;
    std::string leaf;
    std::string chain;
    std::int64_t at = in_april_2026;
    bool debug = false;
    std::string product;
};

const std::vector<Row>& rows() {
    static const std::vector<Row> all = {
        {"Milan", "snp-milan/report.bin", "snp-milan/vcek.der", "snp-milan/ask_ark_milan.pem",
         in_april_2026, true, "Milan"},
        {"MilanV3", "snp-milan-v3/report.bin", "snp-milan-v3/vcek.pem", "snp-milan-v3/ask_ark.pem",
         in_april_2026, false, "Milan"},
        {"Genoa", "snp-genoa/report.bin", "snp-genoa/vcek.pem", "snp-genoa/ask_ark.pem",
         in_april_2026, false, "Genoa"},
        {"GenoaV5", "snp-genoa/report_v5.bin", "snp-genoa/vcek_v5.der", "snp-genoa/ask_ark.pem",
         in_april_2026, false, "Genoa"},
        {"Turin", "snp-turin/report.bin", "snp-turin/vcek.pem", "snp-turin/ask_ark.pem",
         in_april_2026, false, "Turin"},
        // The VLEK was valid for a year.
        {"Vlek", "snp-vlek/report.bin", "snp-vlek/vlek.der", "snp-vlek/ask_ark.pem",
         1'740'787'200, // 2025-03-01
         false, "Milan"},
    };
    return all;
}

// Without files, so that what is measured is the verifier.
struct Evidence {
    explicit Evidence(const Row& row)
        : report(golden::read(row.report)), roots(golden::read(row.chain)) {
        certificates = pem_of(golden::read(row.leaf));
        evidence::append(certificates, roots);
        policy.roots(roots);
        policy.certificates(certificates);
        policy.at(row.at);
        policy.debug_allowed(row.debug);
    }

    static Bytes pem_of(const Bytes& certificate);
    [[nodiscard]] Verification verify() const {
        return tsmfd::verify_snp({.outblob = report, .auxblob = {}}, policy);
    }

    Bytes report;
    Bytes roots;
    Bytes certificates;
    SnpPolicy policy{};
};

Bytes Evidence::pem_of(const Bytes& certificate) {
    const auto read = tsmfd::ossl::read_certificates(certificate);
    EXPECT_TRUE(read);
    return read ? tsmfd::ossl::pem_of(read->front().get()) : Bytes{};
}

class GoldenSnp : public testing::TestWithParam<std::size_t> {
protected:
    void SetUp() override { GOLDEN_OR_SKIP(); }
    static const Row& row() { return rows().at(GetParam()); }
};

TEST_P(GoldenSnp, Holds) {
    const Evidence real(row());
    const Verification verification = real.verify();
    EXPECT_TRUE(verification.ok()) << testing::PrintToString(failed(verification));
    for (const char* name : {"report", "signer", "chain", "product", "tcb", "signature"})
        EXPECT_EQ(verification.find(name)->outcome, Check::Outcome::passed) << name;
    EXPECT_NE(verification.find("product")->detail.find(row().product), std::string::npos);
    EXPECT_EQ(verification.find("unsigned rest"), nullptr);
}

// Each of the 5,376 bits that are signed of the first report, and every 29th of the others.
TEST_P(GoldenSnp, DoesNotHoldWithASignedBitFlipped) {
    Evidence real(row());
    const std::size_t step = GetParam() == 0 ? 1 : 29;
    tsmfd::ChainCache chains;
    real.policy.chains(&chains);
    for (std::size_t bit = 0; bit < 8 * signed_size; bit += step) {
        real.report[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        EXPECT_FALSE(real.verify().ok()) << bit;
        real.report[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    }
    EXPECT_TRUE(real.verify().ok());
}

TEST_P(GoldenSnp, DoesNotHoldToAnotherProductsRoot) {
    GOLDEN_OR_SKIP();
    for (const Row& other : rows()) {
        Evidence real(row());
        const Bytes roots = golden::read(other.chain);
        real.policy.roots(roots);
        if (other.product == row().product)
            EXPECT_TRUE(real.verify().ok()) << other.name;
        else
            EXPECT_EQ(failed(real.verify()), Names{"chain"}) << other.name;
    }
}

// With margin for a sanitizer on a busy machine: 50 ms without.
TEST_P(GoldenSnp, IsVerifiedInNoTime) {
    using Clock = std::chrono::steady_clock;
    const Evidence real(row());
    auto best = Clock::duration::max();
    for (int i = 0; i < 5; ++i) {
        const auto start = Clock::now();
        (void)real.verify();
        best = std::min(best, Clock::now() - start);
    }
    EXPECT_LT(best, std::chrono::milliseconds(50));
}

std::string name_of(const testing::TestParamInfo<std::size_t>& info) {
    return rows().at(info.param).name;
}

INSTANTIATE_TEST_SUITE_P(Of, GoldenSnp, testing::Range(std::size_t{0}, rows().size()), name_of);

TEST(GoldenSnpVlek, HasExpired) {
    GOLDEN_OR_SKIP();
    Evidence real(rows().back());
    real.policy.at(in_april_2026);
    expect_failed(real.verify(), "chain");
    EXPECT_NE(real.verify().find("chain")->detail.find("SEV-VLEK: certificate has expired"),
              std::string::npos)
        << real.verify().find("chain")->detail;
}

TEST(GoldenSnpVlek, IsOfTheCloudThatAPolicyNames) {
    GOLDEN_OR_SKIP();
    Evidence real(rows().back());
    EXPECT_EQ(real.verify().find("csp")->detail, "CN=cc-us-east-2.amazonaws.com");
    real.policy.csp_ids({"another", "CN=cc-us-east-2.amazonaws.com"});
    EXPECT_TRUE(real.verify().ok());
    real.policy.csp_ids({"another"});
    EXPECT_EQ(failed(real.verify()), Names{"csp"});
    Evidence vcek(rows().front());
    vcek.policy.csp_ids({"another"});
    EXPECT_EQ(failed(vcek.verify()), Names{"csp"});
}

// go-sev-guest's extended layout: the report, and the table behind it.
TEST(GoldenSnpExtended, IsOneFile) {
    GOLDEN_OR_SKIP();
    Evidence real(rows().front());
    const auto chain = tsmfd::ossl::read_certificates(real.roots).value();
    constexpr std::array<std::uint8_t, 16> ask_guid = {0x4a, 0xb7, 0xb3, 0x79, 0xbb, 0xac,
                                                       0x4f, 0xe4, 0xa0, 0x2f, 0x05, 0xae,
                                                       0xf3, 0x27, 0xc7, 0x82};
    Bytes stream = real.report;
    evidence::append(stream, evidence::cert_table(
                                 {{evidence::vcek_guid, golden::read("snp-milan/vcek.der")},
                                  {ask_guid, tsmfd::ossl::pem_of(chain.front().get())},
                                  {evidence::ark_guid, tsmfd::ossl::pem_of(chain.back().get())}}));
    // Pages end it.
    stream.resize((stream.size() + 4095) / 4096 * 4096);
    real.policy.certificates({});
    const auto verification = tsmfd::verify_snp(tsmfd::Evidence::of_stream(stream), real.policy);
    EXPECT_TRUE(verification.ok()) << testing::PrintToString(failed(verification));
}

} // namespace

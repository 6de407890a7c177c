// SPDX-License-Identifier: MIT
//
// What a policy may want of an SEV-SNP guest and its platform.
#include "checks.hpp"
#include "policies.hpp"
#include "signed_snp.hpp"

#include <tsmfd/hex.hpp>

#include <initializer_list>
#include <string>

#include <gtest/gtest.h>

namespace {

using checks::failed;
using checks::Names;
using evidence::Bytes;
using evidence::SignedSnp;
using firmware::Product;
using tsmfd::Check;
using tsmfd::Policy;

class SnpPolicyOf : public testing::Test {
protected:
    // By a policy's text, with the emulated root.
    [[nodiscard]] Names failures(const std::string& members) const {
        Policy policy = policies::parsed(R"({"snp": {"any_measurement": true, )" + members + "}}");
        if (policy.snp() == nullptr)
            return {"text"};
        policy.snp()->roots(snp.root());
        return failed(policy.verify({.outblob = snp.report, .auxblob = snp.auxblob},
                                    tsmfd::Question().challenge(emulated::nonce)));
    }
    // The report has `size` bytes that count up at `at`; the policy names them, or others.
    void expect_named(const std::string& member, const std::string& check, std::size_t at,
                      std::size_t size) {
        const Bytes is = evidence::nonce(7, size);
        snp.sign([&](Bytes& report) {
            std::copy(is.begin(), is.end(), report.begin() + static_cast<std::ptrdiff_t>(at));
        });
        const std::string own = '"' + tsmfd::to_hex(is) + '"';
        const std::string other = '"' + policies::hex(size) + '"';
        const std::string name = '"' + member + "\": [";
        EXPECT_EQ(failures(name + own + "]"), Names{}) << member;
        EXPECT_EQ(failures(name + other + ", " + own + "]"), Names{}) << member;
        EXPECT_EQ(failures(name + other + "]"), Names{check}) << member;
    }

    SignedSnp snp{Product::genoa};
};

TEST_F(SnpPolicyOf, MigrationIsRefusedUnlessItIsAllowed) {
    EXPECT_EQ(snp.verify().find("migration")->outcome, Check::Outcome::passed);
    snp.sign([](Bytes& report) { report[0x0a] |= 1U << 2; }); // bit 18
    EXPECT_EQ(failed(snp.verify()), Names{"migration"});
    EXPECT_EQ(failures(R"("vmpl": 0)"), Names{"migration"});
    EXPECT_EQ(failures(R"("migration": true)"), Names{});
}

TEST_F(SnpPolicyOf, NamesHostDataAndKeys) {
    expect_named("host_data", "host data", 0x0c0, 32);
    expect_named("id_key_digests", "id key", 0x0e0, 48);
    expect_named("author_key_digests", "author key", 0x110, 48);
}

TEST_F(SnpPolicyOf, NamesChips) {
    EXPECT_EQ(failures(R"("chip_ids": [")" + policies::hex(64, "5a") + R"("])"), Names{});
    EXPECT_EQ(failures(R"("chip_ids": [")" + policies::hex(64) + R"("])"), Names{"chip id"});
    // One that is masked is none that is named, not even by zeros.
    snp.sign([](Bytes& report) { std::fill_n(report.begin() + 0x1a0, 64, 0); });
    for (const char* digit : {"5a", "00"})
        EXPECT_EQ(failures(R"("chip_ids": [")" + policies::hex(64, digit) + R"("])"),
                  Names{"chip id"});
}

TEST_F(SnpPolicyOf, NamesAShortChipOfATurin) {
    snp = SignedSnp(Product::turin);
    EXPECT_EQ(failures(R"("chip_ids": [")" + policies::hex(8, "5a") + R"("])"), Names{});
    EXPECT_EQ(failures(R"("chip_ids": [")" + policies::hex(8) + R"("])"), Names{"chip id"});
}

TEST_F(SnpPolicyOf, WantsBitsOfThePlatform) {
    snp.sign([](Bytes& report) { report[0x40] = 0x21; }); // SMT, alias check
    EXPECT_EQ(failures(R"("platform_info": {"alias_check_complete": true})"), Names{});
    EXPECT_EQ(failures(R"("platform_info": {"smt_enabled": true, "tsme_enabled": false})"),
              Names{});
    EXPECT_EQ(failures(R"("platform_info": {"smt_enabled": false})"), Names{"platform"});
    EXPECT_EQ(failures(R"("platform_info": {"tsme_enabled": true})"), Names{"platform"});
}

TEST_F(SnpPolicyOf, HasAMinimumTcbAProduct) {
    const std::string of_genoa = R"("genoa": {"boot_loader": 4, "microcode": )";
    EXPECT_EQ(failures(R"("minimum_tcb": {)" + of_genoa + "213}}"), Names{});
    EXPECT_EQ(failures(R"("minimum_tcb": {)" + of_genoa + "214}}"), Names{"minimum tcb"});
    EXPECT_EQ(failures(R"("minimum_tcb": {"milan": {"microcode": 255}, )" + of_genoa + "213}}"),
              Names{});
    EXPECT_EQ(failures(R"("minimum_tcb": {"milan": {"microcode": 1}})"), Names{"minimum tcb"});
    EXPECT_EQ(failures(R"("minimum_tcb": {"microcode": 213})"), Names{});
    EXPECT_EQ(failures(R"("minimum_tcb": {"microcode": 214})"), Names{"minimum tcb"});
}

TEST_F(SnpPolicyOf, NamesClouds) {
    snp = SignedSnp(Product::milan, true);
    EXPECT_EQ(failures(R"("csp_ids": ["tsmfd"])"), Names{});
    EXPECT_EQ(failures(R"("csp_ids": ["another"])"), Names{"csp"});
    snp = SignedSnp(Product::milan);
    EXPECT_EQ(failures(R"("csp_ids": ["tsmfd"])"), Names{"csp"});
}

// Its signature is over the same bytes, so what is known of it holds.
TEST_F(SnpPolicyOf, ANewerReportIsReadAsTheNewestKnown) {
    for (const std::uint8_t version : std::initializer_list<std::uint8_t>{4, 5, 6, 9}) {
        snp.sign([version](Bytes& report) { report[0] = version; });
        EXPECT_EQ(failed(snp.verify()), Names{}) << version;
    }
    EXPECT_NE(snp.verify().find("report")->detail.find("read as 5"), std::string::npos);
    snp.sign([](Bytes& report) { report[0] = 1; });
    EXPECT_EQ(failed(snp.verify()), Names{"report"});
}

// A host may ask for a report of a guest, which has another number there; and nobody has launched
// a guest whose policy lacks the bit that is always set.
TEST(SnpReportOf, AGuestThatDidNotAskIsRefused) {
    evidence::SignedSnp snp(firmware::Product::milan);
    snp.sign([](evidence::Bytes& report) { evidence::put_le(report, 0x30, 0xffffffff, 4); });
    EXPECT_EQ(failed(snp.verify()), Names{"vmpl"});
    snp.sign([](evidence::Bytes& report) { evidence::put_le(report, 0x30, 0, 4); });
    EXPECT_EQ(failed(snp.verify()), Names{});
    snp.sign([](evidence::Bytes& report) { report[0x0a] &= 0xfd; });
    EXPECT_EQ(failed(snp.verify()), Names{"report"});
}

} // namespace

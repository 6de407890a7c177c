// SPDX-License-Identifier: MIT
//
// The certificates and revocation lists behind a report: which fits, what is refused, what it
// costs.
#include "checks.hpp"
#include "crls.hpp"
#include "issuer.hpp"
#include "signed_snp.hpp"

#include <chrono>
#include <ctime>
#include <string>

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace {

using checks::expect_failed;
using checks::failed;
using checks::Names;
using evidence::Bytes;
using evidence::SignedSnp;
using evidence::TestCert;
using firmware::Product;
using tsmfd::Check;
namespace ossl = tsmfd::ossl;

constexpr std::int64_t a_day = std::int64_t{24} * 3600;

ossl::X509Ptr certificate_of(const Bytes& bytes) {
    return std::move(ossl::read_certificates(bytes).value().front());
}

// Another VCEK of the same chip, as a host has one for each TCB that it had.
Bytes vcek_of(const SignedSnp& snp, std::uint8_t microcode, const std::string& chip = {}) {
    static const ossl::PkeyPtr key(EVP_EC_gen("P-384"));
    const ossl::X509Ptr ark = certificate_of(snp.root());
    const ossl::X509Ptr old = certificate_of(snp.authority().leaf());
    const ossl::PkeyPtr ark_key = snp.root_key(); // an ASK's is thrown away
    const auto made = firmware::certify(
        "SEV-VCEK", key.get(), {.key = ark_key.get(), .certificate = ark.get()}, a_day,
        [&](X509* to) {
            for (int i = 0; i < X509_get_ext_count(old.get()); ++i)
                X509_add_ext(to, X509_get_ext(old.get(), i), -1);
            const auto replace = [to](const char* oid, std::span<const std::uint8_t> value) {
                ASN1_OBJECT* name = OBJ_txt2obj(oid, 1);
                X509_EXTENSION_free(X509_delete_ext(to, X509_get_ext_by_OBJ(to, name, -1)));
                ASN1_OBJECT_free(name);
                (void)firmware::add_extension(to, oid, value);
            };
            const std::array<std::uint8_t, 3> der = {2, 1, microcode};
            replace("1.3.6.1.4.1.3704.1.3.8", der);
            if (!chip.empty())
                replace("1.3.6.1.4.1.3704.1.4", Bytes(chip.begin(), chip.end()));
            return true;
        });
    return made ? firmware::der_of(made.get()) : Bytes{};
}

class SnpChain : public testing::Test {
protected:
    void enclose(const std::vector<TestCert>& certificates) {
        snp.auxblob = evidence::cert_table(certificates);
    }

    SignedSnp snp{Product::milan};
    const Bytes own = snp.authority().leaf();
    const Bytes ask = snp.authority().ask();
};

TEST_F(SnpChain, IsOfTheVcekThatFits) {
    const Bytes older = vcek_of(snp, 1);
    const Bytes others = vcek_of(snp, 0x55, std::string(64, '\x11'));
    ASSERT_FALSE(older.empty() || others.empty());
    for (const auto& order : {std::vector{own, older, others}, std::vector{older, own, others},
                              std::vector{others, older, own}}) {
        std::vector<TestCert> table = {{evidence::ask_guid, ask}};
        for (const Bytes& vcek : order)
            table.push_back({evidence::vcek_guid, vcek});
        enclose(table);
        EXPECT_TRUE(snp.verify().ok()) << testing::PrintToString(failed(snp.verify()));
    }
    // Given before the one that came along.
    const ossl::X509Ptr given = certificate_of(older);
    const Bytes pem = ossl::pem_of(given.get());
    snp.policy.certificates(pem);
    EXPECT_TRUE(snp.verify().ok()) << testing::PrintToString(failed(snp.verify()));
    // If none fits, what differs is said of the nearest.
    enclose({{evidence::ask_guid, ask}, {evidence::vcek_guid, older}});
    expect_failed(snp.verify(), "tcb");
}

// Which one fits is not the cache's to remember for another report.
TEST_F(SnpChain, ThatIsKeptIsOfReportsThatItFits) {
    tsmfd::ChainCache chains;
    snp.policy.chains(&chains);
    enclose({{evidence::ask_guid, ask},
             {evidence::vcek_guid, vcek_of(snp, 1)},
             {evidence::vcek_guid, own}});
    ASSERT_TRUE(snp.verify().ok());
    ASSERT_TRUE(snp.verify().ok());
    EXPECT_EQ(chains.stats().hits, 1U);
    snp.sign([](Bytes& report) { report[0x187] = 1; }); // the other's TCB, and not its key
    EXPECT_EQ(failed(snp.verify()), (Names{"product", "signature"}));
}

// A host may mask the chip's id; nothing in the report says so but the zeros.
TEST_F(SnpChain, FitsAMaskedChip) {
    snp.sign([](Bytes& report) { std::fill_n(report.begin() + 0x1a0, 64, 0); });
    EXPECT_TRUE(snp.verify().ok()) << testing::PrintToString(failed(snp.verify()));
    EXPECT_EQ(snp.verify().find("chip")->outcome, Check::Outcome::unasked);
    SignedSnp vlek(Product::milan, true);
    vlek.sign([](Bytes& report) { std::fill_n(report.begin() + 0x1a0, 64, 0); });
    EXPECT_TRUE(vlek.verify().ok()) << testing::PrintToString(failed(vlek.verify()));
    snp.sign([](Bytes& report) { report[0x1a0] = 1; });
    EXPECT_EQ(failed(snp.verify()), Names{"chip"});
}

// With a masked chip key nobody has signed.
TEST_F(SnpChain, SaysThatAReportWithAMaskedKeyIsUnsigned) {
    snp.report[0x48] |= 2;
    expect_failed(snp.verify(), "signature");
    EXPECT_NE(snp.verify().find("signature")->detail.find("MASK_CHIP_KEY"), std::string::npos);
}

TEST_F(SnpChain, IsOfOneCertificateAnEntry) {
    const ossl::X509Ptr vcek = certificate_of(own);
    const ossl::X509Ptr between = certificate_of(ask);
    Bytes both = ossl::pem_of(vcek.get());
    enclose({{evidence::vcek_guid, both}, {evidence::ask_guid, ask}});
    EXPECT_TRUE(snp.verify().ok()) << testing::PrintToString(failed(snp.verify()));
    evidence::append(both, ossl::pem_of(between.get()));
    enclose({{evidence::vcek_guid, both}, {evidence::ask_guid, ask}});
    expect_failed(snp.verify(), "certificates");
}

// Zeros, as a buffer that was not used up has them, are nothing; other bytes are nobody's.
TEST_F(SnpChain, MayHaveBytesBehindIt) {
    const ossl::X509Ptr vcek = certificate_of(own);
    const ossl::X509Ptr between = certificate_of(ask);
    Bytes given = ossl::pem_of(vcek.get());
    evidence::append(given, ossl::pem_of(between.get()));
    snp.policy.certificates(given);
    for (const std::size_t zeros : {0U, 1U, 20U, 24U, 3065U}) {
        snp.auxblob = Bytes(zeros);
        EXPECT_TRUE(snp.verify().ok()) << zeros << testing::PrintToString(failed(snp.verify()));
        EXPECT_EQ(snp.verify().find("auxblob"), nullptr);
    }
    for (const std::size_t others : {1U, 20U, 3065U}) {
        snp.auxblob = Bytes(others, 0xee);
        EXPECT_TRUE(snp.verify().ok()) << others << testing::PrintToString(failed(snp.verify()));
        EXPECT_EQ(snp.verify().find("auxblob")->outcome, Check::Outcome::unasked);
    }
    snp.auxblob = evidence::cert_table(snp.certificates());
    snp.auxblob.resize(snp.auxblob.size() + 100);
    EXPECT_EQ(snp.verify().find("auxblob"), nullptr);
    snp.auxblob.back() = 1;
    EXPECT_TRUE(snp.verify().ok());
    EXPECT_EQ(snp.verify().find("auxblob")->outcome, Check::Outcome::unasked);
    // A table of AMD's that is broken is refused.
    snp.auxblob.resize(200);
    expect_failed(snp.verify(), "certificates");
}

TEST_F(SnpChain, HasNothingUnsignedBehindItsSignature) {
    for (const std::size_t at : {0x330U, 0x400U, 0x49fU}) {
        snp.report[at] = 0xee;
        EXPECT_EQ(failed(snp.verify()), Names{"unsigned rest"}) << at;
        snp.report[at] = 0;
    }
    EXPECT_TRUE(snp.verify().ok());
}

// What the review found: entries of a table that share a bundle, 44 s and 865 MB for 128 KB.
TEST_F(SnpChain, CostsNoMoreThanItsLength) {
    const ossl::X509Ptr one = certificate_of(ask);
    const Bytes pem = ossl::pem_of(one.get());
    Bytes bundle;
    while (bundle.size() < 64U << 10U)
        evidence::append(bundle, pem);
    constexpr std::size_t entries = 2600;
    Bytes shared;
    for (std::size_t i = 0; i < entries; ++i) {
        evidence::append(shared, evidence::ask_guid);
        evidence::append_le32(shared, 24 * (entries + 1));
        evidence::append_le32(shared, static_cast<std::uint32_t>(bundle.size()));
    }
    shared.resize(24 * (entries + 1));
    evidence::append(shared, bundle);
    std::vector<TestCert> many(31, {evidence::vcek_guid, own});
    many.push_back({evidence::ask_guid, ask});
    for (const Bytes& auxblob : {shared, evidence::cert_table({{evidence::ask_guid, bundle}}),
                                 evidence::cert_table(many), Bytes(1U << 20U, 0xee)}) {
        snp.auxblob = auxblob;
        rusage before{};
        rusage after{};
        getrusage(RUSAGE_SELF, &before);
        const auto start = std::chrono::steady_clock::now();
        (void)snp.verify();
        // With a sanitizer, on a busy machine.
        EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(500))
            << auxblob.size();
        getrusage(RUSAGE_SELF, &after);
        EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 20L << 10) << auxblob.size(); // KiB
    }
}

class SnpRevocation : public SnpChain {
protected:
    [[nodiscard]] Bytes list(std::int64_t age_in_days, bool of_ask = false) const {
        const std::int64_t issued = std::time(nullptr) - age_in_days * a_day;
        return crls::made({.issuer = ark.get(),
                           .key = ark_key.get(),
                           .revoked = of_ask ? std::vector<const X509*>{between.get()}
                                             : std::vector<const X509*>{},
                           .issued = issued,
                           .next = issued + 30 * a_day});
    }
    void enclose_list(const Bytes& crl) {
        auto all = snp.certificates();
        all.push_back({evidence::crl_guid, crl});
        enclose(all);
    }
    [[nodiscard]] Check::Outcome outcome() const {
        const auto verification = snp.verify();
        const Check* check = verification.find("revocation");
        EXPECT_NE(check, nullptr);
        return check != nullptr ? check->outcome : Check::Outcome::failed;
    }
    [[nodiscard]] std::string detail() const { return snp.verify().find("revocation")->detail; }

    const ossl::X509Ptr ark = certificate_of(snp.root());
    const ossl::X509Ptr between = certificate_of(ask);
    const ossl::PkeyPtr ark_key = snp.root_key();
};

TEST_F(SnpRevocation, IsNotLookedAtWithoutAList) {
    EXPECT_TRUE(snp.verify().ok());
    EXPECT_EQ(outcome(), Check::Outcome::unasked);
    snp.policy.crl_required(true);
    EXPECT_EQ(failed(snp.verify()), Names{"revocation"});
}

TEST_F(SnpRevocation, IsByAListThatIsGiven) {
    const Bytes good = list(3);
    snp.policy.crls(good);
    snp.policy.crl_required(true);
    EXPECT_TRUE(snp.verify().ok()) << testing::PrintToString(failed(snp.verify()));
    EXPECT_EQ(outcome(), Check::Outcome::passed);
    EXPECT_NE(detail().find("SEV-Milan is not on the list of ARK-Milan, issued "),
              std::string::npos)
        << detail();
    EXPECT_NE(detail().find(", 3 days before, next due "), std::string::npos) << detail();
    const Bytes bad = list(3, true);
    snp.policy.crls(bad);
    EXPECT_EQ(failed(snp.verify()), Names{"revocation"});
    EXPECT_NE(detail().find("SEV-Milan is on the list of ARK-Milan"), std::string::npos);
}

TEST_F(SnpRevocation, IsByAListThatCameAlong) {
    snp.policy.crl_required(true);
    enclose_list(list(3));
    EXPECT_TRUE(snp.verify().ok()) << testing::PrintToString(failed(snp.verify()));
    EXPECT_NE(detail().find("enclosed list of ARK-Milan"), std::string::npos) << detail();
    enclose_list(list(3, true));
    EXPECT_EQ(failed(snp.verify()), Names{"revocation"});
    // One that is out of date counts for nothing, unless it lists.
    enclose_list(list(31));
    EXPECT_EQ(failed(snp.verify()), Names{"revocation"});
    snp.policy.crl_required(false);
    EXPECT_TRUE(snp.verify().ok());
    EXPECT_EQ(outcome(), Check::Outcome::unasked);
    enclose_list(list(31, true));
    EXPECT_EQ(failed(snp.verify()), Names{"revocation"});
}

TEST_F(SnpRevocation, IsByNoListThatIsOutOfDateOrAnothers) {
    const Bytes old = list(31);
    snp.policy.crls(old);
    EXPECT_EQ(failed(snp.verify()), Names{"revocation"});
    const Bytes forged = crls::made({.issuer = ark.get(),
                                     .key = snp.key("vcek.key").get(),
                                     .issued = std::time(nullptr) - a_day});
    snp.policy.crls(forged);
    EXPECT_EQ(failed(snp.verify()), Names{"revocation"});
    snp.policy.crls(own);
    EXPECT_EQ(failed(snp.verify()), Names{"revocation"});
    snp.policy.crls({});
    enclose_list(forged);
    EXPECT_TRUE(snp.verify().ok());
    EXPECT_EQ(outcome(), Check::Outcome::unasked);
    enclose_list(own);
    EXPECT_EQ(failed(snp.verify()), Names{"certificates"});
}

// A chain that is kept was good at another time; its lists are of that time.
TEST_F(SnpRevocation, IsJudgedAnewWithACache) {
    tsmfd::ChainCache chains;
    snp.policy.chains(&chains);
    const Bytes good = list(3);
    snp.policy.crls(good);
    EXPECT_TRUE(snp.verify().ok());
    snp.policy.at(std::time(nullptr) + 28 * a_day);
    EXPECT_EQ(failed(snp.verify()), Names{"revocation"});
    EXPECT_EQ(chains.stats().hits, 1U);
    const Bytes bad = list(3, true);
    snp.policy.crls(bad);
    snp.policy.at(std::nullopt);
    EXPECT_EQ(failed(snp.verify()), Names{"revocation"});
}

} // namespace

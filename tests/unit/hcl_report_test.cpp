// SPDX-License-Identifier: MIT
#include "golden.hpp"
#include "hcl_evidence.hpp"

#include <tsmfd/evidence/evidence_kind.hpp>
#include <tsmfd/evidence/hcl_claims.hpp>
#include <tsmfd/evidence/hcl_report.hpp>
#include <tsmfd/evidence/proof.hpp>
#include <tsmfd/evidence/td_report.hpp>
#include <tsmfd/evidence/tdx_quote.hpp>
#include <tsmfd/evidence/verdict.hpp>
#include <tsmfd/hex.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <openssl/evp.h>

namespace {

using evidence::Bytes;
using tsmfd::ByteSpan;
using tsmfd::EvidenceKind;
using tsmfd::HclHardware;
using tsmfd::parse_hcl_report;
using tsmfd::TpmHash;

const Bytes user_data = evidence::nonce(0xa1);
const std::string claims = hcl::claims_of("", user_data);

Bytes index_about(const hcl::Index& of = {}) {
    hcl::Index index = of;
    index.hardware = hcl::hardware_about(claims, of.type);
    return hcl::index_of(claims, index);
}

Bytes outblob_about(const Bytes& index) {
    return hcl::outblob_of(index, evidence::tpm_attest(hcl::sha256(user_data)),
                           evidence::nonce(0x20, 262), evidence::nonce(0x40, 200));
}

TEST(HclReport, OfAnIndexHasItsParts) {
    const Bytes index = index_about({.version = 2});
    const auto report = parse_hcl_report(index);
    ASSERT_TRUE(report) << report.error().message();
    EXPECT_EQ(report->version, 2U);
    EXPECT_EQ(report->hardware_kind, HclHardware::snp);
    EXPECT_EQ(report->hardware.size(), 1184U);
    EXPECT_EQ(report->hardware.data(), index.data() + 32);
    EXPECT_TRUE(report->hardware_rest.empty());
    EXPECT_EQ(report->report_data.data(), index.data() + 32 + 0x50);
    EXPECT_EQ(report->report_data.size(), 64U);
    EXPECT_EQ(report->hash, TpmHash::sha256);
    EXPECT_EQ(Bytes(report->claims.begin(), report->claims.end()), hcl::bytes_of(claims));
    EXPECT_EQ(report->padding.size(), 9U);
    EXPECT_FALSE(report->quote);
    EXPECT_TRUE(report->is_about_its_claims());
    EXPECT_EQ(tsmfd::kind_of({.outblob = index, .auxblob = {}}), EvidenceKind::hcl);
    EXPECT_EQ(tsmfd::kind_name(EvidenceKind::hcl), "hcl");
}

TEST(HclReport, OfAnOutblobHasTheQuoteToo) {
    const Bytes outblob = outblob_about(index_about());
    const auto report = parse_hcl_report(outblob);
    ASSERT_TRUE(report) << report.error().message();
    ASSERT_TRUE(report->quote);
    EXPECT_TRUE(std::ranges::equal(report->quote->extra_data, hcl::sha256(user_data)));
    EXPECT_EQ(report->signature.size(), 262U);
    EXPECT_EQ(report->public_key.size(), 200U);
    EXPECT_TRUE(report->is_about_its_claims());
    EXPECT_EQ(tsmfd::kind_of({.outblob = outblob, .auxblob = {}}), EvidenceKind::hcl);
}

TEST(HclReport, OfTdxHasATdreport) {
    const Bytes index = index_about({.type = hcl::tdx});
    const auto report = parse_hcl_report(index);
    ASSERT_TRUE(report) << report.error().message();
    EXPECT_EQ(report->hardware_kind, HclHardware::tdx);
    EXPECT_EQ(report->hardware.size(), 1024U);
    EXPECT_EQ(report->hardware_rest.size(), 160U);
    EXPECT_EQ(report->report_data.data(), index.data() + 32 + 0x80);
    EXPECT_TRUE(report->is_about_its_claims());
}

// Since data version 2 there are four bytes in front of the claims.
TEST(HclReport, MayHaveCapabilities) {
    const Bytes index = index_about({.data_version = 2, .capabilities = {15, 0, 0, 0}});
    const auto report = parse_hcl_report(index);
    ASSERT_TRUE(report) << report.error().message();
    EXPECT_EQ(Bytes(report->claims.begin(), report->claims.end()), hcl::bytes_of(claims));
    EXPECT_TRUE(report->is_about_its_claims());
    for (const std::size_t size : {1U, 3U, 5U, 8U})
        EXPECT_EQ(parse_hcl_report(index_about({.capabilities = Bytes(size)})).error().code,
                  EBADMSG);
}

TEST(HclReport, IsAboutItsClaimsByAnyOfTheHashes) {
    for (const auto& [number, method, hash] : {std::tuple{1U, EVP_sha256(), TpmHash::sha256},
                                               {2U, EVP_sha384(), TpmHash::sha384},
                                               {3U, EVP_sha512(), TpmHash::sha512}}) {
        Bytes hardware(1184);
        unsigned size = 0;
        ASSERT_EQ(EVP_Digest(claims.data(), claims.size(), hardware.data() + 0x50, &size, method,
                             nullptr),
                  1);
        Bytes index = hcl::index_of(claims, {.hardware = hardware, .hash = number});
        ASSERT_TRUE(parse_hcl_report(index));
        EXPECT_EQ(parse_hcl_report(index)->hash, hash);
        EXPECT_TRUE(parse_hcl_report(index)->is_about_its_claims()) << number;
        for (std::size_t at = 32 + 0x50; at < 32 + 0x50 + 64; ++at) {
            index[at] ^= 1;
            EXPECT_FALSE(parse_hcl_report(index)->is_about_its_claims()) << number << " " << at;
            index[at] ^= 1;
        }
    }
}

TEST(HclReport, OfWhatIsNotKnownIsNotSupported) {
    for (const hcl::Index& of :
         {hcl::Index{.version = 0}, hcl::Index{.version = 3}, hcl::Index{.type = 1},
          hcl::Index{.type = 3}, hcl::Index{.hash = 0}, hcl::Index{.hash = 4},
          hcl::Index{.data_version = 0}, hcl::Index{.data_version = 4}})
        EXPECT_EQ(parse_hcl_report(hcl::index_of(claims, of)).error().code, EOPNOTSUPP);
}

TEST(HclReport, IsRefusedAtEveryTruncation) {
    const Bytes whole = index_about({.padding = 0});
    for (std::size_t length = 0; length < whole.size(); ++length) {
        const Bytes cut = evidence::exactly(std::span(whole).first(length));
        EXPECT_EQ(parse_hcl_report(cut).error().code, EBADMSG) << length;
    }
    const Bytes outblob = outblob_about(whole);
    for (std::size_t length = 0; length < outblob.size(); ++length) {
        const Bytes cut = evidence::exactly(std::span(outblob).first(length));
        EXPECT_EQ(parse_hcl_report(cut).error().code, EBADMSG) << length;
        EXPECT_EQ(tsmfd::hcl_outblob_size(cut), 0U) << length;
    }
    EXPECT_EQ(tsmfd::hcl_outblob_size(outblob), outblob.size());
}

TEST(HclReport, WithLengthsThatDoNotFitIsRefused) {
    const Bytes index = index_about();
    for (const std::size_t at : {hcl::data_at, hcl::data_at + 16}) {
        for (const std::uint64_t size :
             {0ULL, 19ULL, 20ULL, 0xffffULL, 0x80000000ULL, 0xffffffecULL, 0xffffffffULL}) {
            Bytes other = index;
            evidence::put_le(other, at, size, 4);
            EXPECT_EQ(parse_hcl_report(other).error().code, EBADMSG) << at << " " << size;
        }
    }
    const Bytes outblob = outblob_about(index);
    for (std::size_t at = 12; at < 28; at += 4) {
        for (const std::uint64_t size : {0ULL, 0xffffffffULL}) {
            Bytes other = outblob;
            evidence::put_le(other, at, size, 4);
            EXPECT_EQ(parse_hcl_report(other).error().code, EBADMSG) << at << " " << size;
        }
    }
    for (const std::size_t at : {8U, 28U}) { // version, reserved
        Bytes other = outblob;
        other[at] ^= 2;
        EXPECT_EQ(parse_hcl_report(other).error().code, EBADMSG) << at;
    }
    Bytes other = outblob;
    other[hcl::head_size] ^= 1; // no index in it
    EXPECT_EQ(parse_hcl_report(other).error().code, EBADMSG);
}

TEST(HclAux, HasCertificateAndEventLog) {
    const Bytes certificate = evidence::nonce(1, 40);
    const Bytes log = evidence::nonce(9, 100);
    const Bytes whole = hcl::auxblob_of(certificate, log);
    const auto aux = tsmfd::parse_hcl_aux(whole);
    ASSERT_TRUE(aux) << aux.error().message();
    EXPECT_TRUE(std::ranges::equal(aux->ak_certificate, certificate));
    EXPECT_TRUE(std::ranges::equal(aux->event_log, log));
    EXPECT_TRUE(tsmfd::parse_hcl_aux(hcl::auxblob_of({}, {})));
    for (std::size_t length = 0; length < whole.size(); ++length) {
        const Bytes cut = evidence::exactly(std::span(whole).first(length));
        EXPECT_EQ(tsmfd::parse_hcl_aux(cut).error().code, EBADMSG) << length;
    }
    for (const std::size_t at : {0U, 8U, 12U, 16U, 20U}) {
        Bytes other = whole;
        other[at] ^= 1;
        EXPECT_EQ(tsmfd::parse_hcl_aux(other).error().code, EBADMSG) << at;
    }
}

TEST(HclReportDataOf, IsTheUserDataOfClaimsThatTheHardwareSpeaksFor) {
    const Bytes index = index_about();
    EXPECT_EQ(tsmfd::report_data_of(index), user_data);
    EXPECT_EQ(tsmfd::report_data_of(outblob_about(index)), user_data);
    Bytes others = index;
    others[hcl::claims_at + claims.size() - 3] ^= 1; // a digit
    EXPECT_EQ(tsmfd::report_data_of(others), std::nullopt);
    const std::string without = hcl::claims_of("", std::nullopt);
    EXPECT_EQ(
        tsmfd::report_data_of(hcl::index_of(without, {.hardware = hcl::hardware_about(without)})),
        std::nullopt);
}

TEST(HclIndexVerdict, IsAsForAnOutblob) {
    const Bytes index = index_about();
    const auto asked = [](const Bytes& inblob) {
        return tsmfd::Challenge{
            .inblob = tsmfd::Inblob::from(inblob).value(), .privlevel = {}, .format = {}};
    };
    const auto got = tsmfd::Evidence::of_stream(index);
    EXPECT_EQ(got.outblob.size(), index.size());
    EXPECT_TRUE(judge(asked(user_data), got).ok());
    EXPECT_EQ(judge(asked(evidence::nonce(1)), got).kind, tsmfd::Verdict::Kind::mixed_up);
    Bytes torn = index;
    torn[hcl::claims_at] ^= 1; // no JSON any more, and not what was hashed
    EXPECT_EQ(judge(asked(user_data), {.outblob = torn, .auxblob = {}}).kind,
              tsmfd::Verdict::Kind::torn);
}

TEST(TdReport, OfAnotherLengthOrTeeIsRefused) {
    Bytes report(1024);
    report[0] = 0x81;
    ASSERT_TRUE(tsmfd::parse_td_report(report));
    EXPECT_FALSE(tsmfd::parse_td_report(report)->is_whole);
    EXPECT_EQ(tsmfd::parse_td_report(Bytes(1023)).error().code, EBADMSG);
    report[1] = 1;
    EXPECT_EQ(tsmfd::parse_td_report(report).error().code, EOPNOTSUPP);
    report[0] = 0;
    report[1] = 0;
    EXPECT_EQ(tsmfd::parse_td_report(report).error().code, EOPNOTSUPP);
}

class GoldenHcl : public testing::Test {
protected:
    void SetUp() override { GOLDEN_OR_SKIP(); }
};

TEST_F(GoldenHcl, OfSnpHasKeysAndUserData) {
    const Bytes index = golden::read("azure-snp/hcl-report.bin");
    const auto report = parse_hcl_report(index);
    ASSERT_TRUE(report) << report.error().message();
    EXPECT_EQ(report->version, 1U);
    EXPECT_EQ(report->hardware_kind, HclHardware::snp);
    EXPECT_EQ(report->claims.size(), 1110U);
    EXPECT_TRUE(report->is_about_its_claims());
    const auto real = tsmfd::parse_hcl_claims(report->claims);
    ASSERT_TRUE(real) << real.error().message();
    ASSERT_EQ(real->keys.size(), 2U);
    const auto* ak = real->key(tsmfd::HclClaims::ak_name);
    ASSERT_NE(ak, nullptr);
    EXPECT_EQ(ak->modulus.size(), 256U);
    EXPECT_EQ(tsmfd::to_hex(std::span(ak->modulus).first(8)), "a91ecba800010dcc");
    EXPECT_EQ(ak->exponent, (Bytes{1, 0, 1}));
    EXPECT_EQ(real->key(tsmfd::HclClaims::ek_name)->modulus.size(), 256U);
    EXPECT_EQ(real->user_data, (std::array<std::uint8_t, 64>{}));
}

TEST_F(GoldenHcl, OfTdxIsWhatItsQuoteWasMadeOf) {
    const Bytes index = golden::read("azure-tdx/hcl-report.bin");
    const auto report = parse_hcl_report(index);
    ASSERT_TRUE(report) << report.error().message();
    EXPECT_EQ(report->version, 2U);
    EXPECT_EQ(report->hardware_kind, HclHardware::tdx);
    EXPECT_TRUE(report->is_about_its_claims());
    EXPECT_TRUE(tsmfd::parse_hcl_claims(report->claims));
    const auto td = tsmfd::parse_td_report(report->hardware);
    ASSERT_TRUE(td) << td.error().message();
    EXPECT_TRUE(td->is_whole);
    EXPECT_EQ(tsmfd::to_hex(td->tee_tcb_svn_2).substr(0, 8), "02010600");

    const Bytes bytes = golden::read("azure-tdx/td-quote.bin");
    const auto quote = tsmfd::parse_tdx_quote(bytes);
    ASSERT_TRUE(quote) << quote.error().message();
    EXPECT_EQ(td->differences_from(*quote), std::vector<std::string>{});
    auto other = *quote;
    other.mr_td[0] ^= 1;
    other.rtmr[3][47] ^= 1;
    other.mr_service_td.emplace().fill(1);
    EXPECT_EQ(td->differences_from(other),
              (std::vector<std::string>{"mrtd", "rtmr3", "mrservicetd"}));
}

// Each byte of TEE_TCB_INFO and TDINFO, and of their hashes.
TEST_F(GoldenHcl, OfTdxIsNotWholeWithAnyByteOfItsPartsChanged) {
    const Bytes index = golden::read("azure-tdx/hcl-report.bin");
    const auto report = parse_hcl_report(index);
    Bytes td(report->hardware.begin(), report->hardware.end());
    for (const auto& [from, until] :
         {std::pair<std::size_t, std::size_t>{0x20, 0x80}, {0x100, 0x1ef}, {0x200, 0x400}}) {
        for (std::size_t at = from; at < until; ++at) {
            td[at] ^= 0x10;
            EXPECT_FALSE(tsmfd::parse_td_report(td)->is_whole) << at;
            td[at] ^= 0x10;
        }
    }
    EXPECT_TRUE(tsmfd::parse_td_report(td)->is_whole);
}

} // namespace

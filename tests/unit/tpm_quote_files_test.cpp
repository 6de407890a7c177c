// SPDX-License-Identifier: MIT
//
// Quotes as tpm2_quote writes them: a message, a signature, a key; by each kind
// of key.
#include "base64.hpp"
#include "checks.hpp"
#include "golden.hpp"
#include "tpm_evidence.hpp"
#include "tpm_signer.hpp"

#include <tsmfd/evidence/evidence_kind.hpp>
#include <tsmfd/evidence/tpm_key.hpp>
#include <tsmfd/evidence/tpm_verify.hpp>

#include <string>

#include <gtest/gtest.h>
#include <openssl/rsa.h>

namespace {

using checks::failed;
using checks::Names;
using evidence::Bytes;
using tsmfd::Check;
using tsmfd::TpmPolicy;
using tsmfd::Verification;
namespace ossl = tsmfd::ossl;
using tpm_signer::marshalled;
using tpm_signer::no_scheme;
using tpm_signer::pem_of;
using tpm_signer::rsa_public;
using tpm_signer::rsapss;
using tpm_signer::rsassa;
using tpm_signer::signed_by;

class QuoteFiles : public testing::Test {
protected:
    [[nodiscard]] Verification verify(const Bytes& signature, const Bytes& key) const {
        auto policy = TpmPolicy().challenge(tsmfd::ByteSpan(challenge));
        if (!key.empty())
            policy.keys({key});
        return tsmfd::verify_tpm({.outblob = attest, .auxblob = signature}, policy);
    }
    void expect_held(const Bytes& signature, const Bytes& key, const char* scheme) const {
        const Verification verification = verify(signature, key);
        EXPECT_EQ(failed(verification), Names{}) << scheme;
        ASSERT_NE(verification.find("signature"), nullptr);
        EXPECT_TRUE(
            verification.find("signature")->detail.starts_with(std::string(scheme) + ", sha"))
            << verification.find("signature")->detail;
        Bytes other = signature;
        other.back() ^= 1;
        EXPECT_EQ(failed(verify(other, key)), Names{"signature"}) << scheme;
    }

    const Bytes challenge = evidence::nonce(9, 20);
    Bytes attest = evidence::tpm_attest(challenge);
    static inline const ossl::PkeyPtr rsa{EVP_RSA_gen(2048)};
    static inline const ossl::PkeyPtr ec{EVP_EC_gen("P-256")};
};

TEST_F(QuoteFiles, AreATpms) {
    EXPECT_EQ(tsmfd::kind_of({.outblob = attest, .auxblob = {}}), tsmfd::EvidenceKind::tpm);
}

TEST_F(QuoteFiles, HoldPlainAndMarshalledByRsa) {
    const Bytes ssa = signed_by(rsa.get(), attest, RSA_PKCS1_PADDING);
    const Bytes pss = signed_by(rsa.get(), attest, RSA_PKCS1_PSS_PADDING);
    for (const Bytes& key : {pem_of(rsa.get()), rsa_public(rsa.get(), no_scheme)}) {
        expect_held(ssa, key, "RSASSA");
        expect_held(pss, key, "RSAPSS");
        expect_held(marshalled(rsassa, ssa), key, "RSASSA");
        expect_held(marshalled(rsapss, pss), key, "RSAPSS");
        EXPECT_EQ(failed(verify(marshalled(rsapss, ssa), key)), Names{"signature"});
    }
}

TEST_F(QuoteFiles, HoldPlainByEcdsa) {
    expect_held(signed_by(ec.get(), attest), pem_of(ec.get()), "ECDSA with P-256");
    // As tsmfd_tpm marshals it, with tpm2-tools' key.
    const evidence::TpmEvidence real("tpm-ovmf");
    const auto report = tsmfd::parse_tpm_report(real.outblob).value();
    auto policy = TpmPolicy().challenge(tsmfd::ByteSpan(real.challenge));
    const Bytes pem = evidence::read_data("tpm-ovmf/ak.pem");
    policy.keys({pem});
    const auto verification =
        tsmfd::verify_tpm({.outblob = report.attest, .auxblob = report.signature}, policy);
    EXPECT_EQ(failed(verification), Names{});
    policy.event_log(tsmfd::ByteSpan(real.event_log));
    policy.pcrs({tsmfd::ExpectedPcr::parse("4=" + evidence::read_pcrs("tpm-ovmf")[4]).value()});
    EXPECT_EQ(
        failed(tsmfd::verify_tpm({.outblob = report.attest, .auxblob = report.signature}, policy)),
        Names{});
}

TEST_F(QuoteFiles, HoldByNoOtherKeyAndByNone) {
    const Bytes signature = signed_by(rsa.get(), attest, RSA_PKCS1_PADDING);
    EXPECT_EQ(failed(verify(signature, pem_of(ec.get()))), Names{"signature"});
    const ossl::PkeyPtr other(EVP_RSA_gen(2048));
    EXPECT_EQ(failed(verify(signature, pem_of(other.get()))), Names{"signature"});
    EXPECT_EQ(failed(verify(signature, {})), Names{"key"});
    EXPECT_EQ(failed(verify({}, pem_of(rsa.get()))), Names{"signature"});
    const ossl::PkeyPtr weak(EVP_RSA_gen(1024));
    EXPECT_EQ(failed(verify(signed_by(weak.get(), attest, RSA_PKCS1_PADDING), pem_of(weak.get()))),
              Names{"signature"});
}

// A key that signs what it is given says nothing of the TPM.
TEST_F(QuoteFiles, HoldByNoKeyThatSignsAnything) {
    const Bytes signature = signed_by(rsa.get(), attest, RSA_PKCS1_PADDING);
    EXPECT_EQ(failed(verify(signature, rsa_public(rsa.get(), rsassa, tsmfd::TpmKey::sign))),
              Names{"attributes"});
    EXPECT_EQ(failed(verify(signature, rsa_public(rsa.get(), rsassa))), Names{});
    EXPECT_EQ(verify(signature, pem_of(rsa.get())).find("attributes")->outcome,
              Check::Outcome::unasked);
}

TEST_F(QuoteFiles, HoldForTheirChallengeOnly) {
    const Bytes signature = signed_by(rsa.get(), attest, RSA_PKCS1_PADDING);
    const Bytes key = pem_of(rsa.get());
    for (std::size_t at = 0; at < attest.size(); ++at) {
        attest[at] ^= 1;
        EXPECT_FALSE(verify(signature, key).ok()) << at;
        attest[at] ^= 1;
    }
    auto policy = TpmPolicy().challenge(tsmfd::ByteSpan(challenge).first(19));
    policy.keys({key});
    EXPECT_EQ(failed(tsmfd::verify_tpm({.outblob = attest, .auxblob = signature}, policy)),
              Names{"challenge"});
}

// A report like tsmfd_tpm's, by a TPM whose key is RSA's.
TEST_F(QuoteFiles, AKeyOfRsaIsAReportsToo) {
    const Bytes key = rsa_public(rsa.get(), rsassa);
    const auto parsed = tsmfd::TpmKey::parse(key);
    ASSERT_TRUE(parsed) << parsed.error().message();
    EXPECT_TRUE(parsed->attests());
    EXPECT_EQ(parsed->name().size(), 34U);
    EXPECT_TRUE(*parsed->is(pem_of(rsa.get())));
    const Bytes signature = signed_by(rsa.get(), attest, RSA_PKCS1_PADDING);
    EXPECT_TRUE(parsed->has_signed(attest, marshalled(rsassa, signature)));
    EXPECT_FALSE(parsed->has_signed(attest, marshalled(rsapss, signature)));
    for (std::size_t length = 0; length < key.size(); ++length)
        EXPECT_FALSE(tsmfd::TpmKey::parse(evidence::exactly(std::span(key).first(length))))
            << length;
}

// A key as a JWK has it, of the numbers in base64.
Bytes key_of_jwk(const Bytes& report) {
    const std::string text(report.begin(), report.end());
    const std::size_t at = text.find("HCLAkPub");
    const std::string_view name = "\"n\":\"";
    const std::size_t start = text.find(name, at) + name.size();
    const auto number = tsmctl::from_base64(text.substr(start, text.find('"', start) - start));
    EXPECT_TRUE(number);
    const ossl::BignumPtr n(BN_bin2bn(number->data(), static_cast<int>(number->size()), nullptr));
    const ossl::BignumPtr e(BN_new());
    BN_set_word(e.get(), 65537);
    const ossl::ParamBuilderPtr builder(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
    const ossl::ParamsPtr params(OSSL_PARAM_BLD_to_param(builder.get()));
    const ossl::PkeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
    EVP_PKEY* made = nullptr;
    EVP_PKEY_fromdata_init(context.get());
    EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, params.get());
    const ossl::PkeyPtr key(made);
    return pem_of(key.get());
}

// The quote of an Azure confidential VM's vTPM. The HCL report beside it is
// another machine's: what that one's key has not signed does not hold.
TEST(QuoteFilesOfAzure, AreNotOfAnothersKey) {
    GOLDEN_OR_SKIP();
    const Bytes attest = golden::read("azure-snp/tpm-quote.msg");
    const Bytes signature = golden::read("azure-snp/tpm-quote.sig");
    const Bytes key = key_of_jwk(golden::read("azure-snp/hcl-report.bin"));
    const std::string challenge = "challenge";
    auto policy = TpmPolicy().challenge(
        tsmfd::ByteSpan(reinterpret_cast<const std::uint8_t*>(challenge.data()), challenge.size()));
    policy.keys({key});
    const auto verification = tsmfd::verify_tpm({.outblob = attest, .auxblob = signature}, policy);
    EXPECT_EQ(failed(verification), Names{"signature"});
    EXPECT_EQ(verification.find("challenge")->outcome, Check::Outcome::passed);
}

TEST(TpmKeyScheme, IsOneThatIsSignedBy) {
    const evidence::TpmEvidence real("tpm-ovmf");
    const Bytes bytes = real.key();
    const auto key = tsmfd::TpmKey::parse(bytes).value();
    EXPECT_TRUE(key.signs_by(tsmfd::TpmScheme::ecdsa, tsmfd::TpmHash::sha256));
    EXPECT_FALSE(key.signs_by(tsmfd::TpmScheme::ecdsa, tsmfd::TpmHash::sha1));
    EXPECT_FALSE(key.signs_by(tsmfd::TpmScheme::rsassa, tsmfd::TpmHash::sha256));
}

} // namespace

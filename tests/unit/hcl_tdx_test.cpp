// SPDX-License-Identifier: MIT
//
// HCL reports of an emulated platform of TDX: a TDREPORT, and a quote made of it.
#include "checks.hpp"
#include "hcl/hcl_policy.hpp"
#include "hcl_signed.hpp"
#include "tdx_forge.hpp"

#include <tsmfd/evidence/hcl_verify.hpp>

#include <functional>
#include <string>

#include <gtest/gtest.h>
#include <openssl/sha.h>

namespace {

using checks::failed;
using checks::Names;
using evidence::Bytes;
using tsmfd::Verification;

const forge::Forge& forger() {
    static const forge::Forge made;
    return made;
}

void copy(const Bytes& from, std::size_t at, std::size_t size, Bytes& to, std::size_t to_at) {
    std::copy_n(from.begin() + static_cast<std::ptrdiff_t>(at), size,
                to.begin() + static_cast<std::ptrdiff_t>(to_at));
}

// "Intel TDX Module ABI Specification", TDREPORT_STRUCT: what a quote's body has, of TDX 1.0 or
// 1.5, and the hashes of its parts. There is no MAC.
Bytes td_report_of(const Bytes& body) {
    Bytes report(1024);
    report[0] = 0x81;
    copy(body, 0x208, 64, report, 0x80);    // REPORTDATA
    copy(body, 0x000, 0x78, report, 0x108); // TEE_TCB_SVN to SEAMATTRIBUTES
    copy(body, 0x078, 0x190, report, 0x200);
    if (body.size() == 648) {
        copy(body, 0x248, 16, report, 0x180);
        copy(body, 0x258, 48, report, 0x390);
    }
    SHA384(report.data() + 0x100, 239, report.data() + 0x20);
    SHA384(report.data() + 0x200, 512, report.data() + 0x50);
    return report;
}

struct SignedTdx {
    Bytes challenge = evidence::nonce(0xa1);
    Bytes user_data = challenge;
    bool of_tdx_1_5 = false;
    std::function<void(Bytes&)> change_report = [](Bytes& /*report*/) {};
    std::function<void(Bytes&)> change_quote = [](Bytes& /*body*/) {}; // before it is signed
    tsmfd::HclPolicy policy{};

    SignedTdx() : root_(forger().root()) {
        policy.challenge(challenge);
        policy.members().tdx.roots(root_);
        policy.members().tdx.qe_identity(forger().identity());
    }

    Verification verify() {
        const std::string claims =
            hcl::claims_of(hcl::key_of("HCLAkPub", tpm_signer::modulus_of(hcl::ak())), user_data);
        const Bytes digest = hcl::sha256(hcl::bytes_of(claims));
        hcl::Index index{.version = 2, .type = hcl::tdx};
        quote_ = forger().quote([&](forge::Parts& parts) {
            std::fill_n(parts.body.begin() + 0x208, 64, std::uint8_t{0});
            std::copy(digest.begin(), digest.end(), parts.body.begin() + 0x208);
            if (of_tdx_1_5) {
                parts.header[0] = 5;
                parts.body.resize(648);
                parts.body[0x248] = 9;
            }
            index.hardware = td_report_of(parts.body);
            change_quote(parts.body);
        });
        change_report(index.hardware);
        policy.td_quote(quote_);
        const Bytes key = tpm_signer::rsa_public(hcl::ak(), tpm_signer::rsassa);
        const Bytes attest = hcl::attest_of(hcl::sha256(user_data), key);
        const Bytes signature = tpm_signer::signed_by(hcl::ak(), attest, RSA_PKCS1_PADDING);
        const Bytes outblob =
            hcl::outblob_of(hcl::index_of(claims, index), attest,
                            tpm_signer::marshalled(tpm_signer::rsassa, signature), key);
        return tsmfd::verify_hcl({.outblob = outblob, .auxblob = {}}, policy);
    }

private:
    Bytes root_;
    Bytes quote_;
};

TEST(HclVerifyTdx, HoldsWithAQuoteMadeOfTheReport) {
    for (const bool of_tdx_1_5 : {false, true}) {
        SignedTdx made;
        made.of_tdx_1_5 = of_tdx_1_5;
        const Verification verification = made.verify();
        EXPECT_EQ(failed(verification), Names{});
        for (const char* name : {"td quote", "signature", "claims", "ak", "quote", "challenge"}) {
            ASSERT_NE(verification.find(name), nullptr) << name;
            EXPECT_EQ(verification.find(name)->outcome, tsmfd::Check::Outcome::passed) << name;
        }
        ASSERT_TRUE(verification.tcb);
    }
}

TEST(HclVerifyTdx, DoesNotHoldForTheChallengeOfAnother) {
    SignedTdx made;
    made.user_data = evidence::nonce(0x33);
    EXPECT_EQ(failed(made.verify()), Names{"challenge"});
}

// Every field, in a quote that is signed all the same.
TEST(HclVerifyTdx, DoesNotHoldWithTheQuoteOfAnotherTd) {
    for (const std::size_t at :
         {0x000U, 0x00fU, 0x010U, 0x040U, 0x070U, 0x078U, 0x080U, 0x088U, 0x0b8U, 0x0e8U,
          0x118U, 0x148U, 0x178U, 0x1a8U, 0x207U, 0x208U, 0x247U, 0x248U, 0x258U, 0x287U}) {
        SignedTdx made;
        made.of_tdx_1_5 = true;
        made.policy.members().tdx.debug_allowed(true);
        made.policy.members().tdx.migration_allowed(true);
        made.change_quote = [at](Bytes& body) { body[at] ^= 0x10; };
        const Verification verification = made.verify();
        EXPECT_FALSE(verification.ok()) << at;
        ASSERT_NE(verification.find("td quote"), nullptr);
        EXPECT_EQ(verification.find("td quote")->outcome, tsmfd::Check::Outcome::failed) << at;
    }
}

TEST(HclVerifyTdx, DoesNotHoldForAReportThatIsNotWhole) {
    SignedTdx made;
    made.change_report = [](Bytes& report) { report[0x20] ^= 1; };
    EXPECT_EQ(failed(made.verify()), Names{"td report"});
    made.change_report = [](Bytes& report) { report[0x1d0] ^= 1; };
    EXPECT_EQ(failed(made.verify()), Names{"td report"});
    made.change_report = [](Bytes& report) { report.resize(1025, 1); };
    EXPECT_EQ(failed(made.verify()), Names{"unsigned rest"});
    made.change_report = [](Bytes& report) { report[0] = 0; }; // of SGX
    EXPECT_EQ(failed(made.verify()), (Names{"td quote"}));
}

TEST(HclVerifyTdx, IsToBeAboutTheClaims) {
    SignedTdx made;
    made.change_report = [](Bytes& report) { report[0x80] ^= 1; };
    EXPECT_EQ(failed(made.verify()), (Names{"td quote", "claims"}));
}

TEST(HclVerifyTdx, IsHeldToAllThatATdxQuoteIs) {
    SignedTdx made;
    const Bytes measurement = evidence::nonce(1, 48);
    made.policy.members().tdx.mr_td({measurement});
    EXPECT_EQ(failed(made.verify()), Names{"mrtd"});
    made.policy.members().tdx.mr_td({});
    made.policy.members().tdx.qe_identity(std::nullopt); // Intel's
    EXPECT_EQ(failed(made.verify()), Names{"qe identity"});
}

} // namespace

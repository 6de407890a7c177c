// SPDX-License-Identifier: MIT
//
// Quotes of real machines, to Intel's root, each with the answer that is right for it: the rows of
// the golden data's README that are about TDX.
#include "checks.hpp"
#include "golden.hpp"
#include "x509/x509.hpp"

#include <tsmfd/evidence/tdx_addresses.hpp>
#include <tsmfd/evidence/tdx_collateral.hpp>
#include <tsmfd/evidence/tdx_quote.hpp>
#include <tsmfd/evidence/tdx_verify.hpp>
#include <tsmfd/hex.hpp>

#include <array>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <openssl/sha.h>

namespace {

using checks::failed;
using checks::Names;
using evidence::Bytes;
using tsmfd::TdxPolicy;
using tsmfd::Verification;

constexpr std::int64_t on_2026_03_01 = 1'772'323'200;
constexpr std::int64_t on_2026_04_01 = 1'775'001'600;
constexpr std::size_t signed_size = 0x278;   // of version 4
constexpr std::size_t signed_size_5 = 0x2be; // of version 5 with TDX 1.5

// Intel's published fingerprint of its SGX root, SHA-256.
constexpr std::string_view root_fingerprint =
    "44a0196b2b99f889b8e149e95b807a350e7424964399e885a7cbb8ccfab674d3";

class GoldenTdx : public testing::Test {
protected:
    void SetUp() override {
        GOLDEN_OR_SKIP();
        const auto chain =
            tsmfd::ossl::read_certificates(golden::read("tdx-live/tcb_signing_chain.pem")).value();
        root_ = tsmfd::ossl::pem_of(chain.back().get());
        std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest{};
        ASSERT_EQ(X509_digest(chain.back().get(), EVP_sha256(), digest.data(), nullptr), 1);
        ASSERT_EQ(tsmfd::to_hex(digest), root_fingerprint);
    }

    [[nodiscard]] TdxPolicy policy(std::int64_t at) const {
        TdxPolicy policy;
        policy.roots(root_);
        policy.at(at);
        return policy;
    }
    static tsmfd::TdxCollateral collateral(const std::vector<std::string>& names) {
        std::vector<Bytes> files;
        files.reserve(names.size());
        for (const std::string& name : names)
            files.push_back(golden::read(name));
        const std::vector<tsmfd::ByteSpan> spans(files.begin(), files.end());
        auto read = tsmfd::TdxCollateral::parse(spans);
        EXPECT_TRUE(read) << read.error().message();
        return *read;
    }
    static tsmfd::TdxCollateral live(const std::string& info) {
        return collateral({"tdx-live/" + info, "tdx-live/td_qe_identity.json",
                           "tdx-live/tcb_signing_chain.pem",
                           "tdx-live/qe_identity_signing_chain.pem",
                           "tdx-live/pck_crl_platform.der", "tdx-live/root_ca_crl.der"});
    }
    static Verification verify(const Bytes& quote, const TdxPolicy& policy) {
        return tsmfd::verify_tdx({.outblob = quote, .auxblob = {}}, policy);
    }
    // With each bit of what is signed flipped.
    static void expect_each_bit_counts(Bytes quote, std::size_t size, TdxPolicy policy) {
        tsmfd::ChainCache chains;
        policy.chains(&chains);
        ASSERT_TRUE(verify(quote, policy).ok());
        for (std::size_t bit = 0; bit < 8 * size; ++bit) {
            quote[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
            ASSERT_FALSE(verify(quote, policy).ok()) << "bit " << bit;
            quote[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        }
    }

    Bytes root_;
};

TEST_F(GoldenTdx, OfSapphireRapidsHoldsAndItsTcbIsUnknown) {
    const Bytes quote = golden::read("tdx-spr/quote_v4.bin");
    const Verification verification = verify(quote, policy(on_2026_03_01));
    EXPECT_EQ(failed(verification), Names{});
    EXPECT_EQ(verification.tcb->status, "unknown");
    EXPECT_NE(verification.find("trailing"), nullptr); // "extra bytes", 39 of them
}

TEST_F(GoldenTdx, OfSapphireRapidsIsOlderThanAnyLevelToday) {
    TdxPolicy policy = GoldenTdx::policy(on_2026_04_01);
    policy.collateral(live("tcb_info_50806f000000.json"));
    const Verification verification = verify(golden::read("tdx-spr/quote_v4.bin"), policy);
    EXPECT_EQ(failed(verification), (Names{"tcb platform", "tcb"}));
}

TEST_F(GoldenTdx, OfVersion5IsUpToDate) {
    TdxPolicy policy = GoldenTdx::policy(on_2026_04_01);
    policy.collateral(live("tcb_info_90c06f000000.json"));
    policy.collateral_required(true);
    const Bytes quote = golden::read("tdx-v5/quote.bin");
    const Verification verification = verify(quote, policy);
    EXPECT_EQ(failed(verification), Names{});
    EXPECT_EQ(verification.tcb->status, "UpToDate");
    EXPECT_TRUE(verification.tcb->advisories.empty());
    const auto parsed = tsmfd::parse_tdx_quote(quote);
    EXPECT_EQ(tsmfd::to_hex(*parsed->tee_tcb_svn_2), "0d010400000000000000000000000000");
    EXPECT_EQ(parsed->mr_service_td, (std::array<std::uint8_t, 48>{}));
}

TEST_F(GoldenTdx, OfVersion5DoesNotHoldWithAnyBitOfWhatIsSignedFlipped) {
    expect_each_bit_counts(golden::read("tdx-v5/quote.bin"), signed_size_5, policy(on_2026_04_01));
}

TEST_F(GoldenTdx, OfVersion4DoesNotHoldWithAnyBitOfWhatIsSignedFlipped) {
    expect_each_bit_counts(golden::read("tdx-live/quote.bin"), signed_size, policy(on_2026_04_01));
}

TEST_F(GoldenTdx, WithTheTcbInfoOfAnotherPlatformIsRefusedByThatName) {
    const Bytes quote = golden::read("tdx-live/quote.bin");
    TdxPolicy policy = GoldenTdx::policy(on_2026_04_01);
    EXPECT_EQ(failed(verify(quote, policy)), Names{});
    policy.collateral(live("tcb_info_90c06f000000.json"));
    const Verification verification = verify(quote, policy);
    EXPECT_EQ(failed(verification), (Names{"tcb info", "tcb"}));
    EXPECT_EQ(verification.find("tcb info")->detail,
              "of FMSPC 90c06f000000, PCEID 0000, and the platform is FMSPC b0c06f000000, PCEID "
              "0000");
}

TEST_F(GoldenTdx, ThatNoLevelFitsDoesNotHold) {
    const Bytes quote = golden::read("tdx-outdated/quote.bin");
    TdxPolicy policy = GoldenTdx::policy(on_2026_03_01);
    EXPECT_EQ(failed(verify(quote, policy)), Names{});
    policy.collateral(collateral({"tdx-outdated/collateral.json"}));
    policy.tcb_statuses({tsmfd::TcbStatus::up_to_date, tsmfd::TcbStatus::out_of_date,
                         tsmfd::TcbStatus::configuration_needed});
    const Verification verification = verify(quote, policy);
    EXPECT_EQ(failed(verification), (Names{"tcb platform", "tcb"}));
    EXPECT_EQ(verification.tcb->status, "NotSupported");
}

TEST_F(GoldenTdx, SaysWhereItsCollateralIs) {
    const auto urls = [](const char* name) {
        std::string all;
        const auto addresses = tsmfd::tdx_addresses(golden::read(name));
        for (const tsmfd::Address& address : *addresses)
            all += address.url + "\n";
        return all;
    };
    const std::string service = "https://api.trustedservices.intel.com/";
    const std::string certificates = "https://certificates.trustedservices.intel.com/";
    EXPECT_EQ(urls("tdx-live/quote.bin"),
              service + "tdx/certification/v4/tcb?fmspc=b0c06f000000\n" + service +
                  "tdx/certification/v4/qe/identity\n" + service +
                  "sgx/certification/v4/pckcrl?ca=platform&encoding=der\n" + certificates +
                  "IntelSGXRootCA.der\n" + certificates +
                  "Intel_SGX_Provisioning_Certification_RootCA.cer\n");
    EXPECT_NE(urls("azure-tdx/td-quote.bin").find("fmspc=00806f050000"), std::string::npos);
}

TEST_F(GoldenTdx, OfAzureHolds) {
    EXPECT_EQ(failed(verify(golden::read("azure-tdx/td-quote.bin"), policy(on_2026_04_01))),
              Names{});
}

// Each byte of what Intel has signed, and of its signatures.
TEST_F(GoldenTdx, CollateralIsRefusedWithAnyByteOfItChanged) {
    TdxPolicy policy = GoldenTdx::policy(on_2026_04_01);
    tsmfd::ChainCache chains;
    policy.chains(&chains);
    const Bytes quote = golden::read("tdx-v5/quote.bin");
    std::vector<Bytes> files = {golden::read("tdx-live/td_qe_identity.json"),
                                golden::read("tdx-live/root_ca_crl.der"),
                                golden::read("tdx-live/tcb_info_90c06f000000.json"),
                                golden::read("tdx-live/pck_crl_platform.der"),
                                golden::read("tdx-live/tcb_signing_chain.pem")};
    const auto holds = [&] {
        const std::vector<tsmfd::ByteSpan> spans(files.begin(), files.end());
        const auto read = tsmfd::TdxCollateral::parse(spans);
        if (!read)
            return false;
        policy.collateral(*read);
        return verify(quote, policy).ok();
    };
    ASSERT_TRUE(holds());
    for (std::size_t file = 0; file < 4; ++file) {
        const std::size_t step = files[file].size() > 1000 ? 61 : 3;
        for (std::size_t i = 0; i < files[file].size(); i += step) {
            files[file][i] ^= 1;
            EXPECT_FALSE(holds()) << "file " << file << ", byte " << i;
            files[file][i] ^= 1;
        }
    }
}

// In a bound of time that the sanitizers' slowness is in.
TEST_F(GoldenTdx, TakesNoLongerThan50Milliseconds) {
    TdxPolicy policy = GoldenTdx::policy(on_2026_04_01);
    policy.collateral(live("tcb_info_90c06f000000.json"));
    const Bytes quote = golden::read("tdx-v5/quote.bin");
    const std::clock_t start = std::clock();
    (void)verify(quote, policy);
    EXPECT_LT(1000 * (std::clock() - start) / CLOCKS_PER_SEC, 50);
}

} // namespace

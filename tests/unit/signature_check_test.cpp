// SPDX-License-Identifier: MIT
//
// tsm-stress --signed: which reports are looked at, and what is seen.
#include "checks.hpp"
#include "emulated.hpp"
#include "signature_check.hpp"
#include "snp_firmware.hpp"
#include "tpm_evidence.hpp"

#include <memory>

#include <gtest/gtest.h>

namespace {

using checks::failed;
using checks::Names;
using firmware::Authority;
using firmware::Blobs;
using firmware::SnpFirmware;
using stress::Settings;
using stress::SignatureCheck;
using tsmfd::Evidence;

class Signed : public testing::Test {
protected:
    static Settings every(std::uint32_t n) {
        tsmfd::Policy policy;
        policy.snp(tsmfd::SnpPolicy().roots(directory_.file("ark.pem")).any_measurement(true));
        policy.tpm(tsmfd::TpmPolicy().any_measurement(true));
        Settings settings;
        settings.signed_every = n;
        settings.policy = std::make_shared<const tsmfd::Policy>(std::move(policy));
        return settings;
    }
    static Evidence of(const Blobs& blobs) {
        return {.outblob = blobs.outblob, .auxblob = blobs.auxblob};
    }

    static inline const emulated::Directory directory_;
    const firmware::Platform platform_ = emulated::platform(firmware::Product::milan);
    const SnpFirmware snp_{Authority::in(directory_, platform_).value(),
                           platform_,
                           {.version = 3, .measurement = {}, .debug = false}};
    const tsmfd::Options asked_ = emulated::options(0);
    Blobs blobs_ = snp_.report(asked_).value();
};

TEST_F(Signed, IsOneInSoMany) {
    const Settings settings = every(3);
    SignatureCheck check(settings);
    unsigned looked = 0;
    for (unsigned i = 1; i <= 9; ++i) {
        const auto verification = check.look(asked_, of(blobs_));
        EXPECT_EQ(verification.has_value(), i % 3 == 0) << i;
        looked += verification ? 1U : 0U;
        EXPECT_TRUE(!verification || verification->ok());
    }
    EXPECT_EQ(looked, 3U);
    const Settings none = every(0);
    EXPECT_FALSE(SignatureCheck(none).look(asked_, of(blobs_)));
}

TEST_F(Signed, IsTheNextThatHasCertificates) {
    const Settings settings = every(2);
    SignatureCheck check(settings);
    const Evidence bare{.outblob = blobs_.outblob, .auxblob = {}};
    for (unsigned i = 0; i < 5; ++i)
        EXPECT_FALSE(check.look(asked_, bare));
    EXPECT_TRUE(check.look(asked_, of(blobs_)));
    EXPECT_FALSE(check.look(asked_, of(blobs_)));
}

TEST_F(Signed, IsWrongByAnothersKeyAndForAnothersChallenge) {
    const Settings settings = every(1);
    SignatureCheck check(settings);
    tsmfd::Options other = asked_;
    other.inblob.padded[0] ^= 1;
    EXPECT_EQ(failed(*check.look(other, of(blobs_))), Names{"challenge"});
    blobs_.outblob[0x2a0] ^= 1;
    const auto wrong = check.look(asked_, of(blobs_));
    EXPECT_EQ(failed(*wrong), Names{"signature"});
    EXPECT_EQ(wrong->failures(), "signature: ECDSA with P-384 and SHA-384");
}

TEST_F(Signed, MayBeATpms) {
    const Settings settings = every(1);
    const evidence::TpmEvidence real("tpm-ovmf");
    tsmfd::Options asked;
    asked.inblob = *tsmfd::Inblob::from(real.challenge);
    SignatureCheck check(settings);
    EXPECT_EQ(failed(*check.look(asked, real.evidence())), Names{});
    asked.inblob.padded[63] ^= 1;
    EXPECT_EQ(failed(*check.look(asked, real.evidence())), Names{"challenge"});
}

} // namespace

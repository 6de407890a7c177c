// SPDX-License-Identifier: MIT
//
// From evidence to the policy that is about it.
#include "directory.hpp"
#include "enrol.hpp"
#include "fixture.hpp"
#include "tpm/tpm_policy.hpp"
#include "tpm_evidence.hpp"

#include <tsmfd/evidence/tpm_report.hpp>

namespace {

using namespace keybroker;

class Enrolment : public testing::Test {
protected:
    evidence::TpmEvidence real{"tpm-ovmf"};
    Directory directory;
};

TEST_F(Enrolment, ThePolicyIsAboutThatEvidenceAndNoOther) {
    const std::string text = policy_of(real.evidence()).value();
    const tsmfd::Policy policy = tsmfd::Policy::parse(text, ".").value();
    EXPECT_TRUE(policy.verify(real.evidence(), tsmfd::Question().challenge(real.challenge)).ok());
    EXPECT_EQ(policy.tpm()->members().pcrs.size(), 10U);
    EXPECT_FALSE(policy.tpm()->members().any_measurement);

    const evidence::TpmEvidence other("tpm-seabios");
    EXPECT_FALSE(
        policy.verify(other.evidence(), tsmfd::Question().challenge(other.challenge)).ok());
    for (std::size_t i = 0; i < policy.tpm()->members().pcrs.size(); ++i) {
        tsmfd::Policy changed = policy;
        changed.tpm()->members().pcrs[i].value.padded[0] ^= 1;
        EXPECT_FALSE(
            changed.verify(real.evidence(), tsmfd::Question().challenge(real.challenge)).ok())
            << i;
    }
}

TEST_F(Enrolment, EvidenceThatDoesNotHoldMakesNone) {
    real.outblob[real.at_attest + 20] ^= 1;
    EXPECT_EQ(policy_of(real.evidence()).error().code, EBADMSG);
    const SoftwareTpm without_log;
    const tsmfd::Report report = without_log.report(real.challenge);
    EXPECT_EQ(policy_of({.outblob = report.outblob, .auxblob = report.auxblob}).error().code,
              EBADMSG);
    EXPECT_EQ(policy_of({.outblob = evidence::emulated_report({}), .auxblob = {}}).error().code,
              EOPNOTSUPP);
}

TEST_F(Enrolment, EvidenceIsKeptWhole) {
    const std::string path = directory.of("refused.bin");
    ASSERT_TRUE(keep_evidence(path, {.outblob = Bytes(50000, 1), .auxblob = {}}));
    ASSERT_TRUE(keep_evidence(path, real.evidence()));
    const std::string kept = directory.read("refused.bin");
    const auto parts = tsmfd::Evidence::of_stream(text(kept));
    EXPECT_TRUE(std::ranges::equal(parts.outblob, real.outblob));
    EXPECT_TRUE(std::ranges::equal(parts.auxblob, real.auxblob));
    EXPECT_FALSE(keep_evidence(directory.of("no/such"), real.evidence()));
}

// A key that has not signed, nobody should get to know by a policy.
TEST_F(Enrolment, EvidenceThatItsKeyHasNotSignedMakesNone) {
    real.outblob[real.at_key - 1] ^= 1;
    const auto policy = policy_of(real.evidence());
    ASSERT_FALSE(policy);
    EXPECT_NE(policy.error().what.find("signature"), std::string::npos) << policy.error().what;
}

TEST_F(BrokerTest, KeepsNoEvidenceThatIsNotSigned) {
    const std::string path = directory.of("refused.bin");
    broker = Broker(SigningKey::from_pem(pem.private_pem()).value(), entries(),
                    DecisionLog::open(directory.of("log-3")).value(), limits, path);
    Wanted forged = ask_for("root", other_tpm);
    // The last byte of the signature, which stands in front of the key.
    const auto parsed = tsmfd::parse_tpm_report(forged.report.outblob).value();
    forged.report.outblob[forged.report.outblob.size() - parsed.public_key.size() - 1] ^= 1;
    (void)decide(forged.request());
    EXPECT_FALSE(std::filesystem::exists(path));
}

// Only what the guest that asked has, and what its policy was not about.
TEST_F(BrokerTest, KeepsWhatItRefusedIfItIsBoundToItsRequest) {
    const std::string path = directory.of("refused.bin");
    broker = Broker(SigningKey::from_pem(pem.private_pem()).value(), entries(),
                    DecisionLog::open(directory.of("log-2")).value(), limits, path);
    Wanted stale = ask_for("root", other_tpm);
    stale.nonce = broker.challenge(now).value().nonce;
    (void)decide(stale.request());
    (void)decide(ask_for("root").request()); // released
    EXPECT_FALSE(std::filesystem::exists(path));
    (void)decide(ask_for("root", other_tpm).request());
    EXPECT_TRUE(std::filesystem::exists(path));
}

} // namespace

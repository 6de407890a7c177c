// SPDX-License-Identifier: MIT
//
// HCL reports of an emulated paravisor: those that hold, and what an attacker would make of them.
#include "checks.hpp"
#include "hcl/hcl_policy.hpp"
#include "hcl_signed.hpp"

#include <tsmfd/evidence/proof.hpp>
#include <tsmfd/hex.hpp>

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <openssl/err.h>

namespace {

using checks::expect_failed;
using checks::failed;
using checks::Names;
using evidence::Bytes;
using hcl::Signed;
using tsmfd::Check;
using tsmfd::ExpectedPcr;
using tsmfd::Verification;

std::string detail(const Verification& verification, const char* name) {
    const Check* check = verification.find(name);
    return check != nullptr ? check->detail : "not there";
}

void expect_says(const Verification& verification, const char* name, const std::string& what) {
    EXPECT_NE(detail(verification, name).find(what), std::string::npos)
        << name << ": " << detail(verification, name);
}

// A PCR of the event log, as it is.
ExpectedPcr pcr_4() {
    return ExpectedPcr::parse("4=" + evidence::read_pcrs("tpm-ovmf")[4]).value();
}

TEST(HclVerify, HoldsFromTheRootToTheQuote) {
    Signed made;
    made.auxblob = hcl::auxblob_of({}, hcl::event_log());
    made.policy.members().tpm.pcrs({pcr_4()});
    const Verification verification = made.verify();
    EXPECT_EQ(failed(verification), Names{});
    for (const char* name : {"hcl report", "report", "chain", "signature", "claims", "vmpl", "ak",
                             "quote", "challenge", "event log", "pcr sha256:4"}) {
        ASSERT_NE(verification.find(name), nullptr) << name;
        EXPECT_EQ(verification.find(name)->outcome, Check::Outcome::passed) << name;
    }
    expect_says(verification, "quote", "SHA-256 of the user data");
    expect_says(verification, "quote signer", "the report's key");
    expect_says(verification, "challenge", tsmfd::to_hex(made.challenge));
    EXPECT_EQ(verification.find("padding"), nullptr);
    EXPECT_EQ(ERR_peek_error(), 0UL);
}

TEST(HclVerify, HoldsForAShortChallengeWithZerosBehind) {
    Signed made;
    made.challenge = evidence::nonce(0xa1, 20);
    made.policy.challenge(made.challenge);
    Bytes padded = made.challenge;
    padded.resize(64);
    made.user_data = padded;
    EXPECT_EQ(failed(made.verify()), Names{});
    made.policy.challenge(tsmfd::ByteSpan(made.challenge).first(19));
    EXPECT_EQ(failed(made.verify()), Names{"challenge"});
}

TEST(HclVerify, HoldsForAnyChallengeIfNoneIsAsked) {
    Signed made;
    made.policy.challenge(std::nullopt);
    const Verification verification = made.verify();
    EXPECT_EQ(failed(verification), Names{});
    EXPECT_EQ(verification.find("challenge")->outcome, Check::Outcome::unasked);
    expect_says(verification, "challenge", tsmfd::to_hex(made.challenge));
}

TEST(HclVerify, HoldsWithCapabilitiesAndWithoutPadding) {
    Signed made;
    made.index.data_version = 2;
    made.index.capabilities = {15, 0, 0, 0};
    made.index.padding = 0;
    EXPECT_EQ(failed(made.verify()), Names{});
}

// --- beside the index, as tpm2_quote writes it

TEST(HclVerifyFiles, HoldWhereTheQuoteIsAboutTheUserData) {
    Signed made;
    const Verification verification = made.verify_files();
    EXPECT_EQ(failed(verification), Names{});
    expect_says(verification, "quote", "SHA-256 of the user data");
    expect_says(verification, "attributes", "do not say");
}

TEST(HclVerifyFiles, HoldWhereTheQuoteAnswersTheChallengeItself) {
    for (const auto& user_data : {std::optional<Bytes>(), std::optional(Bytes(64))}) {
        Signed made;
        made.challenge = evidence::nonce(0x11, 20);
        made.policy.challenge(made.challenge);
        made.user_data = user_data;
        made.qualifying = made.challenge;
        made.policy.members().tpm.event_log(hcl::event_log());
        made.policy.members().tpm.pcrs({pcr_4()});
        const Verification verification = made.verify_files();
        EXPECT_EQ(failed(verification), Names{});
        expect_says(verification, "quote", "the challenge itself");
        expect_says(verification, "challenge", "the quote's");

        made.qualifying = evidence::nonce(0x12, 20);
        EXPECT_EQ(failed(made.verify_files()), (Names{"quote", "challenge"}));
        // The quote's signature is what makes it an answer.
        made.qualifying = made.challenge;
        made.signer = hcl::another_key();
        EXPECT_EQ(failed(made.verify_files()), (Names{"quote", "challenge"}));
    }
}

// The user data are somebody's, and nobody has said that they are to be ignored.
TEST(HclVerifyFiles, DoNotHoldForUserDataOfAnotherChallenge) {
    Signed made;
    made.user_data = evidence::nonce(0x77);
    made.qualifying = made.challenge;
    EXPECT_EQ(failed(made.verify_files()), Names{"challenge"});
}

TEST(HclVerifyFiles, HoldForWhateverTheyAnswerIfNothingIsAsked) {
    Signed made;
    made.user_data.reset();
    made.qualifying = evidence::nonce(3, 8);
    made.policy.challenge(std::nullopt);
    const Verification verification = made.verify_files();
    EXPECT_EQ(failed(verification), Names{});
    expect_says(verification, "quote", "about anything");
    expect_says(verification, "challenge", tsmfd::to_hex(*made.qualifying));
}

// The quote in a report of tsmfd_hcl is about the report, and the challenge itself will not do.
TEST(HclVerify, DoesNotHoldForAQuoteOverTheChallengeItself) {
    Signed made;
    made.qualifying = made.challenge;
    EXPECT_EQ(failed(made.verify()), Names{"quote"});
    made.user_data.reset();
    EXPECT_EQ(failed(made.verify()), (Names{"quote", "challenge"}));
}

TEST(HclVerifyFiles, AreToBeWholeAndGivenOnce) {
    Signed made;
    const Bytes index = made.made_index();
    const Bytes quote = made.attest();
    const Bytes signature = made.plain_signature();
    made.policy.quote(quote);
    EXPECT_EQ(failed(made.verify(index)), Names{"quote"}); // without a signature
    made.policy.signature(signature);
    EXPECT_EQ(failed(made.verify(index)), Names{});
    EXPECT_EQ(failed(made.verify(made.outblob())), Names{"quote"}); // has its own
    const Bytes cut(quote.begin(), quote.end() - 1);
    made.policy.quote(cut);
    EXPECT_EQ(failed(made.verify(index)), Names{"quote"});
    made.policy.quote({});
    EXPECT_EQ(failed(made.verify(index)), Names{"quote"});
}

TEST(HclVerifyIndex, AloneSaysNothingOfWhatTheGuestBooted) {
    Signed made;
    const Bytes index = made.made_index();
    const Verification verification = made.verify(index);
    EXPECT_EQ(failed(verification), Names{});
    EXPECT_EQ(verification.find("quote")->outcome, Check::Outcome::unasked);
    expect_says(verification, "quote", "nothing is said of what the guest booted");

    made.policy.members().tpm.pcrs({pcr_4()});
    EXPECT_EQ(failed(made.verify(index)), Names{"quote"});
    made.policy.members().tpm.pcrs({});
    made.policy.members().tpm.events({tsmfd::ExpectedEvent{}});
    EXPECT_EQ(failed(made.verify(index)), Names{"quote"});
    made.policy.members().tpm.events({});
    made.policy.members().tpm.event_log(hcl::event_log());
    EXPECT_EQ(failed(made.verify(index)), Names{"quote"});
}

TEST(HclVerifyIndex, WithoutUserDataAnswersNoChallenge) {
    for (const Bytes& challenge : {evidence::nonce(1), Bytes(64), Bytes()}) {
        Signed made;
        made.user_data.reset();
        made.policy.challenge(challenge);
        EXPECT_EQ(failed(made.verify(made.made_index())), Names{"challenge"});
    }
    Signed made;
    made.user_data.reset();
    made.policy.challenge(std::nullopt);
    EXPECT_EQ(failed(made.verify(made.made_index())), Names{});
}

// --- the hardware's part

TEST(HclVerifyHardware, IsHeldToAllThatASnpReportIs) {
    {
        Signed made;
        made.policy.members().snp.roots({});
        EXPECT_EQ(failed(made.verify()), Names{"chain"});
    }
    {
        Signed made;
        made.policy.members().snp.certificates({});
        expect_failed(made.verify(), "signer");
    }
    {
        Signed made;
        const Bytes measurement = evidence::nonce(1, 48);
        made.policy.members().snp.measurements({measurement});
        EXPECT_EQ(failed(made.verify()), Names{"measurement"});
    }
    {
        Signed made;
        made.change_hardware = [](Bytes& report) { report[0x0a] |= 8; };
        EXPECT_EQ(failed(made.verify()), Names{"debug"});
        made.policy.members().snp.debug_allowed(true);
        EXPECT_EQ(failed(made.verify()), Names{});
    }
    {
        Signed made;
        made.policy.members().snp.crl_required(true);
        EXPECT_EQ(failed(made.verify()), Names{"revocation"});
    }
}

// A guest behind a paravisor could have asked for it himself.
TEST(HclVerifyHardware, OfAnotherVmplIsNoParavisors) {
    Signed made;
    made.change_hardware = [](Bytes& report) { report[0x30] = 2; };
    EXPECT_EQ(failed(made.verify()), Names{"vmpl"});
    made.policy.members().snp.vmpl(2);
    EXPECT_EQ(failed(made.verify()), Names{});
    made.policy.members().snp.vmpl(std::nullopt);
    made.policy.members().snp.vmpl_max(1);
    EXPECT_EQ(failed(made.verify()), Names{"vmpl"});
}

TEST(HclVerifyHardware, IsToBeAboutTheClaims) {
    Signed made;
    made.change_hardware = [](Bytes& report) { report[hcl::snp_report_data] ^= 1; };
    EXPECT_EQ(failed(made.verify()), Names{"claims"});
    made.change_hardware = [](Bytes& report) { report[hcl::snp_report_data + 63] ^= 1; };
    EXPECT_EQ(failed(made.verify()), Names{"claims"}); // behind the hash
}

TEST(HclVerifyHardware, OfSnpHasNoTdQuote) {
    Signed made;
    made.policy.td_quote(made.challenge);
    EXPECT_EQ(failed(made.verify()), Names{"td quote"});
}

// The claims of one report in front of the hardware's report of another.
TEST(HclVerify, DoesNotHoldWithTheClaimsOfAnotherReport) {
    Signed made;
    Signed other;
    other.user_data = evidence::nonce(0x33);
    (void)other.made_index();
    const Bytes claims = hcl::bytes_of(other.all_claims());
    Bytes outblob = made.outblob();
    std::copy(claims.begin(), claims.end(), outblob.begin() + hcl::head_size + hcl::claims_at);
    const Verification verification = made.verify(outblob);
    EXPECT_EQ(failed(verification), (Names{"claims", "quote", "challenge"}));
}

TEST(HclVerify, DoesNotHoldForTheChallengeOfAnother) {
    Signed made;
    made.user_data = evidence::nonce(0x33);
    EXPECT_EQ(failed(made.verify()), Names{"challenge"});
}

TEST(HclVerify, DoesNotHoldForAQuoteOfAnotherChallenge) {
    Signed made;
    made.qualifying = hcl::sha256(evidence::nonce(0x33));
    const Verification verification = made.verify();
    EXPECT_EQ(failed(verification), Names{"quote"});
    expect_says(verification, "quote", "about another report or challenge");
}

// A batch of one: its root, the hash of the leaf, is what the paravisor is asked with.
TEST(HclVerifyBatch, HoldsForTheRootAndTheProofLeadsThere) {
    const tsmfd::BatchedChallenge asked{.inblob = *tsmfd::Inblob::from(evidence::nonce(7, 20)),
                                        .privlevel = 0,
                                        .format = tsmfd::Format::plain};
    const auto root = tsmfd::batch_leaf(asked);
    Signed made;
    made.challenge.assign(root.begin(), root.end());
    made.user_data = made.challenge;
    made.policy.challenge(made.challenge);
    const Bytes outblob = made.outblob();
    EXPECT_EQ(failed(made.verify(outblob)), Names{});

    Bytes stream(8);
    evidence::put(stream, 0, TSMFD_BATCH_PROOF_MAGIC);
    for (const std::size_t value : {std::size_t{1}, std::size_t{0}, std::size_t{1}, std::size_t{0},
                                    outblob.size(), std::size_t{0}, std::size_t{0}})
        evidence::append_le32(stream, static_cast<std::uint32_t>(value));
    evidence::append(stream, outblob);
    const auto answer = tsmfd::split_batch(stream);
    ASSERT_TRUE(answer) << answer.error().message();
    const auto data = tsmfd::report_data_of(answer->outblob);
    ASSERT_TRUE(data);
    EXPECT_TRUE(tsmfd::verify_batch(asked, answer->proof, *data));
    const auto got = tsmfd::Evidence::of_stream(stream);
    EXPECT_TRUE(tsmfd::judge_batched(asked, got.proof, got).ok());
    tsmfd::BatchedChallenge other = asked;
    other.privlevel = 1;
    EXPECT_FALSE(tsmfd::verify_batch(other, answer->proof, *data));
    EXPECT_FALSE(tsmfd::judge_batched(other, got.proof, got).ok());
}

// --- the attestation key

TEST(HclVerifyAk, IsTheOneThatSigned) {
    Signed made;
    made.signer = hcl::another_key();
    Verification verification = made.verify();
    EXPECT_EQ(failed(verification), Names{"quote"});
    expect_says(verification, "quote", "not signed by the claims' HCLAkPub");
    // With its own public part it is no better.
    made.public_key = tpm_signer::rsa_public(hcl::another_key(), tpm_signer::rsassa);
    verification = made.verify();
    EXPECT_EQ(failed(verification), (Names{"ak", "quote"}));
    expect_says(verification, "ak", "another key than the report's");
    made.signer = hcl::ak();
    EXPECT_EQ(failed(made.verify()), Names{"ak"});
}

TEST(HclVerifyAk, SignsOnlyWhatItsTpmMade) {
    for (const std::uint32_t bit :
         {tsmfd::TpmKey::fixed_tpm, tsmfd::TpmKey::restricted, tsmfd::TpmKey::sign,
          tsmfd::TpmKey::sensitive_data_origin, tsmfd::TpmKey::decrypt}) {
        Signed made;
        made.public_key =
            tpm_signer::rsa_public(hcl::ak(), tpm_signer::rsassa, tpm_signer::attests ^ bit);
        EXPECT_EQ(failed(made.verify()), Names{"ak"}) << bit;
    }
}

TEST(HclVerifyAk, IsOneOfThePolicys) {
    Signed made;
    const Bytes pem = tpm_signer::pem_of(hcl::ak());
    const Bytes other = tpm_signer::pem_of(hcl::another_key());
    const Bytes name = tsmfd::TpmKey::parse(made.public_key).value().name();
    const Bytes weak = tpm_signer::rsa_public(hcl::ak(), tpm_signer::rsassa, 0);
    made.policy.members().tpm.keys({other});
    EXPECT_EQ(failed(made.verify()), Names{"ak"});
    EXPECT_EQ(failed(made.verify_files()), Names{"ak"});
    made.policy.members().tpm.keys({other, pem});
    EXPECT_EQ(failed(made.verify()), Names{});
    EXPECT_EQ(failed(made.verify_files()), Names{});
    made.policy.members().tpm.keys({made.public_key});
    EXPECT_EQ(failed(made.verify()), Names{});
    EXPECT_EQ(failed(made.verify_files()), Names{});
    made.policy.members().tpm.keys({weak}); // the same numbers
    EXPECT_EQ(failed(made.verify()), Names{"ak"});
    EXPECT_EQ(failed(made.verify_files()), Names{"ak"});
    // Those of another key, which would be as good.
    const Bytes others =
        tpm_signer::rsa_public(hcl::ak(), tpm_signer::rsassa, tpm_signer::attests | 1U << 6);
    made.policy.members().tpm.keys({others});
    EXPECT_EQ(failed(made.verify()), Names{"ak"});
    EXPECT_EQ(failed(made.verify_files()), Names{});
    made.policy.members().tpm.keys({});
    made.policy.members().tpm.key_names({name});
    EXPECT_EQ(failed(made.verify()), Names{});
    EXPECT_EQ(failed(made.verify_files()), Names{"ak"}); // it has no name there
    made.policy.members().tpm.key_names({other});
    EXPECT_EQ(failed(made.verify()), Names{"ak"});
}

TEST(HclVerifyAk, IsToBeThereAndToBeAKey) {
    Signed made;
    made.claims =
        hcl::claims_of(hcl::key_of("HCLEkPub", tpm_signer::modulus_of(hcl::ak())), made.user_data);
    EXPECT_EQ(failed(made.verify()), (Names{"ak", "quote"}));
    for (const Bytes& modulus : {Bytes(256), Bytes{1}, Bytes(4000, 0xff)}) {
        made.claims = hcl::claims_of(hcl::key_of("HCLAkPub", modulus), made.user_data);
        EXPECT_EQ(failed(made.verify()), (Names{"ak", "quote"})) << modulus.size();
    }
    // Zeros in front do not matter.
    Bytes modulus = tpm_signer::modulus_of(hcl::ak());
    modulus.insert(modulus.begin(), 0);
    made.claims = hcl::claims_of(hcl::key_of("HCLAkPub", modulus), made.user_data);
    EXPECT_EQ(failed(made.verify()), Names{});
}

// Two readers could take another key of the two.
TEST(HclVerify, DoesNotHoldForClaimsThatAreNot) {
    Signed made;
    const std::string ak = hcl::key_of("HCLAkPub", tpm_signer::modulus_of(hcl::ak()));
    const std::string other = hcl::key_of("HCLAkPub", tpm_signer::modulus_of(hcl::another_key()));
    const std::string two = fmt::format("{},{}", ak, other);
    for (const std::string& claims :
         {hcl::claims_of(two, made.user_data),
          hcl::claims_of(ak, made.user_data, R"(,"keys":[)" + other + "]"),
          hcl::claims_of(ak, made.user_data, ",\"a\":\"\xff\xfe\""), std::string("{}x"),
          std::string(20000, ' ') + "{}", std::string("\x1b[2J\xff")}) {
        made.claims = claims;
        const Verification verification = made.verify();
        EXPECT_EQ(failed(verification), Names{"hcl report"});
        EXPECT_EQ(detail(verification, "hcl report").find_first_of("\x1b\xff"), std::string::npos);
    }
}

TEST(HclVerify, DoesNotHoldForAHashThatIsNotKnownOrAnother) {
    Signed made;
    for (const std::uint32_t hash : {0U, 4U, 0xffffffffU}) {
        made.index.hash = hash;
        EXPECT_EQ(failed(made.verify()), Names{"hcl report"}) << hash;
    }
    made.index.hash = 2; // REPORT_DATA has SHA-256
    EXPECT_EQ(failed(made.verify()), Names{"claims"});
}

// --- PCRs

TEST(HclVerifyPcrs, AreHeldToWhatIsExpected) {
    Signed made;
    made.policy.members().tpm.pcrs({ExpectedPcr::parse("4=" + std::string(64, '1')).value()});
    made.auxblob = hcl::auxblob_of({}, hcl::event_log());
    EXPECT_EQ(failed(made.verify()), Names{"pcr sha256:4"});
    made.auxblob.clear(); // nothing says what they are
    EXPECT_EQ(failed(made.verify()), Names{"pcr sha256:4"});
    made.policy.members().tpm.pcrs({ExpectedPcr::parse("15=" + std::string(64, '0')).value()});
    EXPECT_EQ(failed(made.verify()), Names{"pcr sha256:15"}); // not quoted
}

TEST(HclVerifyPcrs, AreThoseOfTheEventLog) {
    Signed made;
    Bytes log = hcl::event_log();
    log[log.size() / 2] ^= 1;
    made.auxblob = hcl::auxblob_of({}, log);
    expect_failed(made.verify(), "event log");
    made.auxblob = hcl::auxblob_of({}, hcl::event_log());
    EXPECT_EQ(failed(made.verify()), Names{});
    made.policy.members().tpm.event_log(log); // in place of the auxblob's
    expect_failed(made.verify(), "event log");
    made.policy.members().tpm.event_log(tsmfd::ByteSpan());
    EXPECT_EQ(failed(made.verify()), Names{"event log"});
    made.policy.members().tpm.event_log(std::nullopt);
}

TEST(HclVerifyPcrs, WereExtendedWithTheEventsThatAreExpected) {
    Signed made;
    made.auxblob = hcl::auxblob_of({}, hcl::event_log());
    const auto log = tsmfd::EventLog::parse(hcl::event_log()).value();
    const auto event = std::ranges::find(log.events(), 4U, &tsmfd::TpmEvent::pcr);
    ASSERT_NE(event, log.events().end());
    const auto digest = event->digest(tsmfd::TpmHash::sha256);
    tsmfd::TpmDigest expected{.padded = {}, .size = digest.size()};
    std::ranges::copy(digest, expected.padded.begin());
    made.policy.members().tpm.events(
        {{.hash = tsmfd::TpmHash::sha256, .number = 4, .digests = {expected}}});
    EXPECT_EQ(failed(made.verify()), Names{});
    expected.padded[0] ^= 1;
    made.policy.members().tpm.events(
        {{.hash = tsmfd::TpmHash::sha256, .number = 4, .digests = {expected}}});
    EXPECT_EQ(failed(made.verify()), Names{"event sha256:4"});
}

TEST(HclVerifyAux, IsTsmfdHclsOrFails) {
    Signed made;
    made.auxblob = evidence::nonce(1, 100);
    EXPECT_EQ(failed(made.verify()), Names{"auxblob"});
    made.auxblob = hcl::auxblob_of(made.snp.authority().ask(), {});
    const Verification verification = made.verify();
    EXPECT_EQ(failed(verification), Names{});
    EXPECT_EQ(verification.find("ak certificate")->outcome, Check::Outcome::unasked);
    expect_says(verification, "ak certificate", "not checked: ");
    made.auxblob = hcl::auxblob_of(evidence::nonce(0x1b, 40), {});
    expect_says(made.verify(), "ak certificate", "40 bytes that are no certificate");
}

// --- the policy, and bytes that nobody has signed

TEST(HclVerifyPolicy, HasOneChallenge) {
    Signed made;
    const Bytes other = evidence::nonce(5);
    const auto expect_one = [&](auto& part) {
        part.challenge(made.challenge);
        EXPECT_EQ(failed(made.verify()), Names{});
        part.challenge(other);
        EXPECT_EQ(failed(made.verify()), Names{"policy"});
        made.policy.challenge(std::nullopt);
        EXPECT_EQ(failed(made.verify()), Names{"policy"});
        made.policy.challenge(made.challenge);
        part.challenge(std::nullopt);
    };
    expect_one(made.policy.members().snp);
    expect_one(made.policy.members().tdx);
    expect_one(made.policy.members().tpm);
}

TEST(HclVerify, SaysWhatIsInThePadding) {
    Signed made;
    Bytes index = made.made_index();
    index.back() = 1;
    const Verification verification = made.verify(index);
    EXPECT_EQ(failed(verification), Names{});
    EXPECT_EQ(verification.find("padding")->outcome, Check::Outcome::unasked);
}

// Each byte of what is signed: the hardware's report, the claims, the quote and its signature.
TEST(HclVerify, DoesNotHoldWithAnyByteChangedThatCounts) {
    Signed made;
    tsmfd::ChainCache chains;
    made.policy.members().snp.chains(&chains);
    Bytes outblob = made.outblob();
    ASSERT_TRUE(made.verify(outblob).ok());
    const std::size_t claims_at = hcl::head_size + hcl::claims_at;
    const std::size_t claims_end = claims_at + made.all_claims().size();
    const std::size_t public_at = outblob.size() - made.public_key.size();
    for (std::size_t at = 0; at < outblob.size(); ++at) {
        // The header's sizes, type and status, and the padding, are not signed and not used. Of the
        // key's public part the numbers count, and the attributes that make it attest.
        const bool unused = (at >= hcl::head_size + 8 && at < hcl::head_size + 32) ||
                            (at >= claims_end && at < claims_end + 9) ||
                            (at >= public_at && at < outblob.size() - 256);
        if (unused)
            continue;
        // The data's version is unsigned too: 1 to 3 are the same for who gets the sizes.
        const bool version = at == hcl::head_size + 4 || at == hcl::head_size + hcl::data_at + 4;
        const auto bit = static_cast<std::uint8_t>(1U << (version ? 7 : at % 8));
        outblob[at] ^= bit;
        EXPECT_FALSE(made.verify(outblob).ok()) << at;
        outblob[at] ^= bit;
    }
    EXPECT_TRUE(made.verify(outblob).ok());
}

TEST(HclVerify, OfAnythingElseFails) {
    EXPECT_EQ(failed(tsmfd::verify_hcl({.outblob = Bytes(7), .auxblob = {}}, {})),
              Names{"hcl report"});
    EXPECT_EQ(failed(tsmfd::verify_hcl({.outblob = {}, .auxblob = {}}, {})), Names{"hcl report"});
}

} // namespace

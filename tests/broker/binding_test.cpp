// SPDX-License-Identifier: MIT
#include "append.hpp"
#include "binding.hpp"
#include "keys.hpp"

#include <tsmfd/hex.hpp>

#include <set>

#include <gtest/gtest.h>

namespace {

using namespace keybroker;
using tsmfd::text;

const Secret secret = [] {
    const auto bytes = text("correct horse battery staple");
    return Secret(bytes.begin(), bytes.end());
}();

class Binding : public testing::Test {
protected:
    keys::Ed25519 broker_pem;
    SigningKey signing = SigningKey::from_pem(broker_pem.private_pem()).value();
    BrokerKey known = BrokerKey::from_pem(broker_pem.public_pem()).value();
    hpke::KeyPair own = hpke::KeyPair::generate().value();
    ReportData bound = report_data(Nonce{1}, own.public_key(), "root").value();
};

TEST_F(Binding, OpensWhatWasSealedForIt) {
    const Answer answer = signing.seal(secret, own.public_key(), bound).value();
    EXPECT_TRUE(known.check(answer, bound));
    EXPECT_EQ(unseal(answer, own, bound).value(), secret);
}

TEST_F(Binding, ReportDataAreOfAllThatIsBound) {
    const Key key = own.public_key();
    Key other_key = key;
    other_key[31] ^= 1;
    const std::set<ReportData> all = {
        bound,
        report_data(Nonce{2}, key, "root").value(),
        report_data(Nonce{1}, other_key, "root").value(),
        report_data(Nonce{1}, key, "roo").value(),
        report_data(Nonce{1}, key, "roots").value(),
    };
    EXPECT_EQ(all.size(), 5U);
}

// The example of Documentation/key-broker.rst, which sha512sum made.
TEST_F(Binding, ReportDataAreAsDocumented) {
    Nonce nonce{};
    Key key{};
    nonce.fill(0x11);
    key.fill(0x22);
    EXPECT_EQ(tsmfd::to_hex(report_data(nonce, key, "root").value()),
              "a1f755ea0706897335e062af7d36bf6cd899a9f16b6245ba531f3998313442ef"
              "4a2453e27b7fc652fa5e457d5e34a210b350cdc3bde91553cd6b1bdadde1690d");
}

TEST_F(Binding, AnotherBrokersAnswerIsNotBelieved) {
    const keys::Ed25519 rogue;
    const Answer answer =
        SigningKey::from_pem(rogue.private_pem())->seal(secret, own.public_key(), bound).value();
    EXPECT_EQ(known.check(answer, bound).error().code, EKEYREJECTED);
}

TEST_F(Binding, AnAnswerIsToOneReportAndWhole) {
    const Answer answer = signing.seal(secret, own.public_key(), bound).value();
    ReportData other = bound;
    other[0] ^= 1;
    EXPECT_FALSE(known.check(answer, other));
    EXPECT_FALSE(unseal(answer, own, other));

    Answer changed = answer;
    changed.enc[5] ^= 1;
    EXPECT_FALSE(known.check(changed, bound));
    EXPECT_FALSE(unseal(changed, own, bound));
    for (std::size_t at = 0; at < answer.ciphertext.size(); ++at) {
        changed = answer;
        changed.ciphertext[at] ^= 1;
        EXPECT_FALSE(known.check(changed, bound)) << at;
        EXPECT_FALSE(unseal(changed, own, bound)) << at;
    }
    for (std::size_t at = 0; at < answer.signature.size(); ++at) {
        changed = answer;
        changed.signature[at] ^= 1;
        EXPECT_FALSE(known.check(changed, bound)) << at;
    }
}

TEST_F(Binding, NobodyElsesKeyOpensIt) {
    const Answer answer = signing.seal(secret, own.public_key(), bound).value();
    EXPECT_FALSE(unseal(answer, hpke::KeyPair::generate().value(), bound));
}

TEST_F(Binding, TheSameSecretIsNeverSealedAlike) {
    const Answer first = signing.seal(secret, own.public_key(), bound).value();
    const Answer second = signing.seal(secret, own.public_key(), bound).value();
    EXPECT_NE(first.enc, second.enc);
    EXPECT_NE(first.ciphertext, second.ciphertext);
}

TEST_F(Binding, KeysAreOfEd25519) {
    EXPECT_EQ(SigningKey::from_pem(broker_pem.public_pem()).error().code, EBADMSG);
    EXPECT_EQ(BrokerKey::from_pem(broker_pem.private_pem()).error().code, EBADMSG);
    const tsmfd::ossl::PkeyPtr other(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519"));
    EXPECT_EQ(BrokerKey::from_pem(keys::public_pem(other.get())).error().code, EBADMSG);
    EXPECT_EQ(SigningKey::from_pem(keys::private_pem(other.get())).error().code, EBADMSG);
    EXPECT_EQ(SigningKey::from_pem({}).error().code, EBADMSG);
}

} // namespace

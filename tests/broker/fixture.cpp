// SPDX-License-Identifier: MIT
#include "fixture.hpp"

#include <tsmfd/hex.hpp>

#include <utility>
#include <variant>

#include <nlohmann/json.hpp>

namespace keybroker {

BrokerTest::BrokerTest() = default;
BrokerTest::~BrokerTest() = default;

tsmfd::Policy BrokerTest::policy_for(const SoftwareTpm& tpm) {
    tsmfd::Policy policy;
    policy.tpm(tsmfd::TpmPolicy());
    policy.tpm()->keys({tpm.public_area()});
    policy.tpm()->pcrs(tpm.expected());
    return policy;
}

std::vector<Entry> BrokerTest::entries() const {
    std::vector<Entry> all;
    all.push_back({"root", "root.json", policy_for(tpm), secret_of(root_secret)});
    all.push_back({"other", "other.json", policy_for(other_tpm), secret_of(other_secret)});
    return all;
}

Broker BrokerTest::broker_with(std::vector<Entry> entries, const std::string& log) {
    return {SigningKey::from_pem(pem.private_pem()).value(), std::move(entries),
            DecisionLog::open(directory.of(log)).value(), limits};
}

Wanted BrokerTest::ask_for(const std::string& name, const SoftwareTpm& from) {
    Wanted wanted{.nonce = broker.challenge(now).value().nonce,
                  .own = hpke::KeyPair::generate().value(),
                  .name = name,
                  .report = {}};
    wanted.report = from.report(wanted.bound());
    return wanted;
}

void BrokerTest::expect_refused(const Reply& reply, Reason reason, std::string_view because) const {
    const auto* refusal = std::get_if<Refusal>(&reply);
    ASSERT_NE(refusal, nullptr) << "it was released";
    EXPECT_EQ(refusal->reason, reason) << refusal->text;
    EXPECT_NE(refusal->text.find(because), std::string::npos) << refusal->text;
    expect_logged("refused", reason_name(reason));
}

void BrokerTest::expect_logged(std::string_view event, std::string_view reason) const {
    const auto lines = directory.lines(log_name);
    ASSERT_FALSE(lines.empty());
    EXPECT_EQ(last_logged("event"), event) << lines.back();
    EXPECT_EQ(last_logged("reason"), reason) << lines.back();
    EXPECT_TRUE(check_log(directory.of(log_name)));
    expect_no_secret(directory.read(log_name), "the log");
}

std::string BrokerTest::last_logged(const std::string& member) const {
    return nlohmann::json::parse(directory.lines(log_name).back()).value(member, "");
}

void BrokerTest::expect_no_secret(std::string_view where, std::string_view what) {
    for (const std::string_view secret : {root_secret, other_secret}) {
        EXPECT_EQ(where.find(secret), std::string_view::npos) << what;
        EXPECT_EQ(where.find(tsmfd::to_hex(text(secret))), std::string_view::npos) << what;
    }
}

} // namespace keybroker

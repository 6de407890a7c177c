// SPDX-License-Identifier: MIT
//
// A broker with two secrets, and a guest with a TPM that the policy of one of them knows.
//
//     class Some : public BrokerTest {};
//     Wanted wanted = ask_for("root");                // a nonce, a key, evidence for both
//     decide(wanted.request())
#pragma once

#include "append.hpp"
#include "broker.hpp"
#include "directory.hpp"
#include "keys.hpp"
#include "software_tpm.hpp"

#include <tsmfd/hex.hpp>

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace keybroker {

using tsmfd::text;

inline constexpr std::string_view root_secret = "the root volume's own secret";
inline constexpr std::string_view other_secret = "another secret, of another volume";

inline Secret secret_of(std::string_view characters) {
    const auto bytes = text(characters);
    return {bytes.begin(), bytes.end()};
}

// What a client has, and the request it makes of that.
struct Wanted {
    Nonce nonce{};
    hpke::KeyPair own;
    std::string name;
    tsmfd::Report report;

    [[nodiscard]] Request request() const {
        return {.nonce = nonce,
                .key = own.public_key(),
                .name = name,
                .outblob = report.outblob,
                .auxblob = report.auxblob};
    }
    [[nodiscard]] ReportData bound() const {
        return report_data(nonce, own.public_key(), name).value();
    }
};

class BrokerTest : public testing::Test {
protected:
    using Clock = Nonces::Clock;

    static tsmfd::Policy policy_for(const SoftwareTpm& tpm) {
        tsmfd::Policy policy;
        policy.tpm = tsmfd::Policy::Tpm();
        policy.tpm->keys = {tpm.public_area()};
        policy.tpm->pcrs = tpm.expected();
        return policy;
    }

    std::vector<Entry> entries() {
        std::vector<Entry> all;
        all.push_back({"root", "root.json", policy_for(tpm), secret_of(root_secret)});
        all.push_back({"other", "other.json", policy_for(other_tpm), secret_of(other_secret)});
        return all;
    }

    Broker broker_with(std::vector<Entry> entries, const std::string& log = "log") {
        return {SigningKey::from_pem(pem.private_pem()).value(), std::move(entries),
                DecisionLog::open(directory.of(log)).value(), limits};
    }

    Wanted ask_for(const std::string& name) { return ask_for(name, tpm); }
    Wanted ask_for(const std::string& name, const SoftwareTpm& from) {
        Wanted wanted{.nonce = broker.challenge(now).value().nonce,
                      .own = hpke::KeyPair::generate().value(),
                      .name = name,
                      .report = {}};
        wanted.report = from.report(wanted.bound());
        return wanted;
    }

    Reply decide(const Request& request) { return broker.decide(request, "test", now); }

    // The broker says no for this reason; the log says so, too.
    void expect_refused(const Reply& reply, Reason reason, std::string_view because) {
        const auto* refusal = std::get_if<Refusal>(&reply);
        ASSERT_NE(refusal, nullptr) << "it was released";
        EXPECT_EQ(refusal->reason, reason) << refusal->text;
        EXPECT_NE(refusal->text.find(because), std::string::npos) << refusal->text;
        expect_logged("refused", reason_name(reason));
    }
    void expect_logged(std::string_view event, std::string_view reason) {
        const auto lines = directory.lines(log_name);
        ASSERT_FALSE(lines.empty());
        const auto last = nlohmann::json::parse(lines.back());
        EXPECT_EQ(last.value("event", ""), event) << lines.back();
        EXPECT_EQ(last.value("reason", ""), reason) << lines.back();
        EXPECT_TRUE(check_log(directory.of(log_name)));
        expect_no_secret(directory.read(log_name), "the log");
    }
    static void expect_no_secret(std::string_view where, std::string_view what) {
        for (const std::string_view secret : {root_secret, other_secret}) {
            EXPECT_EQ(where.find(secret), std::string_view::npos) << what;
            EXPECT_EQ(where.find(tsmfd::to_hex(text(secret))), std::string_view::npos) << what;
        }
    }

    Directory directory;
    std::string log_name = "log"; // of the present broker
    keys::Ed25519 pem;
    SoftwareTpm tpm;
    SoftwareTpm other_tpm;
    Nonces::Limits limits{.lifetime = std::chrono::seconds(60), .capacity = 64};
    Clock::time_point now = Clock::now(); // as a server on this broker has it
    Broker broker = broker_with(entries());
};

} // namespace keybroker

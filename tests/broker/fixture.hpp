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

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

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

    BrokerTest();
    ~BrokerTest() override;

    static tsmfd::Policy policy_for(const SoftwareTpm& tpm);
    [[nodiscard]] std::vector<Entry> entries() const;
    Broker broker_with(std::vector<Entry> entries, const std::string& log = "log");

    Wanted ask_for(const std::string& name) { return ask_for(name, tpm); }
    Wanted ask_for(const std::string& name, const SoftwareTpm& from);

    Reply decide(const Request& request) { return broker.decide(request, "test", now); }

    // The broker says no for this reason; the log says so, too.
    void expect_refused(const Reply& reply, Reason reason, std::string_view because) const;
    void expect_logged(std::string_view event, std::string_view reason) const;
    // A member of the log's last line; empty if it has none.
    [[nodiscard]] std::string last_logged(const std::string& member) const;
    static void expect_no_secret(std::string_view where, std::string_view what);

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

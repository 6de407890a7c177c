// SPDX-License-Identifier: MIT
//
// What the broker decides: who gets a nonce, and whose evidence is worth which secret.
//
//     Broker broker(std::move(key), std::move(secrets), std::move(log), nonce_limits);
//     const auto challenge = broker.challenge(now);
//     const Reply reply = broker.decide(request, peer, now);     // an Answer, or a Refusal
//
// A nonce is used up by the first request that names it, whatever comes of that. A decision is on
// disk before it is returned; one that cannot be written is a refusal.
//
// Threads: from one, but for examine(), which any number may call meanwhile.
#pragma once

#include "binding.hpp"
#include "decision_log.hpp"
#include "nonces.hpp"
#include "secret.hpp"
#include "wire.hpp"

#include <tsmfd/evidence/policy.hpp>
#include <tsmfd/result.hpp>

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace keybroker {

// A secret, and what evidence it is released for. Several may have one name: of the kernel that
// runs and of the next, for instance.
struct Entry {
    std::string name;
    std::string policy_file; // for the log
    tsmfd::Policy policy;
    Secret secret;
};

using Reply = std::variant<Answer, Refusal>;

// A request whose nonce was good, with what is examined for it.
struct Examination {
    std::string name; // of the secret
    Key key{};        // the client's
    ReportData bound{};
    Bytes outblob;
    Bytes auxblob;
    Decision decision; // what is known of it so far

    [[nodiscard]] tsmfd::Evidence evidence() const {
        return {.outblob = outblob, .auxblob = auxblob};
    }
};

// What came of it.
struct Findings {
    std::optional<std::size_t> entry{}; // whose policy it holds to
    std::string why{};                  // it holds to none
    bool is_bound = false;              // to its request, by a signature
};

class Broker {
public:
    // `refused`: where the last evidence is kept that is bound to its request, but is not what a
    // policy wants; empty: nowhere.
    Broker(SigningKey key, std::vector<Entry> entries, DecisionLog log,
           const Nonces::Limits& nonces, std::string refused = {})
        : key_(std::move(key)), entries_(std::move(entries)), log_(std::move(log)), nonces_(nonces),
          refused_(std::move(refused)) {}

    tsmfd::Result<Challenge> challenge(Nonces::Clock::time_point now);
    // begin(), examine() and finish() at once.
    Reply decide(const Request& request, const std::string& peer, Nonces::Clock::time_point now);

    // Uses up the nonce.
    std::variant<Examination, Refusal> begin(const Request& request, const std::string& peer,
                                             Nonces::Clock::time_point now);
    // The part that takes time, which depends on nothing but the entries.
    [[nodiscard]] Findings examine(const Examination& of) const;
    Reply finish(Examination of, const Findings& findings);
    // In place of finish(): nobody is there to be told.
    void abandon(Examination of, const std::string& why);

    // Of what came to no decision: a message that is malformed or too big.
    Refusal refuse(Reason reason, std::string why, const std::string& peer);

    [[nodiscard]] const LogState& log() const { return log_.state(); }

private:
    Reply release(const Entry& entry, const Examination& of, Decision decision);
    Refusal refuse(Reason reason, std::string why, Decision decision);

    SigningKey key_;
    std::vector<Entry> entries_;
    DecisionLog log_;
    Nonces nonces_;
    std::string refused_;
};

} // namespace keybroker

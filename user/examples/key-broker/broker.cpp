// SPDX-License-Identifier: MIT
#include "broker.hpp"

#include "enrol.hpp"

#include <tsmfd/evidence/evidence_kind.hpp>
#include <tsmfd/hex.hpp>

#include <fmt/format.h>

namespace keybroker {

namespace {

using tsmfd::Result;
using tsmfd::Verification;

std::string hash_of(const tsmfd::Evidence& evidence) {
    const tsmfd::ossl::DigestContextPtr context(EVP_MD_CTX_new());
    std::array<std::uint8_t, 32> digest{};
    if (!context || EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1 ||
        EVP_DigestUpdate(context.get(), evidence.outblob.data(), evidence.outblob.size()) != 1 ||
        EVP_DigestUpdate(context.get(), evidence.auxblob.data(), evidence.auxblob.size()) != 1 ||
        EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) != 1)
        return {};
    return tsmfd::to_hex(digest);
}

std::string provider_of(const tsmfd::Evidence& evidence) {
    const auto kind = tsmfd::kind_of(evidence);
    return kind ? std::string(tsmfd::kind_name(*kind)) : "unknown";
}

std::string why_not(const Verification& verification) {
    const std::string failures = verification.failures();
    return failures.empty() ? "nothing was checked" : failures;
}

} // namespace

Result<Challenge> Broker::challenge(Nonces::Clock::time_point now) {
    const auto nonce = nonces_.give(now);
    if (!nonce)
        return std::unexpected(nonce.error());
    return Challenge{.nonce = *nonce,
                     .seconds = static_cast<std::uint32_t>(nonces_.lifetime().count())};
}

Reply Broker::decide(const Request& request, const std::string& peer,
                     Nonces::Clock::time_point now) {
    auto begun = begin(request, peer, now);
    if (auto* refusal = std::get_if<Refusal>(&begun))
        return std::move(*refusal);
    auto& of = std::get<Examination>(begun);
    const Findings findings = examine(of);
    return finish(std::move(of), findings);
}

std::variant<Examination, Refusal> Broker::begin(const Request& request, const std::string& peer,
                                                 Nonces::Clock::time_point now) {
    const tsmfd::Evidence evidence{.outblob = request.outblob, .auxblob = request.auxblob};
    Decision decision{.event = {},
                      .peer = peer,
                      .name = request.name,
                      .provider = provider_of(evidence),
                      .nonce = tsmfd::to_hex(request.nonce),
                      .key = tsmfd::to_hex(request.key),
                      .evidence = hash_of(evidence)};
    switch (nonces_.use(request.nonce, now)) {
    case Nonces::Use::unknown:
        return refuse(Reason::nonce, "the nonce is not of this broker, or was used before",
                      std::move(decision));
    case Nonces::Use::expired:
        return refuse(Reason::nonce, "the nonce has expired", std::move(decision));
    case Nonces::Use::valid:
        break;
    }
    const auto bound = report_data(request.nonce, request.key, request.name);
    if (!bound)
        return refuse(Reason::broken, bound.error().message(), std::move(decision));
    return Examination{.name = request.name,
                       .key = request.key,
                       .bound = *bound,
                       .outblob = {request.outblob.begin(), request.outblob.end()},
                       .auxblob = {request.auxblob.begin(), request.auxblob.end()},
                       .decision = std::move(decision)};
}

Findings Broker::examine(const Examination& of) const {
    Findings findings;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        const Entry& entry = entries_[i];
        if (entry.name != of.name)
            continue;
        const Verification verification =
            entry.policy.verify(of.evidence(), tsmfd::Question().challenge(of.bound));
        if (verification.ok())
            return {.entry = i};
        // By a signature, that is: without one anybody can put another's key there.
        findings.is_bound |=
            has_passed(verification, "challenge") && has_passed(verification, "signature");
        findings.why += fmt::format("{}{}: {}", findings.why.empty() ? "" : "; ", entry.policy_file,
                                    why_not(verification));
    }
    return findings;
}

Reply Broker::finish(Examination of, const Findings& findings) {
    if (findings.entry)
        return release(entries_.at(*findings.entry), of, std::move(of.decision));
    if (findings.why.empty())
        return refuse(Reason::name, fmt::format("there is no secret '{}'", of.name),
                      std::move(of.decision));
    if (findings.is_bound && !refused_.empty()) {
        if (const auto kept = keep_evidence(refused_, of.evidence()); !kept)
            fmt::print(stderr, "tsm-broker: {}\n", kept.error().message());
    }
    return refuse(Reason::evidence, findings.why, std::move(of.decision));
}

void Broker::abandon(Examination of, const std::string& why) {
    (void)refuse(Reason::malformed, why, std::move(of.decision));
}

Reply Broker::release(const Entry& entry, const Examination& of, Decision decision) {
    decision.policy = entry.policy_file;
    auto answer = key_.seal(entry.secret, of.key, of.bound);
    if (!answer)
        return refuse(Reason::broken, answer.error().message(), std::move(decision));
    decision.event = "released";
    if (const auto written = log_.append(decision); !written)
        return Refusal{.reason = Reason::broken, .text = "the decision cannot be logged"};
    return std::move(*answer);
}

Refusal Broker::refuse(Reason reason, std::string why, const std::string& peer) {
    return refuse(reason, std::move(why), Decision{.event = {}, .peer = peer});
}

Refusal Broker::refuse(Reason reason, std::string why, Decision decision) {
    decision.event = "refused";
    decision.reason = reason_name(reason);
    decision.detail = why;
    if (const auto written = log_.append(decision); !written)
        return Refusal{.reason = Reason::broken, .text = "the decision cannot be logged"};
    return Refusal{.reason = reason, .text = std::move(why)};
}

} // namespace keybroker

// SPDX-License-Identifier: MIT
#include "check.hpp"

#include "wire.hpp"

#include <tsmfd/evidence/emu_tag.hpp>
#include <tsmfd/evidence/proof.hpp>
#include <tsmfd/evidence/snp_report.hpp>
#include <tsmfd/evidence/tls_binding.hpp>
#include <tsmfd/evidence/verdict.hpp>
#include <tsmfd/printable.hpp>

#include <algorithm>

#include <fmt/format.h>

namespace attested {

namespace {

using tsmfd::Inblob;
using tsmfd::Verification;

bool is_emulated(tsmfd::ByteSpan outblob) {
    const auto facts = tsmfd::snp_facts(outblob);
    return facts && tsmfd::EmuTag::read(facts->host_data).valid;
}

// What the report's own challenge has to be; nothing if the proof does not lead anywhere.
std::optional<Inblob> expected_challenge(Verification& to, const Inblob& binding,
                                         const EvidenceMessage& message) {
    if (message.proof.empty())
        return binding;
    const auto proof = tsmfd::parse_batch_proof(message.proof);
    const auto root =
        proof ? tsmfd::batch_root(
                    {.inblob = binding, .privlevel = message.privlevel, .format = message.format},
                    *proof)
              : std::unexpected(proof.error());
    if (!root) {
        to.fail("proof", root.error().what);
        return std::nullopt;
    }
    to.pass("proof", fmt::format("leaf {} of {}", proof->leaf_index, proof->tree_size));
    return Inblob{.padded = *root, .size = TSMFD_HASH_LEN};
}

void check_emulated(Verification& to, const Inblob& challenge, const EvidenceMessage& message,
                    bool allowed) {
    to.judge(allowed, "emulated", "a report of no firmware, without a signature");
    const bool extended = message.format == tsmfd::Format::extended;
    const tsmfd::Challenge asked{.inblob = challenge, .privlevel = {}, .format = {}};
    const auto verdict = tsmfd::judge(
        asked, {.outblob = message.outblob, .auxblob = message.auxblob, .auxblob_known = extended});
    to.judge(verdict.ok(), "challenge", verdict.text());
}

} // namespace

Verification check(const Session& session, const Trust& trust) {
    Verification verification;
    const auto message = parse_evidence(session.evidence);
    if (!message || message->outblob.empty()) {
        verification.fail("evidence", message ? "none was given" : message.error().what);
        return verification;
    }
    verification.pass("evidence", fmt::format("{} bytes of {}", session.evidence.size(),
                                              tsmfd::printable(message->provider)));
    verification.judge(std::ranges::find(session.challenge.formats, message->format) !=
                           session.challenge.formats.end(),
                       "format", std::string(tsmfd::format_name(message->format)));

    const auto binding = tsmfd::tls_binding(session.challenge.nonce, session.exporter);
    if (!binding) {
        verification.fail("binding", binding.error().what);
        return verification;
    }
    const auto challenge = expected_challenge(verification, *binding, *message);
    if (!challenge)
        return verification;
    if (is_emulated(message->outblob)) {
        check_emulated(verification, *challenge, *message, trust.insecure_emulated);
        return verification;
    }
    if (!trust.policy) {
        verification.fail("policy", "there is none");
        return verification;
    }
    verification.add(
        trust.policy->verify({.outblob = message->outblob, .auxblob = message->auxblob},
                             tsmfd::Question().challenge(challenge->bytes())));
    return verification;
}

std::string first_failure(const Verification& verification) {
    for (const tsmfd::Check& check : verification.checks) {
        if (check.outcome == tsmfd::Check::Outcome::failed)
            return check.name + ": " + check.detail;
    }
    return verification.ok() ? "" : "nothing was checked";
}

} // namespace attested

// SPDX-License-Identifier: MIT
#include "common_checks.hpp"
#include "hcl/hcl_checks.hpp"
#include "tpm/tpm_pcrs.hpp"
#include "tpm/tpm_policy.hpp"
#include "tpm/tpm_quote_files.hpp"
#include "tpm/tpm_signature.hpp"

#include <tsmfd/evidence/tpm_key.hpp>
#include <tsmfd/hex.hpp>

#include <algorithm>
#include <string>

#include <fmt/format.h>

namespace tsmfd {

namespace {

// The quote that counts: the report's, or the policy's.
struct Quote {
    TpmQuote says;
    ByteSpan attest;
    ByteSpan signature;
    bool from_report = false;
};

// What is wrong with having it is said under "quote"; none is nothing wrong.
std::optional<Quote> quote_of(Verification& to, const HclReport& report,
                              const HclPolicy::Members& policy) {
    const bool given = !policy.quote.empty() || !policy.signature.empty();
    if (report.quote && given) {
        to.fail("quote", "one is given, and the report has its own");
        return std::nullopt;
    }
    if (report.quote)
        return Quote{.says = *report.quote,
                     .attest = report.attest,
                     .signature = report.signature,
                     .from_report = true};
    if (!given)
        return std::nullopt;
    const auto says = parse_tpm_quote(policy.quote);
    if (!says || policy.signature.empty()) {
        to.fail("quote", says ? "it is given without a signature" : says.error().message());
        return std::nullopt;
    }
    return Quote{.says = *says, .attest = policy.quote, .signature = policy.signature};
}

// Without a quote there are no PCRs, whatever is expected of them.
void check_nothing_expected(Verification& to, const TpmPolicy::Members& policy) {
    if (to.find("quote") != nullptr) // which has failed
        return;
    if (!policy.pcrs.empty() || !policy.events.empty() || policy.event_log)
        return to.fail("quote", "there is none, and the policy expects PCRs or events");
    to.note("quote", "none: nothing is said of what the guest booted");
}

bool is_one_of(const TpmPublicKey& ak, ByteSpan public_key, const TpmPolicy::Members& policy) {
    const auto own = TpmKey::parse(public_key);
    const auto is_named = [&](ByteSpan name) {
        return own && std::ranges::equal(own->name(), name);
    };
    const auto is_given = [&](ByteSpan file) {
        // The same numbers with other attributes are another key.
        if (!is_pem(file) && !public_key.empty())
            return std::ranges::equal(file, public_key);
        const auto whole = TpmKey::parse(file);
        const auto key = TpmPublicKey::of_file(file);
        return key && ak.is(*key) && (is_pem(file) || whole->attests());
    };
    return std::ranges::any_of(policy.key_names, is_named) ||
           std::ranges::any_of(policy.keys, is_given);
}

// What is wrong with the report's own public part of the AK; empty if nothing is.
std::string wrong_public_part(const TpmPublicKey& ak, ByteSpan public_key) {
    const auto own = TpmKey::parse(public_key);
    if (!own)
        return own.error().message();
    const auto key = TpmPublicKey::of(*own);
    if (!key)
        return key.error().message();
    if (!ak.is(*key))
        return "the claims' HCLAkPub is another key than the report's, of name " +
               to_hex(own->name());
    if (!own->attests())
        return fmt::format("attributes {:#x}: it signs what did not come from the TPM, or can "
                           "leave it",
                           own->attributes());
    return {};
}

// The key that the claims name, if it can sign; what else is wrong with it is said.
std::optional<TpmPublicKey> check_ak(Verification& to, const HclReport& report,
                                     const HclClaims& claims, const TpmPolicy::Members& policy) {
    const HclKey* named = claims.key(HclClaims::ak_name);
    if (named == nullptr) {
        to.fail("ak", "the claims have no HCLAkPub");
        return std::nullopt;
    }
    auto ak = TpmPublicKey::of_rsa(named->modulus, named->exponent);
    if (!ak) {
        to.fail("ak", "the claims' HCLAkPub: " + ak.error().message());
        return std::nullopt;
    }
    const std::string wrong =
        report.public_key.empty() ? "" : wrong_public_part(*ak, report.public_key);
    const bool asked = !policy.keys.empty() || !policy.key_names.empty();
    if (!wrong.empty())
        to.fail("ak", wrong);
    else if (asked && !is_one_of(*ak, report.public_key, policy))
        to.fail("ak", "the claims' HCLAkPub is none of the policy's keys");
    else
        to.pass("ak", fmt::format("the claims' HCLAkPub, RSA of {} bits{}{}", ak->bits(),
                                  report.public_key.empty() ? "" : ", which is the report's key",
                                  asked ? " and one of the policy's" : ""));
    return std::move(*ak);
}

// The key's public part is not signed; the name of who quoted is.
void note_signer(Verification& to, const HclReport& report, const TpmQuote& quote) {
    const auto own = TpmKey::parse(report.public_key);
    if (!own)
        return to.note("attributes", "the claims do not say whether the AK signs only what its TPM "
                                     "made");
    const bool same = std::ranges::equal(quote.qualified_signer, own->endorsement_qualified_name());
    to.note("quote signer",
            to_hex(quote.qualified_signer) + (same ? ", the report's key"
                                                   : ", which is not the report's key, or one "
                                                     "of another hierarchy"));
}

bool is_about_user_data(const TpmQuote& quote, const HclClaims& claims) {
    const auto digest = claims.user_data ? tpm_digest(TpmHash::sha256, {*claims.user_data})
                                         : std::optional<TpmDigest>();
    return digest && digest->is(quote.extra_data);
}

bool has_user_data(const HclClaims& claims) {
    return claims.user_data && !is_zero(*claims.user_data);
}

// What a quote is about, in words; empty if it is about another report or challenge.
std::string about(const Quote& quote, const HclClaims& claims, const HclPolicy::Members& policy) {
    if (is_about_user_data(quote.says, claims))
        return "about the report: its qualifying data are the SHA-256 of the user data";
    if (quote.from_report)
        return {};
    if (!policy.challenge)
        return "about anything, for there is no challenge";
    return std::ranges::equal(quote.says.extra_data, *policy.challenge)
               ? "its qualifying data are the challenge itself"
               : "";
}

// How it is signed; nothing if it is not, or not by that key.
std::optional<SignedQuote> check_signed(Verification& to, const std::optional<TpmPublicKey>& ak,
                                        const Quote& quote, const std::string& about,
                                        ByteSpan public_key) {
    if (!ak) {
        to.fail("quote", "there is no key to verify it with");
        return std::nullopt;
    }
    auto how = quote_signed_by(*ak, quote.attest, quote.signature, quote.says);
    if (!how) {
        to.fail("quote", "it is not signed by the claims' HCLAkPub: " + how.error().message());
        return std::nullopt;
    }
    const auto own = TpmKey::parse(public_key); // nothing without one
    if (own && !own->signs_by(how->scheme, how->hash))
        to.fail("quote", how->how + ", which the report's key says that it does not sign with");
    else if (about.empty())
        to.fail("quote", fmt::format("signed by the claims' HCLAkPub ({}), but about another "
                                     "report or challenge: its qualifying data are {}",
                                     how->how, to_hex(quote.says.extra_data)));
    else
        to.pass("quote", fmt::format("signed by the claims' HCLAkPub ({}); {}", how->how, about));
    return std::move(*how);
}

// `quoted`: what a quote that is signed, and did not come with the report, answers.
void check_challenge(Verification& to, const HclClaims& claims, std::optional<ByteSpan> quoted,
                     std::optional<ByteSpan> challenge) {
    const bool by_quote = quoted && !has_user_data(claims);
    if (by_quote && challenge && std::ranges::equal(*quoted, *challenge))
        to.pass("challenge", to_hex(*quoted) + ", the quote's");
    else if (claims.user_data && (challenge || !by_quote))
        check_report_data(to, *claims.user_data, challenge);
    else if (challenge)
        to.fail("challenge", "the claims have no user data, and the quote does not answer it");
    else
        to.note("challenge", quoted ? to_hex(*quoted) + ", the quote's" : "the claims have none");
}

} // namespace

void check_hcl_quote(Verification& to, const HclReport& report, const HclClaims& claims,
                     ByteSpan event_log, const HclPolicy::Members& policy) {
    const auto quote = quote_of(to, report, policy);
    const auto ak = check_ak(to, report, claims, policy.tpm.members());
    if (!quote) {
        check_nothing_expected(to, policy.tpm.members());
        return check_challenge(to, claims, std::nullopt, policy.challenge);
    }
    const auto how = check_signed(to, ak, *quote, about(*quote, claims, policy), report.public_key);
    note_signer(to, report, quote->says);
    const bool answers = how && !quote->from_report;
    check_challenge(to, claims, answers ? std::optional(quote->says.extra_data) : std::nullopt,
                    policy.challenge);
    note_clock(to, quote->says);
    check_pcrs(to, quote->says, how ? how->hash : TpmHash::sha256,
               {.log = policy.tpm.members().event_log ? ByteSpan(*policy.tpm.members().event_log)
                                                      : event_log,
                .log_wanted = policy.tpm.members().event_log.has_value(),
                .expected = policy.tpm.members().pcrs,
                .events = policy.tpm.members().events});
}

} // namespace tsmfd

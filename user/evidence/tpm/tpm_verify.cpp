// SPDX-License-Identifier: MIT
#include "tpm/tpm_pcrs.hpp"
#include "tpm/tpm_policy.hpp"
#include "tpm/tpm_quote_files.hpp"
#include "x509/x509.hpp"

#include <tsmfd/evidence/tpm_aux.hpp>
#include <tsmfd/evidence/tpm_key.hpp>
#include <tsmfd/evidence/tpm_report.hpp>
#include <tsmfd/evidence/tpm_verify.hpp>
#include <tsmfd/hex.hpp>

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <openssl/x509.h>

namespace tsmfd {

namespace {

using Bytes = std::vector<std::uint8_t>;

void check_key(Verification& to, const TpmKey& key, const TpmPolicy::Members& policy) {
    const std::string name = to_hex(key.name());
    if (!key.attests())
        return to.fail("key", fmt::format("attributes {:#x}: it signs what did not come from "
                                          "the TPM, or can leave it",
                                          key.attributes()));
    if (policy.keys.empty() && policy.key_names.empty())
        return to.fail("key", "nothing vouches for it: the report's own, of name " + name);
    bool same = std::ranges::any_of(
        policy.key_names, [&](const Bytes& one) { return std::ranges::equal(one, key.name()); });
    bool by_numbers = false;
    for (const Bytes& ak : policy.keys) {
        const auto is_it = key.is(ak);
        if (!is_it)
            return to.fail("key", is_it.error().message());
        (is_pem(ak) ? by_numbers : same) |= *is_it;
    }
    to.judge(same || by_numbers, "key",
             same         ? "of name " + name
             : by_numbers ? "of the numbers in PEM"
                          : "another: the report's is of name " + name);
    if (by_numbers && !same)
        to.note("attributes",
                "the key is in PEM, which does not say whether it signs only what its "
                "TPM made; the report says so, and nobody has signed that");
}

std::string signature_text(ByteSpan signature) {
    const auto parsed = parse_tpm_signature(signature);
    return parsed ? how_text(parsed->scheme, parsed->hash) : std::string();
}

void check_quote(Verification& to, const TpmReport& report, const TpmKey& key,
                 const TpmPolicy::Members& policy) {
    const TpmQuote& quote = report.quote;
    to.judge(std::ranges::equal(quote.qualified_signer, key.endorsement_qualified_name()), "signer",
             to_hex(quote.qualified_signer));

    const auto signature = key.has_signed(report.attest, report.signature);
    to.judge(signature.has_value(), "signature",
             signature ? signature_text(report.signature) : signature.error().message());

    check_tpm_answer(to, quote, policy.challenge);
}

// The event log that counts; empty if there is none.
ByteSpan check_aux(Verification& to, const Evidence& evidence, const TpmReport& report,
                   const TpmPolicy::Members& policy) {
    const ByteSpan given = policy.event_log ? ByteSpan(*policy.event_log) : ByteSpan{};
    if (evidence.auxblob.empty())
        return given;
    const auto aux = parse_tpm_aux(evidence.auxblob);
    if (!aux) {
        to.fail("auxblob", aux.error().message());
        return given;
    }
    to.judge(std::ranges::equal(aux->public_key, report.public_key), "auxblob",
             std::ranges::equal(aux->public_key, report.public_key) ? "of the report's key"
                                                                    : "it is of another key");
    // Whether the TPM that has this key also has that one, nobody has asked.
    for (const auto& [what, certificate] :
         {std::pair{"ECC", aux->ek_ecc}, std::pair{"RSA", aux->ek_rsa}}) {
        if (!certificate.empty())
            to.note("ek", fmt::format("not checked: {} EK certificate: {}", what,
                                      subject_of(certificate)));
    }
    return policy.event_log ? given : aux->event_log;
}

// N of "0" to "23"
std::optional<unsigned> pcr_of(std::string_view text) {
    unsigned pcr = 0;
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, pcr);
    if (parsed.ec != std::errc{} || parsed.ptr != end || pcr >= PcrBank::pcr_count)
        return std::nullopt;
    return pcr;
}

} // namespace

Result<ExpectedPcr> ExpectedPcr::parse(std::string_view text) noexcept {
    const std::size_t equals = text.find('=');
    const std::size_t colon = text.substr(0, equals).find(':');
    const bool named = colon != std::string_view::npos;
    const auto hash = tpm_hash_by_name(named ? text.substr(0, colon) : "sha256");
    if (equals == std::string_view::npos || !hash)
        return tsmfd::fail(fmt::format("PCR '{}', which is to be like sha256:4=HEX", text), EINVAL);

    const std::size_t number = named ? colon + 1 : 0;
    const auto pcr = pcr_of(text.substr(number, equals - number));
    const auto bytes = from_hex(text.substr(equals + 1));
    if (!pcr || !bytes || bytes->size() != tpm_hash_size(*hash))
        return tsmfd::fail(fmt::format("PCR '{}', which is to have a number of 0 to 23 and {} "
                                       "digits",
                                       text, 2 * tpm_hash_size(*hash)),
                           EINVAL);
    ExpectedPcr expected{.hash = *hash, .pcr = *pcr, .value = {}};
    std::ranges::copy(*bytes, expected.value.padded.begin());
    expected.value.size = bytes->size();
    return expected;
}

std::string subject_of(ByteSpan der) {
    const ossl::ErrorsForgotten errors;
    const std::uint8_t* from = der.data();
    const ossl::X509Ptr certificate(d2i_X509(nullptr, &from, static_cast<long>(der.size())));
    if (!certificate)
        return fmt::format("{} bytes that are no certificate", der.size());
    const std::string subject = ossl::name_text(X509_get_subject_name(certificate.get()));
    return subject.empty() ? "without a subject" : subject;
}

void note_clock(Verification& to, const TpmQuote& quote) {
    to.note("clock", fmt::format("{} ms{}, {} resets, {} restarts, firmware {:#x}", quote.clock,
                                 quote.safe ? "" : " (may have been set back)", quote.reset_count,
                                 quote.restart_count, quote.firmware_version));
}

void check_tpm_answer(Verification& to, const TpmQuote& quote, std::optional<ByteSpan> challenge) {
    const std::string is = to_hex(quote.extra_data);
    if (!challenge)
        to.note("challenge", is);
    else if (challenge->empty())
        to.fail("challenge", "an empty one is none to answer");
    else if (std::ranges::equal(quote.extra_data, *challenge))
        to.pass("challenge", is);
    else
        to.fail("challenge", is + ", not " + to_hex(*challenge));
    note_clock(to, quote);
}

Verification verify_tpm(const Evidence& evidence, const TpmPolicy& by) noexcept {
    const TpmPolicy::Members& policy = by.members();
    if (is_tpm_attest(evidence.outblob))
        return verify_quote_files(evidence, policy);
    Verification result;
    const auto report = parse_tpm_report(evidence.outblob);
    if (!report) {
        result.fail("report", report.error().message());
        return result;
    }
    result.pass("report", fmt::format("TPM quote of {} bytes", report->attest.size()));

    const auto key = TpmKey::parse(report->public_key);
    if (!key) {
        result.fail("key", key.error().message());
        return result;
    }
    check_key(result, *key, policy);
    check_quote(result, *report, *key, policy);
    const ByteSpan log = check_aux(result, evidence, *report, policy);
    // The digest of PCRs is by the hash that the key signs with.
    const auto signature = parse_tpm_signature(report->signature);
    check_pcrs(result, report->quote, signature ? signature->hash : TpmHash::sha256,
               {.log = log,
                .log_wanted = policy.event_log.has_value(),
                .expected = policy.pcrs,
                .events = policy.events});
    return result;
}

} // namespace tsmfd

// SPDX-License-Identifier: MIT
#include "tpm/tpm_quote_files.hpp"

#include "tpm/tpm_pcrs.hpp"

#include <tsmfd/evidence/tpm_key.hpp>
#include <tsmfd/hex.hpp>

#include <array>
#include <string>

#include <fmt/format.h>

namespace tsmfd {

namespace {

using Bytes = std::vector<std::uint8_t>;

// The hash that a key signs with is the one that PCRs are digested by, of which a quote shows the
// size only.
std::optional<TpmHash> hash_of(const TpmQuote& quote) {
    for (const TpmHash hash : {TpmHash::sha256, TpmHash::sha384, TpmHash::sha512, TpmHash::sha1}) {
        if (tpm_hash_size(hash) == quote.pcr_digest.size())
            return hash;
    }
    return std::nullopt;
}

// Of a key in PEM nobody knows what else it signs.
void check_attributes(Verification& to, ByteSpan file) {
    if (is_pem(file))
        return to.note("attributes", "the key is in PEM, which does not say whether it signs only "
                                     "what its TPM made");
    const auto key = TpmKey::parse(file);
    to.judge(key && key->attests(), "attributes",
             key ? fmt::format("{:#x}", key->attributes()) : key.error().message());
}

// What the key signs with; nothing if none of the policy's has signed.
std::optional<TpmHash> check_signature(Verification& to, const Evidence& evidence,
                                       const TpmQuote& quote, const TpmPolicy::Members& policy) {
    if (policy.keys.empty()) {
        to.fail("key", "none is given, and a quote without its report brings none along");
        return std::nullopt;
    }
    std::string why;
    for (const Bytes& file : policy.keys) {
        const auto key = TpmPublicKey::of_file(file);
        const auto has = key ? quote_signed_by(*key, evidence.outblob, evidence.auxblob, quote)
                             : Result<SignedQuote>(std::unexpected(key.error()));
        if (has) {
            to.pass("key",
                    policy.keys.size() > 1 ? "one of those that are given" : "the given one");
            check_attributes(to, file);
            const auto whole = TpmKey::parse(file); // nothing of PEM
            to.judge(!whole || whole->signs_by(has->scheme, has->hash), "signature", has->how);
            return has->hash;
        }
        why += (why.empty() ? "" : "; ") + has.error().message();
    }
    to.fail("signature", why);
    return std::nullopt;
}

} // namespace

std::string how_text(TpmScheme scheme, TpmHash hash) {
    return fmt::format("{}, {}", tpm_scheme_name(scheme), tpm_hash_name(hash));
}

Result<SignedQuote> quote_signed_by(const TpmPublicKey& key, ByteSpan attest, ByteSpan signature,
                                    const TpmQuote& quote) {
    if (const auto marshalled = parse_tpm_signature(signature)) {
        if (const auto has = key.has_signed(attest, *marshalled); !has)
            return std::unexpected(has.error());
        return SignedQuote{.how = how_text(marshalled->scheme, marshalled->hash),
                           .scheme = marshalled->scheme,
                           .hash = marshalled->hash};
    }
    const auto hash = hash_of(quote);
    if (!hash)
        return fail(fmt::format("quote with a digest of {} bytes", quote.pcr_digest.size()),
                    EOPNOTSUPP);
    const auto scheme = key.has_signed_plain(attest, signature, *hash);
    if (!scheme)
        return std::unexpected(scheme.error());
    return SignedQuote{.how = how_text(*scheme, *hash), .scheme = *scheme, .hash = *hash};
}

Verification verify_quote_files(const Evidence& evidence, const TpmPolicy::Members& policy) {
    Verification result;
    const auto quote = parse_tpm_quote(evidence.outblob);
    if (!quote) {
        result.fail("report", quote.error().message());
        return result;
    }
    result.pass("report", fmt::format("TPM quote of {} bytes", evidence.outblob.size()));
    if (evidence.auxblob.empty())
        result.fail("signature", "none is given");
    const auto hash =
        evidence.auxblob.empty() ? std::nullopt : check_signature(result, evidence, *quote, policy);
    check_tpm_answer(result, *quote, policy.challenge);
    check_pcrs(result, *quote, hash.value_or(TpmHash::sha256),
               {.log = policy.event_log ? ByteSpan(*policy.event_log) : ByteSpan{},
                .log_wanted = policy.event_log.has_value(),
                .expected = policy.pcrs,
                .events = policy.events});
    return result;
}

} // namespace tsmfd

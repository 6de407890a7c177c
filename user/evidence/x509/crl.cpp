// SPDX-License-Identifier: MIT
#include "x509/crl.hpp"

#include "x509/pem.hpp"
#include "x509/x509.hpp"

#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <openssl/x509v3.h>

namespace tsmfd::ossl {

namespace {

constexpr std::int64_t a_day = std::int64_t{24} * 3600;

// Of a complete list RFC 5280 has no extension that a reader needs to understand; those of others
// (a delta, one of a part of the certificates, an indirect one) are critical.
bool has_critical_extension(const X509_CRL* crl) {
    for (int i = 0; i < X509_CRL_get_ext_count(crl); ++i) {
        if (X509_EXTENSION_get_critical(X509_CRL_get_ext(crl, i)) != 0)
            return true;
    }
    return false;
}

bool may_sign_lists(X509* issuer) {
    // All bits, if the certificate does not say.
    return (X509_get_key_usage(issuer) & KU_CRL_SIGN) != 0;
}

std::string issuer_of(const X509_CRL* crl) {
    return common_name(X509_CRL_get_issuer(crl));
}

std::string day_of(std::int64_t at) {
    return fmt::format("{:%Y-%m-%d}", fmt::gmtime(static_cast<std::time_t>(at)));
}

Result<CrlTimes> times_of(const X509_CRL* crl) {
    const auto issued = seconds_of(X509_CRL_get0_lastUpdate(crl));
    if (!issued)
        return fail(fmt::format("revocation list of {} without a time", issuer_of(crl)), EBADMSG);
    CrlTimes times{.issued = *issued};
    if (const ASN1_TIME* next = X509_CRL_get0_nextUpdate(crl); next != nullptr) {
        times.next = seconds_of(next);
        if (!times.next)
            return fail(fmt::format("revocation list of {} without a time", issuer_of(crl)),
                        EBADMSG);
    }
    return times;
}

} // namespace

Result<Crls> read_crls(ByteSpan bytes, std::size_t most) {
    const ErrorsForgotten errors;
    auto lists = read_objects<CrlPtr, &PEM_read_bio_X509_CRL, &d2i_X509_CRL>(bytes, most);
    if (lists.empty())
        return fail(
            fmt::format("{} bytes that are no revocation lists in PEM or DER", bytes.size()),
            EBADMSG);
    return lists;
}

std::vector<std::uint8_t> pem_of(X509_CRL* crl) {
    return written<&PEM_write_bio_X509_CRL>(crl);
}

bool is_crl_of(const X509_CRL* crl, const X509* issuer) {
    return X509_NAME_cmp(X509_CRL_get_issuer(crl), X509_get_subject_name(issuer)) == 0;
}

Result<CrlTimes> check_crl_signature(X509_CRL* crl, X509* issuer) {
    const ErrorsForgotten errors;
    EVP_PKEY* key = X509_get0_pubkey(issuer);
    if (!is_crl_of(crl, issuer) || !may_sign_lists(issuer) || key == nullptr ||
        X509_CRL_verify(crl, key) != 1)
        return fail(fmt::format("revocation list of {}: not signed by {}", issuer_of(crl),
                                common_name(X509_get_subject_name(issuer))),
                    EKEYREJECTED);
    if (has_critical_extension(crl))
        return fail(fmt::format("revocation list of {}: not a complete one", issuer_of(crl)),
                    EOPNOTSUPP);
    return times_of(crl);
}

Result<CrlTimes> check_crl(X509_CRL* crl, X509* issuer, std::optional<std::int64_t> at) {
    auto times = check_crl_signature(crl, issuer);
    if (!times)
        return times;
    const std::int64_t when = at.value_or(std::time(nullptr));
    if (when < times->issued)
        return fail(fmt::format("revocation list of {}: of a later time, {}", issuer_of(crl),
                                day_of(times->issued)),
                    ESTALE);
    if (times->next && when >= *times->next)
        return fail(fmt::format("revocation list of {}: out of date since {}", issuer_of(crl),
                                day_of(*times->next)),
                    ESTALE);
    return times;
}

bool lists(X509_CRL* crl, const X509* certificate) {
    X509_REVOKED* entry = nullptr;
    // OpenSSL takes a reference to neither, and looks up by issuer and serial.
    const int found = X509_CRL_get0_by_serial(crl, &entry, X509_get0_serialNumber(certificate));
    return found == 1 &&
           X509_NAME_cmp(X509_CRL_get_issuer(crl), X509_get_issuer_name(certificate)) == 0;
}

std::string age_of(const CrlTimes& times, std::optional<std::int64_t> at) {
    const std::int64_t age = at.value_or(std::time(nullptr)) - times.issued;
    return fmt::format("issued {}, {} days before{}", day_of(times.issued), age / a_day,
                       times.next ? ", next due " + day_of(*times.next) : "");
}

} // namespace tsmfd::ossl

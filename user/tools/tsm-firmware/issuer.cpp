// SPDX-License-Identifier: MIT
#include "issuer.hpp"

#include <algorithm>
#include <memory>

#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

namespace firmware {

namespace {

namespace ossl = tsmfd::ossl;

using ExtensionPtr = std::unique_ptr<X509_EXTENSION, ossl::Free<&X509_EXTENSION_free>>;
using ObjectPtr = std::unique_ptr<ASN1_OBJECT, ossl::Free<&ASN1_OBJECT_free>>;
using CrlPtr = std::unique_ptr<X509_CRL, ossl::Free<&X509_CRL_free>>;
using RevokedPtr = std::unique_ptr<X509_REVOKED, ossl::Free<&X509_REVOKED_free>>;
using TimePtr = std::unique_ptr<ASN1_TIME, ossl::Free<&ASN1_TIME_free>>;
using OctetsPtr = std::unique_ptr<ASN1_OCTET_STRING, ossl::Free<&ASN1_OCTET_STRING_free>>;

constexpr long a_day = 24L * 3600;
constexpr int pss_salt = 48;

bool set_name(X509* certificate, const std::string& common_name) {
    X509_NAME* name = X509_get_subject_name(certificate);
    const auto add = [name](const char* field, const std::string& text) {
        return X509_NAME_add_entry_by_txt(name, field, MBSTRING_ASC,
                                          reinterpret_cast<const unsigned char*>(text.data()),
                                          static_cast<int>(text.size()), -1, 0) == 1;
    };
    return add("OU", "Emulated, not of a processor") && add("O", "tsmfd") && add("CN", common_name);
}

// No issuer may use one twice.
bool set_serial(X509* certificate) {
    std::uint64_t serial = 0;
    return RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial)) == 1 &&
           ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial) == 1;
}

bool sign(X509* certificate, EVP_PKEY* key) {
    const ossl::DigestContextPtr context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* parameters = nullptr; // the context's
    const bool rsa = EVP_PKEY_is_a(key, "RSA") == 1;
    return context &&
           EVP_DigestSignInit(context.get(), &parameters, rsa ? EVP_sha384() : EVP_sha256(),
                              nullptr, key) == 1 &&
           (!rsa || (EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1 &&
                     EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, pss_salt) == 1)) &&
           X509_sign_ctx(certificate, context.get()) > 0;
}

bool revoke(X509_CRL* list, X509* certificate, ASN1_TIME* when) {
    RevokedPtr entry(X509_REVOKED_new());
    if (!entry ||
        X509_REVOKED_set_serialNumber(entry.get(), X509_get_serialNumber(certificate)) != 1 ||
        X509_REVOKED_set_revocationDate(entry.get(), when) != 1 ||
        X509_CRL_add0_revoked(list, entry.get()) != 1)
        return false;
    (void)entry.release(); // the list's, now
    return true;
}

} // namespace

ossl::X509Ptr certify(const std::string& common_name, EVP_PKEY* key, const Issuer& issuer,
                      long seconds, const std::function<bool(X509*)>& extend) {
    ossl::X509Ptr made(X509_new());
    if (!made)
        return nullptr;
    const X509* by = issuer.certificate != nullptr ? issuer.certificate : made.get();
    const bool done = X509_set_version(made.get(), X509_VERSION_3) == 1 && set_serial(made.get()) &&
                      X509_gmtime_adj(X509_getm_notBefore(made.get()), -a_day) != nullptr &&
                      X509_gmtime_adj(X509_getm_notAfter(made.get()), seconds) != nullptr &&
                      X509_set_pubkey(made.get(), key) == 1 && set_name(made.get(), common_name) &&
                      X509_set_issuer_name(made.get(), X509_get_subject_name(by)) == 1 &&
                      extend(made.get()) && sign(made.get(), issuer.key);
    return done ? std::move(made) : nullptr;
}

std::vector<std::uint8_t> revocation_list(const Issuer& issuer, long seconds,
                                          std::span<X509* const> revoked) {
    const CrlPtr list(X509_CRL_new());
    const TimePtr from(X509_gmtime_adj(nullptr, -a_day));
    const TimePtr until(X509_gmtime_adj(nullptr, seconds));
    if (!list || !from || !until || X509_CRL_set_version(list.get(), X509_CRL_VERSION_2) != 1 ||
        X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(issuer.certificate)) != 1 ||
        X509_CRL_set1_lastUpdate(list.get(), from.get()) != 1 ||
        X509_CRL_set1_nextUpdate(list.get(), until.get()) != 1)
        return {};
    for (X509* certificate : revoked) {
        if (!revoke(list.get(), certificate, from.get()))
            return {};
    }
    X509_CRL_sort(list.get());
    std::uint8_t* der = nullptr;
    const int size = X509_CRL_sign(list.get(), issuer.key, EVP_sha256()) > 0
                         ? i2d_X509_CRL(list.get(), &der)
                         : 0;
    std::vector<std::uint8_t> bytes(der, der + std::max(size, 0));
    OPENSSL_free(der);
    return bytes;
}

bool add_ca(X509* certificate) {
    const ExtensionPtr ca(
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_basic_constraints, "critical,CA:TRUE"));
    const ExtensionPtr usage(
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_key_usage, "critical,keyCertSign,cRLSign"));
    return ca && usage && X509_add_ext(certificate, ca.get(), -1) == 1 &&
           X509_add_ext(certificate, usage.get(), -1) == 1;
}

bool add_extension(X509* certificate, const std::string& oid, std::span<const std::uint8_t> value) {
    const ObjectPtr name(OBJ_txt2obj(oid.c_str(), 1));
    const OctetsPtr octets(ASN1_OCTET_STRING_new());
    if (!name || !octets ||
        ASN1_OCTET_STRING_set(octets.get(), value.data(), static_cast<int>(value.size())) != 1)
        return false;
    const ExtensionPtr extension(
        X509_EXTENSION_create_by_OBJ(nullptr, name.get(), 0, octets.get()));
    return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

} // namespace firmware

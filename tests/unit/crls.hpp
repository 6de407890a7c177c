// SPDX-License-Identifier: MIT
//
// Revocation lists made by hand, as an emulated platform's root would issue them.
//
//     const Bytes list = crls::made({.issuer = ark, .key = key, .revoked = {serial}});
#pragma once

#include "evidence.hpp"
#include "x509/crl.hpp"
#include "x509/openssl.hpp"

#include <vector>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace crls {

namespace ossl = tsmfd::ossl;
using evidence::Bytes;

struct List {
    X509* issuer = nullptr;
    EVP_PKEY* key = nullptr;
    std::vector<const X509*> revoked{};
    std::int64_t issued = 0;
    std::int64_t next = 0;           // 0: none
    bool of_ca_certificates = false; // which a critical extension says
};

inline ossl::CrlPtr object(const List& of) {
    ossl::CrlPtr list(X509_CRL_new());
    X509_CRL_set_version(list.get(), 1);
    X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(of.issuer));
    using TimePtr = std::unique_ptr<ASN1_TIME, ossl::Free<&ASN1_TIME_free>>;
    X509_CRL_set1_lastUpdate(list.get(), TimePtr(ASN1_TIME_set(nullptr, of.issued)).get());
    if (of.next != 0)
        X509_CRL_set1_nextUpdate(list.get(), TimePtr(ASN1_TIME_set(nullptr, of.next)).get());
    for (const X509* certificate : of.revoked) {
        X509_REVOKED* entry = X509_REVOKED_new();
        ASN1_INTEGER* serial = ASN1_INTEGER_dup(X509_get0_serialNumber(certificate));
        X509_REVOKED_set_serialNumber(entry, serial);
        ASN1_INTEGER_free(serial);
        X509_REVOKED_set_revocationDate(entry, TimePtr(ASN1_TIME_set(nullptr, of.issued)).get());
        X509_CRL_add0_revoked(list.get(), entry);
    }
    if (of.of_ca_certificates) {
        ISSUING_DIST_POINT* part = ISSUING_DIST_POINT_new();
        part->onlyCA = 0xff;
        X509_CRL_add1_ext_i2d(list.get(), NID_issuing_distribution_point, part, 1, 0);
        ISSUING_DIST_POINT_free(part);
    }
    X509_CRL_sort(list.get());
    X509_CRL_sign(list.get(), of.key, EVP_sha384());
    return list;
}

inline Bytes made(const List& of) {
    std::uint8_t* der = nullptr;
    const int size = i2d_X509_CRL(object(of).get(), &der);
    Bytes bytes(der, der + size);
    OPENSSL_free(der);
    return bytes;
}

} // namespace crls

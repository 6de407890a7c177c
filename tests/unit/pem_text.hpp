// SPDX-License-Identifier: MIT
//
// Certificates and lists written as others write them.
#pragma once

#include "evidence.hpp"
#include "x509/crl.hpp"
#include "x509/openssl.hpp"

#include <string>
#include <string_view>

#include <fmt/format.h>
#include <openssl/pem.h>

namespace pem_text {

inline evidence::Bytes crl(const evidence::Bytes& der) {
    const auto lists = tsmfd::ossl::read_crls(der).value();
    const tsmfd::ossl::BioPtr out(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509_CRL(out.get(), lists.front().get());
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return {text, text + size};
}

// As Intel's service has a chain in a header.
inline std::string percent_encoded(std::string_view text) {
    std::string encoded;
    for (const char c : text) {
        if (c == '\n' || c == ' ' || c == '+' || c == '/' || c == '=')
            encoded += fmt::format("%{:02X}", static_cast<unsigned>(c));
        else
            encoded += c;
    }
    return encoded;
}

} // namespace pem_text

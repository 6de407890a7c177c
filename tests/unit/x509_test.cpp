// SPDX-License-Identifier: MIT
//
// Certificates as they come from outside.
#include "golden.hpp"
#include "x509/crl.hpp"
#include "x509/x509.hpp"

#include <tsmfd/evidence/pem.hpp>
#include <tsmfd/evidence/tpm_key.hpp>

#include <string>

#include <gtest/gtest.h>
#include <openssl/ui.h>

namespace {

using evidence::Bytes;
namespace ossl = tsmfd::ossl;

Bytes bytes_of(const std::string& text) {
    return {text.begin(), text.end()};
}

// PEM that wants a password, as a quote could bring along.
Bytes encrypted(const std::string& kind) {
    return bytes_of("-----BEGIN " + kind +
                    "-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: "
                    "AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\n"
                    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n-----END " +
                    kind + "-----\n");
}

// Whoever sits at the terminal, and whether he was asked.
class Terminal {
public:
    Terminal() {
        UI_method_set_opener(method_, [](UI* /*ui*/) {
            asked_ = true;
            return 0;
        });
        asked_ = false;
        UI_set_default_method(method_);
    }
    ~Terminal() {
        UI_set_default_method(UI_OpenSSL());
        UI_destroy_method(method_);
    }
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;

    [[nodiscard]] static bool asked() { return asked_; }

private:
    static inline bool asked_ = false;
    UI_METHOD* method_ = UI_create_method("nobody");
};

TEST(X509, AsksNobodyForAPassword) {
    const Terminal terminal;
    EXPECT_FALSE(ossl::read_certificates(encrypted("CERTIFICATE")));
    EXPECT_FALSE(tsmfd::TpmKey::check_file(encrypted("PUBLIC KEY")));
    EXPECT_FALSE(Terminal::asked());
}

TEST(X509, IsReadFromPemWithAnythingAroundAndFromDerWithNothing) {
    GOLDEN_OR_SKIP();
    const Bytes pem = golden::intel_root();
    const Bytes der = golden::read("snp-milan/vcek.der");
    Bytes around = bytes_of("what is before\n");
    evidence::append(around, pem);
    evidence::append(around, bytes_of("what is behind\n"));
    evidence::append(around, pem);
    EXPECT_EQ(ossl::read_certificates(around).value().size(), 2U);
    EXPECT_EQ(ossl::read_certificates(der).value().size(), 1U);
    Bytes more = der;
    more.push_back(0);
    EXPECT_FALSE(ossl::read_certificates(more));
    EXPECT_FALSE(ossl::read_certificates({}));
    // One that is broken takes the others with it.
    evidence::append(around, bytes_of("-----BEGIN CERTIFICATE-----\nAAAA\n"));
    EXPECT_FALSE(ossl::read_certificates(around));
}

// Files of which some are DER, one behind the other.
TEST(X509, OfSeveralFilesIsOneText) {
    GOLDEN_OR_SKIP();
    const Bytes der = golden::read("snp-milan/vcek.der");
    Bytes around = bytes_of("what is before\n");
    evidence::append(around, golden::read("snp-milan/ask_ark_milan.pem"));
    Bytes all = tsmfd::certificates_in_pem(der).value();
    evidence::append(all, tsmfd::certificates_in_pem(around).value());
    const auto read = ossl::read_certificates(all).value();
    ASSERT_EQ(read.size(), 3U);
    EXPECT_EQ(X509_cmp(read[0].get(), ossl::read_certificates(der).value().front().get()), 0);
    EXPECT_EQ(std::string(all.begin(), all.end()).find("before"), std::string::npos);
    for (const Bytes& none : {Bytes{}, bytes_of("-----BEGIN CERTIFICATE-----\n"), Bytes(7)})
        EXPECT_EQ(tsmfd::certificates_in_pem(none).error().code, EBADMSG);
    const Bytes crl = golden::read("tdx-live/root_ca_crl.der");
    EXPECT_EQ(ossl::read_crls(tsmfd::crls_in_pem(crl).value()).value().size(), 1U);
    EXPECT_FALSE(tsmfd::crls_in_pem(der));
    EXPECT_FALSE(tsmfd::certificates_in_pem(crl));
}

} // namespace

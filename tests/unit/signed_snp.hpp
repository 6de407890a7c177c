// SPDX-License-Identifier: MIT
//
// A report of an emulated platform, to be changed and signed anew.
//
//     SignedSnp snp(Product::milan);
//     snp.sign([](Bytes& report) { report[0x0a] |= 4; });
//     EXPECT_EQ(failed(snp.verify()), Names{"migration"});
#pragma once

#include "emulated.hpp"
#include "snp_firmware.hpp"
#include "x509/openssl.hpp"
#include "x509/x509.hpp"

#include <tsmfd/evidence/snp_verify.hpp>

#include <functional>
#include <map>
#include <string>

#include <gtest/gtest.h>
#include <openssl/pem.h>

namespace evidence {

inline constexpr std::array<std::uint8_t, 16> vlek_guid = {
    0xa8, 0x07, 0x4b, 0xc2, 0xa2, 0x5a, 0x48, 0x3e, 0xaa, 0xe6, 0x39, 0xc0, 0x45, 0xa0, 0xb8, 0xa1};
inline constexpr std::array<std::uint8_t, 16> ask_guid = {
    0x4a, 0xb7, 0xb3, 0x79, 0xbb, 0xac, 0x4f, 0xe4, 0xa0, 0x2f, 0x05, 0xae, 0xf3, 0x27, 0xc7, 0x82};
inline constexpr std::array<std::uint8_t, 16> crl_guid = {
    0x92, 0xf8, 0x1b, 0xc3, 0x58, 0x11, 0x4d, 0x3d, 0x97, 0xff, 0xd1, 0x9f, 0x88, 0xdc, 0x67, 0xea};

class SignedSnp {
public:
    explicit SignedSnp(firmware::Product product, bool vlek = false)
        : directory_(&directory_of(product)), platform_(platform_of(product, vlek)),
          authority_(firmware::Authority::in(*directory_, platform_).value()),
          root_(directory_->file("ark.pem")) {
        const firmware::SnpFirmware made(firmware::Authority::in(*directory_, platform_).value(),
                                         platform_,
                                         {.version = 3, .measurement = {}, .debug = false});
        const auto blobs = made.report(emulated::options(0)).value();
        report = blobs.outblob;
        auxblob = blobs.auxblob;
        policy.roots(root_);
        policy.challenge(emulated::nonce);
    }

    // Changed, it is signed by the same key.
    void sign(const std::function<void(Bytes&)>& change) {
        change(report);
        ASSERT_TRUE(firmware::sign_snp_report(report, authority_.key()));
    }
    [[nodiscard]] tsmfd::Verification verify() const {
        return tsmfd::verify_snp({.outblob = report, .auxblob = auxblob}, policy);
    }

    [[nodiscard]] const firmware::Authority& authority() const { return authority_; }
    [[nodiscard]] const firmware::Platform& platform() const { return platform_; }
    [[nodiscard]] const Bytes& root() const { return root_; }
    // That signs ASKs, and revocation lists.
    [[nodiscard]] tsmfd::ossl::PkeyPtr root_key() const { return key("ark.key"); }
    [[nodiscard]] tsmfd::ossl::PkeyPtr key(const std::string& name) const {
        const Bytes pem = directory_->file(name);
        const tsmfd::ossl::BioPtr in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
        return tsmfd::ossl::PkeyPtr(PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr));
    }
    // With the certificates of the authority, and what else is given.
    [[nodiscard]] std::vector<TestCert> certificates() const {
        return {{platform_.vlek ? vlek_guid : vcek_guid, authority_.leaf()},
                {ask_guid, authority_.ask()}};
    }

    Bytes report;
    Bytes auxblob;
    tsmfd::SnpPolicy policy{};

private:
    static const emulated::Directory& directory_of(firmware::Product product) {
        static std::map<firmware::Product, emulated::Directory> directories;
        return directories.try_emplace(product).first->second;
    }
    static firmware::Platform platform_of(firmware::Product product, bool vlek) {
        firmware::Platform platform = emulated::platform(product);
        platform.vlek = vlek;
        return platform;
    }

    const emulated::Directory* directory_;
    firmware::Platform platform_;
    firmware::Authority authority_;
    Bytes root_;
};

} // namespace evidence

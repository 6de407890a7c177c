// SPDX-License-Identifier: MIT
//
// TDX quotes with anything in them, signed by the keys of an emulated platform: what whoever owns a
// platform that a root has certified can make.
//
//     const forge::Forge forge;
//     const Bytes quote = forge.quote([](forge::Parts& parts) { parts.qe_report[0x80] ^= 1; });
//
// Independent of the library's layout constants.
#pragma once

#include "ecdsa_sign.hpp"
#include "emulated.hpp"
#include "evidence.hpp"
#include "issuer.hpp"
#include "pck.hpp"
#include "state.hpp"
#include "tdx_firmware.hpp"
#include "x509/x509.hpp"

#include <tsmfd/evidence/qe_identity.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <utility>

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

namespace forge {

using evidence::Bytes;

// Of a quote: "Intel TDX DCAP Quoting Library API", A.3.
struct Parts {
    Bytes header;    // 0x30
    Bytes body;      // 584; or 648 (TDX 1.5), for which the header is to say version 5
    Bytes qe_report; // 384; its REPORTDATA is set when it is signed
    Bytes auth = evidence::nonce(0, 32);
    Bytes chain; // PEM
    Bytes trailing;
};

inline const firmware::PckPlatform platform{.ppid = {1, 2, 3},
                                            .cpu_svn = {4, 4, 2, 2, 4, 1, 0, 5},
                                            .pce_svn = 13,
                                            .pce_id = {},
                                            .fmspc = {0x90, 0xc0, 0x6f}};

class Forge {
public:
    Forge() : authority_(firmware::PckAuthority::in(directory_, platform).value()) {
        const firmware::TdxSettings settings{
            .mr_td = {7}, .rtmr = {}, .tee_tcb_svn = {6, 1, 3}, .debug = false};
        auto made = firmware::TdxFirmware::make(
            firmware::PckAuthority::in(directory_, platform).value(), platform, settings);
        genuine_ = made->report(emulated::options(0)).value().outblob;
    }

    // As the emulated platform makes it.
    [[nodiscard]] const Bytes& genuine() const { return genuine_; }
    [[nodiscard]] Bytes root() const { return directory_.file("root.pem"); }
    [[nodiscard]] tsmfd::QeIdentity identity() const {
        const Bytes json = directory_.file("qe_identity.json");
        return tsmfd::QeIdentity::parse({reinterpret_cast<const char*>(json.data()), json.size()})
            .value();
    }
    // A private key of the platform's or of its issuers: "tcb_signing", "root", "pck_ca".
    [[nodiscard]] tsmfd::ossl::PkeyPtr key(const std::string& name) const {
        return firmware::State::in(directory_).value().key(name + ".key").value();
    }
    [[nodiscard]] tsmfd::ossl::X509Ptr certificate(const std::string& name) const {
        return firmware::State::in(directory_).value().certificate(name + ".pem").value();
    }
    [[nodiscard]] Bytes file(const std::string& name) const { return directory_.file(name); }
    [[nodiscard]] const std::string& directory() const { return directory_; }

    [[nodiscard]] Bytes quote(const std::function<void(Parts&)>& edit,
                              EVP_PKEY* pck_key = nullptr) const {
        Parts parts{.header = bytes(0, 0x30),
                    .body = bytes(0x30, 584),
                    .qe_report = bytes(0x302, 384),
                    .chain = authority_.chain(),
                    .trailing = {}};
        edit(parts);
        return joined(parts, pck_key != nullptr ? pck_key : authority_.pck_key());
    }

private:
    [[nodiscard]] Bytes bytes(std::size_t at, std::size_t size) const {
        const auto from = genuine_.begin() + static_cast<std::ptrdiff_t>(at);
        return {from, from + static_cast<std::ptrdiff_t>(size)};
    }

    [[nodiscard]] static std::array<std::uint8_t, 64> sign(const Bytes& what, EVP_PKEY* key) {
        std::array<std::uint8_t, 64> numbers{};
        EXPECT_TRUE(firmware::sign_ecdsa(what, key, EVP_sha256(), numbers, std::endian::big));
        return numbers;
    }

    [[nodiscard]] Bytes certification(Parts& parts, const Bytes& key, EVP_PKEY* pck_key) const {
        Bytes hashed = key;
        evidence::append(hashed, parts.auth);
        SHA256(hashed.data(), hashed.size(), parts.qe_report.data() + 0x140);
        Bytes data = parts.qe_report;
        evidence::append(data, sign(parts.qe_report, pck_key));
        const std::array<std::uint8_t, 2> auth_size = {static_cast<std::uint8_t>(parts.auth.size()),
                                                       0};
        evidence::append(data, auth_size);
        evidence::append(data, parts.auth);
        evidence::append(data, std::array<std::uint8_t, 2>{5, 0});
        evidence::append_le32(data, static_cast<std::uint32_t>(parts.chain.size()));
        evidence::append(data, parts.chain);
        return data;
    }

    [[nodiscard]] Bytes joined(Parts& parts, EVP_PKEY* pck_key) const {
        const Bytes key = bytes(0x2bc, 64);
        Bytes quote = parts.header;
        if (quote[0] == 5) {
            evidence::append(quote, std::array<std::uint8_t, 2>{3, 0});
            evidence::append_le32(quote, static_cast<std::uint32_t>(parts.body.size()));
        }
        evidence::append(quote, parts.body);
        const auto signature = sign(quote, authority_.attestation_key());
        const Bytes certified = certification(parts, key, pck_key);
        evidence::append_le32(quote, static_cast<std::uint32_t>(128 + 6 + certified.size()));
        evidence::append(quote, signature);
        evidence::append(quote, key);
        evidence::append(quote, std::array<std::uint8_t, 2>{6, 0});
        evidence::append_le32(quote, static_cast<std::uint32_t>(certified.size()));
        evidence::append(quote, certified);
        evidence::append(quote, parts.trailing);
        return quote;
    }

    emulated::Directory directory_;
    firmware::PckAuthority authority_;
    Bytes genuine_;
};

struct Pck {
    tsmfd::ossl::PkeyPtr key;
    Bytes chain;
    Bytes root;
};

// A platform's certificate that says nothing of the platform.
inline Pck pck_without_extension() {
    namespace ossl = tsmfd::ossl;
    const ossl::PkeyPtr root_key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
    ossl::PkeyPtr key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
    const auto root = firmware::certify("Intel SGX Root CA", root_key.get(),
                                        {.key = root_key.get()}, 3600, firmware::add_ca);
    const auto pck = firmware::certify("Intel SGX PCK Certificate", key.get(),
                                       {.key = root_key.get(), .certificate = root.get()}, 3600,
                                       [](X509* /*to*/) { return true; });
    return {
        .key = std::move(key), .chain = ossl::pem_of(pck.get()), .root = ossl::pem_of(root.get())};
}

} // namespace forge

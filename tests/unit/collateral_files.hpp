// SPDX-License-Identifier: MIT
//
// Collateral for an emulated platform, any part of it exchanged.
//
//     collateral::Files files(forge);
//     files.tcb_info = files.signed_info({.status = "OutOfDate"});
//     policy.collateral(files.parsed());
#pragma once

#include "collateral.hpp"
#include "issuer.hpp"
#include "tdx_forge.hpp"

#include <tsmfd/evidence/tdx_collateral.hpp>

#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace collateral {

using evidence::Bytes;

inline constexpr std::int64_t a_day = std::int64_t{24} * 3600;

inline Bytes bytes_of(std::string_view text) {
    return {text.begin(), text.end()};
}

inline tsmfd::Result<tsmfd::TdxCollateral> parse(const std::vector<Bytes>& files) {
    const std::vector<tsmfd::ByteSpan> spans(files.begin(), files.end());
    return tsmfd::TdxCollateral::parse(spans);
}

struct Files {
    explicit Files(const forge::Forge& of)
        : forge(&of), key(of.key("tcb_signing").release(), &EVP_PKEY_free), now(std::time(nullptr)),
          tcb_info(signed_info({})), qe_identity(signed_identity({})),
          signers(of.file("tcb_signing.pem")), root_crl(list_of("root", {})),
          pck_crl(list_of("pck_ca", {})) {}

    [[nodiscard]] Bytes signed_info(firmware::TcbInfoFacts facts) const {
        return bytes_of(firmware::signed_document("tcbInfo", info(facts), key.get()));
    }
    [[nodiscard]] Bytes signed_identity(firmware::QeIdentityFacts facts) const {
        facts.issued = facts.issued != 0 ? facts.issued : now - a_day;
        facts.next = facts.next != 0 ? facts.next : now + a_day;
        return bytes_of(
            firmware::signed_document("enclaveIdentity", firmware::qe_identity(facts), key.get()));
    }
    [[nodiscard]] std::string info(firmware::TcbInfoFacts facts) const {
        if (facts.platform.fmspc == std::array<std::uint8_t, 6>{})
            facts.platform = forge::platform;
        facts.issued = facts.issued != 0 ? facts.issued : now - a_day;
        facts.next = facts.next != 0 ? facts.next : now + a_day;
        return firmware::tcb_info(facts);
    }
    // By an issuer's name: "root", "pck_ca".
    [[nodiscard]] Bytes list_of(const std::string& issuer, const std::vector<X509*>& revoked,
                                long seconds = a_day) const {
        const auto issuers_key = forge->key(issuer);
        const auto certificate = forge->certificate(issuer);
        return firmware::revocation_list(
            {.key = issuers_key.get(), .certificate = certificate.get()}, seconds, revoked);
    }
    [[nodiscard]] std::vector<Bytes> all() const {
        std::vector<Bytes> files;
        for (const Bytes* file : {&tcb_info, &qe_identity, &signers, &root_crl, &pck_crl}) {
            if (!file->empty())
                files.push_back(*file);
        }
        return files;
    }
    [[nodiscard]] tsmfd::TdxCollateral parsed() const {
        auto read = parse(all());
        EXPECT_TRUE(read) << read.error().message();
        return *read;
    }

    const forge::Forge* forge;
    std::shared_ptr<EVP_PKEY> key;
    std::int64_t now;
    Bytes tcb_info; // empty: not there; the same for the others
    Bytes qe_identity;
    Bytes signers; // PEM
    Bytes root_crl;
    Bytes pck_crl;
};

} // namespace collateral

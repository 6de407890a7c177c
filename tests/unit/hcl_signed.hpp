// SPDX-License-Identifier: MIT
//
// HCL reports of an emulated paravisor, all signed: the hardware's by an emulated platform, the
// quote by a key of RSA.
//
//     hcl::Signed signed_one;
//     signed_one.user_data = nonce;
//     signed_one.verify()
//
// What is set before verify() or evidence() is in them, and all else is made to fit.
#pragma once

#include "hcl/hcl_policy.hpp"
#include "hcl_evidence.hpp"
#include "signed_snp.hpp"
#include "tpm_evidence.hpp"
#include "tpm_signer.hpp"

#include <tsmfd/evidence/event_log.hpp>
#include <tsmfd/evidence/hcl_verify.hpp>

#include <functional>
#include <optional>
#include <string>

#include <gtest/gtest.h>

namespace hcl {

// Made once: making a key of RSA takes its time.
inline EVP_PKEY* ak() {
    static const tsmfd::ossl::PkeyPtr key(EVP_RSA_gen(2048));
    return key.get();
}
inline EVP_PKEY* another_key() {
    static const tsmfd::ossl::PkeyPtr key(EVP_RSA_gen(2048));
    return key.get();
}

inline const Bytes& event_log() {
    static const Bytes log = evidence::TpmEvidence("tpm-ovmf").event_log;
    return log;
}

// Of PCR 0 to 7 and 9, which evidence::tpm_attest() names.
inline Bytes pcr_digest() {
    const auto log = tsmfd::EventLog::parse(event_log()).value();
    const auto bank = log.replay(tsmfd::TpmHash::sha256).value();
    Bytes all;
    for (const unsigned pcr : {0U, 1U, 2U, 3U, 4U, 5U, 6U, 7U, 9U})
        evidence::append(all, bank.values[pcr].bytes());
    return sha256(all);
}

inline Bytes attest_of(const Bytes& qualifying, const Bytes& public_key) {
    Bytes attest = evidence::tpm_attest(qualifying);
    const auto put = [&attest](std::size_t at, const Bytes& bytes) {
        std::copy(bytes.begin(), bytes.end(), attest.begin() + static_cast<std::ptrdiff_t>(at));
    };
    put(8, tsmfd::TpmKey::parse(public_key).value().endorsement_qualified_name());
    put(attest.size() - 32, pcr_digest());
    return attest;
}

struct Signed {
    Bytes challenge = evidence::nonce(0xa1);
    std::optional<Bytes> user_data = challenge;
    std::optional<Bytes> qualifying{};   // unset: SHA-256 of the user data
    std::optional<std::string> claims{}; // unset: of the AK and the user data
    EVP_PKEY* signer = ak();             // of the quote
    Bytes public_key = tpm_signer::rsa_public(ak(), tpm_signer::rsassa);
    std::function<void(Bytes&)> change_hardware = [](Bytes& /*report*/) {}; // before it is signed
    Index index{};
    Bytes auxblob{};
    tsmfd::HclPolicy policy{};

    evidence::SignedSnp snp{firmware::Product::milan};

    Signed() : certificates_(pem_of_certificates()) {
        policy.members().snp.roots(snp.root());
        policy.members().snp.certificates(certificates_);
        policy.challenge(challenge);
    }

    [[nodiscard]] const Bytes& certificates() const { return certificates_; }
    [[nodiscard]] std::string all_claims() const {
        return claims.value_or(
            claims_of(key_of("HCLAkPub", tpm_signer::modulus_of(ak())), user_data));
    }
    [[nodiscard]] Bytes attest() const {
        const Bytes all = user_data.value_or(Bytes(64));
        return attest_of(qualifying.value_or(sha256(all)), public_key);
    }
    [[nodiscard]] Bytes plain_signature() const {
        return tpm_signer::signed_by(signer, attest(), RSA_PKCS1_PADDING);
    }
    [[nodiscard]] Bytes made_index() {
        const Bytes digest = sha256(bytes_of(all_claims()));
        snp.sign([&](Bytes& report) {
            std::fill_n(report.begin() + snp_report_data, 64, std::uint8_t{0});
            std::copy(digest.begin(), digest.end(), report.begin() + snp_report_data);
            change_hardware(report);
        });
        index.hardware = snp.report;
        return index_of(all_claims(), index);
    }
    [[nodiscard]] Bytes outblob() {
        return outblob_of(made_index(), attest(),
                          tpm_signer::marshalled(tpm_signer::rsassa, plain_signature()),
                          public_key);
    }
    [[nodiscard]] tsmfd::Verification verify(const Bytes& bytes) const {
        return tsmfd::verify_hcl({.outblob = bytes, .auxblob = auxblob}, policy);
    }
    [[nodiscard]] tsmfd::Verification verify() { return verify(outblob()); }
    // The index, and beside it what tpm2_quote writes.
    [[nodiscard]] tsmfd::Verification verify_files() {
        const Bytes quote = attest();
        const Bytes signature = plain_signature();
        policy.quote(quote);
        policy.signature(signature);
        auto verification = verify(made_index());
        policy.quote({});
        policy.signature({});
        return verification;
    }

private:
    [[nodiscard]] Bytes pem_of_certificates() const {
        Bytes pem;
        for (const Bytes& der : {snp.authority().leaf(), snp.authority().ask()}) {
            const auto read = tsmfd::ossl::read_certificates(der).value();
            evidence::append(pem, tsmfd::ossl::pem_of(read.front().get()));
        }
        return pem;
    }

    Bytes certificates_;
};

} // namespace hcl

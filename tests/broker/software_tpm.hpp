// SPDX-License-Identifier: MIT
//
// A TPM for tests: a key, PCRs and quotes, as tsmfd_tpm gives them.
//
//     SoftwareTpm tpm;
//     tpm.pcrs[9][0] ^= 1;                            // another kernel, another command line
//     const tsmfd::Report report = tpm.report(data);
//
// Without an event log: a policy has to know all ten PCRs.
#pragma once

#include "append.hpp"
#include "evidence.hpp"
#include "x509/openssl.hpp"

#include <tsmfd/device.hpp>
#include <tsmfd/evidence/tpm_key.hpp>
#include <tsmfd/evidence/tpm_verify.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include <openssl/core_names.h>

namespace keybroker {

using tsmfd::append;
using tsmfd::append_be;

class SoftwareTpm {
public:
    static constexpr std::size_t pcr_count = 10;
    using Digest = std::array<std::uint8_t, 32>;

    SoftwareTpm() {
        for (std::size_t i = 0; i < pcr_count; ++i)
            pcrs[i].fill(static_cast<std::uint8_t>(i + 1));
    }

    std::array<Digest, pcr_count> pcrs{}; // SHA-256, 0 to 9

    // TPM2B_PUBLIC
    [[nodiscard]] Bytes public_area() const {
        Bytes area;
        append_be(area, std::uint16_t{0x0023}); // TPM_ALG_ECC
        append_be(area, std::uint16_t{0x000b}); // nameAlg: SHA-256
        append_be(area, std::uint32_t{tsmfd::TpmKey::fixed_tpm | (1U << 4) |
                                      tsmfd::TpmKey::sensitive_data_origin | (1U << 6) |
                                      tsmfd::TpmKey::restricted | tsmfd::TpmKey::sign});
        append_be(area, std::uint16_t{0});      // authPolicy
        append_be(area, std::uint16_t{0x0010}); // symmetric: none
        append_be(area, std::uint16_t{0x0018}); // ECDSA
        append_be(area, std::uint16_t{0x000b}); // with SHA-256
        append_be(area, std::uint16_t{0x0003}); // NIST P-256
        append_be(area, std::uint16_t{0x0010}); // kdf: none
        for (const char* coordinate : {OSSL_PKEY_PARAM_EC_PUB_X, OSSL_PKEY_PARAM_EC_PUB_Y})
            append_2b(area, number(coordinate));
        Bytes whole;
        append_2b(whole, area);
        return whole;
    }

    [[nodiscard]] std::vector<tsmfd::ExpectedPcr> expected() const {
        std::vector<tsmfd::ExpectedPcr> all;
        for (std::size_t i = 0; i < pcr_count; ++i) {
            tsmfd::ExpectedPcr one;
            one.pcr = static_cast<unsigned>(i);
            std::ranges::copy(pcrs[i], one.value.padded.begin());
            one.value.size = pcrs[i].size();
            all.push_back(one);
        }
        return all;
    }

    [[nodiscard]] tsmfd::Report report(tsmfd::ByteSpan report_data) const {
        const Bytes quote = attest(report_data);
        const Bytes key = public_area();
        tsmfd::Report report;
        report.outblob = evidence::tpm_report(quote, signature(quote), key);
        report.auxblob = evidence::tpm_aux({}, key);
        return report;
    }

private:
    static void append_2b(Bytes& to, tsmfd::ByteSpan bytes) {
        append_be(to, static_cast<std::uint16_t>(bytes.size()));
        append(to, bytes);
    }

    static Digest sha256(tsmfd::ByteSpan bytes) {
        Digest digest{};
        EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
        return digest;
    }

    [[nodiscard]] Bytes number(const char* name) const {
        BIGNUM* made = nullptr;
        EVP_PKEY_get_bn_param(key_.get(), name, &made);
        const tsmfd::ossl::BignumPtr owner(made);
        Bytes bytes(32);
        BN_bn2binpad(made, bytes.data(), 32);
        return bytes;
    }

    // TPMS_ATTEST
    [[nodiscard]] Bytes attest(tsmfd::ByteSpan report_data) const {
        const Bytes key = public_area();
        Bytes all_pcrs;
        for (const Digest& pcr : pcrs)
            append(all_pcrs, pcr);
        Bytes quote;
        append_be(quote, std::uint32_t{0xff544347}); // TPM_GENERATED_VALUE
        append_be(quote, std::uint16_t{0x8018});     // TPM_ST_ATTEST_QUOTE
        append_2b(quote, tsmfd::TpmKey::parse(key)->endorsement_qualified_name());
        append_2b(quote, report_data);
        quote.resize(quote.size() + 17);           // TPMS_CLOCK_INFO
        quote.resize(quote.size() + 8);            // firmwareVersion
        append_be(quote, std::uint32_t{1});        // one bank
        append_be(quote, std::uint16_t{0x000b});   // SHA-256
        append(quote, Bytes{3, 0xff, 0x03, 0x00}); // PCR 0 to 9
        append_2b(quote, sha256(all_pcrs));
        return quote;
    }

    // TPMT_SIGNATURE
    [[nodiscard]] Bytes signature(const Bytes& of) const {
        const tsmfd::ossl::DigestContextPtr context(EVP_MD_CTX_new());
        Bytes der(128);
        std::size_t size = der.size();
        EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get());
        EVP_DigestSign(context.get(), der.data(), &size, of.data(), of.size());
        const std::uint8_t* from = der.data();
        const tsmfd::ossl::SignaturePtr pair(
            d2i_ECDSA_SIG(nullptr, &from, static_cast<long>(size)));
        Bytes made;
        append_be(made, std::uint16_t{0x0018}); // ECDSA
        append_be(made, std::uint16_t{0x000b}); // with SHA-256
        for (const BIGNUM* half : {ECDSA_SIG_get0_r(pair.get()), ECDSA_SIG_get0_s(pair.get())}) {
            Bytes bytes(32);
            BN_bn2binpad(half, bytes.data(), 32);
            append_2b(made, bytes);
        }
        return made;
    }

    // A copy is the same TPM, in another state.
    std::shared_ptr<EVP_PKEY> key_{EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"),
                                   &EVP_PKEY_free};
};

} // namespace keybroker

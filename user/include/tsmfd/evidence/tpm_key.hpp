// SPDX-License-Identifier: MIT
//
// The attestation key of a TPM: its public area, and what was signed with it.
//
// TCG, "Trusted Platform Module 2.0 Library", part 2 "Structures": TPM2B_PUBLIC and TPMT_PUBLIC in
// 12.2, TPMA_OBJECT in 8.3, TPMT_SIGNATURE in 11.3; part 1 "Architecture": names in 16,
// qualified names in 26.5. Big-endian.
//
//     Result<TpmKey> key = TpmKey::parse(report->public_key);
//     key->attests()                                       // it signs only what the TPM made
//     key->has_signed(report->attest, report->signature)   // without a value, or why not
//
// Known are ECDSA with NIST P-256, which is what tsmfd_tpm makes, and RSA of 2048 to 8192 bits with
// RSASSA or RSAPSS.
//
// Threads: a value. Its spans live as long as the bytes parsed.
#pragma once

#include <tsmfd/bytes.hpp>
#include <tsmfd/evidence/tpm_hash.hpp>
#include <tsmfd/export.hpp>
#include <tsmfd/result.hpp>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace tsmfd {

enum class TpmScheme : std::uint16_t { // TPM_ALG_ID
    rsassa = 0x0014,
    rsapss = 0x0016,
    ecdsa = 0x0018,
};

// "ECDSA with P-256", "RSASSA" or "RSAPSS"
[[nodiscard]] TSMFD_API std::string_view tpm_scheme_name(TpmScheme scheme) noexcept;

// TPMT_SIGNATURE
struct TpmSignature {
    TpmScheme scheme = TpmScheme::ecdsa;
    TpmHash hash = TpmHash::sha256;
    ByteSpan r; // of ECDSA
    ByteSpan s;
    ByteSpan rsa; // of the others
};

// EBADMSG unless the bytes are one such signature and nothing else.
[[nodiscard]] TSMFD_API Result<TpmSignature> parse_tpm_signature(ByteSpan signature) noexcept;

class TSMFD_API TpmKey {
public:
    // TPMA_OBJECT
    static constexpr std::uint32_t fixed_tpm = 1U << 1;
    static constexpr std::uint32_t sensitive_data_origin = 1U << 5;
    static constexpr std::uint32_t restricted = 1U << 16;
    static constexpr std::uint32_t decrypt = 1U << 17;
    static constexpr std::uint32_t sign = 1U << 18;

    // Of a TPM2B_PUBLIC. EBADMSG for what is none, EOPNOTSUPP for a key of another kind.
    [[nodiscard]] static Result<TpmKey> parse(ByteSpan tpm2b_public) noexcept;

    [[nodiscard]] std::uint32_t attributes() const { return attributes_; }
    // True if the key was made by the TPM, cannot leave it, and signs nothing that came from
    // outside: else a signature says nothing about the TPM's state.
    [[nodiscard]] bool attests() const noexcept;

    // TPM2B_NAME without its size: nameAlg, then the digest of the public area.
    [[nodiscard]] std::vector<std::uint8_t> name() const noexcept;
    // What the name is within the hierarchy, for a primary key of the endorsement hierarchy.
    [[nodiscard]] std::vector<std::uint8_t> endorsement_qualified_name() const noexcept;

    // What it can sign with; nothing if it does not say.
    [[nodiscard]] std::optional<TpmScheme> scheme() const { return scheme_; }

    // False for what its public area says that it does not sign with.
    [[nodiscard]] bool signs_by(TpmScheme scheme, TpmHash hash) const noexcept;

    // SHA-1 is refused: EKEYREJECTED. EBADMSG for a signature that cannot be read, EKEYREJECTED for
    // one that is not this key's over these bytes.
    [[nodiscard]] Result<void> has_signed(ByteSpan bytes, ByteSpan signature) const noexcept;

    // Is it the key in a file: a TPM2B_PUBLIC, as tpm2-tools' -u and this driver give it, or a
    // public key in PEM? EBADMSG for a file of another kind.
    [[nodiscard]] Result<bool> is(ByteSpan file) const noexcept;
    // Could it be such a file? EBADMSG or EOPNOTSUPP if not.
    [[nodiscard]] static Result<void> check_file(ByteSpan file) noexcept;

private:
    Result<void> read_ecc(Reader& in);
    Result<void> read_rsa(Reader& in);

    ByteSpan tpm2b_;
    ByteSpan area_; // TPMT_PUBLIC
    TpmHash name_hash_ = TpmHash::sha256;
    std::uint32_t attributes_ = 0;
    std::optional<TpmScheme> scheme_;
    std::optional<TpmHash> scheme_hash_;
    ByteSpan x_; // of a point
    ByteSpan y_;
    ByteSpan modulus_; // of RSA
    std::uint32_t exponent_ = 0;

    friend class TpmPublicKey; // the library's
};

} // namespace tsmfd

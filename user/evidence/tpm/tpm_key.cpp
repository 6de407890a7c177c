// SPDX-License-Identifier: MIT
#include "tpm/tpm_signature.hpp"

#include <tsmfd/evidence/tpm_key.hpp>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace tsmfd {

namespace {

constexpr std::uint16_t alg_rsa = 0x0001;
constexpr std::uint16_t alg_null = 0x0010;
constexpr std::uint16_t alg_ecc = 0x0023;
constexpr std::uint16_t curve_p256 = 0x0003;
constexpr std::array<std::uint8_t, 4> rh_endorsement = {0x40, 0x00, 0x00, 0x0b};
constexpr std::size_t coordinate_size = 32;
constexpr std::uint32_t default_exponent = 65537; // which a TPM writes as 0

std::optional<TpmScheme> scheme_by_id(std::uint16_t id) {
    const auto scheme = static_cast<TpmScheme>(id);
    return tpm_scheme_name(scheme).empty() ? std::nullopt : std::optional(scheme);
}

// The TPM leaves leading zeros out, or not.
bool is_coordinate(ByteSpan number) {
    return !number.empty() && number.size() <= coordinate_size;
}

std::vector<std::uint8_t> name_of(TpmHash hash, std::initializer_list<ByteSpan> parts) {
    const auto id = std::to_underlying(hash);
    std::vector<std::uint8_t> name = {static_cast<std::uint8_t>(id >> 8),
                                      static_cast<std::uint8_t>(id & 0xff)};
    if (const auto digest = tpm_digest(hash, parts))
        name.insert(name.end(), digest->bytes().begin(), digest->bytes().end());
    return name;
}

} // namespace

std::string_view tpm_scheme_name(TpmScheme scheme) noexcept {
    switch (scheme) {
    case TpmScheme::ecdsa:
        return "ECDSA with P-256";
    case TpmScheme::rsassa:
        return "RSASSA";
    case TpmScheme::rsapss:
        return "RSAPSS";
    }
    return {};
}

Result<TpmSignature> parse_tpm_signature(ByteSpan signature) noexcept {
    Reader in(signature);
    const auto scheme = scheme_by_id(in.be16());
    const auto hash = tpm_hash_by_id(in.be16());
    TpmSignature parsed;
    bool whole = false;
    if (scheme == TpmScheme::ecdsa) {
        parsed.r = in.bytes(in.be16());
        parsed.s = in.bytes(in.be16());
        whole = is_coordinate(parsed.r) && is_coordinate(parsed.s);
    } else if (scheme) {
        parsed.rsa = in.bytes(in.be16());
        whole = !parsed.rsa.empty();
    }
    if (!in.ok() || in.left() != 0 || !whole || !hash)
        return fail(fmt::format("TPMT_SIGNATURE of {} bytes that is neither ECDSA with P-256 nor "
                                "RSA",
                                signature.size()),
                    EBADMSG);
    parsed.scheme = *scheme;
    parsed.hash = *hash;
    return parsed;
}

Result<TpmKey> TpmKey::parse(ByteSpan tpm2b_public) noexcept {
    Reader outer(tpm2b_public);
    TpmKey key;
    key.tpm2b_ = tpm2b_public;
    key.area_ = outer.bytes(outer.be16());
    if (!outer.ok() || outer.left() != 0)
        return fail(fmt::format("TPM2B_PUBLIC of {} bytes", tpm2b_public.size()), EBADMSG);

    Reader in(key.area_);
    const std::uint16_t type = in.be16();
    const auto name_hash = tpm_hash_by_id(in.be16());
    key.attributes_ = in.be32();
    (void)in.bytes(in.be16()); // authPolicy
    if (!in.ok() || (type != alg_ecc && type != alg_rsa) || !name_hash)
        return fail(fmt::format("key of type {:#06x}", type), in.ok() ? EOPNOTSUPP : EBADMSG);
    key.name_hash_ = *name_hash;
    const auto read = type == alg_ecc ? key.read_ecc(in) : key.read_rsa(in);
    if (!read)
        return std::unexpected(read.error());
    return key;
}

Result<void> TpmKey::read_ecc(Reader& in) {
    const std::uint16_t symmetric = in.be16();
    scheme_ = scheme_by_id(in.be16());
    scheme_hash_ = tpm_hash_by_id(in.be16());
    const std::uint16_t curve = in.be16();
    const std::uint16_t kdf = in.be16();
    if (symmetric != alg_null || scheme_ != TpmScheme::ecdsa || curve != curve_p256 ||
        kdf != alg_null)
        return fail(fmt::format("elliptic curve key of another scheme, or of curve {:#06x}", curve),
                    in.ok() ? EOPNOTSUPP : EBADMSG);
    x_ = in.bytes(in.be16());
    y_ = in.bytes(in.be16());
    if (!in.ok() || in.left() != 0 || !is_coordinate(x_) || !is_coordinate(y_))
        return fail(fmt::format("TPMT_PUBLIC of {} bytes", area_.size()), EBADMSG);
    return {};
}

Result<void> TpmKey::read_rsa(Reader& in) {
    const std::uint16_t symmetric = in.be16();
    const std::uint16_t scheme = in.be16();
    scheme_ = scheme_by_id(scheme);
    if (scheme != alg_null)
        scheme_hash_ = tpm_hash_by_id(in.be16());
    const std::uint16_t bits = in.be16();
    if (symmetric != alg_null || scheme_ == TpmScheme::ecdsa || (!scheme_ && scheme != alg_null))
        return fail(fmt::format("RSA key of scheme {:#06x}", scheme),
                    in.ok() ? EOPNOTSUPP : EBADMSG);
    exponent_ = in.be32();
    exponent_ = exponent_ == 0 ? default_exponent : exponent_;
    modulus_ = in.bytes(in.be16());
    if (!in.ok() || in.left() != 0 || modulus_.empty() || modulus_.size() * 8 != bits)
        return fail(fmt::format("TPMT_PUBLIC of {} bytes", area_.size()), EBADMSG);
    return {};
}

bool TpmKey::signs_by(TpmScheme scheme, TpmHash hash) const noexcept {
    return (!scheme_ || scheme == *scheme_) && (!scheme_hash_ || hash == *scheme_hash_);
}

bool TpmKey::attests() const noexcept {
    constexpr std::uint32_t wanted = fixed_tpm | sensitive_data_origin | restricted | sign;
    return (attributes_ & (wanted | decrypt)) == wanted;
}

std::vector<std::uint8_t> TpmKey::name() const noexcept {
    return name_of(name_hash_, {area_});
}

std::vector<std::uint8_t> TpmKey::endorsement_qualified_name() const noexcept {
    return name_of(name_hash_, {rh_endorsement, name()});
}

Result<void> TpmKey::has_signed(ByteSpan bytes, ByteSpan signature) const noexcept {
    const auto parsed = parse_tpm_signature(signature);
    if (!parsed)
        return std::unexpected(parsed.error());
    if (scheme_ && parsed->scheme != *scheme_)
        return fail(fmt::format("signature of {} by a key of {}", tpm_scheme_name(parsed->scheme),
                                tpm_scheme_name(*scheme_)),
                    EBADMSG);
    if (!signs_by(parsed->scheme, parsed->hash))
        return fail(
            fmt::format("signature by {} of a key of another hash", tpm_hash_name(parsed->hash)),
            EBADMSG);
    const auto key = TpmPublicKey::of(*this);
    if (!key)
        return std::unexpected(key.error());
    return key->has_signed(bytes, *parsed);
}

Result<void> TpmKey::check_file(ByteSpan file) noexcept {
    const auto key = TpmPublicKey::of_file(file);
    return key ? Result<void>() : std::unexpected(key.error());
}

Result<bool> TpmKey::is(ByteSpan file) const noexcept {
    const auto other = TpmPublicKey::of_file(file);
    if (!other)
        return std::unexpected(other.error());
    // The same numbers with other attributes are another key.
    if (!is_pem(file))
        return std::ranges::equal(tpm2b_, file);
    const auto own = TpmPublicKey::of(*this);
    return own && own->is(*other);
}

} // namespace tsmfd

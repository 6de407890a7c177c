// SPDX-License-Identifier: MIT
#include "ecdsa.hpp"

#include <tsmfd/tpm_key.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <openssl/pem.h>

namespace tsmfd {

namespace {

constexpr std::uint16_t alg_null = 0x0010;
constexpr std::uint16_t alg_ecdsa = 0x0018;
constexpr std::uint16_t alg_ecc = 0x0023;
constexpr std::uint16_t curve_p256 = 0x0003;
constexpr std::array<std::uint8_t, 4> rh_endorsement = {0x40, 0x00, 0x00, 0x0b};
constexpr std::size_t coordinate_size = 32;
constexpr std::string_view pem_start = "-----BEGIN ";

bool is_pem(ByteSpan file) {
    return std::ranges::equal(file.first(std::min(file.size(), pem_start.size())), pem_start);
}

Result<ossl::PkeyPtr> read_pem(ByteSpan file) {
    const ossl::ErrorsForgotten errors;
    const ossl::BioPtr in(BIO_new_mem_buf(file.data(), static_cast<int>(file.size())));
    ossl::PkeyPtr key(in ? PEM_read_bio_PUBKEY(in.get(), nullptr, nullptr, nullptr) : nullptr);
    if (!key)
        return fail("PEM without a public key", EBADMSG);
    return key;
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

Result<TpmSignature> parse_tpm_signature(ByteSpan signature) noexcept {
    Reader in(signature);
    const std::uint16_t scheme = in.be16();
    const auto hash = tpm_hash_by_id(in.be16());
    const ByteSpan r = in.bytes(in.be16());
    const ByteSpan s = in.bytes(in.be16());
    if (!in.ok() || in.left() != 0 || scheme != alg_ecdsa || !hash || !is_coordinate(r) ||
        !is_coordinate(s))
        return fail(
            fmt::format("TPMT_SIGNATURE of {} bytes that is no ECDSA with P-256", signature.size()),
            EBADMSG);
    return TpmSignature{.hash = *hash, .r = r, .s = s};
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
    if (!in.ok() || type != alg_ecc || !name_hash)
        return fail(fmt::format("key of type {:#06x}", type), in.ok() ? EOPNOTSUPP : EBADMSG);
    key.name_hash_ = *name_hash;

    const std::uint16_t symmetric = in.be16();
    const std::uint16_t scheme = in.be16();
    (void)in.be16(); // of the scheme: its hash
    const std::uint16_t curve = in.be16();
    const std::uint16_t kdf = in.be16();
    if (symmetric != alg_null || scheme != alg_ecdsa || curve != curve_p256 || kdf != alg_null)
        return fail(
            fmt::format("elliptic curve key of scheme {:#06x}, curve {:#06x}", scheme, curve),
            in.ok() ? EOPNOTSUPP : EBADMSG);
    key.x_ = in.bytes(in.be16());
    key.y_ = in.bytes(in.be16());
    if (!in.ok() || in.left() != 0 || !is_coordinate(key.x_) || !is_coordinate(key.y_))
        return fail(fmt::format("TPMT_PUBLIC of {} bytes", key.area_.size()), EBADMSG);
    return key;
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
    const ossl::ErrorsForgotten errors;
    const ossl::PkeyPtr key = ossl::p256_key(x_, y_);
    if (!key)
        return fail("make a key of the report's point, which may not be on the curve", EBADMSG);
    // OpenSSL knows hashes by the names that tpm2-tools have for them.
    const std::string hash(tpm_hash_name(parsed->hash));
    if (!ossl::has_signed(key.get(), hash.c_str(), {.r = parsed->r, .s = parsed->s}, bytes))
        return fail(fmt::format("verify ECDSA with P-256 and {}", tpm_hash_name(parsed->hash)),
                    EKEYREJECTED);
    return {};
}

Result<void> TpmKey::check_file(ByteSpan file) noexcept {
    const auto none_or_error = [](const auto& read) {
        return read ? Result<void>() : std::unexpected(read.error());
    };
    return is_pem(file) ? none_or_error(read_pem(file)) : none_or_error(parse(file));
}

Result<bool> TpmKey::is(ByteSpan file) const noexcept {
    if (!is_pem(file)) {
        if (const auto other = parse(file); !other)
            return std::unexpected(other.error());
        return std::ranges::equal(tpm2b_, file);
    }
    const ossl::ErrorsForgotten errors;
    const auto other = read_pem(file);
    if (!other)
        return std::unexpected(other.error());
    const ossl::PkeyPtr own = ossl::p256_key(x_, y_);
    return own && EVP_PKEY_eq(own.get(), other->get()) == 1;
}

} // namespace tsmfd

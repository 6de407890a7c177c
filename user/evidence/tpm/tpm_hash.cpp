// SPDX-License-Identifier: MIT
#include "x509/openssl.hpp"

#include <tsmfd/evidence/tpm_hash.hpp>

namespace tsmfd {

namespace {

struct Known {
    TpmHash hash;
    std::string_view name;
    std::size_t size;
    const char* openssl;
};

constexpr std::array<Known, 5> known = {{
    {TpmHash::sha1, "sha1", 20, "SHA1"},
    {TpmHash::sha256, "sha256", 32, "SHA256"},
    {TpmHash::sha384, "sha384", 48, "SHA384"},
    {TpmHash::sha512, "sha512", 64, "SHA512"},
    {TpmHash::sm3_256, "sm3_256", 32, "SM3"},
}};

// A TpmHash is one of them.
const Known& of(TpmHash hash) {
    return *std::ranges::find(known, hash, &Known::hash);
}

} // namespace

std::optional<TpmHash> tpm_hash_by_id(std::uint16_t id) noexcept {
    const auto* found = std::ranges::find(known, static_cast<TpmHash>(id), &Known::hash);
    return found != known.end() ? std::optional(found->hash) : std::nullopt;
}

std::optional<TpmHash> tpm_hash_by_name(std::string_view name) noexcept {
    const auto* found = std::ranges::find(known, name, &Known::name);
    return found != known.end() ? std::optional(found->hash) : std::nullopt;
}

std::string_view tpm_hash_name(TpmHash hash) noexcept {
    return of(hash).name;
}

std::size_t tpm_hash_size(TpmHash hash) noexcept {
    return of(hash).size;
}

std::optional<TpmDigest> tpm_digest(TpmHash hash, std::initializer_list<ByteSpan> parts) noexcept {
    const ossl::ErrorsForgotten errors;
    const ossl::DigestPtr method(EVP_MD_fetch(nullptr, of(hash).openssl, nullptr));
    const ossl::DigestContextPtr context(EVP_MD_CTX_new());
    if (!method || !context || EVP_DigestInit_ex2(context.get(), method.get(), nullptr) != 1)
        return std::nullopt;
    for (const ByteSpan part : parts) {
        if (EVP_DigestUpdate(context.get(), part.data(), part.size()) != 1)
            return std::nullopt;
    }
    TpmDigest digest;
    unsigned size = 0;
    if (EVP_MD_get_size(method.get()) > static_cast<int>(TpmDigest::max_size) ||
        EVP_DigestFinal_ex(context.get(), digest.padded.data(), &size) != 1)
        return std::nullopt;
    digest.size = size;
    return digest;
}

} // namespace tsmfd

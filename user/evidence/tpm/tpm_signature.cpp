// SPDX-License-Identifier: MIT
#include "tpm/tpm_signature.hpp"

#include "common_checks.hpp"
#include "x509/ecdsa.hpp"
#include "x509/pem.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/rsa.h>

namespace tsmfd {

namespace {

constexpr int rsa_bits_least = 2048;
constexpr int rsa_bits_most = 8192; // a longer one takes longer than it is worth
constexpr std::size_t most_modulus_bytes = 2 * rsa_bits_most / 8; // with zeros in front
constexpr std::size_t most_exponent_bytes = 4;                    // a TPM has no longer one

ossl::BignumPtr number_of(ByteSpan bytes) {
    return ossl::BignumPtr(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
}

// With 1 anything would be a signature; an even one is none.
bool is_exponent(ByteSpan number) {
    const bool is_one =
        !number.empty() && number.back() == 1 && is_zero(number.first(number.size() - 1));
    return !number.empty() && number.back() % 2 == 1 && !is_one;
}

ossl::PkeyPtr rsa_key(ByteSpan modulus, ByteSpan exponent) {
    const ossl::ParamBuilderPtr builder(OSSL_PARAM_BLD_new());
    const ossl::BignumPtr n = number_of(modulus);
    const ossl::BignumPtr e = number_of(exponent);
    if (!builder || !n || !e ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1)
        return nullptr;
    const ossl::ParamsPtr params(OSSL_PARAM_BLD_to_param(builder.get()));
    const ossl::PkeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
    EVP_PKEY* key = nullptr;
    if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1)
        return nullptr;
    return ossl::PkeyPtr(key);
}

} // namespace

bool is_pem(ByteSpan file) {
    return std::ranges::equal(file.first(std::min(file.size(), ossl::pem_start.size())),
                              ossl::pem_start);
}

Result<TpmPublicKey> TpmPublicKey::checked(ossl::PkeyPtr key) {
    const int bits = EVP_PKEY_get_bits(key.get());
    if (EVP_PKEY_is_a(key.get(), "RSA") == 1 && (bits < rsa_bits_least || bits > rsa_bits_most))
        return fail(fmt::format("RSA key of {} bits", bits), EOPNOTSUPP);
    if (EVP_PKEY_is_a(key.get(), "RSA") != 1 && !ossl::is_p256(key.get()))
        return fail("key that is neither RSA's nor of P-256", EOPNOTSUPP);
    return TpmPublicKey(std::move(key));
}

Result<TpmPublicKey> TpmPublicKey::of(const TpmKey& key) {
    const ossl::ErrorsForgotten errors;
    if (!key.modulus_.empty()) {
        std::array<std::uint8_t, sizeof(key.exponent_)> exponent{};
        for (std::size_t i = 0; i < exponent.size(); ++i)
            exponent[i] = static_cast<std::uint8_t>(key.exponent_ >> (24 - 8 * i));
        return of_rsa(key.modulus_, exponent);
    }
    ossl::PkeyPtr made = ossl::p256_key(key.x_, key.y_);
    if (!made)
        return fail("make a key of the report's numbers, which may be no point of the curve",
                    EBADMSG);
    return checked(std::move(made));
}

Result<TpmPublicKey> TpmPublicKey::of_rsa(ByteSpan modulus, ByteSpan exponent) {
    const ossl::ErrorsForgotten errors;
    ossl::PkeyPtr made = is_exponent(exponent) && exponent.size() <= most_exponent_bytes &&
                                 modulus.size() <= most_modulus_bytes
                             ? rsa_key(modulus, exponent)
                             : nullptr;
    if (!made)
        return fail(fmt::format("make a key of RSA of numbers of {} and {} bytes", modulus.size(),
                                exponent.size()),
                    EBADMSG);
    return checked(std::move(made));
}

Result<TpmPublicKey> TpmPublicKey::of_file(ByteSpan file) {
    const ossl::ErrorsForgotten errors;
    if (is_pem(file)) {
        auto key = ossl::read_key<&PEM_read_bio_PUBKEY>(file);
        return key ? checked(std::move(key))
                   : Result<TpmPublicKey>(fail("PEM without a public key", EBADMSG));
    }
    const auto key = TpmKey::parse(file);
    if (!key)
        return std::unexpected(key.error());
    return of(*key);
}

bool TpmPublicKey::is(const TpmPublicKey& other) const {
    const ossl::ErrorsForgotten errors;
    return EVP_PKEY_eq(key_.get(), other.key_.get()) == 1;
}

bool TpmPublicKey::has_signed_rsa(ByteSpan bytes, TpmScheme scheme, TpmHash hash,
                                  ByteSpan signature) const {
    const ossl::ErrorsForgotten errors;
    const ossl::DigestContextPtr context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* parameters = nullptr; // the context's
    const std::string digest(tpm_hash_name(hash));
    if (!context || EVP_DigestVerifyInit_ex(context.get(), &parameters, digest.c_str(), nullptr,
                                            nullptr, key_.get(), nullptr) != 1)
        return false;
    const int padding = scheme == TpmScheme::rsapss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING;
    return EVP_PKEY_CTX_set_rsa_padding(parameters, padding) == 1 &&
           EVP_DigestVerify(context.get(), signature.data(), signature.size(), bytes.data(),
                            bytes.size()) == 1;
}

Result<void> TpmPublicKey::has_signed(ByteSpan bytes, const TpmSignature& signature) const {
    if (signature.hash == TpmHash::sha1)
        return fail("verify a signature by SHA-1, of which others can be made", EKEYREJECTED);
    const std::string hash(tpm_hash_name(signature.hash));
    // OpenSSL knows hashes by the names that tpm2-tools have for them.
    const bool has =
        signature.scheme == TpmScheme::ecdsa
            ? ossl::has_signed(key_.get(), hash.c_str(), {.r = signature.r, .s = signature.s},
                               bytes)
            : is_rsa() && has_signed_rsa(bytes, signature.scheme, signature.hash, signature.rsa);
    if (!has)
        return fail(fmt::format("verify {} and {}", tpm_scheme_name(signature.scheme), hash),
                    EKEYREJECTED);
    return {};
}

Result<TpmScheme> TpmPublicKey::has_signed_plain(ByteSpan bytes, ByteSpan signature,
                                                 TpmHash hash) const {
    if (hash == TpmHash::sha1)
        return fail("verify a signature by SHA-1, of which others can be made", EKEYREJECTED);
    if (is_rsa()) {
        for (const TpmScheme scheme : {TpmScheme::rsassa, TpmScheme::rsapss}) {
            if (has_signed_rsa(bytes, scheme, hash, signature))
                return scheme;
        }
    } else if (ossl::has_signed_der(key_.get(), std::string(tpm_hash_name(hash)).c_str(), signature,
                                    bytes)) {
        return TpmScheme::ecdsa;
    }
    return fail(fmt::format("verify a plain signature of {} bytes, by {}", signature.size(),
                            tpm_hash_name(hash)),
                EKEYREJECTED);
}

} // namespace tsmfd

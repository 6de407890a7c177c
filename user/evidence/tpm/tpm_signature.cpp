// SPDX-License-Identifier: MIT
#include "tpm/tpm_signature.hpp"

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

ossl::PkeyPtr rsa_key(ByteSpan modulus, std::uint32_t exponent) {
    const ossl::ParamBuilderPtr builder(OSSL_PARAM_BLD_new());
    const ossl::BignumPtr n(BN_bin2bn(modulus.data(), static_cast<int>(modulus.size()), nullptr));
    const ossl::BignumPtr e(BN_new());
    if (!builder || !n || !e || BN_set_word(e.get(), exponent) != 1 ||
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

bool is_p256(EVP_PKEY* key) {
    std::array<char, 32> group{};
    return EVP_PKEY_is_a(key, "EC") == 1 &&
           EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr) == 1 &&
           std::string_view(group.data()) == "prime256v1";
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
    if (EVP_PKEY_is_a(key.get(), "RSA") != 1 && !is_p256(key.get()))
        return fail("key that is neither RSA's nor of P-256", EOPNOTSUPP);
    return TpmPublicKey(std::move(key));
}

Result<TpmPublicKey> TpmPublicKey::of(const TpmKey& key) {
    const ossl::ErrorsForgotten errors;
    ossl::PkeyPtr made = key.modulus_.empty() ? ossl::p256_key(key.x_, key.y_)
                                              : rsa_key(key.modulus_, key.exponent_);
    if (!made)
        return fail("make a key of the report's numbers, which may be no point of the curve",
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

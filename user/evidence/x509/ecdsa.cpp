// SPDX-License-Identifier: MIT
#include "x509/ecdsa.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include <openssl/core_names.h>

namespace tsmfd::ossl {

namespace {

constexpr std::size_t coordinate_size = 32;

// ECDSA-Sig-Value of RFC 3279, as OpenSSL wants it; empty if memory is short.
std::vector<std::uint8_t> der_of(const EcdsaSignature& signature) {
    const SignaturePtr raw(ECDSA_SIG_new());
    BignumPtr r(BN_bin2bn(signature.r.data(), static_cast<int>(signature.r.size()), nullptr));
    BignumPtr s(BN_bin2bn(signature.s.data(), static_cast<int>(signature.s.size()), nullptr));
    if (!raw || !r || !s || ECDSA_SIG_set0(raw.get(), r.get(), s.get()) != 1)
        return {};
    (void)r.release(); // raw's, now
    (void)s.release();
    const int size = i2d_ECDSA_SIG(raw.get(), nullptr);
    if (size <= 0)
        return {};
    std::vector<std::uint8_t> der(static_cast<std::size_t>(size));
    std::uint8_t* to = der.data();
    return i2d_ECDSA_SIG(raw.get(), &to) == size ? der : std::vector<std::uint8_t>{};
}

} // namespace

bool is_p256(EVP_PKEY* key) {
    std::array<char, 32> group{};
    return EVP_PKEY_is_a(key, "EC") == 1 &&
           EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr) == 1 &&
           std::string_view(group.data()) == "prime256v1";
}

PkeyPtr p256_key(ByteSpan x, ByteSpan y) {
    if (x.size() > coordinate_size || y.size() > coordinate_size)
        return nullptr;
    std::array<std::uint8_t, 1 + 2 * coordinate_size> point{};
    point[0] = POINT_CONVERSION_UNCOMPRESSED;
    std::ranges::copy_backward(x, point.begin() + 1 + coordinate_size);
    std::ranges::copy_backward(y, point.end());

    const ErrorsForgotten errors;
    const ParamBuilderPtr builder(OSSL_PARAM_BLD_new());
    if (!builder ||
        OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1",
                                        0) != 1 ||
        OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                         point.size()) != 1)
        return nullptr;
    const ParamsPtr params(OSSL_PARAM_BLD_to_param(builder.get()));
    const PkeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    EVP_PKEY* key = nullptr;
    // Refuses a point that is not on the curve.
    if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1)
        return nullptr;
    return PkeyPtr(key);
}

bool has_signed(EVP_PKEY* key, const char* digest, const EcdsaSignature& signature,
                ByteSpan bytes) {
    const ErrorsForgotten errors;
    const std::vector<std::uint8_t> der = der_of(signature);
    return !der.empty() && has_signed_der(key, digest, der, bytes);
}

bool has_signed_der(EVP_PKEY* key, const char* digest, ByteSpan signature, ByteSpan bytes) {
    const ErrorsForgotten errors;
    if (EVP_PKEY_is_a(key, "EC") != 1)
        return false;
    const DigestContextPtr context(EVP_MD_CTX_new());
    return context &&
           EVP_DigestVerifyInit_ex(context.get(), nullptr, digest, nullptr, nullptr, key,
                                   nullptr) == 1 &&
           EVP_DigestVerify(context.get(), signature.data(), signature.size(), bytes.data(),
                            bytes.size()) == 1;
}

} // namespace tsmfd::ossl

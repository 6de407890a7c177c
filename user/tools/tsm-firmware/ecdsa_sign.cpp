// SPDX-License-Identifier: MIT
#include "ecdsa_sign.hpp"

#include "state.hpp"
#include "x509/openssl.hpp"

namespace firmware {

namespace {

namespace ossl = tsmfd::ossl;

// An ECDSA-Sig-Value of RFC 3279; empty if memory is short.
Bytes der_signature(std::span<const std::uint8_t> bytes, EVP_PKEY* key, const EVP_MD* digest) {
    const ossl::DigestContextPtr context(EVP_MD_CTX_new());
    std::size_t size = 0;
    if (!context || EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key) != 1 ||
        EVP_DigestSign(context.get(), nullptr, &size, bytes.data(), bytes.size()) != 1)
        return {};
    Bytes der(size);
    if (EVP_DigestSign(context.get(), der.data(), &size, bytes.data(), bytes.size()) != 1)
        return {};
    der.resize(size);
    return der;
}

} // namespace

bool sign_ecdsa(std::span<const std::uint8_t> bytes, EVP_PKEY* key, const EVP_MD* digest,
                std::span<std::uint8_t> numbers, std::endian order) {
    const ossl::ErrorsForgotten errors;
    const Bytes der = der_signature(bytes, key, digest);
    const std::uint8_t* from = der.data();
    const ossl::SignaturePtr signature(
        der.empty() ? nullptr : d2i_ECDSA_SIG(nullptr, &from, static_cast<long>(der.size())));
    if (!signature)
        return false;
    const auto put = order == std::endian::little ? &BN_bn2lebinpad : &BN_bn2binpad;
    const std::size_t half = numbers.size() / 2;
    const int size = static_cast<int>(half);
    return put(ECDSA_SIG_get0_r(signature.get()), numbers.data(), size) == size &&
           put(ECDSA_SIG_get0_s(signature.get()), numbers.subspan(half).data(), size) == size;
}

} // namespace firmware

// SPDX-License-Identifier: MIT
//
// SHA-512 of bytes that are all there. Not part of the library's interface.
//
// Threads: a function of its argument.
#pragma once

#include <tsmfd/bytes.hpp>
#include <tsmfd/evidence/proof.hpp>

#include <cstdlib>

#include <openssl/evp.h>

namespace tsmfd {

inline Digest512 sha512(ByteSpan bytes) {
    Digest512 digest{};
    unsigned size = digest.size();
    // Fails for want of memory only, or where OpenSSL's configuration leaves SHA-512 out.
    if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha512(), nullptr) != 1 ||
        size != digest.size())
        std::abort();
    return digest;
}

} // namespace tsmfd

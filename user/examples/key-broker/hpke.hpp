// SPDX-License-Identifier: MIT
//
// Hybrid public key encryption: RFC 9180, mode base, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, and
// AES-GCM. OpenSSL has it of its own since 3.2; this is for those before.
//
//     const auto own = KeyPair::generate();                       // the recipient's
//     auto sender = Context::sender(*KeyPair::generate(), own->public_key(), info);
//     const auto sealed = sender->seal(aad, secret);              // with sender->enc()
//     auto recipient = Context::recipient(enc, *own, info);
//     const auto secret = recipient->open(aad, *sealed);
//
// Both sides agree on info and aad without sending them. A sender's key pair serves one context.
//
// Threads: one at a time each.
#pragma once

#include "secret.hpp"
#include "x509/openssl.hpp"

#include <tsmfd/bytes.hpp>
#include <tsmfd/result.hpp>

#include <array>
#include <cstdint>

namespace keybroker::hpke {

// X25519, RFC 7748: 32 bytes, little-endian.
using PublicKey = std::array<std::uint8_t, 32>;

class KeyPair {
public:
    static tsmfd::Result<KeyPair> generate();
    // EINVAL for what is not 32 bytes.
    static tsmfd::Result<KeyPair> from_private(tsmfd::ByteSpan bytes);

    [[nodiscard]] const PublicKey& public_key() const { return public_; }
    // EBADMSG for a peer of small order (RFC 7748, 6.1).
    [[nodiscard]] tsmfd::Result<Secret> shared_with(const PublicKey& peer) const;

private:
    explicit KeyPair(tsmfd::ossl::PkeyPtr key) : key_(std::move(key)) {}
    static tsmfd::Result<KeyPair> from(tsmfd::ossl::PkeyPtr key);

    tsmfd::ossl::PkeyPtr key_;
    PublicKey public_{};
};

// RFC 9180, 7.3.
enum class Aead : std::uint16_t { aes_128_gcm = 0x0001, aes_256_gcm = 0x0002 };

inline constexpr std::size_t tag_size = 16; // a ciphertext is longer than its plaintext by this

class Context {
public:
    // SetupBaseS(). EBADMSG for a recipient of small order.
    static tsmfd::Result<Context> sender(const KeyPair& ephemeral, const PublicKey& recipient,
                                         tsmfd::ByteSpan info, Aead aead = Aead::aes_256_gcm);
    // SetupBaseR(). EBADMSG for an enc of small order.
    static tsmfd::Result<Context> recipient(const PublicKey& enc, const KeyPair& own,
                                            tsmfd::ByteSpan info, Aead aead = Aead::aes_256_gcm);

    // The sender's ephemeral public key, for the recipient.
    [[nodiscard]] const PublicKey& enc() const { return enc_; }

    // Of the next sequence number each. EBADMSG for what was not sealed like that.
    tsmfd::Result<Bytes> seal(tsmfd::ByteSpan aad, tsmfd::ByteSpan plaintext);
    tsmfd::Result<Secret> open(tsmfd::ByteSpan aad, tsmfd::ByteSpan sealed);

private:
    static constexpr std::size_t nonce_size = 12;
    using Nonce = std::array<std::uint8_t, nonce_size>;

    static tsmfd::Result<Context> make(const Secret& dh, const PublicKey& enc,
                                       const PublicKey& recipient, tsmfd::ByteSpan info, Aead aead);
    [[nodiscard]] const EVP_CIPHER* cipher() const;
    Nonce next_nonce();

    Aead aead_ = Aead::aes_256_gcm;
    PublicKey enc_{};
    Secret key_;
    Secret base_nonce_;
    std::uint64_t sequence_ = 0;
};

} // namespace keybroker::hpke

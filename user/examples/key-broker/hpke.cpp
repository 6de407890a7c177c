// SPDX-License-Identifier: MIT
#include "hpke.hpp"

#include "append.hpp"

#include <string>
#include <string_view>
#include <utility>

#include <openssl/core_names.h>
#include <openssl/kdf.h>

namespace keybroker::hpke {

namespace {

using tsmfd::append;
using tsmfd::append_be;
using tsmfd::ByteSpan;
using tsmfd::fail;
using tsmfd::Result;
using tsmfd::text;
namespace ossl = tsmfd::ossl;

using KdfPtr = std::unique_ptr<EVP_KDF, ossl::Free<&EVP_KDF_free>>;
using KdfContextPtr = std::unique_ptr<EVP_KDF_CTX, ossl::Free<&EVP_KDF_CTX_free>>;
using CipherContextPtr = std::unique_ptr<EVP_CIPHER_CTX, ossl::Free<&EVP_CIPHER_CTX_free>>;

constexpr std::uint16_t kem_id = 0x0020; // DHKEM(X25519, HKDF-SHA256)
constexpr std::uint16_t kdf_id = 0x0001; // HKDF-SHA256
constexpr std::size_t hash_size = 32;
constexpr std::uint8_t mode_base = 0x00;

// OpenSSL's parameters have no const, but it only reads these.
OSSL_PARAM octets(const char* name, ByteSpan bytes) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast)
    return OSSL_PARAM_construct_octet_string(name, const_cast<std::uint8_t*>(bytes.data()),
                                             bytes.size());
}

// HKDF of RFC 5869, one of its two halves.
Result<Secret> hkdf(int mode, std::size_t size, OSSL_PARAM key, OSSL_PARAM more) {
    const KdfPtr kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
    const KdfContextPtr context(EVP_KDF_CTX_new(kdf.get()));
    std::string digest = "SHA256";
    const std::array parameters = {
        OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
        key,
        more,
        OSSL_PARAM_construct_end(),
    };
    Secret out(size);
    if (!context || EVP_KDF_derive(context.get(), out.data(), out.size(), parameters.data()) != 1)
        return fail("derive a key with HKDF", EIO);
    return out;
}

// LabeledExtract() and LabeledExpand() of section 4, for one suite.
class Kdf {
public:
    explicit Kdf(Secret suite) : suite_(std::move(suite)) {}

    [[nodiscard]] Result<Secret> extract(ByteSpan salt, std::string_view label,
                                         ByteSpan ikm) const {
        Secret labeled = start(label);
        append(labeled, ikm);
        return hkdf(EVP_KDF_HKDF_MODE_EXTRACT_ONLY, hash_size, octets(OSSL_KDF_PARAM_KEY, labeled),
                    salt.empty() ? OSSL_PARAM_construct_end() : octets(OSSL_KDF_PARAM_SALT, salt));
    }

    [[nodiscard]] Result<Secret> expand(ByteSpan prk, std::string_view label, ByteSpan info,
                                        std::size_t size) const {
        Secret labeled;
        append_be(labeled, static_cast<std::uint16_t>(size));
        append(labeled, start(label));
        append(labeled, info);
        return hkdf(EVP_KDF_HKDF_MODE_EXPAND_ONLY, size, octets(OSSL_KDF_PARAM_KEY, prk),
                    octets(OSSL_KDF_PARAM_INFO, labeled));
    }

private:
    [[nodiscard]] Secret start(std::string_view label) const {
        Secret labeled;
        append(labeled, text("HPKE-v1"));
        append(labeled, suite_);
        append(labeled, text(label));
        return labeled;
    }

    Secret suite_; // suite_id
};

Kdf kem_kdf() {
    Secret suite;
    append(suite, text("KEM"));
    append_be(suite, kem_id);
    return Kdf(std::move(suite));
}

Kdf schedule_kdf(Aead aead) {
    Secret suite;
    append(suite, text("HPKE"));
    append_be(suite, kem_id);
    append_be(suite, kdf_id);
    append_be(suite, std::to_underlying(aead));
    return Kdf(std::move(suite));
}

std::size_t key_size(Aead aead) {
    return aead == Aead::aes_128_gcm ? 16 : 32;
}

// ExtractAndExpand() of section 4.1.
Result<Secret> shared_secret(const Secret& dh, const PublicKey& enc, const PublicKey& recipient) {
    const Kdf kdf = kem_kdf();
    Secret context;
    append(context, enc);
    append(context, recipient);
    const auto prk = kdf.extract({}, "eae_prk", dh);
    if (!prk)
        return std::unexpected(prk.error());
    return kdf.expand(*prk, "shared_secret", context, hash_size);
}

// key_schedule_context of section 5.1, without a PSK.
Result<Secret> schedule_context(const Kdf& kdf, ByteSpan info) {
    const auto psk_id_hash = kdf.extract({}, "psk_id_hash", {});
    const auto info_hash = kdf.extract({}, "info_hash", info);
    if (!psk_id_hash || !info_hash)
        return fail("hash what a key is for", EIO);
    Secret context;
    context.push_back(mode_base);
    append(context, *psk_id_hash);
    append(context, *info_hash);
    return context;
}

} // namespace

Result<KeyPair> KeyPair::from(ossl::PkeyPtr key) {
    KeyPair pair(std::move(key));
    std::size_t size = pair.public_.size();
    if (!pair.key_ ||
        EVP_PKEY_get_raw_public_key(pair.key_.get(), pair.public_.data(), &size) != 1 ||
        size != pair.public_.size())
        return fail("make a key of X25519", EIO);
    return pair;
}

Result<KeyPair> KeyPair::generate() {
    return from(ossl::PkeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519")));
}

Result<KeyPair> KeyPair::from_private(ByteSpan bytes) {
    if (bytes.size() != std::tuple_size_v<PublicKey>)
        return fail("a private key of X25519 has 32 bytes", EINVAL);
    return from(ossl::PkeyPtr(
        EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, bytes.data(), bytes.size())));
}

Result<Secret> KeyPair::shared_with(const PublicKey& peer) const {
    const ossl::ErrorsForgotten forgotten;
    const ossl::PkeyPtr other(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, peer.data(), peer.size()));
    const ossl::PkeyContextPtr context(EVP_PKEY_CTX_new(key_.get(), nullptr));
    Secret shared(peer.size());
    std::size_t size = shared.size();
    if (!other || !context || EVP_PKEY_derive_init(context.get()) != 1 ||
        EVP_PKEY_derive_set_peer(context.get(), other.get()) != 1 ||
        EVP_PKEY_derive(context.get(), shared.data(), &size) != 1 || size != shared.size())
        return fail("agree on a secret with a key of X25519", EBADMSG);
    return shared;
}

Result<Context> Context::make(const Secret& dh, const PublicKey& enc, const PublicKey& recipient,
                              ByteSpan info, Aead aead) {
    const Kdf kdf = schedule_kdf(aead);
    const auto shared = shared_secret(dh, enc, recipient);
    const auto context = schedule_context(kdf, info);
    if (!shared || !context)
        return fail("derive a key of HPKE", EIO);
    const auto secret = kdf.extract(*shared, "secret", {});
    if (!secret)
        return std::unexpected(secret.error());
    auto key = kdf.expand(*secret, "key", *context, key_size(aead));
    auto base_nonce = kdf.expand(*secret, "base_nonce", *context, nonce_size);
    if (!key || !base_nonce)
        return fail("derive a key of HPKE", EIO);

    Context made;
    made.aead_ = aead;
    made.enc_ = enc;
    made.key_ = std::move(*key);
    made.base_nonce_ = std::move(*base_nonce);
    return made;
}

Result<Context> Context::sender(const KeyPair& ephemeral, const PublicKey& recipient, ByteSpan info,
                                Aead aead) {
    const auto dh = ephemeral.shared_with(recipient);
    if (!dh)
        return std::unexpected(dh.error());
    return make(*dh, ephemeral.public_key(), recipient, info, aead);
}

Result<Context> Context::recipient(const PublicKey& enc, const KeyPair& own, ByteSpan info,
                                   Aead aead) {
    const auto dh = own.shared_with(enc);
    if (!dh)
        return std::unexpected(dh.error());
    return make(*dh, enc, own.public_key(), info, aead);
}

const EVP_CIPHER* Context::cipher() const {
    return aead_ == Aead::aes_128_gcm ? EVP_aes_128_gcm() : EVP_aes_256_gcm();
}

// ComputeNonce() of section 5.2.
Context::Nonce Context::next_nonce() {
    Nonce nonce{};
    const std::uint64_t sequence = sequence_++;
    for (std::size_t i = 0; i < nonce_size; ++i) {
        const std::size_t from_end = nonce_size - 1 - i;
        nonce[i] = base_nonce_[i];
        if (from_end < sizeof(sequence))
            nonce[i] ^= static_cast<std::uint8_t>(sequence >> (8 * from_end));
    }
    return nonce;
}

Result<Bytes> Context::seal(ByteSpan aad, ByteSpan plaintext) {
    const Nonce nonce = next_nonce();
    const CipherContextPtr context(EVP_CIPHER_CTX_new());
    Bytes sealed(plaintext.size() + tag_size);
    int size = 0;
    if (!context ||
        EVP_EncryptInit_ex(context.get(), cipher(), nullptr, key_.data(), nonce.data()) != 1 ||
        EVP_EncryptUpdate(context.get(), nullptr, &size, aad.data(),
                          static_cast<int>(aad.size())) != 1 ||
        EVP_EncryptUpdate(context.get(), sealed.data(), &size, plaintext.data(),
                          static_cast<int>(plaintext.size())) != 1 ||
        EVP_EncryptFinal_ex(context.get(), sealed.data() + plaintext.size(), &size) != 1 ||
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, tag_size,
                            sealed.data() + plaintext.size()) != 1)
        return fail("encrypt a secret", EIO);
    return sealed;
}

Result<Secret> Context::open(ByteSpan aad, ByteSpan sealed) {
    const ossl::ErrorsForgotten forgotten;
    if (sealed.size() < tag_size)
        return fail("a ciphertext is shorter than its tag", EBADMSG);
    const ByteSpan ciphertext = sealed.first(sealed.size() - tag_size);
    auto tag = tsmfd::Reader(sealed.last(tag_size)).array<tag_size>();
    const Nonce nonce = next_nonce();
    const CipherContextPtr context(EVP_CIPHER_CTX_new());
    Secret plaintext(ciphertext.size());
    int size = 0;
    if (!context ||
        EVP_DecryptInit_ex(context.get(), cipher(), nullptr, key_.data(), nonce.data()) != 1 ||
        EVP_DecryptUpdate(context.get(), nullptr, &size, aad.data(),
                          static_cast<int>(aad.size())) != 1 ||
        EVP_DecryptUpdate(context.get(), plaintext.data(), &size, ciphertext.data(),
                          static_cast<int>(ciphertext.size())) != 1 ||
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, tag_size, tag.data()) != 1 ||
        EVP_DecryptFinal_ex(context.get(), tag.data(), &size) != 1)
        return fail("decrypt a secret: it was not encrypted for this", EBADMSG);
    return plaintext;
}

} // namespace keybroker::hpke

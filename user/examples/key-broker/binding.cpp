// SPDX-License-Identifier: MIT
#include "binding.hpp"

#include "append.hpp"
#include "x509/pem.hpp"

namespace keybroker {

namespace {

using tsmfd::append_sized;
using tsmfd::ByteSpan;
using tsmfd::fail;
using tsmfd::Result;
using tsmfd::text;
namespace ossl = tsmfd::ossl;

constexpr std::string_view for_report_data = "tsmfd key broker 1: report data";
constexpr std::string_view for_secret = "tsmfd key broker 1: secret";
constexpr std::string_view for_answer = "tsmfd key broker 1: answer";

Bytes signed_bytes(const Answer& answer, const ReportData& bound) {
    Bytes bytes;
    append_sized(bytes, text(for_answer));
    append_sized(bytes, bound);
    append_sized(bytes, answer.enc);
    append_sized(bytes, answer.ciphertext);
    return bytes;
}

template <auto read>
Result<ossl::PkeyPtr> read_pem(ByteSpan pem, const char* what) {
    const ossl::ErrorsForgotten forgotten;
    ossl::PkeyPtr key = ossl::read_key<read>(pem);
    if (!key || EVP_PKEY_is_a(key.get(), "ED25519") != 1)
        return fail(what, EBADMSG);
    return key;
}

} // namespace

Result<ReportData> report_data(const Nonce& nonce, const Key& key, std::string_view name) {
    Bytes bytes;
    append_sized(bytes, text(for_report_data));
    append_sized(bytes, nonce);
    append_sized(bytes, key);
    append_sized(bytes, text(name));
    ReportData digest{};
    if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha512(), nullptr) != 1)
        return fail("hash what a report is bound to", EIO);
    return digest;
}

Result<SigningKey> SigningKey::from_pem(ByteSpan pem) {
    auto key = read_pem<&PEM_read_bio_PrivateKey>(pem, "read a private key of Ed25519 in PEM");
    if (!key)
        return std::unexpected(key.error());
    return SigningKey(std::move(*key));
}

Result<BrokerKey> BrokerKey::from_pem(ByteSpan pem) {
    auto key = read_pem<&PEM_read_bio_PUBKEY>(pem, "read a public key of Ed25519 in PEM");
    if (!key)
        return std::unexpected(key.error());
    return BrokerKey(std::move(*key));
}

Result<Answer> SigningKey::seal(ByteSpan secret, const Key& to, const ReportData& bound) const {
    const auto ephemeral = hpke::KeyPair::generate();
    if (!ephemeral)
        return std::unexpected(ephemeral.error());
    auto context = hpke::Context::sender(*ephemeral, to, text(for_secret));
    if (!context)
        return std::unexpected(context.error());
    auto ciphertext = context->seal(bound, secret);
    if (!ciphertext)
        return std::unexpected(ciphertext.error());

    Answer answer;
    answer.enc = context->enc();
    answer.ciphertext = std::move(*ciphertext);
    const Bytes bytes = signed_bytes(answer, bound);
    const ossl::DigestContextPtr signing(EVP_MD_CTX_new());
    std::size_t size = answer.signature.size();
    if (!signing || EVP_DigestSignInit(signing.get(), nullptr, nullptr, nullptr, key_.get()) != 1 ||
        EVP_DigestSign(signing.get(), answer.signature.data(), &size, bytes.data(), bytes.size()) !=
            1 ||
        size != answer.signature.size())
        return fail("sign an answer", EIO);
    return answer;
}

Result<void> BrokerKey::check(const Answer& answer, const ReportData& bound) const {
    const ossl::ErrorsForgotten forgotten;
    const Bytes bytes = signed_bytes(answer, bound);
    const ossl::DigestContextPtr checking(EVP_MD_CTX_new());
    if (!checking ||
        EVP_DigestVerifyInit(checking.get(), nullptr, nullptr, nullptr, key_.get()) != 1 ||
        EVP_DigestVerify(checking.get(), answer.signature.data(), answer.signature.size(),
                         bytes.data(), bytes.size()) != 1)
        return fail("believe an answer: it is not signed by the broker that is known here",
                    EKEYREJECTED);
    return {};
}

Result<Secret> unseal(const Answer& answer, const hpke::KeyPair& own, const ReportData& bound) {
    auto context = hpke::Context::recipient(answer.enc, own, text(for_secret));
    if (!context)
        return std::unexpected(context.error());
    return context->open(bound, answer.ciphertext);
}

} // namespace keybroker

// SPDX-License-Identifier: MIT
//
// Against RFC 9180's own vectors.
#include "append.hpp"
#include "hpke.hpp"

#include <tsmfd/hex.hpp>

#include <string>

#include <gtest/gtest.h>

namespace {

using keybroker::Bytes;
using tsmfd::text;
using namespace keybroker::hpke;

Bytes hex(std::string_view digits) {
    return tsmfd::from_hex(digits).value();
}

PublicKey public_key(std::string_view digits) {
    return tsmfd::Reader(hex(digits)).array<32>();
}

const Bytes info = hex("4f6465206f6e2061204772656369616e2055726e");
const Bytes plaintext = hex("4265617574792069732074727574682c20747275746820626561757479");

// Appendix A.1.1: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM, base.
namespace a1 {
constexpr const char* enc = "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431";
constexpr const char* ephemeral =
    "52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736";
constexpr const char* recipient =
    "4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8";
constexpr const char* recipient_public =
    "3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d";
struct Encryption {
    unsigned sequence;
    const char* ciphertext;
};
constexpr Encryption encryptions[] = {
    {0,
     "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a"},
    {1,
     "af2d7e9ac9ae7e270f46ba1f975be53c09f8d875bdc8535458c2494e8a6eab251c03d0c22a56b8ca42c2063b84"},
    {2,
     "498dfcabd92e8acedc281e85af1cb4e3e31c7dc394a1ca20e173cb72516491588d96a19ad4a683518973dcc180"},
    {4,
     "583bd32bc67a5994bb8ceaca813d369bca7b2a42408cddef5e22f880b631215a09fc0012bc69fccaa251c0246d"},
    {255,
     "7175db9717964058640a3a11fb9007941a5d1757fda1a6935c805c21af32505bf106deefec4a49ac38d71c9e0a"},
    {256,
     "957f9800542b0b8891badb026d79cc54597cb2d225b54c00c5238c25d05c30e3fbeda97d2e0e1aba483a2df9f2"},
};
} // namespace a1

Context a1_sender() {
    const auto ephemeral = KeyPair::from_private(hex(a1::ephemeral)).value();
    return Context::sender(ephemeral, public_key(a1::recipient_public), info, Aead::aes_128_gcm)
        .value();
}

Context a1_recipient() {
    const auto own = KeyPair::from_private(hex(a1::recipient)).value();
    return Context::recipient(public_key(a1::enc), own, info, Aead::aes_128_gcm).value();
}

std::string aad_of(unsigned sequence) {
    return "Count-" + std::to_string(sequence);
}

TEST(Hpke, KeysAreThoseOfTheRfc) {
    EXPECT_EQ(KeyPair::from_private(hex(a1::recipient))->public_key(),
              public_key(a1::recipient_public));
    EXPECT_EQ(a1_sender().enc(), public_key(a1::enc));
}

TEST(Hpke, SealsAsTheRfcDoes) {
    Context sender = a1_sender();
    unsigned sequence = 0;
    for (const auto& expected : a1::encryptions) {
        for (; sequence < expected.sequence; ++sequence)
            ASSERT_TRUE(sender.seal({}, plaintext));
        EXPECT_EQ(tsmfd::to_hex(sender.seal(text(aad_of(sequence)), plaintext).value()),
                  expected.ciphertext)
            << sequence;
        ++sequence;
    }
}

TEST(Hpke, OpensWhatTheRfcSealed) {
    Context recipient = a1_recipient();
    const auto opened = recipient.open(text(aad_of(0)), hex(a1::encryptions[0].ciphertext));
    ASSERT_TRUE(opened);
    EXPECT_EQ(Bytes(opened->begin(), opened->end()), plaintext);
}

// The same vectors for AES-256-GCM, of which the RFC's appendix has none: 1000 encryptions of
// inputs drawn from SHAKE128, and their own SHAKE128, as published with the RFC's vectors (kem_id
// 32, kdf_id 1, aead_id 2).
class Shake {
public:
    Bytes draw(std::size_t size) {
        Bytes out(stream_.begin() + static_cast<std::ptrdiff_t>(at_),
                  stream_.begin() + static_cast<std::ptrdiff_t>(at_ + size));
        at_ += size;
        return out;
    }
    // A length of one byte, then as many.
    Bytes draw_input() { return draw(draw(1).at(0)); }

    static Bytes of(const Bytes& bytes, std::size_t size) {
        const tsmfd::ossl::DigestContextPtr context(EVP_MD_CTX_new());
        Bytes out(size);
        EXPECT_EQ(EVP_DigestInit_ex(context.get(), EVP_shake128(), nullptr), 1);
        EXPECT_EQ(EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()), 1);
        EXPECT_EQ(EVP_DigestFinalXOF(context.get(), out.data(), out.size()), 1);
        return out;
    }

private:
    Bytes stream_ = of({}, std::size_t{1} << 20);
    std::size_t at_ = 0;
};

TEST(Hpke, SealsAThousandTimesWithAes256AsPublished) {
    const auto own = KeyPair::from_private(
                         hex("497b4502664cfea5d5af0b39934dac72242a74f8480451e1aee7d6a53320333d"))
                         .value();
    EXPECT_EQ(own.public_key(),
              public_key("430f4b9859665145a6b1ba274024487bd66f03a2dd577d7753c68d7d7d00c00c"));
    // Both sides have one key, so that the recipient's context seals as the sender's does.
    Context context =
        Context::recipient(
            public_key("6c93e09869df3402d7bf231bf540fadd35cd56be14f97178f0954db94b7fc256"), own,
            info)
            .value();
    Shake source;
    Bytes all;
    for (int i = 0; i < 1000; ++i) {
        const Bytes aad = source.draw_input();
        const Bytes input = source.draw_input();
        tsmfd::append(all, context.seal(aad, input).value());
    }
    EXPECT_EQ(tsmfd::to_hex(Shake::of(all, 16)), "1702e73e1e71705faa8241022af1deea");
}

TEST(Hpke, OpensNothingThatWasChanged) {
    const Bytes sealed = hex(a1::encryptions[0].ciphertext);
    const std::string aad = aad_of(0);
    for (std::size_t at = 0; at < sealed.size(); ++at) {
        Bytes other = sealed;
        other[at] ^= 1;
        EXPECT_EQ(a1_recipient().open(text(aad), other).error().code, EBADMSG) << at;
    }
    for (std::size_t size = 0; size < sealed.size(); ++size)
        EXPECT_EQ(a1_recipient()
                      .open(text(aad), Bytes(sealed.begin(),
                                             sealed.begin() + static_cast<std::ptrdiff_t>(size)))
                      .error()
                      .code,
                  EBADMSG)
            << size;
    EXPECT_FALSE(a1_recipient().open(text(aad_of(1)), sealed));
    const auto other = KeyPair::generate().value();
    EXPECT_FALSE(Context::recipient(public_key(a1::enc), other, info, Aead::aes_128_gcm)
                     ->open(text(aad), sealed));
}

TEST(Hpke, RefusesKeysOfSmallOrder) {
    const auto own = KeyPair::generate().value();
    PublicKey small{};
    for (const unsigned first : {0U, 1U}) {
        small[0] = static_cast<std::uint8_t>(first);
        EXPECT_EQ(Context::sender(own, small, info).error().code, EBADMSG);
        EXPECT_EQ(Context::recipient(small, own, info).error().code, EBADMSG);
    }
    EXPECT_EQ(KeyPair::from_private(Bytes(31)).error().code, EINVAL);
}

} // namespace

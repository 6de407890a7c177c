// SPDX-License-Identifier: MIT
//
// The frames of attested TLS.
#include "append.hpp"
#include "evidence.hpp"

#include <tsmfd/printable.hpp>

#include <array>
#include <cerrno>

#include <gtest/gtest.h>
#include <wire.hpp>

namespace {

using attested::Bytes;
using attested::Challenge;
using attested::EvidenceMessage;
using attested::FrameType;
using evidence::exactly;
using evidence::nonce;
using tsmfd::Format;

std::array<std::uint8_t, attested::head_size> head(std::uint32_t size, std::uint8_t type) {
    return {static_cast<std::uint8_t>(size >> 24), static_cast<std::uint8_t>(size >> 16),
            static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size), type};
}

TEST(Frame, HasALongestBodyByType) {
    for (const FrameType type :
         {FrameType::challenge, FrameType::evidence, FrameType::refusal, FrameType::line}) {
        const auto most = static_cast<std::uint32_t>(attested::longest_body(type));
        const auto number = static_cast<std::uint8_t>(type);
        const auto fits = attested::parse_head(head(most, number));
        ASSERT_TRUE(fits);
        EXPECT_EQ(fits->size, most);
        EXPECT_EQ(fits->type, type);
        const auto over = attested::parse_head(head(most + 1, number));
        ASSERT_FALSE(over);
        EXPECT_EQ(over.error().code, EMSGSIZE);
        EXPECT_FALSE(attested::parse_head(head(0xffffffff, number)));
    }
}

TEST(Frame, OfAnUnknownTypeIsRefused) {
    for (unsigned type = 0; type < 256; ++type) {
        const bool known = type >= 1 && type <= 4;
        EXPECT_EQ(attested::parse_head(head(0, static_cast<std::uint8_t>(type))).has_value(), known)
            << type;
    }
}

TEST(Frame, IsHeadAndBody) {
    Bytes out;
    attested::append_frame(out, FrameType::line, nonce(7, 3));
    EXPECT_EQ(out, (Bytes{0, 0, 0, 3, 4, 7, 8, 9}));
}

class ChallengeFrame : public testing::Test {
protected:
    ChallengeFrame() {
        for (std::size_t i = 0; i < sent_.nonce.size(); ++i)
            sent_.nonce.at(i) = static_cast<std::uint8_t>(i);
    }
    Challenge sent_{.nonce = {}, .formats = {Format::extended, Format::plain}};
};

TEST_F(ChallengeFrame, ComesAsItWasSent) {
    const Bytes body = encode(sent_);
    EXPECT_EQ(body.size(), 35U);
    const auto got = attested::parse_challenge(body);
    ASSERT_TRUE(got);
    EXPECT_EQ(got->nonce, sent_.nonce);
    EXPECT_EQ(got->formats, sent_.formats);
}

TEST_F(ChallengeFrame, OfAnyOtherLengthIsRefused) {
    Bytes body = encode(sent_);
    for (std::size_t length = 0; length < body.size(); ++length)
        EXPECT_FALSE(attested::parse_challenge(exactly(std::span(body).first(length)))) << length;
    body.push_back(0);
    EXPECT_FALSE(attested::parse_challenge(body));
}

TEST_F(ChallengeFrame, PassesOverFormatsThatAreNotKnown) {
    Bytes body = encode(sent_);
    body[33] = 77;
    const auto got = attested::parse_challenge(body);
    ASSERT_TRUE(got);
    EXPECT_EQ(got->formats, std::vector{Format::plain});
    body[34] = 78;
    EXPECT_FALSE(attested::parse_challenge(body));
}

class EvidenceFrame : public testing::Test {
protected:
    Bytes out_ = nonce(1, 100);
    Bytes aux_ = nonce(2, 10);
    Bytes proof_ = nonce(3, 36);
    EvidenceMessage sent_{.format = Format::extended,
                          .privlevel = 0x01020304,
                          .provider = "tsmfd_emu",
                          .outblob = out_,
                          .auxblob = aux_,
                          .proof = proof_};
};

TEST_F(EvidenceFrame, ComesAsItWasSent) {
    const auto body = encode(sent_);
    ASSERT_TRUE(body);
    const auto got = attested::parse_evidence(*body);
    ASSERT_TRUE(got);
    EXPECT_EQ(got->format, Format::extended);
    EXPECT_EQ(got->privlevel, 0x01020304U);
    EXPECT_EQ(got->provider, "tsmfd_emu");
    EXPECT_EQ(exactly(got->outblob), out_);
    EXPECT_EQ(exactly(got->auxblob), aux_);
    EXPECT_EQ(exactly(got->proof), proof_);
}

TEST_F(EvidenceFrame, OfAnyOtherLengthIsRefused) {
    Bytes body = encode(sent_).value();
    for (std::size_t length = 0; length < body.size(); ++length)
        EXPECT_FALSE(attested::parse_evidence(exactly(std::span(body).first(length)))) << length;
    body.push_back(0);
    EXPECT_FALSE(attested::parse_evidence(body));
}

// Whatever a length says: no byte is read that is not there, and none is left over.
TEST_F(EvidenceFrame, SurvivesEveryFlippedBit) {
    const Bytes good = encode(sent_).value();
    for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
        Bytes body = exactly(good);
        body[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        if (const auto got = attested::parse_evidence(body)) {
            EXPECT_EQ(1 + 4 + 1 + 12 + got->provider.size() + got->outblob.size() +
                          got->auxblob.size() + got->proof.size(),
                      body.size());
        }
    }
}

TEST_F(EvidenceFrame, IsNotMadeLongerThanItsLongest) {
    const Bytes huge(attested::longest_body(FrameType::evidence));
    sent_.auxblob = huge;
    const auto body = encode(sent_);
    ASSERT_FALSE(body);
    EXPECT_EQ(body.error().code, EMSGSIZE);
}

TEST(Printable, ShowsNoControlCharacters) {
    EXPECT_EQ(tsmfd::printable("a\x1b[2Jb\n~"), "a?[2Jb?~");
    const Bytes bytes = {'a', 0x00, 0x1b, 0x7e, 0x7f, 0x80, 0xff};
    EXPECT_EQ(tsmfd::printable(bytes), "a??~???");
}

} // namespace

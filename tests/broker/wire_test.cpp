// SPDX-License-Identifier: MIT
#include "wire.hpp"

#include <gtest/gtest.h>

namespace {

using namespace keybroker;
using tsmfd::ByteSpan;

const Bytes outblob(300, 0xaa);
const Bytes auxblob(20, 0xbb);

Request request() {
    return {.nonce = Nonce{1, 2},
            .key = Key{3},
            .name = "root",
            .outblob = outblob,
            .auxblob = auxblob};
}

ByteSpan body_of(const Bytes& message) {
    return ByteSpan(message).subspan(head_size);
}

// Every part of a body that is too short, in memory that ends where it ends; and one that is too
// long.
template <typename Parse>
void only_whole(const Bytes& message, Parse parse) {
    const ByteSpan body = body_of(message);
    for (std::size_t size = 0; size < body.size(); ++size) {
        const Bytes part(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(size));
        const auto parsed = parse(ByteSpan(part));
        ASSERT_FALSE(parsed) << size;
        EXPECT_EQ(parsed.error().code, EBADMSG) << size;
    }
    Bytes more(body.begin(), body.end());
    more.push_back(0);
    EXPECT_FALSE(parse(ByteSpan(more)));
}

TEST(Wire, AHeadSaysTypeAndSize) {
    const Bytes message = encode(Challenge{.nonce = Nonce{7}, .seconds = 60});
    const Head head = parse_head(ByteSpan(message).first(head_size)).value();
    EXPECT_EQ(head.type, Type::challenge);
    EXPECT_EQ(head.size, message.size() - head_size);
    const Bytes expected = {'T', 'K', 'B', '1', 2, 0, 0, 0, 0, 0, 0, 36};
    EXPECT_EQ(Bytes(message.begin(), message.begin() + 12), expected);
}

TEST(Wire, AHeadIsRefusedWithAnyOtherByte) {
    const Bytes hello = encode_hello();
    ASSERT_EQ(hello.size(), head_size);
    for (std::size_t at = 0; at < 8; ++at) {
        Bytes other = hello;
        other[at] = 0x77;
        EXPECT_FALSE(parse_head(other)) << at;
    }
    EXPECT_FALSE(parse_head(ByteSpan(hello).first(11)));
}

TEST(Wire, RequestsArriveAsTheyWere) {
    const Bytes message = encode(request());
    const Request parsed = parse_request(body_of(message)).value();
    EXPECT_EQ(parsed.nonce, request().nonce);
    EXPECT_EQ(parsed.key, request().key);
    EXPECT_EQ(parsed.name, "root");
    EXPECT_TRUE(std::ranges::equal(parsed.outblob, outblob));
    EXPECT_TRUE(std::ranges::equal(parsed.auxblob, auxblob));
    only_whole(message, [](ByteSpan body) { return parse_request(body); });
}

TEST(Wire, ASizeBeyondTheBodyIsRefused) {
    Bytes message = encode(request());
    message[head_size + nonce_size + key_size] = 0xff; // the name's size
    EXPECT_FALSE(parse_request(body_of(message)));
}

TEST(Wire, ChallengesAnswersAndRefusalsArriveAsTheyWere) {
    const Bytes challenge = encode(Challenge{.nonce = Nonce{9}, .seconds = 61});
    EXPECT_EQ(parse_challenge(body_of(challenge))->nonce, Nonce{9});
    EXPECT_EQ(parse_challenge(body_of(challenge))->seconds, 61U);
    only_whole(challenge, [](ByteSpan body) { return parse_challenge(body); });

    const Bytes answer = encode(Answer{.enc = Key{4}, .ciphertext = outblob, .signature = {5}});
    EXPECT_EQ(parse_answer(body_of(answer))->enc, Key{4});
    EXPECT_EQ(parse_answer(body_of(answer))->ciphertext, outblob);
    EXPECT_EQ(parse_answer(body_of(answer))->signature, Signature{5});
    only_whole(answer, [](ByteSpan body) { return parse_answer(body); });

    const Bytes refusal = encode(Refusal{.reason = Reason::evidence, .text = "pcr 9"});
    EXPECT_EQ(parse_refusal(body_of(refusal))->reason, Reason::evidence);
    EXPECT_EQ(parse_refusal(body_of(refusal))->text, "pcr 9");
    only_whole(refusal, [](ByteSpan body) { return parse_refusal(body); });
}

TEST(Wire, ARefusalsTextIsForAConsole) {
    const Bytes refusal = encode(Refusal{.text = "\x1b[2Jno\n\xff"});
    EXPECT_EQ(parse_refusal(body_of(refusal))->text, "?[2Jno??");
    const Bytes wordy = encode(Refusal{.text = std::string(5000, 'x')});
    EXPECT_EQ(parse_refusal(body_of(wordy))->text.size(), text_max);
}

TEST(Wire, NamesAreFewCharacters) {
    for (const std::string_view good : {"root", "A-1_b.c", "0"})
        EXPECT_TRUE(is_name(good)) << good;
    for (const std::string& bad :
         {std::string(), std::string("a b"), std::string("../x/"), std::string("a\0b", 3),
          std::string("\xc3\xa4"), std::string(name_max + 1, 'a')})
        EXPECT_FALSE(is_name(bad)) << bad;
    Request nameless = request();
    nameless.name = "a/b";
    EXPECT_FALSE(parse_request(body_of(encode(nameless))));
}

} // namespace

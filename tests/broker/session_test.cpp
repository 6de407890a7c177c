// SPDX-License-Identifier: MIT
//
// The exchange as bytes, of clients that do not keep to it.
#include "fixture.hpp"
#include "session.hpp"

#include <random>

namespace {

using namespace keybroker;
using tsmfd::ByteSpan;

class SessionTest : public BrokerTest {
protected:
    static Type type_of(const Bytes& message) {
        return parse_head(ByteSpan(message).first(head_size)).value().type;
    }
    // What the broker says last, and whether that is an answer.
    static bool is_answered(Session& session) {
        const Bytes output = session.take_output();
        expect_no_secret({reinterpret_cast<const char*>(output.data()), output.size()}, "output");
        Bytes last = output;
        while (true) {
            const auto head = parse_head(ByteSpan(last).first(head_size)).value();
            if (last.size() == head_size + head.size)
                return head.type == Type::answer;
            last.erase(last.begin(),
                       last.begin() + static_cast<std::ptrdiff_t>(head_size + head.size));
        }
    }
};

TEST_F(SessionTest, TakesBothMessagesAtOnce) {
    Session session(broker, "test", 1U << 20);
    Bytes both = encode_hello();
    append(both, encode(ask_for("root").request()));
    session.feed(both, now);
    EXPECT_TRUE(session.over());
    EXPECT_TRUE(is_answered(session));
}

TEST_F(SessionTest, SaysNothingBeforeAMessageIsWhole) {
    Session session(broker, "test", 1U << 20);
    const Bytes hello = encode_hello();
    session.feed(ByteSpan(hello).first(11), now);
    EXPECT_TRUE(session.take_output().empty());
    session.feed(ByteSpan(hello).subspan(11), now);
    EXPECT_EQ(type_of(session.take_output()), Type::challenge);
    EXPECT_FALSE(session.over());
}

TEST_F(SessionTest, GivesOneChallengeOnly) {
    Session session(broker, "test", 1U << 20);
    session.feed(encode_hello(), now);
    (void)session.take_output();
    session.feed(encode_hello(), now);
    EXPECT_TRUE(session.over());
    EXPECT_EQ(type_of(session.take_output()), Type::refusal);
}

TEST_F(SessionTest, HearsNothingOnceItIsOver) {
    Session session(broker, "test", 1U << 20);
    session.feed(text("GET / HTTP/1.1"), now);
    (void)session.take_output();
    Bytes both = encode_hello();
    append(both, encode(ask_for("root").request()));
    session.feed(both, now);
    EXPECT_TRUE(session.take_output().empty());
}

// Bytes changed, taken out, put in: nothing is released, nothing is read out of bounds (a
// sanitizer looks on), and each refusal is in the log.
TEST_F(SessionTest, WhateverIsChangedIsNotReleased) {
    std::mt19937 random(20231); // NOLINT(cert-msc51-cpp): the same each time
    const auto below = [&random](std::size_t limit) {
        return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
    };
    for (int round = 0; round < 3000; ++round) {
        Session session(broker, "test", 4096);
        session.feed(encode_hello(), now);
        (void)session.take_output();
        const Bytes good = encode(ask_for("root").request());
        Bytes request = good;
        const std::size_t at = below(request.size());
        const auto place = request.begin() + static_cast<std::ptrdiff_t>(at);
        switch (below(4)) {
        case 0:
            *place ^= static_cast<std::uint8_t>(1 + below(255));
            break;
        case 1:
            request.erase(place,
                          place + static_cast<std::ptrdiff_t>(1 + below(request.size() - at)));
            break;
        case 2:
            request.insert(place, 1 + below(40), static_cast<std::uint8_t>(below(256)));
            break;
        default:
            std::fill(place, request.end(), std::uint8_t{0xff});
        }
        if (request == good)
            continue;
        for (std::size_t sent = 0; sent < request.size();) {
            const std::size_t part = std::min(request.size() - sent, 1 + below(200));
            session.feed(ByteSpan(request).subspan(sent, part), now);
            sent += part;
        }
        session.cut("the end");
        ASSERT_TRUE(session.over());
        ASSERT_FALSE(is_answered(session)) << round << ", at " << at;
    }
    EXPECT_GE(check_log(directory.of("log"))->lines, 2900U);
}

} // namespace

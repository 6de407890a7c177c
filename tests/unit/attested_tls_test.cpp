// SPDX-License-Identifier: MIT
//
// Server, clients and attackers of attested TLS over loopback, with sanitizers; only the firmware
// is made up. tests/attested/run has them with a device.
#include "checks.hpp"
#include "evidence.hpp"

#include <atomic>
#include <chrono>
#include <csignal>
#include <optional>
#include <thread>

#include <bad_clients.hpp>
#include <caller.hpp>
#include <check.hpp>
#include <gtest/gtest.h>
#include <relay.hpp>
#include <server.hpp>

namespace {

using attested::Answer;
using attested::Bytes;
using attested::Caller;
using attested::EvidenceMessage;
using attested::Ticket;
using std::chrono::milliseconds;
using tsmfd::Format;
using tsmfd::Inblob;

// Answers at once, as tsmfd_emu would; or otherwise, if it is told to.
class MadeUpSource final : public attested::Source {
public:
    tsmfd::Result<void> begin(attested::Loop& /*loop*/, attested::Deliver deliver) override {
        deliver_ = std::move(deliver);
        return {};
    }
    void ask(Ticket ticket, const Inblob& inblob, std::span<const Format> formats) override {
        if (never)
            return;
        if (fails)
            return deliver_(ticket, tsmfd::fail("ask the firmware", EIO));
        if (!first_)
            first_ = inblob;
        const Inblob& used = replays ? *first_ : inblob;
        const Bytes report =
            evidence::emulated_report({.inblob = evidence::exactly(used.bytes()),
                                       .format = static_cast<std::uint32_t>(formats.front())});
        deliver_(ticket, encode(EvidenceMessage{
                             .format = formats.front(), .provider = "made up", .outblob = report}));
    }
    void forget(Ticket /*ticket*/) override { ++forgotten; }
    [[nodiscard]] std::string name() const override { return "made up"; }

    std::atomic<bool> fails = false;
    std::atomic<bool> never = false;
    std::atomic<bool> replays = false; // what the first client got
    std::atomic<int> forgotten = 0;

private:
    attested::Deliver deliver_;
    std::optional<Inblob> first_;
};

class AttestedTls : public testing::Test {
protected:
    void start(attested::ServerSettings settings = {}) {
        (void)std::signal(SIGPIPE, SIG_IGN);
        settings.address = "127.0.0.1:0";
        auto server = attested::Server::make(settings, source_);
        ASSERT_TRUE(server) << server.error().message();
        server_ = std::move(*server);
        address_ = server_->address();
        thread_ = std::jthread([this](const std::stop_token& stop) {
            while (!stop.stop_requested())
                ASSERT_TRUE(server_->turn(milliseconds(10)));
        });
    }

    // Ends the server, whose counts may then be looked at.
    const attested::Counts& counts() {
        if (thread_.joinable()) {
            thread_.request_stop();
            thread_.join();
        }
        return server_->counts();
    }

    static Caller::Clock::time_point soon() {
        return Caller::Clock::now() + std::chrono::seconds(20);
    }

    Caller call() {
        auto caller = Caller::begin(context_.get(), address_, {Format::plain});
        EXPECT_TRUE(caller) << caller.error().message();
        return std::move(*caller);
    }

    MadeUpSource source_;
    attested::SslContextPtr context_ = attested::client_context().value();
    attested::Trust emulated_{.policy = {}, .insecure_emulated = true};
    std::unique_ptr<attested::Server> server_;
    attested::Address address_;
    std::jthread thread_;
};

TEST_F(AttestedTls, ClientSpeaksToAServerWhoseEvidenceHolds) {
    start();
    for (int i = 0; i < 10; ++i) {
        Caller caller = call();
        const auto there = caller.wait_for_evidence(soon());
        ASSERT_TRUE(there) << there.error().message();
        const auto verification = check(caller.session(), emulated_);
        EXPECT_TRUE(verification.ok()) << testing::PrintToString(checks::failed(verification));
        const auto echo = caller.speak("hello", soon());
        ASSERT_TRUE(echo) << echo.error().message();
        EXPECT_EQ(*echo, "hello");
    }
    EXPECT_EQ(counts().served, 10U);
    EXPECT_EQ(counts().accepted, 10U);
}

TEST_F(AttestedTls, ClientMayDoWithoutACertificate) {
    start();
    context_ = attested::client_context(attested::Handshake::none).value();
    Caller caller = call();
    const auto there = caller.wait_for_evidence(soon());
    ASSERT_TRUE(there) << there.error().message();
    EXPECT_EQ(SSL_get0_peer_certificate(caller.channel().ssl()), nullptr);
    EXPECT_TRUE(check(caller.session(), emulated_).ok());
}

// What all clients and servers know is no secret of a connection.
TEST_F(AttestedTls, ConnectionsWithoutACertificateHaveTheirOwnExporterValues) {
    start();
    context_ = attested::client_context(attested::Handshake::none).value();
    Caller first = call();
    Caller second = call();
    ASSERT_TRUE(first.wait_for_evidence(soon()));
    ASSERT_TRUE(second.wait_for_evidence(soon()));
    const auto nonce = evidence::nonce(0, 32);
    const auto one = attested::exporter_of(first.channel().ssl(), nonce);
    const auto other = attested::exporter_of(second.channel().ssl(), nonce);
    ASSERT_TRUE(one && other);
    EXPECT_NE(*one, *other);
}

TEST_F(AttestedTls, EmulatedEvidenceIsTakenOnlyIfThatIsSaid) {
    start();
    Caller caller = call();
    ASSERT_TRUE(caller.wait_for_evidence(soon()));
    checks::expect_failed(check(caller.session(), {}), "emulated");
}

TEST_F(AttestedTls, EvidenceOfAnEarlierConnectionIsRefused) {
    source_.replays = true;
    start();
    Caller first = call();
    ASSERT_TRUE(first.wait_for_evidence(soon()));
    EXPECT_TRUE(check(first.session(), emulated_).ok());
    Caller second = call();
    ASSERT_TRUE(second.wait_for_evidence(soon()));
    checks::expect_failed(check(second.session(), emulated_), "challenge");
}

TEST_F(AttestedTls, EvidenceIsOfOneNonceOnly) {
    start();
    Caller caller = call();
    ASSERT_TRUE(caller.wait_for_evidence(soon()));
    attested::Session other = caller.session();
    other.challenge.nonce[0] ^= 1;
    checks::expect_failed(check(other, emulated_), "challenge");
}

TEST_F(AttestedTls, EvidenceOfAFormatThatWasNotAskedIsRefused) {
    start();
    Caller caller = call();
    ASSERT_TRUE(caller.wait_for_evidence(soon()));
    attested::Session other = caller.session();
    other.challenge.formats = {Format::extended};
    checks::expect_failed(check(other, emulated_), "format");
}

TEST_F(AttestedTls, EverySpoiltByteOfTheEvidenceThatIsBoundIsSeen) {
    start();
    Caller caller = call();
    ASSERT_TRUE(caller.wait_for_evidence(soon()));
    // The report begins behind its head; REPORT_DATA is at 0x50.
    const std::size_t report_data = 1 + 4 + 1 + 7 + 4 + 0x50;
    for (std::size_t i = 0; i < 64; ++i) {
        attested::Session other = caller.session();
        other.evidence[report_data + i] ^= 1;
        EXPECT_FALSE(check(other, emulated_).ok()) << i;
    }
}

TEST_F(AttestedTls, RelayedEvidenceIsRefusedEveryTime) {
    start();
    const auto anonymous = attested::client_context(attested::Handshake::none).value();
    auto relay = attacks::Relay::make(address_);
    ASSERT_TRUE(relay);
    for (int i = 0; i < 20; ++i) {
        auto victim = Caller::begin(i % 2 == 0 ? context_.get() : anonymous.get(), relay->address(),
                                    {Format::plain});
        ASSERT_TRUE(victim);
        tsmfd::Result<attested::Session> seen;
        {
            const std::jthread thread([&] { seen = relay->serve_one(soon()); });
            ASSERT_TRUE(victim->wait_for_evidence(soon()));
        }
        ASSERT_TRUE(seen) << seen.error().message();
        checks::expect_failed(check(victim->session(), emulated_), "challenge");
        // It is good evidence: for the connection of the relay.
        EXPECT_EQ(seen->evidence, victim->session().evidence);
        EXPECT_TRUE(check(*seen, emulated_).ok());
    }
}

TEST_F(AttestedTls, ClientIsToldWhyThereIsNoEvidence) {
    source_.fails = true;
    start();
    Caller caller = call();
    const auto there = caller.wait_for_evidence(soon());
    ASSERT_FALSE(there);
    EXPECT_EQ(there.error().code, EACCES);
    EXPECT_NE(there.error().what.find("ask the firmware: Input/output error"), std::string::npos)
        << there.error().what;
    EXPECT_EQ(counts().no_report, 1U);
}

TEST_F(AttestedTls, FirmwareThatNeverAnswersIsNotWaitedForForEver) {
    source_.never = true;
    start({.firmware = milliseconds(200)});
    Caller caller = call();
    const auto there = caller.wait_for_evidence(soon());
    ASSERT_FALSE(there);
    EXPECT_EQ(there.error().code, EACCES);
    EXPECT_EQ(source_.forgotten, 1);
}

TEST_F(AttestedTls, ClientThatLeavesIsForgotten) {
    source_.never = true;
    start();
    {
        Caller caller = call();
        ASSERT_FALSE(caller.wait_for_evidence(Caller::Clock::now() + milliseconds(300)));
    }
    const auto until = soon();
    while (source_.forgotten == 0 && Caller::Clock::now() < until)
        std::this_thread::sleep_for(milliseconds(10));
    EXPECT_EQ(source_.forgotten, 1);
    EXPECT_EQ(counts().left, 1U);
}

TEST_F(AttestedTls, BadClientsAreDroppedEachForWhatItIs) {
    start({.patience = milliseconds(4000)});
    auto clients = attacks::BadClients::make(address_);
    ASSERT_TRUE(clients);
    ASSERT_TRUE((*clients)->run(60, milliseconds(500), std::chrono::seconds(20)));
    for (std::size_t i = 0; i < attacks::bad_kinds; ++i) {
        const auto kind = static_cast<attacks::Bad>(i);
        EXPECT_EQ((*clients)->outcome(kind).begun, 10U) << name_of(kind);
        EXPECT_EQ((*clients)->outcome(kind).dropped, 10U) << name_of(kind);
    }
    const attested::Counts& counted = counts();
    EXPECT_EQ(counted.no_tls, 20U);    // another protocol, an old TLS
    EXPECT_EQ(counted.bad_frame, 10U); // 1 MiB
    EXPECT_EQ(counted.slow, 30U);      // silent, half a handshake, a byte a second
    EXPECT_EQ(counted.evidence, 0U);
}

TEST_F(AttestedTls, TheOldestThatAskedNothingMakesRoom) {
    start({.connections = 8});
    auto clients = attacks::BadClients::make(address_);
    ASSERT_TRUE(clients);
    std::jthread bad(
        [&] { (void)(*clients)->run(60, milliseconds(300), std::chrono::seconds(2)); });
    for (int i = 0; i < 20; ++i) {
        Caller caller = call();
        if (!caller.wait_for_evidence(soon()))
            continue; // pushed out as others are, for it had not asked yet
        EXPECT_TRUE(check(caller.session(), emulated_).ok());
    }
    bad.join();
    EXPECT_GT(counts().pushed_out, 0U);
    EXPECT_GT(counts().evidence, 0U);
    EXPECT_LE(server_->connections(), 8U);
}

} // namespace

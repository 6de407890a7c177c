// SPDX-License-Identifier: MIT
//
// The broker on its socket, a client of its own and many that are none, with everything that goes
// over the wire kept.
#include "address.hpp"
#include "ask.hpp"
#include "fixture.hpp"
#include "server.hpp"

#include <mutex>
#include <thread>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

using namespace keybroker;
using namespace std::chrono_literals;
using tsmfd::ByteSpan;
using tsmfd::UniqueFd;

// Passes bytes on between a client and the broker, and keeps them.
class Relay {
public:
    Relay(UniqueFd client, UniqueFd broker)
        : client_(std::move(client)), broker_(std::move(broker)),
          thread_([this](const std::stop_token& stop) { run(stop); }) {}

    // Everything, once both have said all.
    std::string kept() {
        thread_.request_stop();
        thread_.join();
        return kept_;
    }

private:
    void run(const std::stop_token& stop) {
        while (!stop.stop_requested() || pending_) {
            std::array<pollfd, 2> ends = {{{client_.get(), POLLIN, 0}, {broker_.get(), POLLIN, 0}}};
            pending_ = ::poll(ends.data(), ends.size(), 20) > 0;
            if (ends[0].revents != 0 && !pass(client_, broker_))
                return;
            if (ends[1].revents != 0 && !pass(broker_, client_))
                return;
        }
    }
    bool pass(const UniqueFd& from, const UniqueFd& to) {
        std::array<char, 4096> bytes{};
        const ssize_t count = ::read(from.get(), bytes.data(), bytes.size());
        if (count <= 0)
            return false;
        kept_.append(bytes.data(), static_cast<std::size_t>(count));
        return ::send(to.get(), bytes.data(), static_cast<std::size_t>(count), MSG_NOSIGNAL) ==
               count;
    }

    UniqueFd client_;
    UniqueFd broker_;
    std::string kept_;
    bool pending_ = true;
    std::jthread thread_;
};

class ServerTest : public BrokerTest {
protected:
    void SetUp() override { start({.connections = 16, .message_max = 1U << 20, .patience = 20s}); }
    void TearDown() override { stop(); }

    void start(const Server::Limits& bounds) {
        std::vector<UniqueFd> listeners;
        listeners.push_back(listen_at(Address::parse("tcp:127.0.0.1:0").value()).value());
        address_ = Address::parse(local_name(listeners[0].get())).value();
        server_.emplace(Server::make(broker, std::move(listeners), bounds).value());
        thread_ = std::thread([this] { EXPECT_TRUE(server_->run()); });
    }
    void stop() {
        if (!thread_.joinable())
            return;
        server_->stop();
        thread_.join();
        server_.reset();
    }

    UniqueFd connected() { return connect_to(address_, 5s).value(); }
    Stream stream() { return {connected(), 10s}; }

    tsmfd::Result<Secret> ask_over(UniqueFd socket, const std::string& name = "root",
                                   const BrokerKey* known = nullptr) {
        Stream to(std::move(socket), 10s);
        return ask(to, {.name = name, .broker = known},
                   [this](const ReportData& data) { return tpm.report(data); });
    }

    static Refusal refusal_from(Stream& from) {
        Bytes head(head_size);
        if (const auto read = from.read(head); !read)
            return {.reason = Reason::broken, .text = read.error().message()};
        Bytes body(parse_head(head).value().size);
        EXPECT_TRUE(from.read(body));
        return parse_refusal(body).value();
    }
    // Once the server has nothing more to do with the log.
    void expect_stopped_log(std::string_view event, std::string_view reason) {
        stop();
        expect_logged(event, reason);
    }

    Address address_;
    std::optional<Server> server_;
    std::thread thread_;
};

TEST_F(ServerTest, AClientGetsItsSecretAndNobodyElseSeesIt) {
    std::array<int, 2> pair{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair.data()), 0);
    Relay relay(UniqueFd(pair[1]), connected());
    const BrokerKey known = BrokerKey::from_pem(pem.public_pem()).value();
    const auto secret = ask_over(UniqueFd(pair[0]), "root", &known);
    ASSERT_TRUE(secret) << secret.error().message();
    EXPECT_EQ(*secret, secret_of(root_secret));
    const std::string wire = relay.kept();
    EXPECT_GT(wire.size(), 500U);
    expect_no_secret(wire, "the wire");
    expect_stopped_log("released", "");
}

TEST_F(ServerTest, AClientIsToldWhyNot) {
    tpm.pcrs[9][0] ^= 1;
    const auto secret = ask_over(connected());
    ASSERT_FALSE(secret);
    EXPECT_EQ(secret.error().code, EACCES);
    EXPECT_NE(secret.error().message().find("pcr"), std::string::npos) << secret.error().message();
    expect_stopped_log("refused", "evidence");
}

TEST_F(ServerTest, ARogueBrokerIsNotBelieved) {
    const keys::Ed25519 another;
    const BrokerKey known = BrokerKey::from_pem(another.public_pem()).value();
    EXPECT_EQ(ask_over(connected(), "root", &known).error().code, EKEYREJECTED);
}

TEST_F(ServerTest, AReplayOverAnotherConnectionIsRefused) {
    std::array<int, 2> pair{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair.data()), 0);
    Relay relay(UniqueFd(pair[1]), connected());
    ASSERT_TRUE(ask_over(UniqueFd(pair[0])));
    const std::string wire = relay.kept();
    // Both sides' bytes in their order: hello, challenge, then the request.
    const std::size_t at = head_size + head_size + nonce_size + 4;
    const auto head = parse_head(text(wire).subspan(at, head_size)).value();
    ASSERT_EQ(head.type, Type::request);

    Stream again = stream();
    ASSERT_TRUE(again.write(encode_hello()));
    Bytes challenge(head_size + nonce_size + 4);
    ASSERT_TRUE(again.read(challenge));
    ASSERT_TRUE(again.write(text(wire).subspan(at, head_size + head.size)));
    EXPECT_EQ(refusal_from(again).reason, Reason::nonce);
    expect_stopped_log("refused", "nonce");
}

TEST_F(ServerTest, TenMegabytesAreRefusedBeforeTheyAreRead) {
    Stream to = stream();
    ASSERT_TRUE(to.write(encode_hello()));
    Bytes challenge(head_size + nonce_size + 4);
    ASSERT_TRUE(to.read(challenge));
    Bytes head = {'T', 'K', 'B', '1', 3, 0, 0, 0};
    append_be(head, std::uint32_t{10U << 20});
    ASSERT_TRUE(to.write(head));
    (void)to.write(Bytes(10U << 20)); // as much of it as the broker takes
    const Refusal refusal = refusal_from(to);
    EXPECT_EQ(refusal.reason, Reason::too_big) << refusal.text;
    expect_stopped_log("refused", "too big");
}

TEST_F(ServerTest, NonsenseIsRefused) {
    for (const std::string& nonsense :
         {std::string("GET / HTTP/1.1\r\n\r\n"), std::string(12, '\0'),
          std::string("TKB1\x03\0\0\0\0\0\0\0", 12),    // a request without hello
          std::string("TKB1\x01\0\0\0\0\0\0\x01x", 13), // a hello with a body
          std::string("TKB1\x04\0\0\0\0\0\0\0", 12)}) { // what only a broker says
        Stream to = stream();
        ASSERT_TRUE(to.write(text(nonsense)));
        EXPECT_EQ(refusal_from(to).reason, Reason::malformed) << testing::PrintToString(nonsense);
    }
    expect_stopped_log("refused", "malformed");
}

TEST_F(ServerTest, AStreamThatEndsWithinAMessageIsLogged) {
    {
        Stream to = stream();
        ASSERT_TRUE(to.write(text("TKB1")));
    }
    const auto secret = ask_over(connected()); // served after it
    ASSERT_TRUE(secret) << secret.error().message();
    stop();
    const std::string log = directory.read("log");
    EXPECT_NE(log.find("the stream ended within a message"), std::string::npos) << log;
}

TEST_F(ServerTest, WhoSaysNothingIsNotWaitedFor) {
    stop();
    start({.connections = 16, .message_max = 1U << 20, .patience = 1s});
    Stream slow = stream();
    ASSERT_TRUE(slow.write(text("T")));
    Bytes byte(1);
    const auto read = slow.read(byte);
    EXPECT_EQ(read.error().code, ECONNRESET) << "of the broker's end";
    stop();
    EXPECT_NE(directory.read("log").find("time was up"), std::string::npos);
}

// Whatever a client brings to be examined, and however long that takes.
TEST_F(ServerTest, NobodyWaitsForAnothersEvidence) {
    stop();
    std::vector<Entry> many;
    for (int i = 0; i < 2000; ++i)
        many.push_back({"slow", "slow.json", policy_for(other_tpm), secret_of(other_secret)});
    broker = broker_with(std::move(many), "slow-log");
    const Wanted wanted = ask_for("slow");
    start({.connections = 16, .message_max = 1U << 20, .patience = 60s});
    Bytes challenge(head_size + nonce_size + 4);
    UniqueFd socket = connected();
    const int examined = socket.get();
    Stream slow(std::move(socket), std::chrono::seconds(30));
    ASSERT_TRUE(slow.write(encode_hello()));
    ASSERT_TRUE(slow.read(challenge));
    ASSERT_TRUE(slow.write(encode(wanted.request())));

    const auto is_answered = [examined] {
        pollfd one = {examined, POLLIN, 0};
        return ::poll(&one, 1, 0) > 0;
    };
    auto longest = Clock::duration::zero();
    int others = 0;
    for (; others < 40 && !is_answered(); ++others) {
        const auto start = Clock::now();
        Stream to = stream();
        ASSERT_TRUE(to.write(encode_hello()));
        ASSERT_TRUE(to.read(challenge));
        longest = std::max(longest, Clock::now() - start);
    }
    EXPECT_GT(others, 3);
    EXPECT_LT(longest, 50ms);
    EXPECT_EQ(refusal_from(slow).reason, Reason::evidence);
}

TEST_F(ServerTest, WhoLeavesWhileHisEvidenceIsExaminedIsLogged) {
    stop();
    std::vector<Entry> many;
    for (int i = 0; i < 500; ++i)
        many.push_back({"slow", "slow.json", policy_for(other_tpm), secret_of(other_secret)});
    broker = broker_with(std::move(many), "left-log");
    const Wanted wanted = ask_for("slow");
    start({.connections = 16, .message_max = 1U << 20, .patience = 60s});
    {
        Stream slow = stream();
        Bytes challenge(head_size + nonce_size + 4);
        ASSERT_TRUE(slow.write(encode_hello()));
        ASSERT_TRUE(slow.read(challenge));
        ASSERT_TRUE(slow.write(encode(wanted.request())));
    }
    log_name = "left-log";
    for (int i = 0; i < 200 && directory.read("left-log").find("refused") == std::string::npos; ++i)
        std::this_thread::sleep_for(50ms);
    stop();
    EXPECT_EQ(last_logged("event"), "refused");
}

TEST_F(ServerTest, ManySilentClientsDoNotKeepOthersOut) {
    std::vector<UniqueFd> silent;
    silent.reserve(100);
    for (int i = 0; i < 100; ++i)
        silent.push_back(connected());
    const auto secret = ask_over(connected());
    EXPECT_TRUE(secret) << secret.error().message();
    Stream first(std::move(silent.front()), 5s);
    Bytes byte(1);
    EXPECT_EQ(first.read(byte).error().code, ECONNRESET) << "of the broker's end";
}

TEST_F(ServerTest, ByteByByteIsFine) {
    const Wanted wanted = ask_for("root"); // its nonce is of the same broker
    Stream to = stream();
    for (const std::uint8_t byte : encode_hello())
        ASSERT_TRUE(to.write(ByteSpan(&byte, 1)));
    Bytes challenge(head_size + nonce_size + 4);
    ASSERT_TRUE(to.read(challenge));
    for (const std::uint8_t byte : encode(wanted.request()))
        ASSERT_TRUE(to.write(ByteSpan(&byte, 1)));
    Bytes head(head_size);
    ASSERT_TRUE(to.read(head));
    EXPECT_EQ(parse_head(head)->type, Type::answer);
}

TEST_F(ServerTest, ListensOnAUnixSocketAndTakesAStaleOneAway) {
    const auto address = Address::parse("unix:" + directory.of("socket")).value();
    listen_at(address).value().reset(); // leaves its file
    const auto listener = listen_at(address);
    ASSERT_TRUE(listener) << listener.error().message();
    EXPECT_TRUE(connect_to(address, 1s));
    EXPECT_EQ(listen_at(address).error().code, EADDRINUSE);
}

TEST(AddressTest, IsOfFourKindsAndNoOther) {
    for (const std::string word : {"tcp:127.0.0.1:7788", "tcp:[::1]:7788", "unix:/run/broker",
                                   "vsock:2:7788", "file:/dev/vport1p1"})
        EXPECT_EQ(Address::parse(word).value().name(), word);
    for (const std::string word : {"", "tcp", "tcp:", "tcp:7788", "tcp:127.0.0.1:", "udp:1:2",
                                   "unix:", "vsock:2", "127.0.0.1:7788"})
        EXPECT_EQ(Address::parse(word).error().code, EINVAL) << word;
}

} // namespace

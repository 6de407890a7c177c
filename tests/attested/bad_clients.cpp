// SPDX-License-Identifier: MIT
#include "bad_clients.hpp"

#include "append.hpp"

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>

#include <openssl/err.h>
#include <sys/epoll.h>
#include <wire.hpp>

namespace attacks {

using attested::Bytes;
using attested::FrameType;
using tsmfd::Result;

namespace {

constexpr std::size_t mebibyte = std::size_t{1} << 20;
constexpr std::size_t record = std::size_t{1} << 14;

Bytes challenge_frame(std::size_t size) {
    Bytes frame;
    attested::append_frame(frame, FrameType::challenge, Bytes(size, 0x41));
    return frame;
}

} // namespace

std::string_view name_of(Bad kind) {
    constexpr std::array<std::string_view, bad_kinds> names{"silent",     "huge", "half handshake",
                                                            "wrong ALPN", "slow", "TLS 1.2"};
    return names.at(static_cast<std::size_t>(kind));
}

class BadClient final : public attested::Handler {
public:
    using Time = BadClients::Clock::time_point;

    BadClient(BadClients& all, Bad kind, tsmfd::UniqueFd socket, attested::SslPtr ssl, Time until)
        : all_(all), kind_(kind), socket_(std::move(socket)), ssl_(std::move(ssl)), until_(until) {
        if (kind == Bad::huge)
            to_send_ = challenge_frame(mebibyte);
        if (kind == Bad::slow)
            to_send_ = challenge_frame(34);
    }

    [[nodiscard]] bool over() const { return over_; }
    [[nodiscard]] int fd() const { return socket_.get(); }

    void ready(std::uint32_t events) override {
        if (over_)
            return;
        if (kind_ == Bad::half_handshake && hello_sent_) {
            // What the server answers is not read; but when it goes away, that shows.
            if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0)
                end(&Outcome::dropped);
            return;
        }
        go_on();
    }

    void tick(Time now) {
        if (over_)
            return;
        if (now > until_)
            return end(&Outcome::ignored);
        if (up_ && (kind_ == Bad::huge || (kind_ == Bad::slow && now > next_byte_)))
            go_on();
    }

private:
    void end(std::uint64_t Outcome::*as) {
        ++(all_.outcomes_.at(static_cast<std::size_t>(kind_)).*as);
        over_ = true;
        socket_.reset();
    }

    // True if it is to be called again later.
    bool waits(int result) {
        const int error = SSL_get_error(ssl_.get(), result);
        return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
    }

    void go_on() {
        ERR_clear_error();
        if (!up_) {
            const int result = SSL_do_handshake(ssl_.get());
            hello_sent_ = SSL_want_read(ssl_.get());
            if (result != 1)
                return waits(result) ? void() : end(&Outcome::dropped);
            up_ = true;
        }
        if (!send_some())
            return end(&Outcome::dropped);
        std::array<std::uint8_t, 256> bytes{};
        for (;;) {
            const int got = SSL_read(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
            if (got <= 0)
                return waits(got) ? void() : end(&Outcome::dropped);
            if (bytes[4] == static_cast<std::uint8_t>(FrameType::evidence))
                return end(&Outcome::answered);
        }
    }

    // False if the connection is broken.
    bool send_some() {
        while (sent_ < to_send_.size()) {
            const auto now = BadClients::Clock::now();
            if (kind_ == Bad::slow && now < next_byte_)
                return true;
            // Not all of a MiB at once: encrypting it would take the processor from the others.
            const std::size_t some = kind_ == Bad::slow ? 1 : record;
            std::size_t written = 0;
            const int result = SSL_write_ex(ssl_.get(), &to_send_[sent_],
                                            std::min(some, to_send_.size() - sent_), &written);
            if (result != 1)
                return waits(result);
            sent_ += written;
            next_byte_ = now + std::chrono::seconds(1);
            if (kind_ == Bad::huge)
                return true;
        }
        return true;
    }

    BadClients& all_;
    Bad kind_;
    tsmfd::UniqueFd socket_;
    attested::SslPtr ssl_;
    Time until_;
    Time next_byte_{};
    Bytes to_send_;
    std::size_t sent_ = 0;
    bool hello_sent_ = false;
    bool up_ = false;
    bool over_ = false;
};

BadClients::BadClients(const attested::Address& address, attested::Loop loop,
                       attested::SslContextPtr context, attested::SslContextPtr old)
    : address_(address), loop_(std::move(loop)), context_(std::move(context)),
      old_(std::move(old)) {}

BadClients::~BadClients() = default;

Result<std::unique_ptr<BadClients>> BadClients::make(const attested::Address& address) {
    auto context = attested::client_context();
    auto old = attested::client_context();
    auto loop = attested::Loop::make();
    if (!context || !old || !loop)
        return tsmfd::fail("prepare bad clients", EPROTO);
    if (SSL_CTX_set_min_proto_version(old->get(), TLS1_2_VERSION) != 1 ||
        SSL_CTX_set_max_proto_version(old->get(), TLS1_2_VERSION) != 1)
        return tsmfd::fail("speak TLS 1.2", EPROTO);
    return std::unique_ptr<BadClients>(
        new BadClients(address, std::move(*loop), std::move(*context), std::move(*old)));
}

Result<void> BadClients::begin(Bad kind, Clock::time_point until) {
    auto socket = attested::connect_to(address_);
    if (!socket)
        return std::unexpected(socket.error());
    attested::SslPtr ssl(SSL_new(kind == Bad::old_tls ? old_.get() : context_.get()));
    if (!ssl || SSL_set_fd(ssl.get(), socket->get()) != 1)
        return tsmfd::fail("begin TLS", EPROTO);
    SSL_set_connect_state(ssl.get());
    if (kind == Bad::wrong_alpn) {
        const std::string http = "\x08http/1.1";
        if (SSL_set_alpn_protos(ssl.get(), tsmfd::text(http).data(),
                                static_cast<unsigned>(http.size())) != 0)
            return tsmfd::fail("offer http/1.1", EPROTO);
    }
    ++outcomes_.at(static_cast<std::size_t>(kind)).begun;
    clients_.push_back(
        std::make_unique<BadClient>(*this, kind, std::move(*socket), std::move(ssl), until));
    return loop_.add(clients_.back()->fd(), EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                     *clients_.back());
}

Result<void> BadClients::run(unsigned count, std::chrono::milliseconds over,
                             std::chrono::milliseconds patience) {
    const auto start = Clock::now();
    unsigned begun = 0;
    while (begun < count || !clients_.empty()) {
        const auto now = Clock::now();
        const auto due =
            now - start >= over ? count : static_cast<unsigned>((now - start) * count / over);
        for (; begun < due; ++begun) {
            if (auto began = begin(static_cast<Bad>(begun % bad_kinds), now + patience); !began)
                return began;
        }
        if (auto waited = loop_.wait(std::chrono::milliseconds(20)); !waited)
            return waited;
        for (const auto& client : clients_)
            client->tick(now);
        std::erase_if(clients_, [](const auto& client) { return client->over(); });
    }
    return {};
}

bool BadClients::all_dropped() const {
    return std::ranges::all_of(
        outcomes_, [](const Outcome& outcome) { return outcome.begun == outcome.dropped; });
}

} // namespace attacks

// SPDX-License-Identifier: MIT
#include "channel.hpp"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <utility>

#include <fmt/format.h>
#include <openssl/err.h>
#include <poll.h>

namespace attested {

using tsmfd::fail;
using tsmfd::Result;
using tsmfd::UniqueFd;

Result<Channel> Channel::make(SSL_CTX* context, UniqueFd socket) {
    SslPtr ssl(SSL_new(context));
    if (!ssl || SSL_set_fd(ssl.get(), socket.get()) != 1)
        return fail("begin TLS: " + take_reason(), EPROTO);
    return Channel(std::move(ssl), std::move(socket));
}

Result<Channel> Channel::accept(SSL_CTX* context, UniqueFd socket) {
    Result<Channel> channel = make(context, std::move(socket));
    if (channel)
        SSL_set_accept_state(channel->ssl());
    return channel;
}

Result<Channel> Channel::connect(SSL_CTX* context, UniqueFd socket) {
    Result<Channel> channel = make(context, std::move(socket));
    if (channel)
        SSL_set_connect_state(channel->ssl());
    return channel;
}

Result<bool> Channel::outcome(int result, const char* what) {
    if (result > 0)
        return true;
    const int code = errno;
    switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
        wants_ = POLLIN;
        return false;
    case SSL_ERROR_WANT_WRITE:
        wants_ = POLLOUT;
        return false;
    case SSL_ERROR_ZERO_RETURN:
        return fail(fmt::format("{}: the peer left", what), ECONNRESET);
    case SSL_ERROR_SYSCALL:
        broken_ = true;
        ERR_clear_error();
        return fail(what, code != 0 ? code : ECONNRESET);
    default:
        broken_ = true;
        return fail(fmt::format("{}: {}", what, take_reason()), EPROTO);
    }
}

Result<bool> Channel::handshake() {
    ERR_clear_error();
    errno = 0;
    return outcome(SSL_do_handshake(ssl_.get()), "TLS handshake");
}

Result<bool> Channel::fill(std::size_t size) {
    in_.resize(size);
    while (in_size_ < size) {
        std::size_t got = 0;
        ERR_clear_error();
        errno = 0;
        const int result = SSL_read_ex(ssl_.get(), in_.data() + in_size_, size - in_size_, &got);
        if (const auto done = outcome(result, "receive"); !done || !*done)
            return done;
        in_size_ += got;
    }
    in_size_ = 0;
    return true;
}

Result<std::optional<Frame>> Channel::receive(std::initializer_list<FrameType> types) {
    if (!head_) {
        const auto filled = fill(head_size);
        if (!filled)
            return std::unexpected(filled.error());
        if (!*filled)
            return std::nullopt;
        const auto head = parse_head(std::span(in_).first<head_size>());
        if (!head)
            return std::unexpected(head.error());
        if (std::ranges::find(types, head->type) == types.end())
            return fail(fmt::format("receive: a {} out of turn", name_of(head->type)), EBADMSG);
        head_ = *head;
    }
    const auto filled = fill(head_->size);
    if (!filled)
        return std::unexpected(filled.error());
    if (!*filled)
        return std::nullopt;
    const FrameHead head = *std::exchange(head_, std::nullopt);
    return Frame{.type = head.type, .body = std::exchange(in_, {})};
}

Result<bool> Channel::flush() {
    while (out_done_ < out_.size()) {
        std::size_t written = 0;
        ERR_clear_error();
        errno = 0;
        const int result =
            SSL_write_ex(ssl_.get(), out_.data() + out_done_, out_.size() - out_done_, &written);
        if (const auto done = outcome(result, "send"); !done || !*done)
            return done;
        out_done_ += written;
    }
    out_ = {};
    out_done_ = 0;
    return true;
}

void Channel::close() {
    ERR_clear_error();
    if (!broken_ && SSL_is_init_finished(ssl_.get()) != 0)
        (void)SSL_shutdown(ssl_.get());
    ERR_clear_error();
    socket_.reset();
}

Result<void> wait_for(Channel& channel, std::chrono::steady_clock::time_point deadline,
                      const std::function<Result<bool>()>& go) {
    for (;;) {
        const auto went = go();
        if (!went)
            return std::unexpected(went.error());
        if (*went)
            return {};
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        pollfd poll{.fd = channel.fd(), .events = channel.wants(), .revents = 0};
        if (left.count() <= 0 || ::poll(&poll, 1, static_cast<int>(left.count())) == 0)
            return fail("wait for the peer", ETIMEDOUT);
    }
}

} // namespace attested

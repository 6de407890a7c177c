// SPDX-License-Identifier: MIT
//
// Frames over TLS over a non-blocking socket: each call goes as far as it can and says whether it
// got to its end.
//
//     Channel channel(std::move(ssl), std::move(socket));
//     Result<bool> up = channel.handshake();             // false: call again when wants() is there
//     Result<std::optional<Frame>> frame = channel.receive({FrameType::challenge});
//     channel.send(FrameType::evidence, body);
//     Result<bool> out = channel.flush();
//
// An error is the end of the connection: EPROTO for what TLS refuses, EBADMSG and EMSGSIZE for a
// frame that it did not want, ECONNRESET for a peer that left.
//
// Memory: what is to be sent, and of a frame that comes no more than its type's longest.
//
// Threads: one at a time.
#pragma once

#include "tls.hpp"
#include "wire.hpp"

#include <tsmfd/result.hpp>
#include <tsmfd/unique_fd.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>

namespace attested {

struct Frame {
    FrameType type = FrameType::refusal;
    Bytes body;
};

class Channel {
public:
    // EPROTO if OpenSSL gives no SSL.
    static tsmfd::Result<Channel> accept(SSL_CTX* context, tsmfd::UniqueFd socket);
    static tsmfd::Result<Channel> connect(SSL_CTX* context, tsmfd::UniqueFd socket);

    [[nodiscard]] int fd() const { return socket_.get(); }
    [[nodiscard]] SSL* ssl() const { return ssl_.get(); }
    // POLLIN or POLLOUT: what the last call that did not get to its end waits for.
    [[nodiscard]] short wants() const { return wants_; }

    tsmfd::Result<bool> handshake();
    // A frame of one of these types. EBADMSG for another's.
    tsmfd::Result<std::optional<Frame>> receive(std::initializer_list<FrameType> types);
    void send(FrameType type, tsmfd::ByteSpan body) { append_frame(out_, type, body); }
    // True when all that was sent is with the kernel.
    tsmfd::Result<bool> flush();
    // Says goodbye, as far as that goes without waiting.
    void close();

private:
    Channel(SslPtr ssl, tsmfd::UniqueFd socket)
        : socket_(std::move(socket)), ssl_(std::move(ssl)) {}

    static tsmfd::Result<Channel> make(SSL_CTX* context, tsmfd::UniqueFd socket);
    // Of a call that returned `result`: false if it is to be called again.
    tsmfd::Result<bool> outcome(int result, const char* what);
    // True when the bytes of `in_` are `size`.
    tsmfd::Result<bool> fill(std::size_t size);

    tsmfd::UniqueFd socket_; // outlives what uses it
    SslPtr ssl_;
    Bytes in_;
    std::size_t in_size_ = 0; // of it, that came
    std::optional<FrameHead> head_;
    Bytes out_;
    std::size_t out_done_ = 0;
    short wants_ = 0;
    bool broken_ = false;
};

// For who has nothing else to do: calls `go`, which uses the channel, until it gives true.
// ETIMEDOUT.
tsmfd::Result<void> wait_for(Channel& channel, std::chrono::steady_clock::time_point deadline,
                             const std::function<tsmfd::Result<bool>()>& go);

} // namespace attested

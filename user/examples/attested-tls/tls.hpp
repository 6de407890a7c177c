// SPDX-License-Identifier: MIT
//
// TLS 1.3 as both ends want it: no older version, no resumption (each connection has a full
// handshake, and evidence of its own), the protocol named by ALPN, and no name checked: who the
// server is, its evidence says.
//
// So a certificate is of no use, and a client may do without: it then offers a pre-shared key that
// everybody knows (RFC 8446 section 4.2.11), always with (EC)DHE, from which all secrets come. That
// is a handshake without any authentication, of either side; a man in the middle is found by the
// evidence, as with a certificate that nobody looked at. It saves the server a signature, and the
// client to parse a certificate and to verify one.
//
//     Result<SslContextPtr> context = server_context({});      // with a key made for this run
//     SslPtr ssl = ...;
//     Result<Exporter> value = exporter_of(ssl.get(), nonce);
//
// Threads: a context may be used by several at once; an SSL by one at a time.
#pragma once

#include <tsmfd/bytes.hpp>
#include <tsmfd/evidence/tls_binding.hpp>
#include <tsmfd/result.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include <openssl/ssl.h>

namespace attested {

template <auto free>
struct Free {
    void operator()(auto* object) const { free(object); }
};
using SslContextPtr = std::unique_ptr<SSL_CTX, Free<&SSL_CTX_free>>;
using SslPtr = std::unique_ptr<SSL, Free<&SSL_free>>;

using Exporter = std::array<std::uint8_t, tsmfd::tls_exporter_size>;

// What a client asks the server to show in the handshake. A server does either.
enum class Handshake { certificate, none };

// Files in PEM.
struct CertificateFiles {
    std::string certificate;
    std::string key;
};

// Without files, with an ECDSA P-256 key that is made here, in a certificate signed by itself.
[[nodiscard]] tsmfd::Result<SslContextPtr> server_context(const CertificateFiles& files);
[[nodiscard]] tsmfd::Result<SslContextPtr> client_context(Handshake handshake = {});

// RFC 8446 section 7.5, with the nonce for its context; of a connection whose handshake is done.
[[nodiscard]] tsmfd::Result<Exporter> exporter_of(SSL* ssl, tsmfd::ByteSpan nonce);

// Both ends named the protocol.
[[nodiscard]] bool speaks_alpn(const SSL* ssl);

// What OpenSSL says went wrong in this thread, which is then forgotten.
[[nodiscard]] std::string take_reason();

} // namespace attested

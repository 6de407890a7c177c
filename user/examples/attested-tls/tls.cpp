// SPDX-License-Identifier: MIT
#include "tls.hpp"

#include "append.hpp"
#include "wire.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

namespace attested {

namespace {

using tsmfd::fail;
using tsmfd::Result;

using KeyPtr = std::unique_ptr<EVP_PKEY, Free<&EVP_PKEY_free>>;
using SessionPtr = std::unique_ptr<SSL_SESSION, Free<&SSL_SESSION_free>>;
using X509Ptr = std::unique_ptr<X509, Free<&X509_free>>;

// The cheapest that there are, first: the handshake is what a server's time goes into.
constexpr const char* suites =
    "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384";
constexpr const char* groups = "X25519:P-256";

// RFC 7301 section 3.1, a list of one name.
std::string alpn_list() {
    return static_cast<char>(alpn.size()) + std::string(alpn);
}

std::unexpected<tsmfd::Error> failed(std::string what) {
    return fail(std::move(what) + ": " + take_reason(), EPROTO);
}

int choose_alpn(SSL* /*ssl*/, const unsigned char** out, unsigned char* out_size,
                const unsigned char* in, unsigned in_size, void* /*unused*/) {
    for (tsmfd::Reader offered({in, in_size}); offered.left() > 0;) {
        const tsmfd::ByteSpan name = offered.bytes(offered.u8());
        if (!offered.ok())
            break;
        if (std::ranges::equal(name, tsmfd::text(alpn))) {
            *out = name.data();
            *out_size = static_cast<unsigned char>(name.size());
            return SSL_TLSEXT_ERR_OK;
        }
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

// RFC 8446 section 4.2.11: a key that everybody knows, for handshakes without a certificate.
constexpr std::array<std::uint8_t, 32> known_key{};

SSL_SESSION* known_session(SSL* ssl) {
    constexpr std::array<unsigned char, 2> aes_128_gcm_sha256{0x13, 0x01};
    SessionPtr session(SSL_SESSION_new());
    const SSL_CIPHER* cipher = SSL_CIPHER_find(ssl, aes_128_gcm_sha256.data());
    if (!session || cipher == nullptr ||
        SSL_SESSION_set1_master_key(session.get(), known_key.data(), known_key.size()) != 1 ||
        SSL_SESSION_set_cipher(session.get(), cipher) != 1 ||
        SSL_SESSION_set_protocol_version(session.get(), TLS1_3_VERSION) != 1)
        return nullptr;
    return session.release();
}

int find_session(SSL* ssl, const unsigned char* identity, std::size_t size, SSL_SESSION** session) {
    *session = nullptr;
    // Of another name there is none, which is no error: then there is the certificate.
    if (!std::ranges::equal(tsmfd::ByteSpan(identity, size), tsmfd::text(alpn)))
        return 1;
    *session = known_session(ssl);
    return *session != nullptr ? 1 : 0;
}

int use_session(SSL* ssl, const EVP_MD* digest, const unsigned char** identity, std::size_t* size,
                SSL_SESSION** session) {
    *session = nullptr;
    // After a HelloRetryRequest: only for the hash of the cipher suite that the server has chosen.
    if (digest != nullptr && EVP_MD_get_type(digest) != NID_sha256)
        return 1;
    *identity = tsmfd::text(alpn).data();
    *size = alpn.size();
    *session = known_session(ssl);
    return *session != nullptr ? 1 : 0;
}

Result<SslContextPtr> new_context(const SSL_METHOD* method) {
    SslContextPtr context(SSL_CTX_new(method));
    std::string names(groups); // it wants them writable
    if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION) != 1 ||
        SSL_CTX_set_ciphersuites(context.get(), suites) != 1 ||
        SSL_CTX_set1_groups_list(context.get(), names.data()) != 1)
        return failed("prepare TLS 1.3");
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
    // A record's head and body in one read(2).
    SSL_CTX_set_read_ahead(context.get(), 1);
    // 34 KiB less for a connection that waits.
    SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                        SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    return context;
}

Result<void> use_own_certificate(SSL_CTX* context) {
    constexpr long day = 24L * 60 * 60;
    const KeyPtr key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
    const X509Ptr certificate(X509_new());
    if (!key || !certificate)
        return failed("make a key");
    X509* x509 = certificate.get();
    X509_NAME* name = X509_get_subject_name(x509);
    if (X509_set_version(x509, X509_VERSION_3) != 1 ||
        ASN1_INTEGER_set(X509_get_serialNumber(x509), 1) != 1 ||
        X509_gmtime_adj(X509_getm_notBefore(x509), -day) == nullptr ||
        X509_gmtime_adj(X509_getm_notAfter(x509), 365 * day) == nullptr ||
        X509_set_pubkey(x509, key.get()) != 1 ||
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, tsmfd::text("see its evidence").data(),
                                   -1, -1, 0) != 1 ||
        X509_set_issuer_name(x509, name) != 1 || X509_sign(x509, key.get(), EVP_sha256()) == 0 ||
        SSL_CTX_use_certificate(context, x509) != 1 ||
        SSL_CTX_use_PrivateKey(context, key.get()) != 1)
        return failed("make a certificate");
    return {};
}

} // namespace

Result<SslContextPtr> server_context(const CertificateFiles& files) {
    Result<SslContextPtr> context = new_context(TLS_server_method());
    if (!context)
        return context;
    SSL_CTX* ssl = context->get();
    if (files.certificate.empty()) {
        if (const auto made = use_own_certificate(ssl); !made)
            return std::unexpected(made.error());
    } else if (SSL_CTX_use_certificate_chain_file(ssl, files.certificate.c_str()) != 1 ||
               SSL_CTX_use_PrivateKey_file(ssl, files.key.c_str(), SSL_FILETYPE_PEM) != 1 ||
               SSL_CTX_check_private_key(ssl) != 1) {
        return failed("use " + files.certificate + " and " + files.key);
    }
    SSL_CTX_set_num_tickets(ssl, 0);
    SSL_CTX_set_options(ssl, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_TICKET);
    SSL_CTX_set_psk_find_session_callback(ssl, find_session);
    SSL_CTX_set_alpn_select_cb(ssl, choose_alpn, nullptr);
    return context;
}

Result<SslContextPtr> client_context(Handshake handshake) {
    Result<SslContextPtr> context = new_context(TLS_client_method());
    if (!context)
        return context;
    SSL_CTX_set_verify(context->get(), SSL_VERIFY_NONE, nullptr);
    if (handshake == Handshake::none)
        SSL_CTX_set_psk_use_session_callback(context->get(), use_session);
    const std::string list = alpn_list();
    // 0 is success here.
    if (SSL_CTX_set_alpn_protos(context->get(), tsmfd::text(list).data(),
                                static_cast<unsigned>(list.size())) != 0)
        return failed("offer " + std::string(alpn));
    return context;
}

Result<Exporter> exporter_of(SSL* ssl, tsmfd::ByteSpan nonce) {
    Exporter value{};
    const std::string_view label = tsmfd::tls_exporter_label;
    if (SSL_export_keying_material(ssl, value.data(), value.size(), label.data(), label.size(),
                                   nonce.data(), nonce.size(), 1) != 1)
        return failed("export keying material");
    return value;
}

bool speaks_alpn(const SSL* ssl) {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl, &name, &size);
    return std::ranges::equal(tsmfd::ByteSpan(name, size), tsmfd::text(alpn));
}

std::string take_reason() {
    const unsigned long code = ERR_get_error();
    const char* reason = code != 0 ? ERR_reason_error_string(code) : nullptr;
    ERR_clear_error();
    return reason != nullptr ? reason : "no reason given";
}

} // namespace attested

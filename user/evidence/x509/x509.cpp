// SPDX-License-Identifier: MIT
#include "x509/x509.hpp"

#include "x509/pem.hpp"

#include <algorithm>
#include <ctime>
#include <limits>

#include <fmt/format.h>
#include <openssl/x509_vfy.h>

namespace tsmfd::ossl {

namespace {

using NamePtr = std::unique_ptr<ASN1_OBJECT, Free<&ASN1_OBJECT_free>>;
using StorePtr = std::unique_ptr<X509_STORE, Free<&X509_STORE_free>>;
using StoreContextPtr = std::unique_ptr<X509_STORE_CTX, Free<&X509_STORE_CTX_free>>;

// The certificates in it are borrowed.
struct FreeStack {
    void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
};
using StackPtr = std::unique_ptr<STACK_OF(X509), FreeStack>;

StackPtr borrow(const Certificates& certificates) {
    StackPtr stack(sk_X509_new_null());
    for (const X509Ptr& certificate : certificates) {
        if (stack && sk_X509_push(stack.get(), certificate.get()) == 0)
            stack.reset();
    }
    return stack;
}

StorePtr trust(const Certificates& roots) {
    StorePtr store(X509_STORE_new());
    for (const X509Ptr& root : roots) {
        if (store && X509_STORE_add_cert(store.get(), root.get()) != 1)
            store.reset();
    }
    return store;
}

Validity validity_of(const STACK_OF(X509) * chain) {
    Validity all{.from = 0, .until = std::numeric_limits<std::int64_t>::max()};
    for (int i = 0; i < sk_X509_num(chain); ++i) {
        const X509* certificate = sk_X509_value(chain, i);
        // One that cannot be read is no time at all.
        all.from = std::max(all.from, seconds_of(X509_get0_notBefore(certificate)).value_or(0));
        // OpenSSL takes the second itself for one that is over.
        all.until =
            std::min(all.until, seconds_of(X509_get0_notAfter(certificate)).value_or(0) - 1);
    }
    return all;
}

Certificates references(const STACK_OF(X509) * chain) {
    Certificates all;
    for (int i = 0; i < sk_X509_num(chain); ++i) {
        X509* certificate = sk_X509_value(chain, i);
        if (X509_up_ref(certificate) == 1)
            all.emplace_back(certificate);
    }
    return all;
}

} // namespace

std::optional<std::int64_t> seconds_of(const ASN1_TIME* time) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1)
        return std::nullopt;
    return ::timegm(&parts);
}

Result<Certificates> read_certificates(ByteSpan bytes, std::size_t most) {
    const ErrorsForgotten errors;
    auto certificates = read_objects<X509Ptr, &PEM_read_bio_X509, &d2i_X509>(bytes, most);
    if (certificates.empty())
        return fail(fmt::format("{} bytes that are no certificates in PEM or DER", bytes.size()),
                    EBADMSG);
    return certificates;
}

std::vector<std::uint8_t> pem_of(X509* certificate) {
    return written<&PEM_write_bio_X509>(certificate);
}

Result<Validity> check_chain(X509* leaf, const Certificates& between, const Certificates& roots,
                             std::optional<std::int64_t> at, Certificates* path) {
    const ErrorsForgotten errors;
    const StorePtr store = trust(roots);
    const StackPtr untrusted = borrow(between);
    const StoreContextPtr context(X509_STORE_CTX_new());
    if (!store || !untrusted || !context ||
        X509_STORE_CTX_init(context.get(), store.get(), leaf, untrusted.get()) != 1)
        return fail("verify a chain of certificates", ENOMEM);
    if (at)
        X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(context.get()), *at);

    if (X509_verify_cert(context.get()) == 1) {
        const auto* chain = X509_STORE_CTX_get0_chain(context.get());
        if (path != nullptr)
            *path = references(chain);
        return validity_of(chain);
    }
    const int error = X509_STORE_CTX_get_error(context.get());
    const X509* where = X509_STORE_CTX_get_current_cert(context.get());
    return fail(fmt::format("{}: {}",
                            where != nullptr ? common_name(X509_get_subject_name(where)) : "chain",
                            X509_verify_cert_error_string(error)),
                EKEYREJECTED);
}

std::string common_name(const X509_NAME* name) {
    int last = -1;
    for (int next = -1; (next = X509_NAME_get_index_by_NID(name, NID_commonName, last)) >= 0;)
        last = next;
    if (last < 0)
        return {};
    std::uint8_t* text = nullptr;
    const int size =
        ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, last)));
    if (size < 0)
        return {};
    std::string result(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
    OPENSSL_free(text);
    return result;
}

std::string name_text(const X509_NAME* name) {
    const BioPtr out(BIO_new(BIO_s_mem()));
    if (!out || X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253) < 0)
        return {};
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

std::optional<ByteSpan> extension(const X509* certificate, const char* oid) {
    const NamePtr name(OBJ_txt2obj(oid, 1));
    const int at = name ? X509_get_ext_by_OBJ(certificate, name.get(), -1) : -1;
    if (at < 0)
        return std::nullopt;
    const ASN1_OCTET_STRING* value = X509_EXTENSION_get_data(X509_get_ext(certificate, at));
    return ByteSpan(ASN1_STRING_get0_data(value),
                    static_cast<std::size_t>(ASN1_STRING_length(value)));
}

} // namespace tsmfd::ossl

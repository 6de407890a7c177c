// SPDX-License-Identifier: MIT
#include "authority.hpp"

#include "x509.hpp"

#include <tsmfd/unique_fd.hpp>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

namespace firmware {

namespace {

namespace ossl = tsmfd::ossl;
using tsmfd::fail;
using tsmfd::Result;

using ExtensionPtr = std::unique_ptr<X509_EXTENSION, ossl::Free<&X509_EXTENSION_free>>;
using ObjectPtr = std::unique_ptr<ASN1_OBJECT, ossl::Free<&ASN1_OBJECT_free>>;
using OctetsPtr = std::unique_ptr<ASN1_OCTET_STRING, ossl::Free<&ASN1_OCTET_STRING_free>>;

constexpr long seconds_of_ark = 25L * 365 * 24 * 3600;
constexpr long seconds_of_vcek = 7L * 365 * 24 * 3600;
constexpr int pss_salt = 48;
constexpr std::uint8_t der_integer = 0x02;
constexpr std::uint8_t der_ia5_string = 0x16;

// What an issuer signs with: its key, and its certificate, which is nullptr for a root.
struct Issuer {
    EVP_PKEY* key = nullptr;
    X509* certificate = nullptr;
};

bool set_name(X509* certificate, const char* common_name) {
    X509_NAME* name = X509_get_subject_name(certificate);
    const auto add = [name](const char* field, const char* text) {
        return X509_NAME_add_entry_by_txt(name, field, MBSTRING_ASC,
                                          reinterpret_cast<const unsigned char*>(text), -1, -1,
                                          0) == 1;
    };
    return add("OU", "Emulated, not of a processor") && add("O", "tsmfd") && add("CN", common_name);
}

bool add_ca(X509* certificate) {
    const ExtensionPtr ca(
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_basic_constraints, "critical,CA:TRUE"));
    const ExtensionPtr usage(
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_key_usage, "critical,keyCertSign,cRLSign"));
    return ca && usage && X509_add_ext(certificate, ca.get(), -1) == 1 &&
           X509_add_ext(certificate, usage.get(), -1) == 1;
}

bool add_extension(X509* certificate, const std::string& oid, std::span<const std::uint8_t> value) {
    const ObjectPtr name(OBJ_txt2obj(oid.c_str(), 1));
    const OctetsPtr octets(ASN1_OCTET_STRING_new());
    if (!name || !octets ||
        ASN1_OCTET_STRING_set(octets.get(), value.data(), static_cast<int>(value.size())) != 1)
        return false;
    const ExtensionPtr extension(
        X509_EXTENSION_create_by_OBJ(nullptr, name.get(), 0, octets.get()));
    return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool add_version(X509* certificate, unsigned part, std::uint8_t version) {
    const std::string oid = fmt::format("1.3.6.1.4.1.3704.1.3.{}", part);
    // DER puts a zero before what would be negative.
    if (version >= 0x80)
        return add_extension(certificate, oid,
                             std::array<std::uint8_t, 4>{der_integer, 2, 0, version});
    return add_extension(certificate, oid, std::array<std::uint8_t, 3>{der_integer, 1, version});
}

bool add_platform(X509* certificate, const Platform& platform) {
    constexpr std::string_view product = "Milan-B0";
    Bytes name = {der_ia5_string, product.size()};
    name.insert(name.end(), product.begin(), product.end());
    return add_extension(certificate, "1.3.6.1.4.1.3704.1.2", name) &&
           add_version(certificate, 1, platform.tcb.boot_loader) &&
           add_version(certificate, 2, platform.tcb.tee) &&
           add_version(certificate, 3, platform.tcb.snp) &&
           add_version(certificate, 8, platform.tcb.microcode) &&
           add_extension(certificate, "1.3.6.1.4.1.3704.1.4", platform.chip_id);
}

bool sign(X509* certificate, EVP_PKEY* key) {
    const ossl::DigestContextPtr context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* parameters = nullptr; // the context's
    return context &&
           EVP_DigestSignInit(context.get(), &parameters, EVP_sha384(), nullptr, key) == 1 &&
           EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, pss_salt) == 1 &&
           X509_sign_ctx(certificate, context.get()) > 0;
}

// nullptr if OpenSSL has no memory for it; `extend` adds what is particular.
template <typename Extend>
ossl::X509Ptr certify(const char* common_name, EVP_PKEY* key, const Issuer& issuer, long seconds,
                      Extend extend) {
    ossl::X509Ptr made(X509_new());
    if (!made)
        return nullptr;
    const X509* by = issuer.certificate != nullptr ? issuer.certificate : made.get();
    const bool done = X509_set_version(made.get(), X509_VERSION_3) == 1 &&
                      ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1) == 1 &&
                      X509_gmtime_adj(X509_getm_notBefore(made.get()), -24L * 3600) != nullptr &&
                      X509_gmtime_adj(X509_getm_notAfter(made.get()), seconds) != nullptr &&
                      X509_set_pubkey(made.get(), key) == 1 && set_name(made.get(), common_name) &&
                      X509_set_issuer_name(made.get(), X509_get_subject_name(by)) == 1 &&
                      extend(made.get()) && sign(made.get(), issuer.key);
    return done ? std::move(made) : nullptr;
}

Bytes der_of(X509* certificate) {
    const int size = i2d_X509(certificate, nullptr);
    if (size <= 0)
        return {};
    Bytes der(static_cast<std::size_t>(size));
    std::uint8_t* to = der.data();
    (void)i2d_X509(certificate, &to);
    return der;
}

// Empty if memory is short.
Bytes pem_of(EVP_PKEY* key) {
    const ossl::BioPtr out(BIO_new(BIO_s_mem()));
    if (!out ||
        PEM_write_bio_PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1)
        return {};
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return {text, text + size};
}

// Whole or not at all, and nobody else's to read.
Result<void> write_file(const std::string& path, const Bytes& bytes) {
    const std::string part = path + ".part";
    const tsmfd::UniqueFd fd(::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!fd)
        return fail("write " + part, errno);
    if (::write(fd.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()) ||
        ::fsync(fd.get()) != 0)
        return fail("write " + part, errno);
    if (std::rename(part.c_str(), path.c_str()) != 0)
        return fail("rename " + part, errno);
    return {};
}

Result<Bytes> read_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    Bytes bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    if (bytes.empty())
        return fail("read " + path, ENOENT);
    return bytes;
}

Result<Bytes> read_certificate(const std::string& path) {
    const auto bytes = read_file(path);
    if (!bytes)
        return std::unexpected(bytes.error());
    const auto read = ossl::read_certificates(*bytes);
    if (!read)
        return fail(path + ": " + read.error().what, EBADMSG);
    return der_of(read->front().get());
}

// The VCEK's key is written last: where it is, the rest is too.
Result<void> fill(const std::string& directory, const Platform& platform) {
    const ossl::PkeyPtr ark_key(EVP_RSA_gen(4096));
    const ossl::PkeyPtr ask_key(EVP_RSA_gen(4096));
    const ossl::PkeyPtr vcek_key(EVP_EC_gen("P-384"));
    if (!ark_key || !ask_key || !vcek_key)
        return fail("make the keys of an emulated platform", ENOMEM);
    const auto ark =
        certify("ARK-Milan", ark_key.get(), {.key = ark_key.get()}, seconds_of_ark, add_ca);
    const auto ask =
        certify("SEV-Milan", ask_key.get(), {.key = ark_key.get(), .certificate = ark.get()},
                seconds_of_ark, add_ca);
    const auto vcek =
        certify("SEV-VCEK", vcek_key.get(), {.key = ask_key.get(), .certificate = ask.get()},
                seconds_of_vcek, [&](X509* to) { return add_platform(to, platform); });
    if (!ark || !ask || !vcek)
        return fail("make the certificates of an emulated platform", ENOMEM);
    for (const auto& [name, bytes] :
         {std::pair{"ark.pem", ossl::pem_of(ark.get())},
          std::pair{"ask.pem", ossl::pem_of(ask.get())}, std::pair{"vcek.der", der_of(vcek.get())},
          std::pair{"vcek.key", pem_of(vcek_key.get())}}) {
        if (const auto written = write_file(directory + "/" + name, bytes); !written)
            return written;
    }
    return {};
}

Result<ossl::PkeyPtr> read_key(const std::string& path) {
    const auto bytes = read_file(path);
    if (!bytes)
        return std::unexpected(bytes.error());
    const ossl::BioPtr in(BIO_new_mem_buf(bytes->data(), static_cast<int>(bytes->size())));
    ossl::PkeyPtr key(in ? PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr) : nullptr);
    if (!key)
        return fail(path + ", which has no private key", EBADMSG);
    return key;
}

} // namespace

Result<Authority> Authority::in(const std::string& directory, const Platform& platform) {
    const ossl::ErrorsForgotten errors;
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    if (error)
        return fail("make " + directory, error.value());
    if (!std::filesystem::exists(directory + "/vcek.key", error)) {
        if (const auto filled = fill(directory, platform); !filled)
            return std::unexpected(filled.error());
    }

    Authority authority;
    auto key = read_key(directory + "/vcek.key");
    if (!key)
        return std::unexpected(key.error());
    authority.key_ = std::move(*key);
    for (const auto& [name, der] :
         {std::pair{"ark.pem", &authority.ark_}, std::pair{"ask.pem", &authority.ask_},
          std::pair{"vcek.der", &authority.vcek_}}) {
        auto read = read_certificate(directory + "/" + name);
        if (!read)
            return std::unexpected(read.error());
        *der = std::move(*read);
    }
    return authority;
}

} // namespace firmware

// SPDX-License-Identifier: MIT
#include "state.hpp"

#include "x509/pem.hpp"
#include "x509/x509.hpp"

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include <fcntl.h>
#include <files.hpp>
#include <sys/file.h>
#include <unistd.h>

namespace firmware {

namespace {

namespace ossl = tsmfd::ossl;
using tsmfd::fail;
using tsmfd::Result;

} // namespace

Result<State> State::in(const std::string& directory) {
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    if (error)
        return fail("make " + directory, error.value());
    tsmfd::UniqueFd lock(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!lock)
        return fail("open " + directory, errno);
    while (::flock(lock.get(), LOCK_EX) != 0) {
        if (errno != EINTR)
            return fail("lock " + directory, errno);
    }
    return State(directory, std::move(lock));
}

bool State::has(const std::string& name) const {
    std::error_code error;
    return std::filesystem::exists(path(name), error);
}

Result<void> State::keep(const std::string& name, const Bytes& bytes) const {
    const std::string part = path(name) + ".part";
    const tsmfd::UniqueFd fd(::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!fd)
        return fail("write " + part, errno);
    if (::write(fd.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()) ||
        ::fsync(fd.get()) != 0)
        return fail("write " + part, errno);
    if (std::rename(part.c_str(), path(name).c_str()) != 0)
        return fail("rename " + part, errno);
    return {};
}

Result<ossl::PkeyPtr> State::key(const std::string& name) const {
    const auto bytes = files::read_file(path(name));
    if (!bytes)
        return std::unexpected(bytes.error());
    auto key = ossl::read_key<&PEM_read_bio_PrivateKey>(*bytes);
    if (!key)
        return fail(path(name) + ", which has no private key", EBADMSG);
    return key;
}

Result<ossl::X509Ptr> State::certificate(const std::string& name) const {
    const auto bytes = files::read_file(path(name));
    if (!bytes)
        return std::unexpected(bytes.error());
    auto read = ossl::read_certificates(*bytes);
    if (!read)
        return fail(path(name) + ": " + read.error().what, EBADMSG);
    ossl::X509Ptr first = std::move(read->front());
    return first;
}

Bytes pem_of(EVP_PKEY* key) {
    const ossl::BioPtr out(BIO_new(BIO_s_mem()));
    if (!out ||
        PEM_write_bio_PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1)
        return {};
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return {text, text + size};
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

} // namespace firmware

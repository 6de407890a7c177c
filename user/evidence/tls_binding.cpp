// SPDX-License-Identifier: MIT
#include "append.hpp"
#include "sha512.hpp"

#include <tsmfd/evidence/tls_binding.hpp>

#include <cerrno>
#include <cstdint>
#include <vector>

#include <fmt/format.h>

namespace tsmfd {

namespace {

constexpr std::string_view version = "tsmfd-tls-bind-1";

} // namespace

Result<Inblob> tls_binding(ByteSpan nonce, ByteSpan exporter) noexcept {
    if (nonce.size() < tls_nonce_least || nonce.size() > tls_nonce_most)
        return fail(fmt::format("bind a nonce of {} bytes", nonce.size()), EINVAL);
    if (exporter.size() != tls_exporter_size)
        return fail(fmt::format("bind an exporter value of {} bytes", exporter.size()), EINVAL);

    std::vector<std::uint8_t> bytes(version.begin(), version.end());
    append_sized(bytes, nonce);
    append_sized(bytes, exporter);
    return Inblob{.padded = sha512(bytes), .size = TSMFD_HASH_LEN};
}

} // namespace tsmfd

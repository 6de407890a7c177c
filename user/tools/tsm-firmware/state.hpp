// SPDX-License-Identifier: MIT
//
// The directory in which an emulated platform keeps its keys and certificates.
//
//     const auto state = State::in("/var/lib/tsm-firmware");
//     if (!state->has("vcek.key"))
//         state->keep("vcek.key", pem_of(key));
//     const auto key = state->key("vcek.key");
//
// Threads: one at a time. While a State lives, who else wants one of the same directory waits:
// two that filled it at a time would mix their keys up.
#pragma once

#include "x509/openssl.hpp"

#include <tsmfd/result.hpp>
#include <tsmfd/unique_fd.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace firmware {

using Bytes = std::vector<std::uint8_t>;

class State {
public:
    // Made, if need be.
    static tsmfd::Result<State> in(const std::string& directory);

    [[nodiscard]] bool has(const std::string& name) const;
    // Whole or not at all, and nobody else's to read.
    [[nodiscard]] tsmfd::Result<void> keep(const std::string& name, const Bytes& bytes) const;
    // A private key in PEM.
    [[nodiscard]] tsmfd::Result<tsmfd::ossl::PkeyPtr> key(const std::string& name) const;
    // A certificate in PEM or DER.
    [[nodiscard]] tsmfd::Result<tsmfd::ossl::X509Ptr> certificate(const std::string& name) const;

private:
    State(std::string directory, tsmfd::UniqueFd lock)
        : directory_(std::move(directory)), lock_(std::move(lock)) {}

    [[nodiscard]] std::string path(const std::string& name) const {
        return directory_ + "/" + name;
    }

    std::string directory_;
    tsmfd::UniqueFd lock_; // of the directory, by flock(2)
};

// Empty if memory is short.
[[nodiscard]] Bytes pem_of(EVP_PKEY* key);
[[nodiscard]] Bytes der_of(X509* certificate);

} // namespace firmware

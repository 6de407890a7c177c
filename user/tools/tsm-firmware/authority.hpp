// SPDX-License-Identifier: MIT
//
// The certificates of an emulated SEV-SNP platform: a root (ARK), what it has certified (ASK), and
// the key that signs reports (VCEK), with the names and extensions that AMD's have, so that a
// verifier takes the same way through them. They are not AMD's, and say so in their subjects.
//
// AMD 57230, "Versioned Chip Endorsement Key (VCEK) Certificate and KDS Interface Specification",
// section 3: ARK and ASK are RSA-4096 and sign with PSS and SHA-384; a VCEK is of P-384.
//
//     const auto authority = Authority::in("/var/lib/tsm-firmware", platform);
//
// Threads: immutable once made.
#pragma once

#include "openssl.hpp"

#include <tsmfd/result.hpp>
#include <tsmfd/snp_report.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace firmware {

using Bytes = std::vector<std::uint8_t>;

// What a VCEK is for.
struct Platform {
    std::array<std::uint8_t, 64> chip_id{};
    tsmfd::SnpTcb tcb;
};

class Authority {
public:
    // From the files of a directory, which is made, and filled, if need be: ark.pem, ask.pem,
    // vcek.der and vcek.key. Making two keys of RSA-4096 takes seconds.
    static tsmfd::Result<Authority> in(const std::string& directory, const Platform& platform);

    [[nodiscard]] EVP_PKEY* vcek_key() const { return key_.get(); }
    // In DER.
    [[nodiscard]] const Bytes& vcek() const { return vcek_; }
    [[nodiscard]] const Bytes& ask() const { return ask_; }
    [[nodiscard]] const Bytes& ark() const { return ark_; }

private:
    tsmfd::ossl::PkeyPtr key_;
    Bytes vcek_;
    Bytes ask_;
    Bytes ark_;
};

} // namespace firmware

// SPDX-License-Identifier: MIT
//
// The certificates of an emulated SEV-SNP platform: a root (ARK), what it has certified (ASK), and
// the key that signs reports (VCEK), with the names and extensions that AMD's have, so that a
// verifier takes the same way through them. They are not AMD's, and say so in their subjects.
//
// AMD 57230, "Versioned Chip Endorsement Key (VCEK) Certificate and KDS Interface Specification",
// section 3: ARK and ASK are RSA-4096 and sign with PSS and SHA-384; a VCEK is of P-384. A cloud's
// VLEK stands below an ASK of its own.
//
//     const auto authority = Authority::in("/var/lib/tsm-firmware", platform);
//
// Threads: immutable once made.
#pragma once

#include "state.hpp"
#include "x509/openssl.hpp"

#include <tsmfd/evidence/snp_report.hpp>
#include <tsmfd/result.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace firmware {

enum class Product : std::uint8_t { milan, genoa, turin };

// "Milan", as certificates have it.
[[nodiscard]] std::string_view product_name(Product product);
// By that name, in lower case.
[[nodiscard]] std::optional<Product> product_by_name(std::string_view name);

// What a VCEK or VLEK is for.
struct Platform {
    std::array<std::uint8_t, 64> chip_id{}; // of a Turin the first 8 bytes count
    tsmfd::SnpTcb tcb;                      // with fmc for a Turin, and for no other
    Product product = Product::milan;
    bool vlek = false;        // signs as a cloud's and not as a chip's
    unsigned rsa_bits = 4096; // tests may want it sooner

    // What counts of it.
    [[nodiscard]] std::span<const std::uint8_t> chip() const {
        return std::span(chip_id).first(product == Product::turin ? 8 : chip_id.size());
    }
};

class Authority {
public:
    // From the files of a directory, which is made, and filled, if need be: ark.pem and ark.key;
    // ask.pem, vcek.der and vcek.key; and of a VLEK asvk.pem, vlek.der and vlek.key. Making a key
    // of RSA-4096 takes seconds. EEXIST if the files are another product's.
    static tsmfd::Result<Authority> in(const std::string& directory, const Platform& platform);

    // What signs reports, VCEK or VLEK; certificates are in DER.
    [[nodiscard]] EVP_PKEY* key() const { return key_.get(); }
    [[nodiscard]] const Bytes& leaf() const { return leaf_; }
    [[nodiscard]] const Bytes& ask() const { return ask_; }
    [[nodiscard]] const Bytes& ark() const { return ark_; }

private:
    tsmfd::ossl::PkeyPtr key_;
    Bytes leaf_;
    Bytes ask_;
    Bytes ark_;
};

} // namespace firmware

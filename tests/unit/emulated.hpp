// SPDX-License-Identifier: MIT
//
// Emulated platforms for tests, each in a directory that goes with it.
//
//     const emulated::Directory directory;
//     Authority::in(directory, emulated::platform(Product::genoa))
//     directory.file("ark.pem")
#pragma once

#include "authority.hpp"
#include "directory.hpp"
#include "evidence.hpp"

#include <tsmfd/options.hpp>

#include <array>
#include <string>

namespace emulated {

class Directory {
public:
    // NOLINTNEXTLINE(google-explicit-constructor): it is one
    operator const std::string&() const { return directory_.path(); }
    [[nodiscard]] evidence::Bytes file(const std::string& name) const {
        const std::string bytes = directory_.read(name);
        return {bytes.begin(), bytes.end()};
    }

private:
    ::Directory directory_;
};

// RSA as short as can be: a test has little time for it.
inline firmware::Platform platform(firmware::Product product) {
    firmware::Platform made;
    made.chip_id.fill(0x5a);
    made.tcb = {.fmc = std::nullopt, .boot_loader = 4, .tee = 1, .snp = 0x16, .microcode = 0xd5};
    if (product == firmware::Product::turin)
        made.tcb.fmc = 3;
    made.product = product;
    made.rsa_bits = 2048;
    return made;
}

inline constexpr std::array<std::uint8_t, 4> nonce = {0xde, 0xad, 0xbe, 0xef};

// That ask for this nonce.
inline tsmfd::Options options(std::uint32_t privlevel) {
    tsmfd::Options options;
    options.inblob = *tsmfd::Inblob::from(nonce);
    options.privlevel = privlevel;
    options.format = tsmfd::Format::extended;
    return options;
}

} // namespace emulated

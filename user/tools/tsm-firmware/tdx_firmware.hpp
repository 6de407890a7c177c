// SPDX-License-Identifier: MIT
//
// Emulated TDX, with a quoting enclave whose quotes are signed.
//
//     const auto tdx = TdxFirmware::make(std::move(pck), platform, {});
//     const auto answer = tdx->report(options);    // answer->outblob
//
// Threads: report() may be called by any number at once.
#pragma once

#include "firmware.hpp"
#include "pck.hpp"

#include <tsmfd/evidence/tdx_quote.hpp>

#include <array>
#include <cstdint>

namespace firmware {

struct TdxSettings {
    std::array<std::uint8_t, 48> mr_td{};
    std::array<std::array<std::uint8_t, 48>, 4> rtmr{};
    std::array<std::uint8_t, 16> tee_tcb_svn{};
    bool debug = false; // ATTRIBUTES let the host debug the TD
};

class TdxFirmware : public Firmware {
public:
    // Signs the quoting enclave's report. ENOMEM.
    static tsmfd::Result<TdxFirmware> make(PckAuthority authority, const PckPlatform& platform,
                                           const TdxSettings& settings);

    // A quote of version 4 ("Intel TDX DCAP Quoting Library API", A.3), REPORTDATA as the options
    // say, with certification data of type 6 that hold the PCK chain, of type 5. All are of one
    // length. ENOMEM.
    [[nodiscard]] tsmfd::Result<Blobs> report(const tsmfd::Options& options) const override;
    [[nodiscard]] Places places() const override;
    // Challenges of 64 bytes and no others, as a TDX module takes them.
    [[nodiscard]] tsmfd::ProxySettings provider() const override;

private:
    explicit TdxFirmware(PckAuthority authority) : authority_(std::move(authority)) {}

    PckAuthority authority_;
    tsmfd::TdxHeaderWire header_{};
    tsmfd::TdxBodyWire body_{}; // what all quotes have
    Bytes certified_;           // from the attestation key to the end
};

} // namespace firmware

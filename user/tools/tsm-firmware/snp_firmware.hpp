// SPDX-License-Identifier: MIT
//
// Emulated SEV-SNP firmware whose reports are signed.
//
//     const SnpFirmware firmware(std::move(authority), platform, {.version = 3});
//     const auto answer = firmware.report(options);    // answer->outblob, answer->auxblob
//
// Threads: report() may be called by any number at once.
#pragma once

#include "authority.hpp"
#include "firmware.hpp"

#include <array>
#include <cstdint>

namespace firmware {

struct SnpSettings {
    std::uint32_t version = 3; // 2, 3 or 5; a Turin's is not 2
    std::array<std::uint8_t, 48> measurement{};
    bool debug = false; // GUEST_POLICY lets the host debug the guest
};

class SnpFirmware : public Firmware {
public:
    SnpFirmware(Authority authority, const Platform& platform, const SnpSettings& settings);

    // Of 1184 bytes (AMD 56860, table ATTESTATION_REPORT), VMPL and REPORT_DATA as the options say;
    // and with Format::extended a certificate table with VCEK or VLEK, ASK and ARK (AMD 56421).
    // ENOMEM.
    [[nodiscard]] tsmfd::Result<Blobs> report(const tsmfd::Options& options) const override;
    [[nodiscard]] Places places() const override;
    [[nodiscard]] tsmfd::ProxySettings provider() const override;

private:
    Authority authority_;
    tsmfd::SnpReportWire common_{}; // what all reports have
    Bytes table_;
};

// The report's numbers R and S, over what stands before them, by this key.
tsmfd::Result<void> sign_snp_report(std::span<std::uint8_t> report, EVP_PKEY* key);

} // namespace firmware

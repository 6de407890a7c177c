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

#include <tsmfd/options.hpp>
#include <tsmfd/result.hpp>

#include <cstdint>
#include <vector>

namespace firmware {

struct Blobs {
    Bytes outblob;
    Bytes auxblob;
};

struct SnpSettings {
    std::uint32_t version = 3; // 2, 3 or 5
    std::array<std::uint8_t, 48> measurement{};
    bool debug = false; // GUEST_POLICY lets the host debug the guest
};

class SnpFirmware {
public:
    SnpFirmware(Authority authority, const Platform& platform, const SnpSettings& settings);

    // Of 1184 bytes (AMD 56860, table ATTESTATION_REPORT), VMPL and REPORT_DATA as the options say;
    // and with Format::extended a certificate table with VCEK, ASK and ARK (AMD 56421). ENOMEM.
    [[nodiscard]] tsmfd::Result<Blobs> report(const tsmfd::Options& options) const;

    static constexpr std::uint32_t outblob_size = tsmfd::snp_report_size;
    [[nodiscard]] std::uint32_t auxblob_size() const {
        return static_cast<std::uint32_t>(table_.size());
    }

private:
    Authority authority_;
    tsmfd::SnpReportWire common_{}; // what all reports have
    Bytes table_;
};

// The report's numbers R and S, over what stands before them, by this key.
tsmfd::Result<void> sign_snp_report(std::span<std::uint8_t> report, EVP_PKEY* key);

} // namespace firmware

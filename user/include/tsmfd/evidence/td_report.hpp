// SPDX-License-Identifier: MIT
//
// A TDREPORT: what a TDX module says of a TD, for its own machine only.
//
// "Intel TDX Module ABI Specification", TDREPORT_STRUCT with REPORTMACSTRUCT, TEE_TCB_INFO_STRUCT
// and TDINFO_STRUCT; 1024 bytes, little-endian.
//
//     const auto report = parse_td_report(bytes);
//     report->report_data, report->rtmr[0]
//
// Its MAC is by a key that never leaves the processor. For others a quoting enclave makes a quote
// of it (tdx_quote.hpp), which has most of its fields; differences_from() says which are others.
//
// Threads: functions of their arguments.
#pragma once

#include <tsmfd/bytes.hpp>
#include <tsmfd/evidence/tdx_quote.hpp>
#include <tsmfd/export.hpp>
#include <tsmfd/result.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tsmfd {

struct TdReportWire {
    template <std::size_t N>
    using Bytes = std::array<std::uint8_t, N>;

    Bytes<4> type;               // 0x000 REPORTTYPE: 0x81 is TDX, subtype, version, reserved
    Bytes<12> reserved_004;      // 0x004
    Bytes<16> cpu_svn;           // 0x010
    Bytes<48> tee_tcb_info_hash; // 0x020 SHA-384 of TEE_TCB_INFO
    Bytes<48> tee_info_hash;     // 0x050 SHA-384 of TDINFO
    Bytes<64> report_data;       // 0x080
    Bytes<32> reserved_0c0;      // 0x0c0
    Bytes<32> mac;               // 0x0e0
    // TEE_TCB_INFO, 239 bytes
    Bytes<8> valid;           // 0x100
    Bytes<16> tee_tcb_svn;    // 0x108
    Bytes<48> mr_seam;        // 0x118
    Bytes<48> mr_signer_seam; // 0x148
    Bytes<8> seam_attributes; // 0x178
    Bytes<16> tee_tcb_svn_2;  // 0x180 TDX 1.5
    Bytes<95> reserved_190;   // 0x190
    Bytes<17> reserved_1ef;   // 0x1ef of neither
    // TDINFO, 512 bytes
    Bytes<8> td_attributes;        // 0x200
    Bytes<8> xfam;                 // 0x208
    Bytes<48> mr_td;               // 0x210
    Bytes<48> mr_config_id;        // 0x240
    Bytes<48> mr_owner;            // 0x270
    Bytes<48> mr_owner_config;     // 0x2a0
    std::array<Bytes<48>, 4> rtmr; // 0x2d0
    Bytes<48> mr_service_td;       // 0x390 TDX 1.5: SERVTD_HASH
    Bytes<64> reserved_3c0;        // 0x3c0
};
static_assert(offsetof(TdReportWire, report_data) == 0x080);
static_assert(offsetof(TdReportWire, valid) == 0x100);
static_assert(offsetof(TdReportWire, tee_tcb_svn_2) == 0x180);
static_assert(offsetof(TdReportWire, reserved_1ef) == 0x1ef);
static_assert(offsetof(TdReportWire, td_attributes) == 0x200);
static_assert(offsetof(TdReportWire, rtmr) == 0x2d0);
static_assert(offsetof(TdReportWire, mr_service_td) == 0x390);
static_assert(sizeof(TdReportWire) == 0x400);

inline constexpr std::size_t td_report_size = sizeof(TdReportWire);

struct TSMFD_API TdReport {
    static constexpr std::uint8_t type_tdx = 0x81;

    std::array<std::uint8_t, 16> cpu_svn{};
    std::array<std::uint8_t, 64> report_data{};
    std::array<std::uint8_t, 16> tee_tcb_svn{};
    std::array<std::uint8_t, 48> mr_seam{};
    std::array<std::uint8_t, 48> mr_signer_seam{}; // zero: Intel's
    std::uint64_t seam_attributes = 0;
    std::array<std::uint8_t, 16> tee_tcb_svn_2{}; // zero before TDX 1.5
    std::uint64_t td_attributes = 0;              // as TdxQuote has them
    std::uint64_t xfam = 0;
    std::array<std::uint8_t, 48> mr_td{};
    std::array<std::uint8_t, 48> mr_config_id{};
    std::array<std::uint8_t, 48> mr_owner{};
    std::array<std::uint8_t, 48> mr_owner_config{};
    std::array<std::array<std::uint8_t, 48>, 4> rtmr{};
    std::array<std::uint8_t, 48> mr_service_td{}; // zero before TDX 1.5
    // The hashes in it, which the MAC is over, are those of its other parts.
    bool is_whole = false;

    // The names of the quote's fields that are not this report's: "mrtd", "rtmr0". Those of TDX
    // 1.5 are compared where the quote has them. Empty if the quote can be made of this report.
    [[nodiscard]] std::vector<std::string> differences_from(const TdxQuote& quote) const noexcept;
};

// EBADMSG for another length than 1024 bytes, EOPNOTSUPP for another TEE's report.
[[nodiscard]] TSMFD_API Result<TdReport> parse_td_report(ByteSpan bytes) noexcept;

} // namespace tsmfd

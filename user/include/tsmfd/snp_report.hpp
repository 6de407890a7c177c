// SPDX-License-Identifier: MIT
//
// An AMD SEV-SNP attestation report.
//
// AMD 56860, "SEV Secure Nested Paging Firmware ABI Specification", table ATTESTATION_REPORT;
// 0x4A0 bytes, little-endian. Linux gives it without the MSG_REPORT_RSP header.
//
//     Result<SnpReport> report = parse_snp_report(evidence.outblob);
//     if (!report)
//         return std::unexpected(report.error());
//     report->report_data, report->vmpl
//
// Parsing says that the bytes have the shape of a report. It checks no signature and no policy.
//
// Threads: functions of their arguments.
#pragma once

#include <tsmfd/bytes.hpp>
#include <tsmfd/result.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace tsmfd {

// The layout. Members are bytes, so that it has no padding and no alignment.
struct SnpReportWire {
    template <std::size_t N>
    using Bytes = std::array<std::uint8_t, N>;

    Bytes<4> version;             // 0x000
    Bytes<4> guest_svn;           // 0x004
    Bytes<8> policy;              // 0x008
    Bytes<16> family_id;          // 0x010
    Bytes<16> image_id;           // 0x020
    Bytes<4> vmpl;                // 0x030
    Bytes<4> signature_algo;      // 0x034
    Bytes<8> current_tcb;         // 0x038
    Bytes<8> platform_info;       // 0x040
    Bytes<4> signer_info;         // 0x048
    Bytes<4> reserved_04c;        // 0x04c
    Bytes<64> report_data;        // 0x050
    Bytes<48> measurement;        // 0x090
    Bytes<32> host_data;          // 0x0c0
    Bytes<48> id_key_digest;      // 0x0e0
    Bytes<48> author_key_digest;  // 0x110
    Bytes<32> report_id;          // 0x140
    Bytes<32> report_id_ma;       // 0x160
    Bytes<8> reported_tcb;        // 0x180
    Bytes<3> cpuid;               // 0x188 family, model, stepping; version 3 and later
    Bytes<21> reserved_18b;       // 0x18b
    Bytes<64> chip_id;            // 0x1a0
    Bytes<8> committed_tcb;       // 0x1e0
    Bytes<3> current_version;     // 0x1e8 build, minor, major
    Bytes<1> reserved_1eb;        // 0x1eb
    Bytes<3> committed_version;   // 0x1ec build, minor, major
    Bytes<1> reserved_1ef;        // 0x1ef
    Bytes<8> launch_tcb;          // 0x1f0
    Bytes<168> reserved_1f8;      // 0x1f8
    Bytes<72> signature_r;        // 0x2a0
    Bytes<72> signature_s;        // 0x2e8
    Bytes<368> signature_rest;    // 0x330
};
static_assert(offsetof(SnpReportWire, vmpl) == 0x030);
static_assert(offsetof(SnpReportWire, report_data) == 0x050);
static_assert(offsetof(SnpReportWire, measurement) == 0x090);
static_assert(offsetof(SnpReportWire, host_data) == 0x0c0);
static_assert(offsetof(SnpReportWire, reported_tcb) == 0x180);
static_assert(offsetof(SnpReportWire, chip_id) == 0x1a0);
static_assert(offsetof(SnpReportWire, launch_tcb) == 0x1f0);
static_assert(offsetof(SnpReportWire, signature_r) == 0x2a0);
static_assert(offsetof(SnpReportWire, signature_s) == 0x2e8);
static_assert(offsetof(SnpReportWire, signature_rest) == 0x330);
static_assert(sizeof(SnpReportWire) == 0x4a0);

inline constexpr std::size_t snp_report_size = sizeof(SnpReportWire);

struct SnpReport {
    std::uint32_t version = 0;
    std::uint32_t guest_svn = 0;
    std::uint64_t policy = 0;
    std::uint32_t vmpl = 0;
    std::uint32_t signature_algo = 0; // 1: ECDSA P-384 with SHA-384
    std::uint64_t reported_tcb = 0;
    std::array<std::uint8_t, 64> report_data{}; // the inblob, zeros behind it
    std::array<std::uint8_t, 48> measurement{};
    std::array<std::uint8_t, 32> host_data{};
    std::array<std::uint8_t, 64> chip_id{};
    std::array<std::uint8_t, 72> signature_r{}; // little-endian
    std::array<std::uint8_t, 72> signature_s{}; // little-endian
};

// EBADMSG for bytes of another length than 0x4A0 and for a version that is none of 2 to 5, the
// versions of the specification up to revision 1.58.
[[nodiscard]] Result<SnpReport> parse_snp_report(ByteSpan bytes);

} // namespace tsmfd

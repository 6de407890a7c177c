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
#include <tsmfd/export.hpp>
#include <tsmfd/result.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tsmfd {

// The layout. Members are bytes, so that it has no padding and no alignment.
struct SnpReportWire {
    template <std::size_t N>
    using Bytes = std::array<std::uint8_t, N>;

    Bytes<4> version;            // 0x000
    Bytes<4> guest_svn;          // 0x004
    Bytes<8> policy;             // 0x008
    Bytes<16> family_id;         // 0x010
    Bytes<16> image_id;          // 0x020
    Bytes<4> vmpl;               // 0x030
    Bytes<4> signature_algo;     // 0x034
    Bytes<8> current_tcb;        // 0x038
    Bytes<8> platform_info;      // 0x040
    Bytes<4> signer_info;        // 0x048
    Bytes<4> reserved_04c;       // 0x04c
    Bytes<64> report_data;       // 0x050
    Bytes<48> measurement;       // 0x090
    Bytes<32> host_data;         // 0x0c0
    Bytes<48> id_key_digest;     // 0x0e0
    Bytes<48> author_key_digest; // 0x110
    Bytes<32> report_id;         // 0x140
    Bytes<32> report_id_ma;      // 0x160
    Bytes<8> reported_tcb;       // 0x180
    Bytes<3> cpuid;              // 0x188 family, model, stepping; version 3 and later
    Bytes<21> reserved_18b;      // 0x18b
    Bytes<64> chip_id;           // 0x1a0
    Bytes<8> committed_tcb;      // 0x1e0
    Bytes<3> current_version;    // 0x1e8 build, minor, major
    Bytes<1> reserved_1eb;       // 0x1eb
    Bytes<3> committed_version;  // 0x1ec build, minor, major
    Bytes<1> reserved_1ef;       // 0x1ef
    Bytes<8> launch_tcb;         // 0x1f0
    Bytes<8> launch_mit_vector;  // 0x1f8 version 5 and later
    Bytes<8> current_mit_vector; // 0x200 version 5 and later
    Bytes<152> reserved_208;     // 0x208
    Bytes<72> signature_r;       // 0x2a0
    Bytes<72> signature_s;       // 0x2e8
    Bytes<368> signature_rest;   // 0x330
};
static_assert(offsetof(SnpReportWire, vmpl) == 0x030);
static_assert(offsetof(SnpReportWire, report_data) == 0x050);
static_assert(offsetof(SnpReportWire, measurement) == 0x090);
static_assert(offsetof(SnpReportWire, host_data) == 0x0c0);
static_assert(offsetof(SnpReportWire, reported_tcb) == 0x180);
static_assert(offsetof(SnpReportWire, chip_id) == 0x1a0);
static_assert(offsetof(SnpReportWire, launch_tcb) == 0x1f0);
static_assert(offsetof(SnpReportWire, current_mit_vector) == 0x200);
static_assert(offsetof(SnpReportWire, signature_r) == 0x2a0);
static_assert(offsetof(SnpReportWire, signature_s) == 0x2e8);
static_assert(offsetof(SnpReportWire, signature_rest) == 0x330);
static_assert(sizeof(SnpReportWire) == 0x4a0);

inline constexpr std::size_t snp_report_size = sizeof(SnpReportWire);

// The versions of a TCB's parts.
struct SnpTcb {
    std::optional<std::uint8_t> fmc; // Turin and later
    std::uint8_t boot_loader = 0;
    std::uint8_t tee = 0;
    std::uint8_t snp = 0;
    std::uint8_t microcode = 0;

    bool operator==(const SnpTcb&) const = default;
};

// Of the firmware.
struct SnpVersion {
    std::uint8_t build = 0;
    std::uint8_t minor = 0;
    std::uint8_t major = 0;

    bool operator==(const SnpVersion&) const = default;
};

struct SnpCpuid {
    std::uint8_t family = 0;
    std::uint8_t model = 0;
    std::uint8_t stepping = 0;

    bool operator==(const SnpCpuid&) const = default;
};

// Every member of the report; numbers are as they are there, bit fields and TCBs not yet taken
// apart.
struct SnpReport {
    // Of `policy`, table GUEST_POLICY.
    static constexpr std::uint64_t policy_smt = 1U << 16;
    static constexpr std::uint64_t policy_always = 1U << 17;
    static constexpr std::uint64_t policy_migrate_ma = 1U << 18;
    static constexpr std::uint64_t policy_reserved_one = 1ULL << 17; // AMD 56860, table 10
    static constexpr std::uint64_t policy_debug = 1U << 19;
    static constexpr std::uint64_t policy_single_socket = 1U << 20;
    static constexpr std::uint64_t policy_cxl = 1U << 21;
    static constexpr std::uint64_t policy_aes_256_xts = 1U << 22;
    static constexpr std::uint64_t policy_rapl_off = 1U << 23;
    static constexpr std::uint64_t policy_ciphertext_hiding = 1U << 24;
    static constexpr std::uint64_t policy_page_swap_off = 1U << 25;
    // Of `platform_info`.
    static constexpr std::uint64_t platform_smt = 1U << 0;
    static constexpr std::uint64_t platform_tsme = 1U << 1;
    static constexpr std::uint64_t platform_ecc = 1U << 2;
    static constexpr std::uint64_t platform_rapl_off = 1U << 3;
    static constexpr std::uint64_t platform_ciphertext_hiding = 1U << 4;
    static constexpr std::uint64_t platform_alias_check = 1U << 5;
    static constexpr std::uint64_t platform_tio = 1U << 7;
    // Of `signer_info`; the key is in bits 4:2: 0 VCEK, 1 VLEK, 7 none.
    static constexpr std::uint32_t signer_author_key = 1U << 0;
    static constexpr std::uint32_t signer_mask_chip_key = 1U << 1;

    std::uint32_t version = 0;
    std::uint32_t guest_svn = 0;
    std::uint64_t policy = 0;
    std::array<std::uint8_t, 16> family_id{};
    std::array<std::uint8_t, 16> image_id{};
    std::uint32_t vmpl = 0;
    std::uint32_t signature_algo = 0; // 1: ECDSA P-384 with SHA-384
    std::uint64_t current_tcb = 0;
    std::uint64_t platform_info = 0;
    std::uint32_t signer_info = 0;
    std::array<std::uint8_t, 64> report_data{}; // the inblob, zeros behind it
    std::array<std::uint8_t, 48> measurement{};
    std::array<std::uint8_t, 32> host_data{};
    std::array<std::uint8_t, 48> id_key_digest{};
    std::array<std::uint8_t, 48> author_key_digest{};
    std::array<std::uint8_t, 32> report_id{};
    std::array<std::uint8_t, 32> report_id_ma{};
    std::uint64_t reported_tcb = 0;
    std::optional<SnpCpuid> cpuid; // version 3 and later
    std::array<std::uint8_t, 64> chip_id{};
    std::uint64_t committed_tcb = 0;
    SnpVersion current_version;
    SnpVersion committed_version;
    std::uint64_t launch_tcb = 0;
    std::optional<std::uint64_t> launch_mit_vector;  // version 5 and later
    std::optional<std::uint64_t> current_mit_vector; // version 5 and later
    std::array<std::uint8_t, 72> signature_r{};      // little-endian
    std::array<std::uint8_t, 72> signature_s{};      // little-endian

    // 0 VCEK, 1 VLEK, 7 none
    [[nodiscard]] std::uint32_t signing_key() const { return signer_info >> 2 & 7U; }
    // Family 1Ah orders a TCB's bytes anew. A report before version 3 does not say its family; no
    // such processor's firmware makes one.
    [[nodiscard]] bool is_turin() const { return cpuid && cpuid->family >= 0x1a; }
    // One of this report's TCBs, taken apart.
    [[nodiscard]] SnpTcb tcb(std::uint64_t raw) const {
        const auto byte = [raw](unsigned at) { return static_cast<std::uint8_t>(raw >> 8 * at); };
        if (is_turin())
            return {.fmc = byte(0),
                    .boot_loader = byte(1),
                    .tee = byte(2),
                    .snp = byte(3),
                    .microcode = byte(7)};
        return {.fmc = std::nullopt,
                .boot_loader = byte(0),
                .tee = byte(1),
                .snp = byte(6),
                .microcode = byte(7)};
    }
};

// Revision 1.58 of the specification has versions 2 to 5. They only ever gave meaning to what was
// reserved, so a later one is read as the newest that is known; what its signature is over is
// checked by who verifies it.
inline constexpr std::uint32_t snp_newest_version = 5;
inline constexpr std::uint32_t snp_version_max = 15; // of what is taken for a report at all

// The product line whose processors have this family and model: "Milan", "Genoa" or "Turin"; empty
// if none is known. (AMD 57230, section 3.1; Bergamo and Siena count as Genoa.)
[[nodiscard]] TSMFD_API std::string_view snp_product(const SnpCpuid& cpuid) noexcept;

// EBADMSG for bytes of another length than 0x4A0 and for a version that is none of 2 to
// snp_version_max.
[[nodiscard]] TSMFD_API Result<SnpReport> parse_snp_report(ByteSpan bytes) noexcept;

// What a report says of the options it answers, without a copy of the rest. The spans lie in the
// report.
struct SnpFacts {
    std::uint32_t vmpl = 0;
    ByteSpan report_data; // 64 bytes
    ByteSpan host_data;   // 32 bytes
};

// Nothing for what parse_snp_report() refuses.
[[nodiscard]] TSMFD_API std::optional<SnpFacts> snp_facts(ByteSpan bytes) noexcept;

} // namespace tsmfd

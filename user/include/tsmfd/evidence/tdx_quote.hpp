// SPDX-License-Identifier: MIT
//
// An Intel TDX quote, version 4 or 5.
//
// "Intel TDX DCAP Quoting Library API", appendix A.3 (version 4) and A.4 (version 5); the TD
// report's fields are of the "Intel TDX Module ABI Specification", section TD_INFO. Little-endian,
// but for the numbers of signatures and keys, which are big-endian.
//
//     Result<TdxQuote> quote = parse_tdx_quote(evidence.outblob);
//     quote->report_data, quote->rtmr[0]
//
// Parsing says that the bytes have the shape of a quote; tdx_verify.hpp is about the rest.
//
// Threads: functions of their arguments. The spans of a quote lie in the bytes that were parsed.
#pragma once

#include <tsmfd/bytes.hpp>
#include <tsmfd/export.hpp>
#include <tsmfd/result.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace tsmfd {

struct TdxHeaderWire {
    std::array<std::uint8_t, 2> version;         // 0x00
    std::array<std::uint8_t, 2> attestation_key; // 0x02 type: 2 is ECDSA with P-256
    std::array<std::uint8_t, 4> tee_type;        // 0x04 0x81 is TDX
    std::array<std::uint8_t, 4> reserved_08;     // 0x08
    std::array<std::uint8_t, 16> qe_vendor_id;   // 0x0c
    std::array<std::uint8_t, 20> user_data;      // 0x1c
};
static_assert(offsetof(TdxHeaderWire, user_data) == 0x1c);
static_assert(sizeof(TdxHeaderWire) == 0x30);

// TD report of TDX 1.0, in version 4 at 0x30 and in version 5 at 0x36.
struct TdxBodyWire {
    template <std::size_t N>
    using Bytes = std::array<std::uint8_t, N>;

    Bytes<16> tee_tcb_svn;         // 0x000
    Bytes<48> mr_seam;             // 0x010
    Bytes<48> mr_signer_seam;      // 0x040
    Bytes<8> seam_attributes;      // 0x070
    Bytes<8> td_attributes;        // 0x078
    Bytes<8> xfam;                 // 0x080
    Bytes<48> mr_td;               // 0x088
    Bytes<48> mr_config_id;        // 0x0b8
    Bytes<48> mr_owner;            // 0x0e8
    Bytes<48> mr_owner_config;     // 0x118
    std::array<Bytes<48>, 4> rtmr; // 0x148
    Bytes<64> report_data;         // 0x208
};
static_assert(offsetof(TdxBodyWire, td_attributes) == 0x078);
static_assert(offsetof(TdxBodyWire, mr_td) == 0x088);
static_assert(offsetof(TdxBodyWire, rtmr) == 0x148);
static_assert(offsetof(TdxBodyWire, report_data) == 0x208);
static_assert(sizeof(TdxBodyWire) == 584);

// TD report of TDX 1.5, in version 5 at 0x36.
struct TdxBody15Wire {
    TdxBodyWire body;                           // 0x000
    std::array<std::uint8_t, 16> tee_tcb_svn_2; // 0x248
    std::array<std::uint8_t, 48> mr_service_td; // 0x258
};
static_assert(offsetof(TdxBody15Wire, mr_service_td) == 0x258);
static_assert(sizeof(TdxBody15Wire) == 648);

// The quoting enclave's own report, of SGX: "Intel SGX DCAP Quoting Library API", A.4.
struct QeReportWire {
    std::array<std::uint8_t, 16> cpu_svn;      // 0x000
    std::array<std::uint8_t, 4> misc_select;   // 0x010
    std::array<std::uint8_t, 28> reserved_014; // 0x014
    std::array<std::uint8_t, 16> attributes;   // 0x030
    std::array<std::uint8_t, 32> mr_enclave;   // 0x040
    std::array<std::uint8_t, 32> reserved_060; // 0x060
    std::array<std::uint8_t, 32> mr_signer;    // 0x080
    std::array<std::uint8_t, 96> reserved_0a0; // 0x0a0
    std::array<std::uint8_t, 2> isv_prod_id;   // 0x100
    std::array<std::uint8_t, 2> isv_svn;       // 0x102
    std::array<std::uint8_t, 60> reserved_104; // 0x104
    std::array<std::uint8_t, 64> report_data;  // 0x140
};
static_assert(offsetof(QeReportWire, mr_signer) == 0x080);
static_assert(offsetof(QeReportWire, report_data) == 0x140);
static_assert(sizeof(QeReportWire) == 384);

// What the quoting enclave's report says of it.
struct QeReport {
    std::array<std::uint8_t, 4> misc_select{};
    std::array<std::uint8_t, 16> attributes{};
    std::array<std::uint8_t, 32> mr_enclave{};
    std::array<std::uint8_t, 32> mr_signer{};
    std::uint16_t isv_prod_id = 0;
    std::uint16_t isv_svn = 0;
    std::array<std::uint8_t, 64> report_data{};
};

struct TdxQuote {
    // Of `td_attributes` ("TD_PARAMS", ATTRIBUTES). Any of the first eight: the host can look into
    // the TD, by debugging it (bit 0) or by profiling it.
    static constexpr std::uint64_t attributes_debug = 0xff;
    static constexpr std::uint64_t attribute_debug = 1U << 0;
    static constexpr std::uint64_t attribute_migratable = 1U << 29; // to another machine
    // DEBUG, HGS_PLUS_PROF, PERF_PROF, PMT_PROF, ICSSD, LASS, SEPT_VE_DISABLE, MIGRATABLE, PKS, KL,
    // TPA, PERFMON; the others are reserved.
    static constexpr std::uint64_t attributes_known = 0xc000'0000'f801'0071;

    std::uint16_t version = 0;
    std::array<std::uint8_t, 16> tee_tcb_svn{};
    std::array<std::uint8_t, 48> mr_seam{};
    std::array<std::uint8_t, 48> mr_signer_seam{}; // zero: Intel's
    std::uint64_t seam_attributes = 0;
    std::uint64_t td_attributes = 0;
    std::uint64_t xfam = 0;
    std::array<std::uint8_t, 48> mr_td{};
    std::array<std::uint8_t, 48> mr_config_id{};
    std::array<std::uint8_t, 48> mr_owner{};
    std::array<std::uint8_t, 48> mr_owner_config{};
    std::array<std::array<std::uint8_t, 48>, 4> rtmr{};
    std::array<std::uint8_t, 64> report_data{}; // the inblob, zeros behind it
    // Only of TDX 1.5: the versions of the module that runs now, which may have been exchanged
    // since the TD was launched, and the measurements of the TDs that serve it; zero if none does.
    std::optional<std::array<std::uint8_t, 16>> tee_tcb_svn_2{};
    std::optional<std::array<std::uint8_t, 48>> mr_service_td{};
    QeReport qe;

    ByteSpan signed_part;     // header and body, which the attestation key has signed
    ByteSpan signature;       // 64 bytes, r and s
    ByteSpan attestation_key; // 64 bytes, x and y, of P-256
    // Certification data of type 6: what says that the attestation key is a quoting enclave's.
    ByteSpan qe_report;    // 384 bytes
    ByteSpan qe_signature; // 64 bytes, r and s, by the platform's key
    ByteSpan qe_auth_data; // any length
    ByteSpan pck_chain;    // of type 5: PEM, the platform's certificate first
    ByteSpan trailing;     // what stands behind the quote, which nobody has signed
};

// EBADMSG for what is cut short or has the wrong lengths; EOPNOTSUPP for another version, TEE,
// kind of key or kind of certification data.
[[nodiscard]] TSMFD_API Result<TdxQuote> parse_tdx_quote(ByteSpan bytes) noexcept;

// REPORTDATA, 64 bytes of the quote's, without a look at the rest; nothing for what is no quote.
[[nodiscard]] TSMFD_API std::optional<ByteSpan> tdx_report_data(ByteSpan bytes) noexcept;

// Has it a quote's version, kind of key and TEE?
[[nodiscard]] TSMFD_API bool is_tdx_quote(ByteSpan bytes) noexcept;

} // namespace tsmfd

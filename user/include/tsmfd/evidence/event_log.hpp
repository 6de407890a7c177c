// SPDX-License-Identifier: MIT
//
// What firmware measured: the event log of a boot, and the PCRs that it leads to.
//
// TCG, "PC Client Platform Firmware Profile Specification", revision 1.05, section 10 (event
// logging): a TCG_PCClientPCREvent that holds a TCG_EfiSpecIDEvent ("Spec ID Event03"), then
// TCG_PCR_EVENT2s; or, in logs of TPM 1.2, TCG_PCClientPCREvents alone, which have SHA-1 and
// nothing else. Little-endian. A confidential guest without a TPM has the same in the area that
// its ACPI table CCEL names (UEFI 2.10, section 38.4), of registers that the TDX module keeps.
//
//     Result<EventLog> log = EventLog::parse(bytes);    // e.g. binary_bios_measurements
//     Result<PcrBank> bank = log->replay(TpmHash::sha256);
//     bank->values[4]                                   // what PCR 4 is, if the log is true
//     for (const TpmEvent& event : log->events())
//         fmt::print("PCR {} {} {}\n", event.pcr, event_type_name(event.type), describe(event));
//
// A log by itself proves nothing: it is the firmware's word, and becomes evidence when its replay
// is what a TPM has signed. Even then the *digests* are proven, and an event's data only where
// data_is_measured() says that the digest is of the data.
//
// Threads: values. Spans live as long as the bytes parsed.
#pragma once

#include <tsmfd/bytes.hpp>
#include <tsmfd/evidence/tpm_hash.hpp>
#include <tsmfd/export.hpp>
#include <tsmfd/result.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tsmfd {

// TCG_EVENTTYPE, in the same section.
enum class EventType : std::uint32_t {
    post_code = 0x00000001,
    no_action = 0x00000003, // not measured
    separator = 0x00000004,
    action = 0x00000005,
    event_tag = 0x00000006,
    s_crtm_contents = 0x00000007,
    s_crtm_version = 0x00000008,
    platform_config_flags = 0x0000000a,
    ipl = 0x0000000d,
    efi_variable_driver_config = 0x80000001,
    efi_variable_boot = 0x80000002,
    efi_boot_services_application = 0x80000003,
    efi_boot_services_driver = 0x80000004,
    efi_runtime_services_driver = 0x80000005,
    efi_gpt_event = 0x80000006,
    efi_action = 0x80000007,
    efi_platform_firmware_blob = 0x80000008,
    efi_handoff_tables = 0x80000009,
    efi_platform_firmware_blob2 = 0x8000000a,
    efi_handoff_tables2 = 0x8000000b,
    efi_variable_boot2 = 0x8000000c,
    efi_hcrtm_event = 0x80000010,
    efi_variable_authority = 0x800000e0,
};

// TPMT_HA
struct EventDigest {
    std::uint16_t hash = 0; // TPM_ALG_ID, one of EventLog::hashes()
    ByteSpan bytes;
};

// TCG_PCR_EVENT2
struct TSMFD_API TpmEvent {
    std::uint32_t pcr = 0;
    EventType type = EventType::no_action;
    std::vector<EventDigest> digests; // at most one of each hash
    ByteSpan data;

    // Empty if the event has none by this hash.
    [[nodiscard]] ByteSpan digest(TpmHash hash) const noexcept;
};

// TCG_EfiSpecIdEventAlgorithmSize
struct EventHash {
    std::uint16_t hash = 0; // TPM_ALG_ID; may be one that this library cannot compute
    std::uint16_t size = 0; // bytes
};

// The PCRs of one bank.
struct PcrBank {
    static constexpr std::size_t pcr_count = 24; // PC Client Platform TPM Profile, section 4.6

    TpmHash hash = TpmHash::sha256;
    std::array<TpmDigest, pcr_count> values{};
    std::uint32_t measured = 0; // bit n: PCR n was extended
};

// What an event's number is of.
enum class EventRegisters {
    pcr, // PCR N of a TPM
    rtmr // "Intel TDX Virtual Firmware Design Guide", table 8: 0 is MRTD, 1 to 4 are RTMR 0 to 3
};

// That a register was extended with one of these digests: of a kernel, or of its command line.
struct ExpectedEvent {
    TpmHash hash = TpmHash::sha256;
    std::uint32_t number = 0; // of the register, as TpmEvent has it
    std::vector<TpmDigest> digests;
};

class TSMFD_API EventLog {
public:
    static constexpr std::size_t max_hashes = 16;

    // EBADMSG unless the bytes are one whole log. Padding behind it, of zeros or of 0xff, is
    // passed over: firmware tells the area's size, not the log's.
    [[nodiscard]] static Result<EventLog> parse(ByteSpan bytes) noexcept;

    [[nodiscard]] const std::vector<EventHash>& hashes() const { return hashes_; }
    // By the number in the head of the log, which is 0 in a TPM's. EDK II and td-shim, the
    // firmware of TDs, write 1.
    [[nodiscard]] EventRegisters registers() const { return registers_; }
    // The hash to show the log by: SHA-256, else a longer one, else SHA-1, of those that the log
    // has and that can be computed here. Nothing if there is none.
    [[nodiscard]] std::optional<TpmHash> usual_hash() const noexcept;
    // In the order of measurement, without the TCG_EfiSpecIDEvent.
    [[nodiscard]] const std::vector<TpmEvent>& events() const { return events_; }
    // Bytes of the log, without padding.
    [[nodiscard]] std::size_t size() const { return size_; }

    // Is one of its events, of those that are measured, the one that is expected?
    [[nodiscard]] bool has(const ExpectedEvent& expected) const noexcept;

    // ENOENT for a hash that the log does not have; EBADMSG if one of its events lacks it or is
    // for a PCR that there is not; EOPNOTSUPP if it cannot be computed here.
    [[nodiscard]] Result<PcrBank> replay(TpmHash hash) const noexcept;

private:
    EventRegisters registers_ = EventRegisters::pcr;
    std::vector<EventHash> hashes_;
    std::vector<TpmEvent> events_;
    std::size_t size_ = 0;
};

// "EV_SEPARATOR"; "0x80000010" for a type that is not known.
[[nodiscard]] TSMFD_API std::string event_type_name(EventType type) noexcept;

// What the event says of itself, in a line: a variable's name, an action's text, where a blob is.
// Never longer than some 200 characters, and printable whatever the data are.
[[nodiscard]] TSMFD_API std::string describe(const TpmEvent& event) noexcept;

// True if every digest that can be computed here is of the data, so that who trusts the digest
// can trust the data. Of many events it is of something else: a file, a blob of memory.
[[nodiscard]] TSMFD_API bool data_is_measured(const TpmEvent& event) noexcept;

} // namespace tsmfd

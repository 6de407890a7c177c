// SPDX-License-Identifier: MIT
//
// The tag by which an emulated report says what it is for (struct tsmfd_emu_tag).
//
// tsmfd_emu writes it as HOST_DATA of the SNP report, once more with REPORT_DATA behind it as the
// report's last 96 bytes, and the same 96 bytes as each certificate's contents. Copies that
// differ were not made by one firmware call.
//
//     const EmuTag tag = EmuTag::read(report->host_data);
//     if (tag.valid)
//         tag.privlevel, tag.format
//
// Threads: functions of their arguments.
#pragma once

#include <tsmfd/bytes.hpp>
#include <tsmfd/evidence/snp_report.hpp>
#include <tsmfd/export.hpp>
#include <tsmfd/options.hpp>

#include <cstddef>
#include <cstdint>

#include <linux/tsmfd.h>
#include <linux/tsmfd_emu.h>

namespace tsmfd {

struct TSMFD_API EmuTag {
    bool valid = false; // the magic is there
    std::uint32_t format = 0;
    std::uint32_t privlevel = 0;
    std::uint32_t inblob_len = 0;
    std::uint64_t serial = 0; // counts the instance's firmware calls

    static constexpr std::size_t size = sizeof(tsmfd_emu_tag);
    // A tag with the report data behind it.
    static constexpr std::size_t proof_size = size + TSMFD_INBLOB_MAX;

    // Not valid if there are fewer bytes than a tag has or the magic is another.
    [[nodiscard]] static EmuTag read(ByteSpan bytes) noexcept;
};
static_assert(EmuTag::size == 32);
static_assert(offsetof(tsmfd_emu_tag, serial) == 16);
static_assert(TSMFD_EMU_TAG_HOST_DATA == offsetof(SnpReportWire, host_data));
static_assert(TSMFD_EMU_TAG_TAIL + EmuTag::proof_size == snp_report_size);

// True if the 96 bytes at the report's end are its own HOST_DATA and REPORT_DATA. `report` has
// the length of an SNP report.
[[nodiscard]] TSMFD_API bool emu_tail_agrees(ByteSpan report) noexcept;

// True if `contents`, a certificate of the auxblob, is that same proof.
[[nodiscard]] TSMFD_API bool emu_cert_agrees(ByteSpan report, ByteSpan contents) noexcept;

} // namespace tsmfd

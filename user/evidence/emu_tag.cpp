// SPDX-License-Identifier: MIT
#include <tsmfd/evidence/emu_tag.hpp>

#include <cstring>
#include <string_view>

namespace tsmfd {

namespace {

constexpr std::string_view magic = TSMFD_EMU_TAG_MAGIC;

bool same(ByteSpan a, ByteSpan b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size()) == 0;
}

} // namespace

EmuTag EmuTag::read(ByteSpan bytes) noexcept {
    if (bytes.size() < size || std::memcmp(bytes.data(), magic.data(), magic.size()) != 0)
        return {};
    Reader in(bytes.subspan(magic.size()));
    EmuTag tag;
    tag.format = in.le32();
    tag.privlevel = in.le32();
    tag.inblob_len = in.le32();
    tag.serial = in.le64();
    tag.valid = true;
    return tag;
}

bool emu_tail_agrees(ByteSpan report) noexcept {
    return report.size() == snp_report_size &&
           emu_cert_agrees(report, report.last(EmuTag::proof_size));
}

bool emu_cert_agrees(ByteSpan report, ByteSpan contents) noexcept {
    return report.size() == snp_report_size && contents.size() == EmuTag::proof_size &&
           same(contents.first(EmuTag::size),
                report.subspan(TSMFD_EMU_TAG_HOST_DATA, EmuTag::size)) &&
           same(contents.last(TSMFD_INBLOB_MAX),
                report.subspan(offsetof(SnpReportWire, report_data), TSMFD_INBLOB_MAX));
}

} // namespace tsmfd

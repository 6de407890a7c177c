// SPDX-License-Identifier: MIT
#include <tsmfd/cert_table.hpp>

#include <algorithm>

#include <fmt/format.h>

namespace tsmfd {

namespace {

struct Entry {
    Guid guid;
    std::uint32_t offset = 0;
    std::uint32_t length = 0;

    explicit Entry(Reader& in) : guid{in.array<16>()}, offset(in.le32()), length(in.le32()) {}

    [[nodiscard]] bool is_end() const { return guid.is_zero() && offset == 0 && length == 0; }
};

} // namespace

Result<CertTable> CertTable::parse(ByteSpan auxblob) noexcept {
    Reader in(auxblob);
    std::size_t entries = 0;
    std::size_t first_offset = auxblob.size();

    for (;; ++entries) {
        const Entry entry(in);
        if (!in.ok())
            return fail(
                fmt::format("certificate table of {} bytes without its end entry", auxblob.size()),
                EBADMSG);
        if (entry.is_end())
            break;
        if (entry.length == 0 || entry.offset > auxblob.size() ||
            entry.length > auxblob.size() - entry.offset)
            return fail(fmt::format("certificate {} at {} of {} bytes in a blob of {}",
                                    entry.guid.text(), entry.offset, entry.length, auxblob.size()),
                        EBADMSG);
        first_offset = std::min<std::size_t>(first_offset, entry.offset);
    }

    const std::size_t table_bytes = (entries + 1) * sizeof(CertEntryWire);
    if (entries > 0 && first_offset < table_bytes)
        return fail(
            fmt::format("certificate at {} in a table of {} bytes", first_offset, table_bytes),
            EBADMSG);
    return CertTable(auxblob, entries);
}

Cert CertTable::Iterator::operator*() const noexcept {
    Reader in(auxblob_.subspan(entry_ * sizeof(CertEntryWire), sizeof(CertEntryWire)));
    const Entry entry(in);
    return {entry.guid, auxblob_.subspan(entry.offset, entry.length)};
}

} // namespace tsmfd

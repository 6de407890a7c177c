// SPDX-License-Identifier: MIT
#include <tsmfd/evidence/cert_table.hpp>

#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace tsmfd {

namespace {

struct Entry {
    Guid guid;
    std::uint32_t offset = 0;
    std::uint32_t length = 0;

    Entry() = default;
    explicit Entry(Reader& in) : guid{in.array<16>()}, offset(in.le32()), length(in.le32()) {}

    [[nodiscard]] bool is_end() const { return guid.is_zero() && offset == 0 && length == 0; }
    // Known to lie in the blob, and so not to overflow.
    [[nodiscard]] std::size_t end() const { return std::size_t{offset} + length; }
};

std::unexpected<Error> bad(std::string what) {
    return fail(std::move(what), EBADMSG);
}

Result<void> check(const Entry& entry, std::size_t blob) {
    if (entry.length == 0 || entry.offset > blob || entry.length > blob - entry.offset)
        return bad(fmt::format("certificate {} at {} of {} bytes in a blob of {}",
                               entry.guid.text(), entry.offset, entry.length, blob));
    return {};
}

// Bytes that two of them have are read twice: the cost would be their product.
Result<void> check_apart(std::span<const Entry> entries) {
    for (std::size_t i = 0; i < entries.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (entries[i].offset < entries[j].end() && entries[j].offset < entries[i].end())
                return bad(fmt::format("certificate {} at {} of {} bytes shares some with another",
                                       entries[i].guid.text(), entries[i].offset,
                                       entries[i].length));
        }
    }
    return {};
}

} // namespace

Result<CertTable> CertTable::parse(ByteSpan auxblob) noexcept {
    Reader in(auxblob);
    std::array<Entry, max_entries> entries;
    std::size_t count = 0;
    std::size_t first = auxblob.size();
    std::size_t end = 0;

    for (;; ++count) {
        const Entry entry(in);
        if (!in.ok())
            return bad(
                fmt::format("certificate table of {} bytes without its end entry", auxblob.size()));
        if (entry.is_end())
            break;
        if (count == max_entries)
            return bad(fmt::format("certificate table of more than {} entries", max_entries));
        if (const auto checked = check(entry, auxblob.size()); !checked)
            return std::unexpected(checked.error());
        entries[count] = entry;
        first = std::min<std::size_t>(first, entry.offset);
        end = std::max(end, entry.end());
    }

    const std::size_t table_bytes = (count + 1) * sizeof(CertEntryWire);
    if (count > 0 && first < table_bytes)
        return bad(fmt::format("certificate at {} in a table of {} bytes", first, table_bytes));
    if (const auto apart = check_apart(std::span(entries).first(count)); !apart)
        return std::unexpected(apart.error());
    return CertTable(auxblob, count, std::max(end, table_bytes));
}

Cert CertTable::Iterator::operator*() const noexcept {
    Reader in(auxblob_.subspan(entry_ * sizeof(CertEntryWire), sizeof(CertEntryWire)));
    const Entry entry(in);
    return {entry.guid, auxblob_.subspan(entry.offset, entry.length)};
}

} // namespace tsmfd

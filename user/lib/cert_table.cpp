// SPDX-License-Identifier: MIT
#include <tsmfd/cert_table.hpp>

#include <fmt/format.h>

namespace tsmfd {

Result<CertTable> CertTable::parse(ByteSpan auxblob) {
    CertTable table;
    Reader in(auxblob);

    for (;;) {
        const Guid guid{in.array<16>()};
        const std::uint32_t offset = in.le32();
        const std::uint32_t length = in.le32();
        if (!in.ok())
            return fail(fmt::format("certificate table of {} bytes without its end entry",
                                    auxblob.size()),
                        EBADMSG);
        if (guid.is_zero() && offset == 0 && length == 0)
            break;
        if (table.size_ == max_entries)
            return fail(fmt::format("certificate table of more than {} entries", max_entries),
                        EBADMSG);
        if (length == 0 || offset > auxblob.size() || length > auxblob.size() - offset)
            return fail(fmt::format("certificate {} at {} of {} bytes in a blob of {}",
                                    guid.text(), offset, length, auxblob.size()),
                        EBADMSG);
        table.certs_[table.size_++] = Cert{guid, auxblob.subspan(offset, length)};
    }

    const std::size_t table_bytes = auxblob.size() - in.left();
    for (const Cert& cert : table) {
        if (cert.bytes.data() < auxblob.data() + table_bytes)
            return fail("certificate " + cert.guid.text() + " lies in the table itself", EBADMSG);
    }
    return table;
}

} // namespace tsmfd

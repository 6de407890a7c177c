// SPDX-License-Identifier: MIT
//
// The certificate table of an SNP report's auxblob.
//
// AMD 56421, "SEV-ES Guest-Hypervisor Communication Block Standardization", section SNP Extended
// Guest Request: entries of {guid[16], offset u32, length u32}, little-endian, ended by one of
// zeros; offsets count from the start of the blob; GUIDs stand in RFC 4122 order.
//
//     Result<CertTable> table = CertTable::parse(report->auxblob);
//     for (const Cert& cert : *table)
//         if (cert.guid == cert_guid::vcek)
//             use(cert.bytes);                 // a span of the auxblob
//
// Threads: a value. Its spans live as long as the auxblob does.
#pragma once

#include <tsmfd/bytes.hpp>
#include <tsmfd/guid.hpp>
#include <tsmfd/result.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace tsmfd {

namespace cert_guid {
inline constexpr Guid vcek = Guid::of("63da758d-e664-4564-adc5-f4b93be8accd");
inline constexpr Guid vlek = Guid::of("a8074bc2-a25a-483e-aae6-39c045a0b8a1");
inline constexpr Guid ask = Guid::of("4ab7b379-bbac-4fe4-a02f-05aef327c782");
inline constexpr Guid ark = Guid::of("c0b406a4-a803-4952-9743-3fb6014cd0ae");
inline constexpr Guid crl = Guid::of("92f81bc3-5811-4d3d-97ff-d19f88dc67ea");
} // namespace cert_guid

struct CertEntryWire {
    std::array<std::uint8_t, 16> guid;  // 0x00
    std::array<std::uint8_t, 4> offset; // 0x10
    std::array<std::uint8_t, 4> length; // 0x14
};
static_assert(offsetof(CertEntryWire, offset) == 0x10);
static_assert(offsetof(CertEntryWire, length) == 0x14);
static_assert(sizeof(CertEntryWire) == 24);

struct Cert {
    Guid guid;
    ByteSpan bytes; // never empty
};

class CertTable {
public:
    // The specification names five kinds; hosts may add their own.
    static constexpr std::size_t max_entries = 32;

    // EBADMSG for a table without its end, for more than max_entries, and for an entry that is
    // empty, lies in the table itself or reaches past the end of the blob.
    [[nodiscard]] static Result<CertTable> parse(ByteSpan auxblob);

    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] const Cert* begin() const { return certs_.data(); }
    [[nodiscard]] const Cert* end() const { return certs_.data() + size_; }

private:
    std::array<Cert, max_entries> certs_{};
    std::size_t size_ = 0;
};

} // namespace tsmfd

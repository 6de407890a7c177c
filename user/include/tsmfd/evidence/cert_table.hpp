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
#include <tsmfd/export.hpp>
#include <tsmfd/guid.hpp>
#include <tsmfd/result.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>

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

// All entries are checked when the table is parsed, and each is taken apart when it is come to.
class TSMFD_API CertTable {
public:
    class TSMFD_API Iterator {
    public:
        using value_type = Cert;
        using difference_type = std::ptrdiff_t;

        Iterator() = default;
        Cert operator*() const noexcept;
        Iterator& operator++() {
            ++entry_;
            return *this;
        }
        Iterator operator++(int) {
            Iterator before = *this;
            ++*this;
            return before;
        }
        bool operator==(const Iterator& other) const { return entry_ == other.entry_; }

    private:
        friend class CertTable;
        Iterator(ByteSpan auxblob, std::size_t entry) : auxblob_(auxblob), entry_(entry) {}

        ByteSpan auxblob_;
        std::size_t entry_ = 0;
    };

    // So many at most: AMD has five kinds, and a host may enclose VCEKs of several TCBs.
    static constexpr std::size_t max_entries = 32;

    // EBADMSG for a table without its end or of too many entries, and for an entry that is empty,
    // lies in the table itself, shares bytes with another or reaches past the end of the blob.
    [[nodiscard]] static Result<CertTable> parse(ByteSpan auxblob) noexcept;

    [[nodiscard]] std::size_t size() const { return size_; }
    // From the blob's start to the end of the last certificate. What is behind is none of it.
    [[nodiscard]] std::size_t bytes() const { return bytes_; }
    [[nodiscard]] Iterator begin() const { return {auxblob_, 0}; }
    [[nodiscard]] Iterator end() const { return {auxblob_, size_}; }

private:
    CertTable(ByteSpan auxblob, std::size_t size, std::size_t bytes)
        : auxblob_(auxblob), size_(size), bytes_(bytes) {}

    ByteSpan auxblob_;
    std::size_t size_;
    std::size_t bytes_;
};
static_assert(std::forward_iterator<CertTable::Iterator>);

} // namespace tsmfd

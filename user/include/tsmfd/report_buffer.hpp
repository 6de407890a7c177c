// SPDX-License-Identifier: MIT
//
// Room for the blobs of one report, reused from report to report.
//
//     ReportBuffer buffer;                              // once a thread
//     for (;;) {
//         if (auto got = device.report_into(options, buffer); !got) ...
//         use(buffer.outblob(), buffer.auxblob());      // valid until the next call
//     }
//
// Behind each blob's room stand guard bytes; a kernel that writes past the room it was given
// is found out.
//
// Threads: one at a time.
#pragma once

#include <tsmfd/bytes.hpp>
#include <tsmfd/export.hpp>

#include <cstdint>
#include <vector>

#include <linux/tsmfd.h>

namespace tsmfd {

class TSMFD_API ReportBuffer {
public:
    // Bytes of room; each grows when a report needs more.
    explicit ReportBuffer(std::uint32_t outblob = 4096, std::uint32_t auxblob = 16384,
                          std::uint32_t manifestblob = 4096) noexcept;

    [[nodiscard]] ByteSpan outblob() const { return out_.blob(); }
    [[nodiscard]] ByteSpan auxblob() const { return aux_.blob(); }
    [[nodiscard]] ByteSpan manifestblob() const { return manifest_.blob(); }
    // struct tsmfd_batch_proof and its path; empty unless batch was asked for.
    [[nodiscard]] ByteSpan proof() const { return proof_.blob(); }
    // Counts the provider's reports since it was registered.
    [[nodiscard]] std::uint64_t generation() const { return generation_; }

private:
    friend class Device;

    // Of the largest tree: its root is 12 levels above the leaves.
    static constexpr std::uint32_t proof_most = sizeof(tsmfd_batch_proof) + 12UL * TSMFD_HASH_LEN;
    static_assert(TSMFD_BATCH_MAX == 1U << 12U);

    class Slot {
    public:
        explicit Slot(std::uint32_t room) { make_room(room); }
        void make_room(std::uint32_t room) noexcept;
        [[nodiscard]] std::uint64_t address() noexcept;
        [[nodiscard]] std::uint32_t room() const { return room_; }
        [[nodiscard]] ByteSpan blob() const { return ByteSpan(bytes_).first(length_); }
        // False when the length or the guard says that more than the room was written.
        [[nodiscard]] bool take(std::uint32_t length) noexcept;

    private:
        std::vector<std::uint8_t> bytes_;
        std::uint32_t room_ = 0;
        std::uint32_t length_ = 0;
    };

    void offer(tsmfd_report_req& request) noexcept;
    void make_room_for(const tsmfd_report_req& answer) noexcept;
    [[nodiscard]] bool take(const tsmfd_report_req& answer) noexcept;

    Slot out_;
    Slot aux_;
    Slot manifest_;
    Slot proof_{proof_most};
    std::uint64_t generation_ = 0;
};

} // namespace tsmfd

// SPDX-License-Identifier: MIT
#include <tsmfd/report_buffer.hpp>

#include <algorithm>
#include <array>
#include <bit>

namespace tsmfd {

namespace {

constexpr std::array<std::uint8_t, 16> guard = {0xa5, 0x5a, 0xc3, 0x3c, 0x96, 0x69, 0xf0, 0x0f,
                                                0xa5, 0x5a, 0xc3, 0x3c, 0x96, 0x69, 0xf0, 0x0f};

} // namespace

void ReportBuffer::Slot::make_room(std::uint32_t room) noexcept {
    if (room <= room_ && !bytes_.empty())
        return;
    bytes_.assign(room + guard.size(), 0);
    std::ranges::copy(guard, bytes_.begin() + room);
    room_ = room;
    length_ = 0;
}

std::uint64_t ReportBuffer::Slot::address() noexcept {
    return std::bit_cast<std::uintptr_t>(bytes_.data());
}

bool ReportBuffer::Slot::take(std::uint32_t length) noexcept {
    length_ = std::min(length, room_);
    return length <= room_ && std::equal(guard.begin(), guard.end(), bytes_.begin() + room_);
}

ReportBuffer::ReportBuffer(std::uint32_t outblob, std::uint32_t auxblob,
                           std::uint32_t manifestblob) noexcept
    : out_(outblob), aux_(auxblob), manifest_(manifestblob) {}

void ReportBuffer::offer(tsmfd_report_req& request) noexcept {
    request.outblob = out_.address();
    request.auxblob = aux_.address();
    request.manifestblob = manifest_.address();
    request.proof = (request.flags & TSMFD_OPT_BATCH) != 0 ? proof_.address() : 0;
    request.proof_len = request.proof != 0 ? proof_.room() : 0;
    request.outblob_len = out_.room();
    request.auxblob_len = aux_.room();
    request.manifestblob_len = manifest_.room();
}

void ReportBuffer::make_room_for(const tsmfd_report_req& answer) noexcept {
    out_.make_room(answer.outblob_len);
    aux_.make_room(answer.auxblob_len);
    manifest_.make_room(answer.manifestblob_len);
}

bool ReportBuffer::take(const tsmfd_report_req& answer) noexcept {
    // Each of them, whatever the others say: all lengths are to be set.
    const bool out = out_.take(answer.outblob_len);
    const bool aux = aux_.take(answer.auxblob_len);
    const bool manifest = manifest_.take(answer.manifestblob_len);
    const bool proof = proof_.take(answer.proof_len);
    generation_ = answer.generation;
    return out && aux && manifest && proof;
}

} // namespace tsmfd

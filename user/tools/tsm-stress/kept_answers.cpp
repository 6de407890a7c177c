// SPDX-License-Identifier: MIT
#include "kept_answers.hpp"

#include "session.hpp"

#include <cstring>
#include <span>

namespace stress {

namespace {

// So that a thousand threads are not at the allocator all the time.
constexpr std::size_t least_piece = 256UL << 10;

bool same(tsmfd::ByteSpan one, tsmfd::ByteSpan other) {
    return one.size() == other.size() &&
           (one.empty() || std::memcmp(one.data(), other.data(), one.size()) == 0);
}

} // namespace

KeptAnswers::Memory KeptAnswers::memory_in(std::span<std::byte> room) {
    if (room.empty())
        return Memory(least_piece);
    return {room.data(), room.size()};
}

tsmfd::ByteSpan KeptAnswers::kept(tsmfd::ByteSpan bytes) {
    const std::span<std::uint8_t> copy(
        std::pmr::polymorphic_allocator<std::uint8_t>(&memory_).allocate(bytes.size()),
        bytes.size());
    // std::ranges::copy() does so byte by byte, in 2,800 instructions a report more.
    if (!bytes.empty())
        std::memcpy(copy.data(), bytes.data(), bytes.size());
    return copy;
}

tsmfd::ByteSpan KeptAnswers::kept_once(tsmfd::ByteSpan Answer::*blob, tsmfd::ByteSpan bytes) {
    if (!answers_.empty() && same(answers_.back().*blob, bytes))
        return answers_.back().*blob;
    return kept(bytes);
}

void KeptAnswers::keep(const Question& question, const tsmfd::Evidence& got) {
    const tsmfd::Options& options = question.options;
    answers_.push_back({.asked = {.inblob = options.inblob,
                                  .privlevel = options.privlevel.value_or(privlevel_floor_),
                                  .format = options.format},
                        .proof = kept(got.proof),
                        .outblob = kept_once(&Answer::outblob, got.outblob),
                        .auxblob = kept_once(&Answer::auxblob, got.auxblob)});
}

void KeptAnswers::judge(const std::function<void(const tsmfd::Verdict&)>& use) const {
    for (const Answer& answer : answers_)
        use(tsmfd::judge_batched(answer.asked, answer.proof,
                                 {.outblob = answer.outblob, .auxblob = answer.auxblob}));
}

} // namespace stress

// SPDX-License-Identifier: MIT
//
// Batched answers of one caller, kept as they came, to be judged when nobody is timed any more:
// a proof is a dozen hashes. Answers of one batch that follow each other have its report once.
//
//     KeptAnswers kept(privlevel_floor, 64 << 20);
//     kept.keep(question, evidence);                       // copies
//     kept.judge([](const tsmfd::Verdict& verdict) {...});  // all of them
//
// Threads: one at a time.
#pragma once

#include <tsmfd/evidence/proof.hpp>
#include <tsmfd/evidence/verdict.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory_resource>
#include <span>
#include <vector>

namespace stress {

struct Question;

class KeptAnswers {
public:
    // `privlevel_floor` is what a leaf says where no privlevel was asked. `room` bytes are there,
    // and touched, from the beginning; what is more comes when it is needed.
    KeptAnswers(std::uint32_t privlevel_floor, std::size_t room)
        : privlevel_floor_(privlevel_floor), room_(room), memory_(memory_in(room_)) {}

    void keep(const Question& question, const tsmfd::Evidence& got);
    [[nodiscard]] bool empty() const { return answers_.empty(); }
    void judge(const std::function<void(const tsmfd::Verdict&)>& use) const;

private:
    struct Answer {
        tsmfd::BatchedChallenge asked;
        tsmfd::ByteSpan proof; // these in memory_
        tsmfd::ByteSpan outblob;
        tsmfd::ByteSpan auxblob;
    };

    using Memory = std::pmr::monotonic_buffer_resource; // frees nothing before the end

    [[nodiscard]] static Memory memory_in(std::span<std::byte> room);
    [[nodiscard]] tsmfd::ByteSpan kept(tsmfd::ByteSpan bytes);
    // The last answer's blob if that is the same.
    [[nodiscard]] tsmfd::ByteSpan kept_once(tsmfd::ByteSpan Answer::*blob, tsmfd::ByteSpan bytes);

    std::uint32_t privlevel_floor_;
    std::vector<std::byte> room_;
    Memory memory_;
    std::pmr::deque<Answer> answers_{&memory_}; // not a vector, which would copy as it grows
};

} // namespace stress

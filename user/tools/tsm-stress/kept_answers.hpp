// SPDX-License-Identifier: MIT
//
// Batched answers of one caller, kept as they came, to be judged when nobody is timed any more:
// a proof is a dozen hashes. Answers of one batch that follow each other have its report once.
//
//     KeptAnswers kept(privlevel_floor);
//     kept.keep(question, evidence);                       // copies
//     kept.judge([](const tsmfd::Verdict& verdict) {...});  // and forgets them
//
// Threads: one at a time.
#pragma once

#include <tsmfd/proof.hpp>
#include <tsmfd/verdict.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

namespace stress {

struct Question;

class KeptAnswers {
public:
    // What a leaf says where no privlevel was asked.
    explicit KeptAnswers(std::uint32_t privlevel_floor) : privlevel_floor_(privlevel_floor) {}

    void keep(const Question& question, const tsmfd::Evidence& got);
    [[nodiscard]] bool empty() const { return answers_.empty(); }
    void judge(const std::function<void(const tsmfd::Verdict&)>& use);

private:
    struct Bytes {
        std::uint32_t chunk = 0; // in chunks_
        std::uint32_t start = 0; // in it
        std::uint32_t size = 0;
    };
    struct Answer {
        tsmfd::BatchedChallenge asked;
        Bytes proof;
        Bytes outblob;
        Bytes auxblob;
    };

    [[nodiscard]] Bytes kept(tsmfd::ByteSpan bytes);
    // Of the last answer's blob if that is the same.
    [[nodiscard]] Bytes kept_once(Bytes Answer::*blob, tsmfd::ByteSpan bytes);
    [[nodiscard]] tsmfd::ByteSpan span(const Bytes& bytes) const;

    std::uint32_t privlevel_floor_;
    std::deque<Answer> answers_;
    std::vector<std::vector<std::uint8_t>> chunks_; // each is full before the next
};

} // namespace stress

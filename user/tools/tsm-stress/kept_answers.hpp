// SPDX-License-Identifier: MIT
//
// Batched answers of one caller, kept as they came, to be judged when nobody is timed any more:
// a proof is a dozen hashes.
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
    struct Answer {
        tsmfd::BatchedChallenge asked;
        std::size_t chunk; // in chunks_
        std::size_t start; // in it, of proof, outblob and auxblob
        std::uint32_t proof;
        std::uint32_t outblob;
        std::uint32_t auxblob;
    };

    std::vector<std::uint8_t>& chunk_for(std::size_t bytes);

    std::uint32_t privlevel_floor_;
    std::deque<Answer> answers_;
    std::vector<std::vector<std::uint8_t>> chunks_; // each is full before the next
};

} // namespace stress

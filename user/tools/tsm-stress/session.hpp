// SPDX-License-Identifier: MIT
//
// One caller's side of a run: what to ask next, whether to go on, and where to count.
//
//     Question question = session.question(slot);          // privlevel and format of this slot
//     while (const auto start = session.wait_turn()) {
//         session.renew(question);                         // a challenge that was never used
//         const Result<Evidence> got = ...question.options...;
//         session.record(question, *start, got);
//     }
//
// Threads: one at a time; each caller has its own.
#pragma once

#include "board.hpp"
#include "challenge_source.hpp"
#include "kept_answers.hpp"
#include "pacer.hpp"
#include "settings.hpp"
#include "signature_check.hpp"
#include "tally.hpp"

#include <tsmfd/evidence/verdict.hpp>
#include <tsmfd/options.hpp>
#include <tsmfd/result.hpp>

#include <cstdint>
#include <optional>

namespace stress {

// What is asked and what the answer is held against.
struct Question {
    tsmfd::Options options;
    tsmfd::Challenge expected;
    // Whoever asks sets it once the kernel is to have counted a request.
    bool submitted = false;
};

class Session {
public:
    // `caller` is unique over all processes.
    Session(const Settings& settings, Board& board, std::uint32_t caller);

    void begin();
    void end();
    // After end(), once every caller has ended: judges the batched answers, which were kept.
    void judge_kept();

    // Callers with several requests at once give each its slot. Over all callers, neighbours
    // differ in privlevel and format as far as the settings have several.
    [[nodiscard]] Question question(std::uint32_t slot) const;
    void renew(Question& question);

    // Sleeps until the next request is due, and returns when that was; nothing at the end.
    [[nodiscard]] std::optional<std::int64_t> wait_turn();
    // The same without sleeping.
    [[nodiscard]] Turn turn();

    void record(const Question& question, std::int64_t start,
                const tsmfd::Result<tsmfd::Evidence>& got);
    void failed(const tsmfd::Error& error);
    // It was submitted, and is not waited for any longer.
    void abandoned(const Question& question, const tsmfd::Error& error);

    // Nothing more is to be asked, also by a caller that waits for what it has asked.
    [[nodiscard]] bool ended() const;
    // The provider is gone, so nothing more will come.
    [[nodiscard]] bool gone() const { return gone_; }
    [[nodiscard]] bool means_gone(int code) const;

private:
    void count(const tsmfd::Verdict& verdict, std::int64_t now);
    void check_signature(const Question& question, const tsmfd::Evidence& got);
    void answered(const Question& question, std::int64_t latency, const tsmfd::Evidence& got,
                  std::int64_t now);

    const Settings& settings_;
    Control& control_;
    Tally& tally_;
    std::uint32_t caller_;
    FaceKind kind_;
    ChallengeSource challenges_;
    Pacer pacer_;
    std::int64_t measured_from_ = 0; // ns
    bool gone_ = false;
    unsigned failures_in_a_row_ = 0;
    KeptAnswers kept_;
    SignatureCheck signatures_;
};

} // namespace stress

// SPDX-License-Identifier: MIT
#include "kept_answers.hpp"

#include "session.hpp"

#include <algorithm>

namespace stress {

namespace {

// A vector that grew would copy all that was kept, while callers are timed.
constexpr std::size_t chunk_room = 256UL << 10;

std::uint32_t append(std::vector<std::uint8_t>& to, tsmfd::ByteSpan bytes) {
    to.insert(to.end(), bytes.begin(), bytes.end());
    return static_cast<std::uint32_t>(bytes.size());
}

} // namespace

std::vector<std::uint8_t>& KeptAnswers::chunk_for(std::size_t bytes) {
    if (chunks_.empty() || chunks_.back().capacity() - chunks_.back().size() < bytes)
        chunks_.emplace_back().reserve(std::max(bytes, chunk_room));
    return chunks_.back();
}

void KeptAnswers::keep(const Question& question, const tsmfd::Evidence& got) {
    const tsmfd::Options& options = question.options;
    std::vector<std::uint8_t>& chunk =
        chunk_for(got.proof.size() + got.outblob.size() + got.auxblob.size());
    Answer answer{.asked = {.inblob = options.inblob,
                            .privlevel = options.privlevel.value_or(privlevel_floor_),
                            .format = options.format},
                  .chunk = chunks_.size() - 1,
                  .start = chunk.size(),
                  .proof = 0,
                  .outblob = 0,
                  .auxblob = 0};
    answer.proof = append(chunk, got.proof);
    answer.outblob = append(chunk, got.outblob);
    answer.auxblob = append(chunk, got.auxblob);
    answers_.push_back(answer);
}

void KeptAnswers::judge(const std::function<void(const tsmfd::Verdict&)>& use) {
    for (const Answer& answer : answers_) {
        const auto all = tsmfd::ByteSpan(chunks_[answer.chunk]).subspan(answer.start);
        const tsmfd::Evidence got{.outblob = all.subspan(answer.proof, answer.outblob),
                                  .auxblob =
                                      all.subspan(answer.proof + answer.outblob, answer.auxblob)};
        use(tsmfd::judge_batched(answer.asked, all.first(answer.proof), got));
    }
    answers_.clear();
    chunks_.clear();
}

} // namespace stress

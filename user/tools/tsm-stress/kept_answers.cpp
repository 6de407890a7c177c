// SPDX-License-Identifier: MIT
#include "kept_answers.hpp"

#include "session.hpp"

#include <algorithm>

namespace stress {

namespace {

// A vector that grew would copy all that was kept, while callers are timed.
constexpr std::size_t chunk_room = 256UL << 10;

} // namespace

KeptAnswers::Bytes KeptAnswers::kept(tsmfd::ByteSpan bytes) {
    if (chunks_.empty() || chunks_.back().capacity() - chunks_.back().size() < bytes.size())
        chunks_.emplace_back().reserve(std::max(bytes.size(), chunk_room));
    std::vector<std::uint8_t>& chunk = chunks_.back();
    const Bytes where{.chunk = static_cast<std::uint32_t>(chunks_.size() - 1),
                      .start = static_cast<std::uint32_t>(chunk.size()),
                      .size = static_cast<std::uint32_t>(bytes.size())};
    chunk.insert(chunk.end(), bytes.begin(), bytes.end());
    return where;
}

KeptAnswers::Bytes KeptAnswers::kept_once(Bytes Answer::*blob, tsmfd::ByteSpan bytes) {
    if (!answers_.empty() && std::ranges::equal(span(answers_.back().*blob), bytes))
        return answers_.back().*blob;
    return kept(bytes);
}

tsmfd::ByteSpan KeptAnswers::span(const Bytes& bytes) const {
    return tsmfd::ByteSpan(chunks_[bytes.chunk]).subspan(bytes.start, bytes.size);
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

void KeptAnswers::judge(const std::function<void(const tsmfd::Verdict&)>& use) {
    for (const Answer& answer : answers_) {
        const tsmfd::Evidence got{.outblob = span(answer.outblob), .auxblob = span(answer.auxblob)};
        use(tsmfd::judge_batched(answer.asked, span(answer.proof), got));
    }
    answers_.clear();
    chunks_.clear();
}

} // namespace stress

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

KeptAnswers::Bytes KeptAnswers::kept_once(const Bytes& last, tsmfd::ByteSpan bytes) {
    return std::ranges::equal(span(last), bytes) ? last : kept(bytes);
}

tsmfd::ByteSpan KeptAnswers::span(const Bytes& bytes) const {
    return tsmfd::ByteSpan(chunks_[bytes.chunk]).subspan(bytes.start, bytes.size);
}

void KeptAnswers::keep(const Question& question, const tsmfd::Evidence& got) {
    const tsmfd::Options& options = question.options;
    Answer answer{.asked = {.inblob = options.inblob,
                            .privlevel = options.privlevel.value_or(privlevel_floor_),
                            .format = options.format},
                  .proof = kept(got.proof),
                  .outblob = {},
                  .auxblob = {}};
    const bool first = answers_.empty();
    answer.outblob = first ? kept(got.outblob) : kept_once(answers_.back().outblob, got.outblob);
    answer.auxblob = first ? kept(got.auxblob) : kept_once(answers_.back().auxblob, got.auxblob);
    answers_.push_back(answer);
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

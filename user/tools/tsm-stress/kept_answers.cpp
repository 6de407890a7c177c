// SPDX-License-Identifier: MIT
#include "kept_answers.hpp"

#include "session.hpp"

namespace stress {

namespace {

std::uint32_t append(std::vector<std::uint8_t>& to, tsmfd::ByteSpan bytes) {
    to.insert(to.end(), bytes.begin(), bytes.end());
    return static_cast<std::uint32_t>(bytes.size());
}

} // namespace

void KeptAnswers::keep(const Question& question, const tsmfd::Evidence& got) {
    const tsmfd::Options& options = question.options;
    Answer answer{.asked = {.inblob = options.inblob,
                            .privlevel = options.privlevel.value_or(privlevel_floor_),
                            .format = options.format},
                  .start = bytes_.size(),
                  .proof = 0,
                  .outblob = 0,
                  .auxblob = 0};
    answer.proof = append(bytes_, got.proof);
    answer.outblob = append(bytes_, got.outblob);
    answer.auxblob = append(bytes_, got.auxblob);
    answers_.push_back(answer);
}

void KeptAnswers::judge(const std::function<void(const tsmfd::Verdict&)>& use) {
    for (const Answer& answer : answers_) {
        const tsmfd::ByteSpan all = tsmfd::ByteSpan(bytes_).subspan(answer.start);
        const tsmfd::Evidence got{.outblob = all.subspan(answer.proof, answer.outblob),
                                  .auxblob =
                                      all.subspan(answer.proof + answer.outblob, answer.auxblob)};
        use(tsmfd::judge_batched(answer.asked, all.first(answer.proof), got));
    }
    answers_.clear();
    bytes_.clear();
}

} // namespace stress

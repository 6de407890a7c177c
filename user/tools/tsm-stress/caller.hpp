// SPDX-License-Identifier: MIT
//
// One thread that asks for reports through one interface of the kernel.
//
// An interface that answers one call at a time derives from BlockingCaller and says how to ask:
//
//     class MyCaller : public BlockingCaller {
//         Result<void> prepare() override { ...open what can stay open... }
//         Result<Evidence> ask(Question& question) override { ...the whole exchange... }
//     };
//
// The evidence lives until the next ask().
//
// Threads: made and used by its own thread.
#pragma once

#include "session.hpp"

#include <tsmfd/evidence/verdict.hpp>
#include <tsmfd/result.hpp>

namespace stress {

// The evidence in a stream, if there is one.
inline tsmfd::Result<tsmfd::Evidence> evidence_of(const tsmfd::Result<tsmfd::ByteSpan>& stream) {
    if (!stream)
        return std::unexpected(stream.error());
    return tsmfd::Evidence::of_stream(*stream);
}

class Caller {
public:
    Caller() = default;
    virtual ~Caller() = default;
    Caller(const Caller&) = delete;
    Caller& operator=(const Caller&) = delete;

    // Before the callers are let go together; an error ends the run.
    virtual tsmfd::Result<void> prepare() = 0;
    // Asks until the session is over.
    virtual void run(Session& session) = 0;
};

class BlockingCaller : public Caller {
public:
    void run(Session& session) final {
        Question question = session.question(0);
        while (const auto start = session.wait_turn()) {
            session.renew(question);
            session.record(question, *start, ask(question));
        }
    }

protected:
    // May loosen question.expected where the interface cannot show an option.
    virtual tsmfd::Result<tsmfd::Evidence> ask(Question& question) = 0;
};

} // namespace stress

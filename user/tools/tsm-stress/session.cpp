// SPDX-License-Identifier: MIT
#include "session.hpp"

#include "clock.hpp"

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

namespace stress {

namespace {

using Kind = tsmfd::Verdict::Kind;

// A caller that only fails is to be seen, not to fill the machine.
constexpr unsigned failures_before_pause = 100;

// How often a sleeper looks whether the run was stopped.
constexpr std::int64_t longest_sleep = 100 * ns_per_ms;

} // namespace

Session::Session(const Settings& settings, Board& board, std::uint32_t caller)
    : settings_(settings), control_(board.control()), tally_(board.tally(caller)), caller_(caller),
      kind_(settings.kind_of(caller)), challenges_(settings.seed, caller, settings.inblob_bytes),
      pacer_(settings, board.control(), caller),
      kept_(settings.privlevel_floor, settings.proof_room_mib << 20U), signatures_(settings) {}

void Session::begin() {
    const std::int64_t start = control_.start_ns.load();
    pacer_.begin(start);
    measured_from_ = start + seconds_to_ns(settings_.warm_up);
}

void Session::end() {
    tally_.unsent = pacer_.unsent();
    publish(tally_.finished_ns, now_ns());
    control_.asked.fetch_add(1);
}

void Session::judge_kept() {
    // Hashing takes the processor from those who still wait for their last answer; not for ever,
    // as one of them may have died.
    const std::int64_t until = now_ns() + seconds_to_ns(settings_.grace);
    // Nor does waiting: all of them together look 4000 times a second at most.
    const std::int64_t look_every = std::max<std::int64_t>(10, settings_.threads / 4) * ns_per_ms;
    while (!kept_.empty() && control_.asked.load() < settings_.threads && now_ns() < until)
        sleep_until_ns(now_ns() + look_every);
    kept_.judge([this](const tsmfd::Verdict& verdict) {
        bump(tally_.proofs);
        count(verdict, now_ns());
    });
}

Question Session::question(std::uint32_t slot) const {
    const std::size_t slots = kind_ == FaceKind::nonblock ? settings_.inflight : 1;
    // Of several interfaces, each is to have every privlevel and format.
    const std::uint32_t kinds = settings_.kinds();
    const std::size_t number = caller_ / kinds * slots + slot + caller_ % kinds;
    const std::size_t levels = settings_.privlevels.size();

    Question question;
    question.options.privlevel = settings_.privlevels[number % levels];
    question.options.batch = settings_.batches(caller_);
    question.options.format = settings_.formats[number / levels % settings_.formats.size()];
    question.expected.privlevel = question.options.privlevel;
    question.expected.format = question.options.format;
    return question;
}

void Session::renew(Question& question) {
    question.options.inblob = challenges_.next();
    question.expected.inblob = question.options.inblob;
    question.submitted = false;
}

Turn Session::turn() {
    const std::int64_t now = now_ns();
    if (gone())
        return {Turn::Kind::over, now};
    return pacer_.turn(now);
}

bool Session::ended() const {
    return gone() || pacer_.ended(now_ns());
}

std::optional<std::int64_t> Session::wait_turn() {
    for (;;) {
        const Turn next = turn();
        switch (next.kind) {
        case Turn::Kind::now:
            return next.at;
        case Turn::Kind::over:
            return std::nullopt;
        case Turn::Kind::later:
            sleep_until_ns(std::min(next.at, now_ns() + longest_sleep));
            break;
        }
    }
}

void Session::record(const Question& question, std::int64_t start,
                     const tsmfd::Result<tsmfd::Evidence>& got) {
    if (question.submitted)
        bump(tally_.submitted);
    if (!got) {
        failed(got.error());
        return;
    }
    const std::int64_t now = now_ns();
    answered(question, now - start, *got, now);
}

void Session::answered(const Question& question, std::int64_t latency, const tsmfd::Evidence& got,
                       std::int64_t now) {
    failures_in_a_row_ = 0;
    if (now - latency >= measured_from_)
        tally_.latency.record(static_cast<std::uint64_t>(std::max<std::int64_t>(latency, 0)));
    if (now >= measured_from_ && !pacer_.ended(now))
        bump(tally_.measured);

    if (question.options.batch)
        kept_.keep(question, got);
    else
        count(tsmfd::judge(question.expected, got), now);
    check_signature(question, got);
}

void Session::check_signature(const Question& question, const tsmfd::Evidence& got) {
    const auto verification = signatures_.look(question.options, got);
    if (!verification)
        return;
    bump(tally_.signed_checked);
    if (verification->ok())
        return;
    bump(tally_.signed_wrong);
    if (tally_.first_bad.length == 0)
        tally_.first_bad.set("signed wrong: " + verification->failures());
}

void Session::count(const tsmfd::Verdict& verdict, std::int64_t now) {
    if (verdict.ok()) {
        bump(tally_.ok);
        return;
    }
    if (tally_.first_bad.length == 0)
        tally_.first_bad.set(verdict.text());
    if (verdict.kind == Kind::malformed) {
        bump(tally_.malformed);
        return;
    }

    if (verdict.kind == Kind::torn)
        bump(tally_.torn);
    else
        bump(tally_.mixed_up);
    tally_.mixed_inblob += (verdict.options & tsmfd::Verdict::inblob) != 0;
    tally_.mixed_privlevel += (verdict.options & tsmfd::Verdict::privlevel) != 0;
    tally_.mixed_format += (verdict.options & tsmfd::Verdict::format) != 0;
    if (tally_.first_race_ns == 0)
        publish(tally_.first_race_ns, now);
}

// An interface made of paths says it by their absence, and configfs-tsm by ENXIO.
bool Session::means_gone(int code) const {
    if (code == ENODEV)
        return true;
    const bool paths = kind_ == FaceKind::sysfs || kind_ == FaceKind::configfs;
    return paths && (code == ENOENT || code == ENXIO);
}

void Session::abandoned(const Question& question, const tsmfd::Error& error) {
    if (question.submitted) {
        bump(tally_.submitted);
        bump(tally_.abandoned);
    }
    failed(error);
}

void Session::failed(const tsmfd::Error& error) {
    if (means_gone(error.code)) {
        gone_ = true;
        if (settings_.until_gone) {
            tally_.gone = true;
            return;
        }
    }
    bump(tally_.failed);
    const auto number = static_cast<std::size_t>(std::max(error.code, 0));
    ++tally_.failed_by_errno[std::min(number, Tally::errnos - 1)];
    if (tally_.first_error.length == 0)
        tally_.first_error.set(error.message());
    if (++failures_in_a_row_ > failures_before_pause)
        sleep_until_ns(now_ns() + ns_per_ms);
}

} // namespace stress

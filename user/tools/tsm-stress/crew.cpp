// SPDX-License-Identifier: MIT
#include "crew.hpp"

#include "clock.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <memory>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace stress {

namespace {

constexpr std::int64_t watch_every = 20 * ns_per_ms;
// With --stop-at-race: time for the others to be seen racing, too.
constexpr std::int64_t after_race = ns_per_second / 2;
// Beyond the grace, in which callers give up by themselves.
constexpr std::int64_t before_kill = 5 * ns_per_second;

volatile std::sig_atomic_t interrupts = 0;
volatile std::sig_atomic_t interrupt_signal = 0;
volatile std::sig_atomic_t interrupt_sender = 0;

void on_interrupt(int signal, siginfo_t* info, void* /*context*/) {
    interrupts = interrupts + 1;
    interrupt_signal = signal;
    interrupt_sender = info->si_pid;
}

void handle_interrupts() {
    struct sigaction action {};
    action.sa_sigaction = on_interrupt;
    action.sa_flags = SA_SIGINFO;
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
}

void ignore_interrupts() {
    struct sigaction action {};
    action.sa_handler = SIG_IGN;
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
}

} // namespace

tsmfd::Result<void> Crew::run(Progress& progress) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        return tsmfd::fail("pipe", errno);
    gate_ = tsmfd::UniqueFd(ends[0]);
    gate_holder_ = tsmfd::UniqueFd(ends[1]);

    handle_interrupts();
    if (auto forked = fork_all(); !forked) {
        kill_all(SIGKILL);
        while (any_running())
            reap();
        return forked;
    }
    watch_until_ready();
    tsmfd::Result<void> all = prepared();
    if (!all)
        board_.control().stop = true;
    board_.control().start_ns = now_ns();
    gate_holder_.reset();
    watch_until_done(progress);
    ending_.interrupted = interrupts > 0;
    ending_.signal = interrupt_signal;
    ending_.sender = interrupt_sender;
    progress.end();
    return all;
}

tsmfd::Result<void> Crew::fork_all() {
    const std::uint32_t threads = settings_.threads;
    std::uint32_t first = 0;
    for (std::uint32_t i = 0; i < settings_.processes; ++i) {
        const std::uint32_t next = threads * (i + 1) / settings_.processes;
        const pid_t pid = ::fork();
        if (pid < 0)
            return tsmfd::fail(fmt::format("fork process {} of {}", i + 1, settings_.processes),
                               errno);
        if (pid == 0)
            child(first, next - first);
        children_.push_back({pid, true});
        first = next;
    }
    return {};
}

void Crew::child(std::uint32_t first, std::uint32_t count) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    // The first process is told and tells: it sets the board's stop.
    ignore_interrupts();
    gate_holder_.reset();
    Face::prepare_process(settings_);

    std::vector<std::jthread> threads;
    threads.reserve(count);
    for (std::uint32_t number = first; number < first + count; ++number) {
        try {
            threads.emplace_back([this, number] { caller(number); });
        } catch (const std::system_error& error) {
            Tally& tally = board_.tally(number);
            tally.first_error.set(fmt::format("start thread {}: {}", number, error.what()));
            publish(tally.prepare_errno, error.code().value());
            board_.control().ready.fetch_add(1);
        }
    }
    threads.clear(); // joins
    // Not exit(): what the first process had buffered at the fork is its own to write.
    ::_exit(0);
}

void Crew::caller(std::uint32_t number) {
    Tally& tally = board_.tally(number);
    Session session(settings_, board_, number);
    const std::unique_ptr<Caller> work = face_.make_caller(settings_, number);
    if (const auto prepared = work->prepare(); !prepared) {
        tally.first_error.set(prepared.error().message());
        publish(tally.prepare_errno, prepared.error().code);
    }
    board_.control().ready.fetch_add(1);

    char none = 0;
    while (::read(gate_.get(), &none, 1) < 0 && errno == EINTR) {
    }
    session.begin();
    if (tally.prepare_errno == 0)
        work->run(session);
    session.end();
    session.judge_kept();
}

void Crew::watch_until_ready() {
    while (board_.control().ready.load() < settings_.threads && ending_.died == 0 &&
           interrupts == 0) {
        sleep_until_ns(now_ns() + ns_per_ms);
        reap();
    }
}

tsmfd::Result<void> Crew::prepared() {
    for (Tally& tally : board_.tallies()) {
        if (const int code = peek(tally.prepare_errno); code != 0)
            return tsmfd::fail(std::string(tally.first_error.text()), code);
    }
    if (board_.control().ready.load() < settings_.threads)
        return tsmfd::fail("prepare the callers", ending_.died > 0 ? ECHILD : EINTR);
    return {};
}

void Crew::watch_until_done(Progress& progress) {
    const std::int64_t start = board_.control().start_ns;
    const std::int64_t patience = seconds_to_ns(settings_.grace) + before_kill;
    for (;;) {
        reap();
        if (!any_running())
            return;
        const std::int64_t now = now_ns();
        stop_if_enough(now);
        progress.tick(now - start, board_);
        if (stopped_ns_ == 0 && board_.control().stop.load())
            stopped_ns_ = now;
        if (interrupts > 1 || (stopped_ns_ != 0 && now > stopped_ns_ + patience)) {
            // Killed once; one that does not die of it hangs in the kernel.
            if (killed_) {
                if (now > stopped_ns_ + patience + before_kill)
                    return;
            } else {
                for (Tally& tally : board_.tallies())
                    ending_.lost += peek(tally.finished_ns) == 0 ? 1U : 0U;
                kill_all(SIGKILL);
                killed_ = true;
            }
        }
        sleep_until_ns(now + watch_every);
    }
}

void Crew::stop_if_enough(std::int64_t now) {
    Control& control = board_.control();
    bool enough = interrupts > 0;
    if (settings_.seconds && now > control.start_ns + seconds_to_ns(*settings_.seconds))
        enough = true;
    if (settings_.stop_at_race) {
        enough = enough || std::ranges::any_of(board_.tallies(), [now](Tally& tally) {
                     const std::int64_t race = peek(tally.first_race_ns);
                     return race != 0 && now > race + after_race;
                 });
    }
    if (enough && stopped_ns_ == 0) {
        stopped_ns_ = now;
        // An open loop still counts what it has not sent at its end; a plain end comes by time.
        if (!settings_.seconds || interrupts > 0 || settings_.stop_at_race)
            control.stop = true;
    }
}

void Crew::reap() {
    for (Child& child : children_) {
        int status = 0;
        if (!child.running || ::waitpid(child.pid, &status, WNOHANG) != child.pid)
            continue;
        child.running = false;
        if (!killed_ && (!WIFEXITED(status) || WEXITSTATUS(status) != 0))
            ++ending_.died;
    }
}

void Crew::kill_all(int signal) {
    for (const Child& child : children_) {
        if (child.running)
            ::kill(child.pid, signal);
    }
}

bool Crew::any_running() const {
    return std::ranges::any_of(children_, &Child::running);
}

} // namespace stress

// SPDX-License-Identifier: MIT
#include "support/tasks.hpp"

#include "support/files.hpp"

#include <array>
#include <csignal>
#include <exception>
#include <fstream>
#include <iterator>
#include <latch>
#include <mutex>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace guest {

namespace {

constexpr milliseconds pause{1};

// The state's letter in /proc/.../stat; 0 if there is no such task.
char state_of(const std::string& task) {
    try {
        const std::string stat = read_line("/proc/" + task + "/stat");
        const std::size_t name_end = stat.rfind(')');
        return name_end + 2 < stat.size() ? stat[name_end + 2] : '\0';
    } catch (const std::exception&) {
        return '\0';
    }
}

bool is_asleep(const std::string& task) {
    const char state = state_of(task);
    return state == 'S' || state == 'D';
}

int exit_status(int wait_status) {
    return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
}

class SpawnActions {
public:
    SpawnActions() { ::posix_spawn_file_actions_init(&actions_); }
    ~SpawnActions() { ::posix_spawn_file_actions_destroy(&actions_); }
    SpawnActions(const SpawnActions&) = delete;
    SpawnActions& operator=(const SpawnActions&) = delete;

    void redirect(int from, int to) { ::posix_spawn_file_actions_adddup2(&actions_, from, to); }
    [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &actions_; }

private:
    posix_spawn_file_actions_t actions_{};
};

std::string drain(int fd) {
    std::string all;
    std::array<char, 4096> part{};
    for (;;) {
        const ssize_t got = ::read(fd, part.data(), part.size());
        if (got <= 0)
            return all;
        all.append(part.data(), static_cast<std::size_t>(got));
    }
}

} // namespace

bool await(const std::function<bool()>& condition, milliseconds limit) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
        if (std::chrono::steady_clock::now() >= end)
            return false;
        std::this_thread::sleep_for(pause);
    }
    return true;
}

void in_parallel(unsigned count, const std::function<void(unsigned)>& work) {
    std::latch start(static_cast<std::ptrdiff_t>(count));
    std::mutex lock;
    std::exception_ptr thrown;
    {
        std::vector<std::jthread> threads;
        for (unsigned number = 0; number < count; ++number) {
            threads.emplace_back([&, number] {
                start.arrive_and_wait();
                try {
                    work(number);
                } catch (...) {
                    const std::scoped_lock guard(lock);
                    thrown = std::current_exception();
                }
            });
        }
    }
    if (thrown)
        std::rethrow_exception(thrown);
}

Caller::Caller(std::function<Outcome()> call)
    : thread_([this, call = std::move(call)] {
          thread_id_ = ::gettid();
          outcome_ = call();
          returned_ = true;
      }) {}

bool Caller::blocks() const {
    // Asleep twice in a row: once might be on the way into the call, on a page or a lock.
    int times = 0;
    const bool settled = await([&] {
        if (returned_)
            return true;
        const pid_t id = thread_id_;
        const bool asleep = id != 0 && is_asleep("self/task/" + std::to_string(id));
        times = asleep ? times + 1 : 0;
        return times >= 3;
    });
    return settled && !returned_;
}

void Caller::signal(int number) {
    ::pthread_kill(thread_.native_handle(), number);
}

Outcome Caller::result() {
    if (thread_.joinable())
        thread_.join();
    return outcome_;
}

Child::Child(const std::function<int()>& work) : process_(::fork()) {
    if (process_ < 0)
        throw_errno("fork", errno);
    if (process_ > 0)
        return;
    int status = 125;
    try {
        status = work();
    } catch (const std::exception&) {
        // No test framework here: the status has to say it.
    }
    ::_exit(status);
}

Child::~Child() {
    if (status_)
        return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
}

bool Child::sleeps() const {
    int times = 0;
    return await([&] {
        times = is_asleep(std::to_string(process_)) ? times + 1 : 0;
        return times >= 3;
    });
}

std::string Child::stack() const {
    std::ifstream file("/proc/" + std::to_string(process_) + "/stack");
    return {std::istreambuf_iterator<char>(file), {}};
}

void Child::signal(int number) const {
    ::kill(process_, number);
}

std::optional<int> Child::status(milliseconds limit) {
    (void)await(
        [this] {
            int wait_status = 0;
            if (!status_ && ::waitpid(process_, &wait_status, WNOHANG) == process_)
                status_ = exit_status(wait_status);
            return status_.has_value();
        },
        limit);
    return status_;
}

Ran run_program(const std::vector<std::string>& words) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        throw_errno("pipe2", errno);
    const tsmfd::UniqueFd out(ends[0]);
    tsmfd::UniqueFd in(ends[1]);

    SpawnActions actions;
    actions.redirect(in.get(), STDOUT_FILENO);

    std::vector<std::string> copies = words; // posix_spawn() wants them writable
    std::vector<char*> arguments;
    arguments.reserve(copies.size() + 1);
    for (std::string& word : copies)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);

    pid_t process = 0;
    const int error =
        ::posix_spawnp(&process, arguments[0], actions.get(), nullptr, arguments.data(), environ);
    if (error != 0)
        throw_errno("start " + words.front(), error);
    in.reset();

    Ran ran;
    ran.output = drain(out.get());
    int wait_status = 0;
    ::waitpid(process, &wait_status, 0);
    ran.status = exit_status(wait_status);
    return ran;
}

bool kernel_is_instrumented() {
    return ::access("/proc/lockdep", F_OK) == 0;
}

} // namespace guest

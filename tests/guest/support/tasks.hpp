// SPDX-License-Identifier: MIT
//
// Threads, processes and programs beside the test's own thread.
#pragma once

#include "support/outcome.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <pthread.h>
#include <sys/types.h>

namespace guest {

using std::chrono::milliseconds;

// True once the condition is; false if it is not within the limit.
[[nodiscard]] bool await(const std::function<bool()>& condition,
                         milliseconds limit = milliseconds(20'000));

// Runs work(0) ... work(count - 1), each in a thread, all let go at once. The first exception
// that one of them throws is thrown on.
void in_parallel(unsigned count, const std::function<void(unsigned)>& work);

// One system call in a thread of its own.
//
//     Caller reader([&] { return get(fd, buffer); });
//     ASSERT_TRUE(reader.blocks());
//     ...
//     EXPECT_EQ(reader.result(), gives(1184));
class Caller {
public:
    explicit Caller(std::function<Outcome()> call);
    ~Caller() = default;
    Caller(const Caller&) = delete;
    Caller& operator=(const Caller&) = delete;

    // Waits until the thread sleeps in its call; false if it has returned or does not sleep.
    [[nodiscard]] bool blocks() const;
    [[nodiscard]] bool returned() const { return returned_; }
    void signal(int number);
    [[nodiscard]] Outcome result();

private:
    std::atomic<pid_t> thread_id_ = 0;
    std::atomic<bool> returned_ = false;
    Outcome outcome_;
    std::jthread thread_; // last, for it uses the others
};

// A forked process; killed at the end of the scope. `work` gives its exit status.
class Child {
public:
    explicit Child(const std::function<int()>& work);
    ~Child();
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    // Waits until it sleeps; false if it has ended.
    [[nodiscard]] bool sleeps() const;
    // The kernel's functions that it is in, the innermost first.
    [[nodiscard]] std::string stack() const;
    void signal(int number) const;
    // Waits for its end: the exit status, or 128 + signal; nothing if the limit passes first.
    [[nodiscard]] std::optional<int> status(milliseconds limit = milliseconds(20'000));

private:
    pid_t process_;
    std::optional<int> status_;
};

// A program that has ended.
struct Ran {
    int status = 0; // exit status or 128 + signal
    std::string output;
};

// Throws std::system_error if the program cannot be started.
[[nodiscard]] Ran run_program(const std::vector<std::string>& words);

// Is the kernel one with KASAN and lockdep, and everything some ten times slower?
[[nodiscard]] bool kernel_is_instrumented();

} // namespace guest

// SPDX-License-Identifier: MIT
//
// Sixty-four callers that keep a provider busy until it is gone.
//
//     Tally tally;
//     Callers callers(tally);          // each in a thread of its own
//     callers.wait_until_busy();
//     emulator.unload();
//     callers.join();                  // throws what a caller found to be wrong
//
// A caller ends at the first ENODEV. Every report before is looked at.
#pragma once

#include "support/device.hpp"

#include <array>
#include <atomic>
#include <exception>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <thread>
#include <vector>

namespace guest {

// How often each thing happened: "report", "ENODEV by read", ... Safe in threads.
class Tally {
public:
    void count(const std::string& what);
    [[nodiscard]] std::map<std::string, unsigned long> counts() const;

private:
    mutable std::mutex lock_;
    std::map<std::string, unsigned long> counts_;
};

class Callers {
public:
    static constexpr unsigned count = 64;

    explicit Callers(Tally& tally);
    ~Callers() = default;
    Callers(const Callers&) = delete;
    Callers& operator=(const Callers&) = delete;

    // All have their file and have begun a call; with `answered`, and one of them has a report.
    void wait_until_busy(bool answered) const;
    // Closes the callers' files, whatever they are at; they end by EBADF.
    void close_files();
    void join();

private:
    void run(unsigned number);
    // Each returns once the provider or its file is gone.
    void read_reports(unsigned number);
    void ask_one_shot(unsigned number);
    void poll_reports(unsigned number);
    void open_again_and_again(unsigned number);
    void read_sysfs(unsigned number);

    // Throws unless poll says POLLHUP of a file whose provider has begun to go.
    void expect_hang_up(int fd);
    [[nodiscard]] std::uint32_t epoll_one(int epoll) const;
    [[nodiscard]] int file(unsigned number) const { return files_[number].get(); }
    // Counts it; true if the caller has to end. Throws for an errno that is out of place.
    bool is_the_end(const Outcome& outcome, const char* call);
    void take_report(const Options& asked, ByteSpan outblob, ByteSpan auxblob);
    void take_stream(const Options& asked, ByteSpan stream);

    Tally& tally_;
    std::shared_mutex opening_; // held shared by who opens files of its own
    std::atomic<bool> closing_ = false;
    std::atomic<unsigned> begun_ = 0;
    std::atomic<unsigned long> reports_ = 0;
    std::mutex lock_;
    std::exception_ptr thrown_; // guarded by lock_
    std::array<UniqueFd, count> files_;
    std::vector<std::jthread> threads_; // last, for they use the others
};

} // namespace guest

// SPDX-License-Identifier: MIT
//
// Evidence is examined beside the thread that serves: whatever a client brings, the others do not
// wait for it.
//
//     Examiner examiner(broker, wake_fd);
//     examiner.submit(connection_id, std::move(*examination));
//     ...                                  // wake_fd, an eventfd, becomes readable
//     for (auto& done : examiner.take())
//         session_of(done.id).finish(std::move(done.examination), done.findings);
//
// One is examined at a time, in the order that they came in.
//
// Threads: from one; the broker's examine() is called from another.
#pragma once

#include "broker.hpp"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

namespace keybroker {

class Examiner {
public:
    struct Done {
        std::uint64_t id = 0;
        Examination examination;
        Findings findings{};
    };

    // Both outlive it.
    Examiner(const Broker& broker, int wake_fd)
        : broker_(broker), wake_fd_(wake_fd),
          thread_([this](const std::stop_token& stop) { run(stop); }) {}

    void submit(std::uint64_t id, Examination examination);
    // Its client is gone. Nothing if it is being examined now: then it comes with the others.
    [[nodiscard]] std::optional<Examination> forget(std::uint64_t id);
    [[nodiscard]] std::vector<Done> take();

private:
    void run(const std::stop_token& stop);
    // Nothing when it is to stop.
    [[nodiscard]] std::optional<Done> next(const std::stop_token& stop);

    const Broker& broker_;
    const int wake_fd_;
    std::mutex lock_; // guards what follows
    std::condition_variable_any changed_;
    std::deque<Done> waiting_;
    std::vector<Done> done_;
    std::jthread thread_; // last: it uses all of these
};

} // namespace keybroker

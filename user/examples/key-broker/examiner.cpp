// SPDX-License-Identifier: MIT
#include "examiner.hpp"

#include <algorithm>
#include <utility>

#include <unistd.h>

namespace keybroker {

void Examiner::submit(std::uint64_t id, Examination examination) {
    {
        const std::lock_guard locked(lock_);
        waiting_.push_back({.id = id, .examination = std::move(examination)});
    }
    changed_.notify_one();
}

std::optional<Examination> Examiner::forget(std::uint64_t id) {
    const std::lock_guard locked(lock_);
    const auto found = std::ranges::find(waiting_, id, &Done::id);
    if (found == waiting_.end())
        return std::nullopt;
    Examination examination = std::move(found->examination);
    waiting_.erase(found);
    return examination;
}

std::vector<Examiner::Done> Examiner::take() {
    const std::lock_guard locked(lock_);
    return std::exchange(done_, {});
}

std::optional<Examiner::Done> Examiner::next(const std::stop_token& stop) {
    std::unique_lock locked(lock_);
    if (!changed_.wait(locked, stop, [this] { return !waiting_.empty(); }))
        return std::nullopt;
    Done one = std::move(waiting_.front());
    waiting_.pop_front();
    return one;
}

void Examiner::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        auto one = next(stop);
        if (!one)
            return;
        one->findings = broker_.examine(one->examination);
        {
            const std::lock_guard locked(lock_);
            done_.push_back(std::move(*one));
        }
        const std::uint64_t count = 1;
        (void)!::write(wake_fd_, &count, sizeof(count));
    }
}

} // namespace keybroker

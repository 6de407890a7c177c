// SPDX-License-Identifier: MIT
#include "load_crew.hpp"

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

#include <clock.hpp>
#include <fmt/format.h>
#include <status_line.hpp>

namespace attested {

using stress::now_ns;
using tsmfd::Result;

namespace {

// The `number`th of `parts` parts of `whole`, which differ by one at most.
template <typename T>
T part_of(T whole, unsigned number, unsigned parts) {
    return whole * (number + 1) / parts - whole * number / parts;
}

// Until all of them are done.
void show(const std::vector<std::unique_ptr<Load>>& loads,
          const std::atomic<std::size_t>& running) {
    stress::StatusLine status;
    const std::int64_t start = now_ns();
    std::uint64_t shown = 0;
    std::int64_t shown_at = 0;
    while (running.load() > 0) {
        stress::sleep_until_ns(now_ns() + 20 * stress::ns_per_ms);
        const std::int64_t elapsed = now_ns() - start;
        if (!status.due(elapsed))
            continue;
        std::uint64_t done = 0;
        std::uint64_t failed = 0;
        for (const auto& load : loads) {
            done += load->done();
            failed += load->failed();
        }
        const double span = static_cast<double>(elapsed - shown_at) / stress::ns_per_second;
        status.show(fmt::format("{:6.1f} s  {} handshakes  {:.0f}/s  failed {}",
                                static_cast<double>(elapsed) / stress::ns_per_second, done,
                                static_cast<double>(done - shown) / span, failed));
        shown = done;
        shown_at = elapsed;
    }
    status.end();
}

} // namespace

Result<LoadCrew> LoadCrew::make(const LoadSettings& settings) {
    LoadCrew crew;
    const unsigned threads = std::min(settings.threads, settings.concurrency);
    for (unsigned i = 0; i < threads; ++i) {
        LoadSettings part = settings;
        part.concurrency = part_of(settings.concurrency, i, threads);
        if (part.connections)
            part.connections = part_of(*part.connections, i, threads);
        auto load = Load::make(part);
        if (!load)
            return std::unexpected(load.error());
        crew.loads_.push_back(std::move(*load));
    }
    return crew;
}

Result<void> LoadCrew::run() {
    std::vector<Result<void>> ends(loads_.size());
    std::atomic<std::size_t> running = loads_.size();
    {
        std::vector<std::jthread> threads;
        threads.reserve(loads_.size());
        for (std::size_t i = 0; i < loads_.size(); ++i) {
            threads.emplace_back([this, &ends, &running, i] {
                ends[i] = loads_[i]->run();
                --running;
            });
        }
        show(loads_, running);
    }
    const auto bad = std::ranges::find_if(ends, [](const auto& end) { return !end; });
    return bad != ends.end() ? *bad : Result<void>();
}

LoadResult LoadCrew::verify(const Trust& trust) {
    {
        std::vector<std::jthread> threads;
        threads.reserve(loads_.size());
        for (const auto& load : loads_)
            threads.emplace_back([&load, &trust] { load->verify(trust); });
    }
    LoadResult result;
    for (const auto& load : loads_)
        result.add(load->result());
    return result;
}

} // namespace attested

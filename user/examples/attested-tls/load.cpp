// SPDX-License-Identifier: MIT
#include "load.hpp"

#include <tsmfd/proof.hpp>

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <thread>
#include <utility>

#include <clock.hpp>
#include <fmt/format.h>
#include <status_line.hpp>
#include <sys/epoll.h>

namespace attested {

using stress::now_ns;
using tsmfd::Result;

// One after the other.
class Client final : public Handler {
public:
    explicit Client(Load& load) : load_(load) {}

    void ready(std::uint32_t /*events*/) override {
        if (!caller)
            return;
        const auto there = caller->advance();
        if (!there)
            load_.failed(*this, there.error());
        else if (*there)
            load_.finished(*this);
    }

    std::optional<Caller> caller;
    std::int64_t start = 0;

private:
    Load& load_;
};

double LoadResult::per_second() const {
    return seconds > 0 ? static_cast<double>(in_time) / seconds : 0;
}

std::uint64_t LoadResult::failures() const {
    std::uint64_t sum = 0;
    for (const auto& [why, count] : failed)
        sum += count;
    return sum;
}

bool LoadResult::passed() const {
    return done > 0 && failures() == 0 && wrong == 0 && verified == done;
}

Load::Load(Key /*unused*/, LoadSettings settings, Address address, SslContextPtr context, Loop loop)
    : settings_(std::move(settings)), address_(address), context_(std::move(context)),
      loop_(std::move(loop)) {
    for (unsigned i = 0; i < settings_.concurrency; ++i)
        clients_.emplace_back(*this);
}

Load::~Load() = default;

Result<std::unique_ptr<Load>> Load::make(const LoadSettings& settings) {
    const auto address = Address::parse(settings.address);
    if (!address)
        return std::unexpected(address.error());
    auto context = client_context();
    if (!context)
        return std::unexpected(context.error());
    auto loop = Loop::make();
    if (!loop)
        return std::unexpected(loop.error());
    return std::make_unique<Load>(Key(), settings, *address, std::move(*context), std::move(*loop));
}

bool Load::over() const {
    return (settings_.connections && begun_ >= *settings_.connections) ||
           (end_ns_ != 0 && now_ns() >= end_ns_);
}

Result<void> Load::run() {
    start_ns_ = now_ns();
    if (settings_.seconds)
        end_ns_ = start_ns_ + stress::seconds_to_ns(*settings_.seconds);
    stress::StatusLine status;
    std::int64_t next_look = 0;
    std::uint64_t shown = 0;
    std::int64_t shown_at = 0;
    while (!over() || busy_ > 0) {
        if (now_ns() >= next_look) {
            look_after_all();
            next_look = now_ns() + 100 * stress::ns_per_ms;
        }
        if (auto waited = loop_.wait(std::chrono::milliseconds(100)); !waited)
            return waited;
        const std::int64_t elapsed = now_ns() - start_ns_;
        if (!status.due(elapsed))
            continue;
        const double span = static_cast<double>(elapsed - shown_at) / stress::ns_per_second;
        status.show(
            fmt::format("{:6.1f} s  {} handshakes  {:.0f}/s  p99 {:.0f} ms  failed {}",
                        static_cast<double>(elapsed) / stress::ns_per_second, result_.done,
                        static_cast<double>(result_.done - shown) / span,
                        static_cast<double>(result_.latency.percentile(99)) / stress::ns_per_ms,
                        result_.failures()));
        shown = result_.done;
        shown_at = elapsed;
    }
    status.end();
    return {};
}

// Begins what is to be begun, and gives up what takes too long.
void Load::look_after_all() {
    const std::int64_t oldest = now_ns() - std::chrono::nanoseconds(settings_.timeout).count();
    for (Client& client : clients_) {
        if (client.caller && client.start < oldest) {
            ++result_.timed_out;
            failed(client, {"wait for the server", ETIMEDOUT});
        }
        if (!client.caller && !over())
            begin(client);
    }
}

void Load::begin(Client& client) {
    ++begun_;
    client.start = now_ns();
    auto caller = Caller::begin(context_.get(), address_, settings_.formats);
    if (!caller) {
        ++result_.failed[caller.error().message()];
        return;
    }
    client.caller = std::move(*caller);
    ++busy_;
    if (const auto added = loop_.add(client.caller->channel().fd(),
                                     EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, client);
        !added)
        failed(client, added.error());
}

void Load::finished(Client& client) {
    const std::int64_t now = now_ns();
    ++result_.done;
    if (end_ns_ == 0 || now <= end_ns_) {
        ++result_.in_time;
        result_.seconds = static_cast<double>(now - start_ns_) / stress::ns_per_second;
    }
    result_.latency.record(static_cast<std::uint64_t>(now - client.start));
    kept_.push_back(client.caller->take_session());
    client.caller->channel().close();
    client.caller.reset();
    --busy_;
    if (!over())
        begin(client);
}

// The next is begun by look_after_all(): a server that is gone is not asked in a tight loop.
void Load::failed(Client& client, const tsmfd::Error& error) {
    ++result_.failed[error.message()];
    client.caller.reset();
    --busy_;
}

void Load::verify(const Trust& trust) {
    std::mutex lock;
    std::size_t next = 0;
    std::uint64_t leaves = 0;
    std::uint64_t bytes = 0;
    const auto one = [&](const Session& session) {
        const auto message = parse_evidence(session.evidence);
        const auto proof =
            message ? tsmfd::parse_batch_proof(message->proof) : std::unexpected(message.error());
        std::string why;
        if (settings_.plain) {
            if (!message || !message->outblob.empty())
                why = "evidence where none was asked";
        } else if (const auto verification = check(session, trust); !verification.ok()) {
            for (const tsmfd::Check& failed : verification.checks) {
                if (failed.outcome == tsmfd::Check::Outcome::failed && why.empty())
                    why = failed.name + ": " + failed.detail;
            }
            if (why.empty())
                why = "nothing was checked";
        }
        const std::scoped_lock hold(lock);
        ++result_.verified;
        bytes += session.evidence.size();
        result_.proofs += proof ? 1U : 0U;
        leaves += proof ? proof->tree_size : 0U;
        if (why.empty())
            return;
        ++result_.wrong;
        if (result_.first_wrong.empty())
            result_.first_wrong = why;
    };
    const auto all = [&] {
        for (;;) {
            const Session* session = nullptr;
            {
                const std::scoped_lock hold(lock);
                if (next == kept_.size())
                    return;
                session = &kept_[next++];
            }
            one(*session);
        }
    };
    {
        std::vector<std::jthread> threads;
        for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i)
            threads.emplace_back(all);
    }
    if (result_.proofs > 0)
        result_.batch = static_cast<double>(leaves) / static_cast<double>(result_.proofs);
    if (!kept_.empty())
        result_.evidence_bytes = static_cast<double>(bytes) / static_cast<double>(kept_.size());
}

} // namespace attested

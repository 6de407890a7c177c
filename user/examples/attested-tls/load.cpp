// SPDX-License-Identifier: MIT
#include "load.hpp"

#include <tsmfd/evidence/proof.hpp>

#include <algorithm>
#include <cerrno>
#include <utility>

#include <clock.hpp>
#include <fmt/format.h>
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

namespace {

std::string fault_of_plain(const Result<EvidenceMessage>& message) {
    if (!message)
        return message.error().message();
    return message->outblob.empty() ? "" : "evidence where none was asked";
}

} // namespace

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
    auto context = client_context(settings.handshake);
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
    std::int64_t next_look = 0;
    while (!over() || busy_ > 0) {
        if (now_ns() >= next_look) {
            look_after_all();
            next_look = now_ns() + 100 * stress::ns_per_ms;
        }
        if (auto waited = loop_.wait(std::chrono::milliseconds(100)); !waited)
            return waited;
    }
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
        failed_.fetch_add(1, std::memory_order_relaxed);
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
    done_.store(result_.done, std::memory_order_relaxed);
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
    failed_.fetch_add(1, std::memory_order_relaxed);
    client.caller.reset();
    --busy_;
}

void Load::verify(const Trust& trust) {
    for (const Session& session : kept_) {
        const auto message = parse_evidence(session.evidence);
        if (message && !message->proof.empty()) {
            const auto proof = tsmfd::parse_batch_proof(message->proof);
            ++result_.proofs;
            result_.leaves += proof ? proof->tree_size : 0U;
        }
        ++result_.verified;
        result_.evidence_bytes += session.evidence.size();
        const std::string why =
            settings_.plain ? fault_of_plain(message) : first_failure(check(session, trust));
        if (why.empty())
            continue;
        ++result_.wrong;
        if (result_.first_wrong.empty())
            result_.first_wrong = why;
    }
}

void LoadResult::add(const LoadResult& other) {
    seconds = std::max(seconds, other.seconds);
    done += other.done;
    in_time += other.in_time;
    timed_out += other.timed_out;
    for (const auto& [why, count] : other.failed)
        failed[why] += count;
    verified += other.verified;
    wrong += other.wrong;
    proofs += other.proofs;
    leaves += other.leaves;
    evidence_bytes += other.evidence_bytes;
    if (first_wrong.empty())
        first_wrong = other.first_wrong;
    latency.merge(other.latency);
}

} // namespace attested

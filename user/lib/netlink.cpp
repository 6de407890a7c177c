// SPDX-License-Identifier: MIT
#include "netlink_socket.hpp"

#include <tsmfd/names.hpp>
#include <tsmfd/netlink.hpp>

#include <algorithm>
#include <deque>
#include <numeric>

#include <linux/netlink.h>
#include <poll.h>

namespace tsmfd {

namespace {

ProviderInfo provider_of(const NetlinkMessage& message) {
    return {.name = message.text(TSMFD_A_PROVIDER_NAME),
            .index = message.u32(TSMFD_A_PROVIDER_INDEX),
            .features = message.u32(TSMFD_A_PROVIDER_FEATURES),
            .privlevel_floor = message.u32(TSMFD_A_PROVIDER_PRIVLEVEL_FLOOR),
            .privlevel_max = message.u32(TSMFD_A_PROVIDER_PRIVLEVEL_MAX),
            .formats = message.u32(TSMFD_A_PROVIDER_FORMATS),
            .inblob_min = message.u32(TSMFD_A_PROVIDER_INBLOB_MIN),
            .inblob_max = message.u32(TSMFD_A_PROVIDER_INBLOB_MAX),
            .outblob_max = message.u32(TSMFD_A_PROVIDER_OUTBLOB_MAX),
            .auxblob_max = message.u32(TSMFD_A_PROVIDER_AUXBLOB_MAX),
            .manifestblob_max = message.u32(TSMFD_A_PROVIDER_MANIFESTBLOB_MAX),
            .max_inflight = message.u32(TSMFD_A_PROVIDER_MAX_INFLIGHT)};
}

Stats stats_of(const NetlinkMessage& message) {
    Stats stats;
    stats.index = message.u32(TSMFD_A_STATS_INDEX);
    if (message.has(TSMFD_A_STATS_FACE))
        stats.face = static_cast<FaceId>(message.u32(TSMFD_A_STATS_FACE));
    stats.requests = message.uint(TSMFD_A_STATS_REQUESTS);
    stats.reports = message.uint(TSMFD_A_STATS_REPORTS);
    stats.failures = message.uint(TSMFD_A_STATS_FAILURES);
    stats.cancelled = message.uint(TSMFD_A_STATS_CANCELLED);
    stats.batches = message.uint(TSMFD_A_STATS_BATCHES);
    message.uints(TSMFD_A_STATS_LATENCY, stats.latency);
    stats.queued = message.u32(TSMFD_A_STATS_QUEUED);
    stats.in_flight = message.u32(TSMFD_A_STATS_IN_FLIGHT);
    stats.over_quota = message.uint(TSMFD_A_STATS_OVER_QUOTA);
    stats.quota_requests = message.u32(TSMFD_A_STATS_QUOTA_REQUESTS);
    stats.quota_bytes = message.uint(TSMFD_A_STATS_QUOTA_BYTES);
    return stats;
}

std::optional<Event> event_of(const NetlinkMessage& message) {
    Event event;
    switch (message.command()) {
    case TSMFD_CMD_PROVIDER_ADD_NTF:
        event.kind = Event::Kind::added;
        event.provider = provider_of(message);
        return event;
    case TSMFD_CMD_PROVIDER_DEL_NTF:
        event.kind = Event::Kind::removed;
        event.provider = provider_of(message);
        return event;
    case TSMFD_CMD_FAILED_NTF:
        event.kind = Event::Kind::failed;
        break;
    case TSMFD_CMD_THROTTLED_NTF:
        event.kind = Event::Kind::throttled;
        break;
    case TSMFD_CMD_QUOTA_NTF:
        event.kind = Event::Kind::quota;
        break;
    case TSMFD_CMD_REFUSED_NTF:
        event.kind = Event::Kind::refused;
        break;
    default:
        return std::nullopt;
    }
    event.provider.index = message.u32(TSMFD_A_EVENT_INDEX);
    event.provider.name = message.text(TSMFD_A_EVENT_NAME);
    event.error = static_cast<int>(message.u32(TSMFD_A_EVENT_ERRNO));
    event.suppressed = message.u32(TSMFD_A_EVENT_SUPPRESSED);
    if (message.has(TSMFD_A_EVENT_UID))
        event.uid = message.u32(TSMFD_A_EVENT_UID);
    return event;
}

// The answer of a command that gives exactly one.
template <typename T>
Result<T> only(const Result<void>& called, std::optional<T>& got, const std::string& what) {
    if (!called)
        return std::unexpected(called.error());
    if (!got)
        return fail(what + ": no answer", EPROTO);
    return std::move(*got);
}

} // namespace

std::string_view face_name(FaceId face) noexcept {
    switch (face) {
    case FaceId::chardev:
        return "chardev";
    case FaceId::key:
        return "key";
    case FaceId::sysfs:
        return "sysfs";
    case FaceId::configfs:
        return "configfs";
    }
    return "unknown";
}

std::uint64_t Stats::percentile_us(double percent) const noexcept {
    const auto count = std::accumulate(latency.begin(), latency.end(), std::uint64_t{0});
    if (count == 0)
        return 0;
    const double wanted = percent / 100 * static_cast<double>(count);
    std::uint64_t seen = 0;
    for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
        seen += latency.at(bucket);
        if (static_cast<double>(seen) >= wanted)
            return bucket_from_us(bucket + 1);
    }
    return bucket_from_us(buckets);
}

std::string_view Event::kind_name() const noexcept {
    switch (kind) {
    case Kind::added:
        return "added";
    case Kind::removed:
        return "removed";
    case Kind::failed:
        return "failed";
    case Kind::throttled:
        return "throttled";
    case Kind::quota:
        return "quota";
    case Kind::refused:
        break;
    }
    return "refused";
}

Netlink::Netlink(std::unique_ptr<NetlinkSocket> socket) : socket_(std::move(socket)) {}
Netlink::~Netlink() = default;
Netlink::Netlink(Netlink&&) noexcept = default;
Netlink& Netlink::operator=(Netlink&&) noexcept = default;

Result<Netlink> Netlink::open() noexcept {
    Result<std::unique_ptr<NetlinkSocket>> socket = NetlinkSocket::open();
    if (!socket)
        return std::unexpected(std::move(socket.error()));
    return Netlink(std::move(*socket));
}

Result<std::vector<ProviderInfo>> Netlink::providers() noexcept {
    std::vector<ProviderInfo> all;
    const Result<void> called = socket_->call(
        "get the providers", TSMFD_CMD_PROVIDER_GET, NLM_F_DUMP, {},
        [&all](const NetlinkMessage& message) { all.push_back(provider_of(message)); });
    if (!called)
        return std::unexpected(called.error());
    return all;
}

Result<ProviderInfo> Netlink::provider(unsigned index) noexcept {
    const std::string what = "get provider " + device_name(index);
    std::optional<ProviderInfo> got;
    const std::array attributes = {std::pair{int{TSMFD_A_PROVIDER_INDEX}, std::uint32_t{index}}};
    const Result<void> called =
        socket_->call(what, TSMFD_CMD_PROVIDER_GET, NLM_F_ACK, attributes,
                      [&got](const NetlinkMessage& message) { got = provider_of(message); });
    return only(called, got, what);
}

Result<Stats> Netlink::stats(unsigned index, std::optional<FaceId> face) noexcept {
    const std::string what = "get the statistics of " + device_name(index);
    std::optional<Stats> got;
    std::vector<std::pair<int, std::uint32_t>> attributes = {{TSMFD_A_STATS_INDEX, index}};
    if (face)
        attributes.emplace_back(TSMFD_A_STATS_FACE, static_cast<std::uint32_t>(*face));
    const Result<void> called =
        socket_->call(what, TSMFD_CMD_STATS_GET, NLM_F_ACK, attributes,
                      [&got](const NetlinkMessage& message) { got = stats_of(message); });
    return only(called, got, what);
}

Result<std::vector<Stats>> Netlink::all_stats() noexcept {
    std::vector<Stats> all;
    const Result<void> called =
        socket_->call("get the statistics", TSMFD_CMD_STATS_GET, NLM_F_DUMP, {},
                      [&all](const NetlinkMessage& message) { all.push_back(stats_of(message)); });
    if (!called)
        return std::unexpected(called.error());
    return all;
}

struct EventStream::State {
    std::unique_ptr<NetlinkSocket> socket;
    std::deque<Event> come{}; // and not yet taken
};

EventStream::EventStream(std::unique_ptr<State> state) : state_(std::move(state)) {}
EventStream::~EventStream() = default;
EventStream::EventStream(EventStream&&) noexcept = default;
EventStream& EventStream::operator=(EventStream&&) noexcept = default;

Result<EventStream> EventStream::open() noexcept {
    Result<std::unique_ptr<NetlinkSocket>> socket = NetlinkSocket::open();
    if (!socket)
        return std::unexpected(std::move(socket.error()));
    if (Result<void> joined = (*socket)->subscribe(); !joined)
        return std::unexpected(std::move(joined.error()));
    return EventStream(std::make_unique<State>(State{.socket = std::move(*socket)}));
}

int EventStream::fd() const noexcept {
    return state_->socket->fd();
}

Result<std::optional<Event>> EventStream::next(int timeout_ms) noexcept {
    if (state_->come.empty()) {
        pollfd wait{.fd = fd(), .events = POLLIN, .revents = 0};
        const int ready = ::poll(&wait, 1, timeout_ms);
        if (ready < 0)
            return fail("wait for events", errno);
        if (ready == 0)
            return std::optional<Event>();
        const Result<void> received =
            state_->socket->receive([this](const NetlinkMessage& message) {
                if (std::optional<Event> event = event_of(message))
                    state_->come.push_back(std::move(*event));
            });
        if (!received && received.error().code != EAGAIN)
            return std::unexpected(received.error());
    }
    if (state_->come.empty())
        return std::optional<Event>();
    std::optional<Event> first(std::move(state_->come.front()));
    state_->come.pop_front();
    return first;
}

} // namespace tsmfd

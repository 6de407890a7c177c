// SPDX-License-Identifier: MIT
//
// Who makes reports, what the kernel counted, and what happens: generic netlink family tsmfd.
//
//     Result<Netlink> netlink = Netlink::open();
//     for (const ProviderInfo& provider : *netlink->providers()) ...
//     Result<Stats> stats = netlink->stats(0, FaceId::key);
//
//     Result<EventStream> events = EventStream::open();    // poll events->fd(), or wait:
//     Result<std::optional<Event>> event = events->next(1000);
//
// An error carries the kernel's own words, where it gave any:
//
//     get provider tsmfd7: there is no provider with this number: No such device
//
// In the initial network namespace only; ENOENT elsewhere and where tsmfd.ko is not loaded. Events
// say which user is over a quota, so that an EventStream takes CAP_NET_ADMIN; EPERM without.
//
// Threads: a Netlink and an EventStream each by one at a time. Values are values.
#pragma once

#include <tsmfd/export.hpp>
#include <tsmfd/provider_info.hpp>
#include <tsmfd/result.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <linux/tsmfd_netlink.h>

namespace tsmfd {

class NetlinkSocket;

// Through which interface a request came.
enum class FaceId : std::uint32_t {
    chardev = TSMFD_FACE_CHARDEV,
    key = TSMFD_FACE_KEY,
    sysfs = TSMFD_FACE_SYSFS,
    configfs = TSMFD_FACE_CONFIGFS,
};

inline constexpr std::array all_faces = {FaceId::chardev, FaceId::key, FaceId::sysfs,
                                         FaceId::configfs};

// "chardev", "key", "sysfs", "configfs"
[[nodiscard]] TSMFD_API std::string_view face_name(FaceId face) noexcept;

struct TSMFD_API Stats {
    static constexpr std::size_t buckets = TSMFD_LATENCY_BUCKETS;

    std::uint32_t index = 0;    // N of /dev/tsmfdN
    std::optional<FaceId> face; // unset: of all
    std::uint64_t requests = 0; // submitted
    std::uint64_t reports = 0;  // of those, answered with a report
    std::uint64_t failures = 0; // answered with an error
    std::uint64_t cancelled = 0;
    std::uint64_t batches = 0;
    // Of those answered, from submission on: the first below 1 us, the n-th after it from
    // 2^(n-1) us on.
    std::array<std::uint64_t, buckets> latency{};
    std::uint32_t queued = 0;         // now, of all faces
    std::uint32_t in_flight = 0;      // firmware calls now, of all faces
    std::uint64_t over_quota = 0;     // refused to users over their quota, of all faces
    std::uint32_t quota_requests = 0; // that a user may have in flight; 0: any number
    std::uint64_t quota_bytes = 0;    // that those may come to with their answers; 0: any number

    // Nothing is under way: all that was submitted has been answered or given up.
    [[nodiscard]] bool at_rest() const { return requests == reports + failures + cancelled; }
    // The least a request of that bucket took, in us.
    [[nodiscard]] static std::uint64_t bucket_from_us(std::size_t bucket) {
        return bucket == 0 ? 0 : std::uint64_t{1} << (bucket - 1);
    }
    // The upper end of the bucket that the request at `percent` of all is in, in us; 0 if none.
    [[nodiscard]] std::uint64_t percentile_us(double percent) const noexcept;
};

struct TSMFD_API Event {
    enum class Kind : std::uint8_t { added, removed, failed, throttled, quota, refused };

    Kind kind = Kind::failed;
    ProviderInfo provider;            // unless added or removed: index and name only
    int error = 0;                    // an errno; 0 if added or removed
    std::uint32_t suppressed = 0;     // like it since the last one that was sent
    std::optional<std::uint32_t> uid; // quota, refused: whose

    // "added", "removed", ...
    [[nodiscard]] std::string_view kind_name() const noexcept;
};

class TSMFD_API Netlink {
public:
    [[nodiscard]] static Result<Netlink> open() noexcept;
    ~Netlink();
    Netlink(Netlink&&) noexcept;
    Netlink& operator=(Netlink&&) noexcept;

    [[nodiscard]] Result<std::vector<ProviderInfo>> providers() noexcept;
    [[nodiscard]] Result<ProviderInfo> provider(unsigned index) noexcept;
    // Of one face, or the sum of all.
    [[nodiscard]] Result<Stats> stats(unsigned index, std::optional<FaceId> face = {}) noexcept;
    // Of each provider and face.
    [[nodiscard]] Result<std::vector<Stats>> all_stats() noexcept;

private:
    explicit Netlink(std::unique_ptr<NetlinkSocket> socket);

    std::unique_ptr<NetlinkSocket> socket_;
};

class TSMFD_API EventStream {
public:
    [[nodiscard]] static Result<EventStream> open() noexcept;
    ~EventStream();
    EventStream(EventStream&&) noexcept;
    EventStream& operator=(EventStream&&) noexcept;

    // POLLIN: next(0) may have one.
    [[nodiscard]] int fd() const noexcept;
    // Waits for at most so many milliseconds; -1 for ever. Nothing if none came. ENOBUFS: so many
    // came that some were lost; go on. EINTR: a signal came.
    [[nodiscard]] Result<std::optional<Event>> next(int timeout_ms) noexcept;

private:
    struct State;
    explicit EventStream(std::unique_ptr<State> state);

    std::unique_ptr<State> state_;
};

} // namespace tsmfd

// SPDX-License-Identifier: MIT
//
// A firmware in user space that answers at random. What a caller gets is what was written for it,
// or an error; and nothing else is in its buffers, which are poisoned: no byte of the kernel's.
//
// For TSMFD_HOSTILE_SECONDS, 3 by default.
#include "errnos.hpp"
#include "support/device.hpp"
#include "support/one_shot.hpp"
#include "support/tasks.hpp"

#include <tsmfd/device.hpp>
#include <tsmfd/proxy.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/tsmfd_proxy.h>
#include <unistd.h>

namespace {

using namespace guest;
using tsmfd::Proxy;

constexpr std::uint32_t outblob_max = 4096;
constexpr std::uint32_t auxblob_max = 8192;
constexpr std::uint32_t manifestblob_max = 100;
constexpr std::uint8_t firmwares = 0x3c; // all that it ever writes
constexpr std::uint8_t poison = 0xd7;    // all that there is otherwise
constexpr std::uint32_t errors = 600;    // it answers with any number below

std::uint32_t error_of(const Outcome& failed) {
    return static_cast<std::uint32_t>(-failed.value);
}

std::chrono::seconds duration() {
    const char* text = std::getenv("TSMFD_HOSTILE_SECONDS");
    return std::chrono::seconds(text != nullptr ? std::strtol(text, nullptr, 10) : 3);
}

bool is_all(ByteSpan bytes, std::uint8_t value) {
    return std::ranges::all_of(bytes, [value](std::uint8_t byte) { return byte == value; });
}

// Three answers to each request: of any length, with any error, to any request.
class HostileFirmware {
public:
    HostileFirmware(const Proxy& proxy, const std::atomic<bool>& stop)
        : proxy_(proxy), stop_(stop) {}

    void operator()() {
        while (!stop_) {
            const auto request = proxy_.next();
            if (!request)
                return;
            for (unsigned tries = 0; tries < 3; ++tries)
                answer((*request)->id);
        }
    }

private:
    std::uint32_t any() { return static_cast<std::uint32_t>(random_()); }
    std::uint32_t below(std::uint32_t limit) { return any() % limit; }

    void answer(std::uint64_t id) {
        tsmfd_proxy_answer head{};
        head.id = below(4) == 0 ? random_() : id;
        head.error = below(4) == 0 ? below(errors) : 0;
        head.outblob_len = below(8) == 0 ? any() : below(outblob_max + 10);
        head.auxblob_len = below(2) == 0 ? 0 : below(auxblob_max + 10);
        head.manifestblob_len = below(2) == 0 ? 0 : below(manifestblob_max + 10);
        // An error with blobs is refused whatever its number is.
        if (head.error != 0 && below(4) != 0)
            head.outblob_len = head.auxblob_len = head.manifestblob_len = 0;
        const std::size_t blobs = std::min<std::size_t>(head.outblob_len, 2UL * outblob_max) +
                                  head.auxblob_len + head.manifestblob_len +
                                  (below(8) == 0 ? 1U : 0U);
        Bytes bytes(sizeof(head) + blobs, firmwares);
        std::memcpy(bytes.data(), &head, sizeof(head));
        (void)!::write(proxy_.fd(), bytes.data(), bytes.size());
    }

    const Proxy& proxy_;
    const std::atomic<bool>& stop_;
    std::mt19937_64 random_{1};
};

struct Counts {
    std::atomic<std::uint64_t> reports = 0;
    std::atomic<std::uint64_t> failures = 0;
};

// By the ioctl, into guarded buffers.
void ask_by_ioctl(int fd, Counts& counts) {
    OneShot shot(ask(0, Format::extended), outblob_max, auxblob_max, manifestblob_max);
    if (const Outcome called = shot.call(fd); !called.ok()) {
        EXPECT_TRUE(shot.untouched());
        EXPECT_TRUE(is_firmwares_errno(error_of(called))) << called;
        ++counts.failures;
        return;
    }
    EXPECT_FALSE(shot.outblob().empty());
    EXPECT_TRUE(is_all(shot.outblob(), firmwares));
    EXPECT_TRUE(is_all(shot.auxblob(), firmwares));
    EXPECT_TRUE(shot.untouched_outside());
    ++counts.reports;
}

// By write(2) and read(2): what is behind the answer is as it was.
void ask_by_read(int fd, Counts& counts) {
    Bytes buffer(outblob_max + auxblob_max + manifestblob_max + 4096, poison);
    const auto room = std::span(buffer);
    set(fd, ask(0, Format::extended));
    const Outcome read = get(fd, room);
    const std::size_t answered = read.ok() ? static_cast<std::size_t>(read.value) : 0;
    EXPECT_TRUE(is_all(room.first(answered), firmwares));
    EXPECT_TRUE(is_all(room.subspan(answered), poison));
    EXPECT_TRUE(read.ok() || is_firmwares_errno(error_of(read))) << read;
    ++(read.ok() ? counts.reports : counts.failures);
}

TEST(ProxyHostile, MakesNoReportButItsOwn) {
    tsmfd::ProxySettings settings;
    settings.name = "hostile";
    settings.extended = true;
    settings.outblob_max = outblob_max;
    settings.auxblob_max = auxblob_max;
    settings.manifestblob_max = manifestblob_max;
    settings.max_inflight = 8;
    settings.timeout_ms = 200;
    const Proxy proxy = Proxy::make(settings).value();
    const std::string path = device_path(proxy.index());
    std::atomic<bool> stop = false;
    std::jthread firmware(HostileFirmware{proxy, stop});

    Counts counts;
    const auto end = std::chrono::steady_clock::now() + duration();
    in_parallel(8, [&](unsigned caller) {
        const UniqueFd fd(::open(path.c_str(), O_RDWR | O_CLOEXEC));
        ASSERT_TRUE(fd);
        while (std::chrono::steady_clock::now() < end && !testing::Test::HasFailure())
            (caller % 2 == 0 ? ask_by_ioctl : ask_by_read)(fd.get(), counts);
    });
    const tsmfd::ProxyStats stats = proxy.stats().value();
    EXPECT_GT(stats.answers, 0U);
    EXPECT_GT(stats.refused, 0U);
    EXPECT_GT(counts.reports, 0U);
    EXPECT_GT(counts.failures, 0U);
    testing::Test::RecordProperty("reports", static_cast<int>(counts.reports));

    // The firmware sleeps in read(2), until there is one more caller.
    stop = true;
    (void)tsmfd::Device::open(proxy.index()).value().report(ask(), 500);
    firmware.join();
}

} // namespace

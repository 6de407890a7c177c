// SPDX-License-Identifier: MIT
//
// Whose memory a report of a firmware in user space takes: that of the caller who keeps it, and not
// that of the firmware that wrote it. Firmware and caller are processes in memory cgroups of their
// own, and the caller keeps many reports in open files.
#include "support/device.hpp"
#include "support/files.hpp"
#include "support/tasks.hpp"

#include <tsmfd/proxy.hpp>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/mount.h>
#include <unistd.h>

namespace {

using namespace guest;
using tsmfd::Proxy;

constexpr std::uint32_t report_size = 512 * 1024;
constexpr unsigned reports = 32;
constexpr std::uint64_t kept = std::uint64_t{report_size} * reports;
// The kernel's own, and what it charges ahead for each processor.
constexpr std::uint64_t slack = kept / 8;

// A memory cgroup below the root of the version 2 hierarchy, which is mounted if need be.
class Cgroup {
public:
    explicit Cgroup(const char* name) : path_(root() / name) {
        if (!std::filesystem::exists(root() / "cgroup.controllers") &&
            ::mount("none", root().c_str(), "cgroup2", 0, nullptr) != 0)
            throw_errno("mount " + root().string(), errno);
        write_file(root() / "cgroup.subtree_control", "+memory");
        std::filesystem::create_directory(path_);
    }
    // Nobody may be in it any more.
    ~Cgroup() { EXPECT_EQ(::rmdir(path_.c_str()), 0) << path_; }
    Cgroup(const Cgroup&) = delete;
    Cgroup& operator=(const Cgroup&) = delete;

    void enter() const { write_file(path_ / "cgroup.procs", "0"); }
    // Bytes charged to it.
    [[nodiscard]] std::uint64_t memory() const { return read_number(path_ / "memory.current"); }

private:
    static std::filesystem::path root() { return "/sys/fs/cgroup"; }

    std::filesystem::path path_;
};

// One number goes through it.
class Signal {
public:
    Signal() {
        if (::pipe2(ends_.data(), O_CLOEXEC) != 0)
            throw_errno("make a pipe", errno);
    }
    ~Signal() {
        ::close(ends_[0]);
        ::close(ends_[1]);
    }
    Signal(const Signal&) = delete;
    Signal& operator=(const Signal&) = delete;

    void give(unsigned number) const {
        if (::write(ends_[1], &number, sizeof(number)) != sizeof(number))
            throw_errno("write to a pipe", errno);
    }
    // Fails when nobody gives one: whoever should have has died.
    [[nodiscard]] unsigned take() const {
        unsigned number = 0;
        pollfd polled{.fd = ends_[0], .events = POLLIN, .revents = 0};
        if (::poll(&polled, 1, patience_ms) != 1)
            throw_errno("wait for a pipe", ETIMEDOUT);
        if (::read(ends_[0], &number, sizeof(number)) != sizeof(number))
            throw_errno("read from a pipe", errno);
        return number;
    }

private:
    static constexpr int patience_ms = 60'000;

    std::array<int, 2> ends_{};
};

// Answers for ever; says which device it is.
int run_firmware(const Cgroup& cgroup, const Signal& is_there) {
    cgroup.enter();
    const Proxy proxy = Proxy::make({.name = "large", .outblob_max = report_size}).value();
    const Bytes report(report_size, 0x5a);
    is_there.give(proxy.index());
    for (;;) {
        const auto request = proxy.next();
        if (!request ||
            !proxy.answer((*request)->id, {.outblob = report, .auxblob = {}, .manifestblob = {}}))
            return 1;
    }
}

// Has a report made for each of many open files, and keeps them all.
int run_caller(const Cgroup& cgroup, const std::string& device, const Signal& has_all) {
    cgroup.enter();
    std::vector<UniqueFd> files;
    unsigned made = 0;
    for (unsigned i = 0; i < reports; ++i) {
        files.emplace_back(::open(device.c_str(), O_RDWR | O_CLOEXEC));
        set(files.back().get(), ask());
        std::array<std::uint8_t, 4096> start{};
        made += get(files.back().get(), start) == gives(start.size()) ? 1U : 0U;
    }
    has_all.give(made);
    ::pause();
    return 0;
}

// Ends a process, whatever it does, before its cgroup is removed.
void end(Child& child) {
    child.signal(SIGKILL);
    EXPECT_EQ(child.status(), 128 + SIGKILL);
}

TEST(ProxyMemory, OfAReportIsTheCallers) {
    const Cgroup firmwares("tsmfd-firmware");
    const Cgroup callers("tsmfd-caller");
    const Signal is_there;
    const Signal has_all;
    Child firmware([&] { return run_firmware(firmwares, is_there); });
    const std::string device = device_path(is_there.take());
    const std::uint64_t before = firmwares.memory();

    Child caller([&] { return run_caller(callers, device, has_all); });
    EXPECT_EQ(has_all.take(), reports);
    EXPECT_GE(callers.memory(), kept);
    EXPECT_LT(firmwares.memory(), before + slack);

    // Its open files are gone, and so are the reports that they kept.
    end(caller);
    EXPECT_TRUE(await([&] { return callers.memory() < slack; })) << callers.memory();
    end(firmware);
}

} // namespace

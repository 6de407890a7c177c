// SPDX-License-Identifier: MIT
//
// Who pays: what a caller has the kernel hold is charged to that caller's memory cgroup, whoever
// makes the firmware's call in the end.
#include "support/files.hpp"
#include "support/test.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

namespace guest {
namespace {

// A cgroup2 hierarchy of the test's own, with the controller of memory.
class Hierarchy {
public:
    Hierarchy() {
        std::array<char, 32> name = {"/tmp/tsmfd-cgroup-XXXXXX"};
        if (::mkdtemp(name.data()) == nullptr)
            throw_errno("mkdtemp", errno);
        path_ = name.data();
        if (::mount("cgroup2", path_.c_str(), "cgroup2", 0, nullptr) != 0)
            throw_errno("mount a cgroup2", errno);
        write_file(path_ + "/cgroup.subtree_control", "+memory");
    }
    ~Hierarchy() {
        ::umount2(path_.c_str(), MNT_DETACH);
        ::rmdir(path_.c_str());
    }
    Hierarchy(const Hierarchy&) = delete;
    Hierarchy& operator=(const Hierarchy&) = delete;

    [[nodiscard]] const std::string& path() const { return path_; }

private:
    std::string path_;
};

class Cgroup {
public:
    Cgroup(const Hierarchy& in, const std::string& name) : path_(in.path() + "/" + name) {
        std::filesystem::create_directory(path_);
    }
    ~Cgroup() {
        // Its processes have ended, but may not have left yet.
        (void)await([this] { return ::rmdir(path_.c_str()) == 0; });
    }
    Cgroup(const Cgroup&) = delete;
    Cgroup& operator=(const Cgroup&) = delete;

    void enter() const { write_file(path_ + "/cgroup.procs", "0"); }
    [[nodiscard]] std::uint64_t bytes() const { return read_number(path_ + "/memory.current"); }

private:
    std::string path_;
};

// Numbers that a child leaves for its parent.
struct Growth {
    std::atomic<std::uint64_t> before;
    std::atomic<std::uint64_t> after;

    [[nodiscard]] std::uint64_t bytes() const { return after - before; }
};

class Shared {
public:
    Shared()
        : page_(::mmap(nullptr, sizeof(Growth), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                       -1, 0)) {
        if (page_ == MAP_FAILED)
            throw_errno("mmap", errno);
    }
    ~Shared() { ::munmap(page_, sizeof(Growth)); }
    Shared(const Shared&) = delete;
    Shared& operator=(const Shared&) = delete;

    [[nodiscard]] Growth& growth() const { return *static_cast<Growth*>(page_); }

private:
    void* page_;
};

class Memory : public GuestTest {
protected:
    // More than what the kernel may be behind with, a part of a MiB.
    static constexpr std::size_t reports = 1000;

    void SetUp() override {
        try {
            hierarchy_ = std::make_unique<Hierarchy>();
        } catch (const std::system_error& error) {
            GTEST_SKIP() << "this kernel does not count memory by cgroup: " << error.what();
        }
        const rlimit limit{.rlim_cur = reports + 100, .rlim_max = reports + 100};
        ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
    }

    // By how much a cgroup grows that has read the first byte of so many reports, each of a file of
    // its own, and so has the kernel keep the rest. With `busy`, each has met EBUSY first.
    [[nodiscard]] std::uint64_t growth_by_reports(const std::string& name, bool busy) const {
        const Cgroup cgroup(*hierarchy_, name);
        const Shared shared;
        Child child([&] {
            cgroup.enter();
            Setting setting(patient, "busy_permille", 0);
            std::vector<UniqueFd> files(reports);
            Bytes byte(1);
            shared.growth().before = cgroup.bytes();
            for (UniqueFd& fd : files) {
                fd = open_device(patient);
                set(fd.get(), ask(2, Format::extended));
                if (busy)
                    setting.set(1000);
                if (get(fd.get(), byte) != gives(1))
                    return 1;
            }
            shared.growth().after = cgroup.bytes();
            return 0;
        });
        // Whoever has met EBUSY is asked again with better luck.
        std::uint64_t seen = counter(patient, "busy");
        while (!child.status(milliseconds(0))) {
            const std::uint64_t now = counter(patient, "busy");
            if (now == seen)
                continue;
            seen = now;
            EXPECT_TRUE(try_set(patient, "busy_permille", 0).ok());
        }
        EXPECT_EQ(child.status(), 0);
        return shared.growth().bytes();
    }

private:
    std::unique_ptr<Hierarchy> hierarchy_;
};

TEST_F(Memory, OfAReportIsItsCallersAfterTheFirmwareWasBusyToo) {
    const std::uint64_t at_once = growth_by_reports("at-once", false);
    const std::uint64_t busy_before = counter(patient, "busy");
    const std::uint64_t after_busy = growth_by_reports("after-busy", true);
    EXPECT_GE(counter(patient, "busy") - busy_before, reports);

    EXPECT_GE(at_once, reports * (report_size + cert_table_size)) << "the reports are not counted";
    EXPECT_GE(after_busy, at_once - reports * report_size / 2)
        << "without EBUSY it was " << at_once;
}

} // namespace
} // namespace guest

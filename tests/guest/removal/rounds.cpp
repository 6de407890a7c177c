// SPDX-License-Identifier: MIT
#include "removal/rounds.hpp"

#include "support/files.hpp"
#include "support/one_shot.hpp"
#include "support/sysfs2023_path.hpp"
#include "support/tasks.hpp"

#include <tsmfd/names.hpp>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace guest {

namespace {

void require(bool condition, const std::string& what) {
    if (!condition)
        throw std::runtime_error(what);
}

void require(const Outcome& outcome, const Outcome& expected, const std::string& what) {
    std::ostringstream said;
    said << what << ": " << outcome << " instead of " << expected;
    require(outcome == expected, said.str());
}

std::string device_there() {
    for (const auto& entry : std::filesystem::directory_iterator(tsmfd::class_directory()))
        return entry.path().filename();
    return "none";
}

// One report by a new file, to see that the provider works.
void require_service(const std::string& path) {
    const UniqueFd fd = open_file(path, O_RDWR);
    const Options asked = ask(2, Format::extended);
    set(fd.get(), asked);
    const tsmfd::Verdict verdict = verdict_on(asked, read_to_end(fd.get()));
    require(verdict.ok(), "a report that is " + verdict.text());
}

void load_emulator(Modules& modules, const std::string& parameters) {
    modules.emulator.load(parameters);
    require(device_there() == tsmfd::device_name(0), "the first device is " + device_there());
}

// The 2023 script's interface follows its provider.
void require_sysfs2023() {
    require(read_line(sysfs2023_path(0, "provider")) == "tsmfd_emu", "the provider in sysfs");
    write_file(sysfs2023_path(0, "inhex"), "0123456789abcdef");
    require(try_read(sysfs2023_path(0, "outblob")), gives(report_size), "a report by sysfs");
}

void require_no_sysfs2023() {
    for (const char* name : {"privlevel", "format", "inhex", "outblob", "report", "generation"})
        require(::access(sysfs2023_path(0, name).c_str(), F_OK) != 0,
                std::string(name) + " is there");
}

// Everybody is out, so the device has to be gone too.
void require_no_device() {
    require(device_there() == "none", device_there() + " is still in " + tsmfd::class_directory());
    require(try_open(device_path(0), O_RDWR), fails(ENOENT), "open of " + device_path(0));
    require_no_sysfs2023();
}

void remove_under(Modules& modules, Tally& tally, const std::string& parameters, bool answered) {
    load_emulator(modules, parameters);
    Callers callers(tally);
    callers.wait_until_busy(answered);
    modules.emulator.unload();
    callers.join();
    require_no_device();
}

void remove_under_callers_of_fast_firmware(Modules& modules, Tally& tally) {
    remove_under(modules, tally, "", true);
}

void remove_under_callers_of_slow_firmware(Modules& modules, Tally& tally) {
    remove_under(modules, tally, "latency_us=300", true);
}

void remove_under_callers_of_wide_firmware(Modules& modules, Tally& tally) {
    remove_under(modules, tally, "max_inflight=4 latency_us=300", true);
}

void remove_under_callers_of_hanging_firmware(Modules& modules, Tally& tally) {
    remove_under(modules, tally, "hang=1", false);
}

void kill_callers(Modules& modules, const std::string& parameters, bool answered) {
    load_emulator(modules, parameters);
    std::array<int, 2> ends{};
    require(::pipe2(ends.data(), O_CLOEXEC) == 0, "pipe2");
    const UniqueFd ready(ends[0]);
    UniqueFd tell(ends[1]);
    Child child([&] {
        Tally none;
        Callers callers(none);
        callers.wait_until_busy(answered);
        (void)put(tell.get(), "!");
        callers.join();
        return 1;
    });
    tell.reset();
    Bytes byte(1);
    require(get(ready.get(), byte), gives(1), "the callers' process");

    const auto start = std::chrono::steady_clock::now();
    child.signal(SIGKILL);
    require(child.status() == 128 + SIGKILL, "the callers' process does not die");
    require(std::chrono::steady_clock::now() - start < std::chrono::seconds(2),
            "the callers' process took too long to die");
}

void kill_callers_of_slow_firmware(Modules& modules, Tally& tally) {
    kill_callers(modules, "latency_us=300", true);
    require_service(device_path(0));
    modules.emulator.unload();
    require_no_device();
    tally.count("killed process");
}

void kill_callers_of_hanging_firmware(Modules& modules, Tally& tally) {
    kill_callers(modules, "hang=1", false);
    modules.emulator.unload();
    require_no_device();
    tally.count("killed process");
}

void close_files_of_callers(Modules& modules, Tally& tally) {
    load_emulator(modules, "latency_us=300");
    Callers callers(tally);
    callers.wait_until_busy(true);
    callers.close_files();
    callers.join();
    require_service(device_path(0));
    modules.emulator.unload();
    require_no_device();
}

void require_all_enodev(int fd) {
    Bytes buffer(4096);
    OneShot shot(ask(2));
    require(get(fd, buffer), fails(ENODEV), "read of a file whose provider is gone");
    require(put(fd, ask(2).text()), fails(ENODEV), "write to a file whose provider is gone");
    require(shot.call(fd), fails(ENODEV), "ioctl on a file whose provider is gone");
    pollfd polled{.fd = fd, .events = POLLIN, .revents = 0};
    require(gives(::poll(&polled, 1, 10'000)), gives(1), "poll of a file whose provider is gone");
    require((polled.revents & (POLLHUP | POLLERR)) == (POLLHUP | POLLERR),
            "poll of a file whose provider is gone says no POLLHUP");
}

void keep_a_file_beyond_its_provider(Modules& modules, Tally& tally) {
    load_emulator(modules, "");
    const UniqueFd fd = open_device(0);
    set(fd.get(), ask(2));
    modules.emulator.unload();
    require_all_enodev(fd.get());
    require(modules.core.try_unload(), fails(EWOULDBLOCK), "unload of tsmfd with a file open");

    modules.emulator.load();
    require_all_enodev(fd.get());
    require_service("/dev/" + device_there());
    require_all_enodev(fd.get());
    modules.emulator.unload();
    tally.count("file kept");
}

// In a file that has been closed, so that it has to be freed by nobody's call.
void leave_a_report_untaken() {
    const UniqueFd fd = open_device(0);
    OneShot shot(ask(2), 100);
    require(shot.call(fd.get()), fails(EMSGSIZE), "ioctl with a buffer that is too small");
}

void reload_the_core(Modules& modules, Tally& tally) {
    load_emulator(modules, "latency_us=300");
    require(modules.core.try_unload(), fails(EWOULDBLOCK), "unload of tsmfd with a provider");
    {
        Callers callers(tally);
        callers.wait_until_busy(true);
        require(modules.core.try_unload(), fails(EWOULDBLOCK), "unload of tsmfd under callers");
        modules.emulator.unload();
        callers.join();
        require(modules.core.try_unload(), fails(EWOULDBLOCK), "unload of tsmfd with files open");
    }
    modules.sysfs2023.unload();
    modules.core.unload();
    require(::access(tsmfd::class_directory().c_str(), F_OK) != 0,
            tsmfd::class_directory() + " is still there");

    modules.core.load();
    load_emulator(modules, "");
    require_no_sysfs2023();
    require_service(device_path(0));
    leave_a_report_untaken();
    modules.emulator.unload();
    modules.core.unload();
    modules.core.load();
    modules.sysfs2023.load();
    tally.count("core reloaded");
}

void remove_sysfs_under_callers(Modules& modules, Tally& tally) {
    load_emulator(modules, "latency_us=300");
    require_sysfs2023();
    Callers callers(tally);
    callers.wait_until_busy(true);
    modules.sysfs2023.unload();
    require_no_sysfs2023();
    require_service(device_path(0));

    // It finds the provider that is there before it.
    modules.sysfs2023.load();
    require_sysfs2023();
    modules.emulator.unload();
    callers.join();
    require_no_device();
    tally.count("sysfs reloaded");
}

// A user without privileges, who is over his quota, each time he reads; until the file is gone.
void read_over_quota(const UniqueFd& outblob) {
    constexpr long nobody = 65534;
    // Of this thread alone, which seteuid() would not be.
    require(::syscall(SYS_setresuid, -1L, nobody, -1L) == 0, "setresuid");
    Outcome got;
    do {
        std::array<std::uint8_t, report_size> room{};
        got = outcome_of(::pread(outblob.get(), room.data(), room.size(), 0));
    } while (got == fails(EDQUOT));
    require(got, fails(ENODEV), "read of a report in sysfs, over quota");
}

/*
 * The provider goes, and so does the module that hears of it and then removes its files, while
 * readers of these files have the core tell that they are over their quota. If one of the three
 * waited for another in a circle, then this would never end.
 */
void remove_sysfs_and_firmware_at_once(Modules& modules, Tally& tally) {
    load_emulator(modules, "");
    write_file(sysfs2023_path(0, "inhex"), "0123456789abcdef");
    const std::string quota = "/sys/module/tsmfd/parameters/quota_bytes";
    const std::string before = read_line(quota);
    write_file(quota, "1");

    constexpr unsigned readers = 8;
    std::atomic<unsigned> begun = 0;
    in_parallel(readers + 2, [&](unsigned number) {
        if (number >= 2) {
            const UniqueFd outblob = open_file(sysfs2023_path(0, "outblob"), O_RDONLY);
            ++begun;
            return read_over_quota(outblob);
        }
        require(await([&] { return begun == readers; }), "the readers do not begin");
        if (number == 0)
            return modules.emulator.unload();
        // A little later, each time another, so that it meets the other at work.
        std::this_thread::sleep_for(milliseconds(std::rand() % 10));
        modules.sysfs2023.unload();
    });
    write_file(quota, before);
    require_no_device();
    modules.sysfs2023.load();
    tally.count("sysfs and firmware removed at once");
}

constexpr Round all_rounds[] = {
    {"removal under callers of fast firmware", remove_under_callers_of_fast_firmware},
    {"removal under callers of slow firmware", remove_under_callers_of_slow_firmware},
    {"removal under callers of hanging firmware", remove_under_callers_of_hanging_firmware},
    {"callers of slow firmware killed", kill_callers_of_slow_firmware},
    {"callers of hanging firmware killed", kill_callers_of_hanging_firmware},
    {"callers' files closed", close_files_of_callers},
    {"removal under callers of wide firmware", remove_under_callers_of_wide_firmware},
    {"a file kept beyond its provider", keep_a_file_beyond_its_provider},
    {"the core reloaded", reload_the_core},
    {"the sysfs interface reloaded under callers", remove_sysfs_under_callers},
    {"the sysfs interface and firmware removed at once", remove_sysfs_and_firmware_at_once},
};

} // namespace

std::span<const Round> rounds() {
    return all_rounds;
}

} // namespace guest

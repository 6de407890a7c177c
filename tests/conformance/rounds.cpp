// SPDX-License-Identifier: MIT
//
// tsmfd-conformance-rounds MODULES ROUNDS
//
// The drop-in tsm.ko under load: items are removed while they are read, by their owners and by
// others; readers are killed; the driver leaves with items present and comes again; and now and
// then tsm.ko itself. On a debug kernel, reads also run short of memory. Whatever a caller gets
// has to be its own report or an errno that Documentation/providers.rst names. Ends with "ok"
// and what was done.
#include "removal/modules.hpp"
#include "shortage.hpp"
#include "support/emulator.hpp"
#include "support/fail_nth.hpp"
#include "support/files.hpp"
#include "support/item.hpp"
#include "support/tasks.hpp"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <set>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

namespace {

using conformance::Options;
using conformance::TestItem;
using guest::Child;
using guest::milliseconds;
using guest::Module;

constexpr unsigned askers = 4;
// Rounds from one shortage of memory to the next.
constexpr unsigned shortage_every = 20;

struct Tally {
    std::atomic<std::uint64_t> reports = 0;
    std::atomic<std::uint64_t> refused = 0;
    std::atomic<std::uint64_t> wrong = 0;
    std::atomic<std::uint64_t> removed = 0;
    std::uint64_t short_of_memory = 0;
};

void complain(Tally& tally, const std::string& what) {
    ++tally.wrong;
    fmt::print(stderr, "{}\n", what);
}

// No driver, or no item any more.
bool is_expected(int error) {
    return error == ENXIO || error == ENOENT;
}

void ask_once(Tally& tally) {
    const TestItem item;
    const Options asked = conformance::ask(2);
    conformance::set(item, asked);
    const conformance::Bytes outblob = conformance::get(item, "outblob");
    if (outblob.empty())
        return complain(tally, "an empty outblob");
    const conformance::Bytes auxblob = conformance::get(item, "auxblob");
    const tsmfd::Verdict verdict = guest::verdict_on(asked, outblob, auxblob);
    if (!verdict.ok())
        return complain(tally, verdict.text());
    ++tally.reports;
}

void ask_on(Tally& tally, const std::atomic<bool>& stop) {
    while (!stop) {
        try {
            ask_once(tally);
        } catch (const std::system_error& error) {
            ++tally.refused;
            if (!is_expected(error.code().value()))
                complain(tally, error.what());
        }
    }
}

// Of those there are, whoever is reading them.
void remove_on(Tally& tally, const std::atomic<bool>& stop) {
    while (!stop) {
        std::error_code ignored;
        for (const auto& entry : std::filesystem::directory_iterator(stress::Item::root, ignored)) {
            if (entry.path().filename().string().starts_with("kept"))
                continue;
            if (::rmdir(entry.path().c_str()) == 0)
                ++tally.removed;
        }
        std::this_thread::sleep_for(milliseconds(3));
    }
}

void unload(const Module& module) {
    if (!guest::await([&] { return module.try_unload().ok(); }))
        module.unload();
}

class Rounds {
public:
    explicit Rounds(const std::string& modules)
        : tsm_(guest::dropin_in(modules)), driver_(modules + "/tsmfd_emu_stock.ko") {
        if (driver_.is_loaded())
            unload(driver_);
    }

    void round(unsigned number) {
        const guest::Setting latency(guest::plain, "latency_us", number % 3 * 1'000UL);
        driver_.load("format=extended service=1");

        stress::Item kept = std::move(stress::Item::make("kept").value());
        Child reader(read_until_killed);
        std::atomic<bool> stop = false;
        {
            std::vector<std::jthread> threads;
            threads.emplace_back([&] { remove_on(tally_, stop); });
            for (unsigned i = 0; i < askers; ++i)
                threads.emplace_back([&] { ask_on(tally_, stop); });
            std::this_thread::sleep_for(milliseconds(20 + number % 5 * 10));
            reader.signal(SIGKILL);
            if (reader.status() != 128 + SIGKILL)
                complain(tally_, "a reader cannot be killed");
            unload(driver_);
            come_again(number);
            stop = true;
        }
        refuse(kept);
        if (!kept.remove())
            complain(tally_, "an item whose driver is gone cannot be removed");
        if (number % shortage_every == 0 && guest::can_run_short())
            run_short();
        unload(driver_);
        if (number % 10 == 9)
            reload_tsm();
    }

    void restore() { driver_.load("format=extended service=1"); }
    [[nodiscard]] const Tally& tally() const { return tally_; }

private:
    // Forked before there are threads: a child would keep their files open, and configfs takes an
    // inblob at its file's last close.
    static int read_until_killed() {
        Tally unused;
        const std::atomic<bool> never = false;
        ask_on(unused, never);
        return 0;
    }

    void come_again(unsigned number) {
        if (tsm_.try_unload() != guest::fails(EWOULDBLOCK))
            complain(tally_, "tsm.ko could be unloaded with an item present");
        driver_.load("format=extended service=1 instance=0,1");
        std::this_thread::sleep_for(milliseconds(number % 4 * 5));
    }

    // An item stays with the driver that it was made for, which is gone.
    void refuse(const stress::Item& item) {
        if (guest::try_read(item.file("provider")) != guest::fails(ENXIO))
            complain(tally_, "an item whose driver is gone names one");
    }

    // With nobody who removes items meanwhile.
    void run_short() {
        const conformance::Shortage shortage = conformance::read_running_short();
        if (!shortage.wrong.empty())
            complain(tally_, shortage.wrong);
        if (shortage.refused == 0)
            complain(tally_, "no read failed for want of memory");
        tally_.short_of_memory += shortage.refused;
    }

    void reload_tsm() {
        remove_leftovers();
        unload(tsm_);
        tsm_.load();
    }

    // Of the readers that were killed.
    static void remove_leftovers() {
        for (const auto& entry : std::filesystem::directory_iterator(stress::Item::root))
            ::rmdir(entry.path().c_str());
    }

    Module tsm_;
    Module driver_;
    Tally tally_;
};

} // namespace

int main(int argc, char** argv) {
    const unsigned count =
        argc == 3 ? static_cast<unsigned>(std::strtoul(argv[2], nullptr, 10)) : 0;
    if (count == 0) {
        fmt::print(stderr, "usage: tsmfd-conformance-rounds MODULES ROUNDS;"
                           " tests/conformance/rounds does it\n");
        return 2;
    }
    try {
        Rounds rounds(argv[1]);
        for (unsigned number = 0; number < count; ++number)
            rounds.round(number);
        rounds.restore();
        const Tally& tally = rounds.tally();
        fmt::print("{} rounds: {} reports, {} refusals, {} items removed by others, {} wrong\n",
                   count, tally.reports.load(), tally.refused.load(), tally.removed.load(),
                   tally.wrong.load());
        if (guest::can_run_short())
            fmt::print("{} reads refused for want of memory\n", tally.short_of_memory);
        else
            fmt::print("SKIP reads short of memory: this kernel cannot fail allocations\n");
        if (tally.wrong != 0 || tally.reports == 0 || tally.removed == 0)
            return 1;
    } catch (const std::exception& error) {
        fmt::print(stderr, "tsmfd-conformance-rounds: {}\n", error.what());
        return 1;
    }
    fmt::print("ok\n");
    return 0;
}

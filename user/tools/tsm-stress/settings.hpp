// SPDX-License-Identifier: MIT
//
// What one run of tsm-stress is to do: the command line as a value.
#pragma once

#include <tsmfd/evidence/policy.hpp>
#include <tsmfd/names.hpp>
#include <tsmfd/options.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace stress {

enum class FaceKind { chardev, ioctl, nonblock, sysfs, configfs, key, mixed };

struct Settings {
    std::string device = tsmfd::device_path(0);
    FaceKind face = FaceKind::chardev;

    unsigned threads = 1;    // in all
    unsigned processes = 1;  // that they are split over
    unsigned inflight = 16;  // nonblock: open files a thread
    bool share_fd = false;   // ioctl: one open file for all
    bool new_file = false;   // ioctl: an open file a report
    bool reuse_item = false; // configfs: one item a thread, not one a report

    std::optional<double> seconds;
    double warm_up = 0;                   // of those, the first that are not measured
    std::optional<std::uint64_t> reports; // in all
    std::optional<double> rate;           // requests a second, in all; unset: a closed loop
    double grace = 75;                    // seconds that callers get to come back after the end

    // Cycled over the callers. An unset privlevel asks for none.
    std::vector<std::optional<std::uint32_t>> privlevels;
    std::vector<tsmfd::Format> formats;
    std::uint32_t privlevel_floor = 0; // what a batch's leaf says for an unset one
    unsigned inblob_bytes = TSMFD_INBLOB_MAX;
    std::uint64_t seed = 0;

    bool batch = false; // where the interface can; each proof is kept and verified at the end
    std::size_t proof_room_mib = 0; // for those, of each caller, touched before the start
    // One report in so many has its signature checked, by this policy; 0: none.
    std::uint32_t signed_every = 0;
    std::shared_ptr<const tsmfd::Policy> policy;
    bool check_counters = false;
    bool until_gone = false;
    bool expect_race = false;
    bool stop_at_race = false;

    std::string json; // a file; "-" is stdout; empty: none
    std::string label;

    // mixed: the interfaces that are there, dealt to the callers in turn.
    std::vector<FaceKind> dealt;

    [[nodiscard]] FaceKind kind_of(std::uint32_t caller) const {
        return dealt.empty() ? face : dealt[caller % dealt.size()];
    }
    [[nodiscard]] bool batches(std::uint32_t caller) const {
        return batch && kind_of(caller) != FaceKind::configfs;
    }
    // How many interfaces the callers are dealt.
    [[nodiscard]] std::uint32_t kinds() const {
        return dealt.empty() ? 1 : static_cast<std::uint32_t>(dealt.size());
    }
};

} // namespace stress

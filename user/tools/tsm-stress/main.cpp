// SPDX-License-Identifier: MIT
//
// tsm-stress: many callers ask for reports at once, each with options of its own, and check that
// what they get is theirs.
#include "board.hpp"
#include "counters.hpp"
#include "crew.hpp"
#include "face.hpp"
#include "files.hpp"
#include "limits.hpp"
#include "output.hpp"
#include "progress.hpp"
#include "settings.hpp"
#include "summary.hpp"

#include <tsmfd/version.hpp>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/random.h>

namespace {

using stress::FaceKind;
using stress::Settings;

enum Exit { pass = 0, wrong = 1, usage = 2, no_device = 3 };

constexpr double default_seconds = 5;
constexpr unsigned most_threads = 1U << 16;

// The words of the command line that need more than CLI11 to be understood.
struct Words {
    std::string face = "chardev";
    std::vector<std::string> privlevels;
    std::vector<std::string> formats;
    bool new_item = false;
    std::string policy;
    std::string roots;
    std::string certificates;
};

// What --signed is to hold reports to.
tsmfd::Result<tsmfd::Policy> policy_of(const Words& words) {
    if (!words.policy.empty())
        return tsmfd::Policy::read(words.policy);
    auto snp = tsmfd::SnpPolicy().any_measurement(true);
    auto tdx = tsmfd::TdxPolicy().any_measurement(true);
    if (!words.roots.empty()) {
        auto roots = files::read_file(words.roots);
        if (!roots)
            return std::unexpected(std::move(roots.error()));
        tdx.roots(*roots);
        snp.roots(*roots);
    }
    if (!words.certificates.empty()) {
        auto certificates = files::read_file(words.certificates);
        if (!certificates)
            return std::unexpected(std::move(certificates.error()));
        snp.certificates(*certificates);
    }
    return tsmfd::Policy().snp(snp).tdx(tdx).tpm(tsmfd::TpmPolicy().any_measurement(true));
}

void declare(CLI::App& app, Settings& settings, Words& words) {
    app.option_defaults()->always_capture_default();
    app.add_option("--device", settings.device, "The device");
    app.add_option("--face", words.face,
                   "How to ask: chardev, ioctl, nonblock, key, sysfs (the 2023 ABI), configfs "
                   "(mainline's), or mixed: the callers dealt over all of these but sysfs");
    app.add_option("--threads", settings.threads, "Callers in all")
        ->check(CLI::Range(1U, most_threads));
    app.add_option("--processes", settings.processes, "Processes that the callers are split over")
        ->check(CLI::Range(1U, most_threads));
    app.option_defaults()->always_capture_default(false);

    app.add_option("--seconds", settings.seconds, "How long to ask (5, unless --reports is given)")
        ->check(CLI::PositiveNumber);
    app.add_option("--warm-up", settings.warm_up,
                   "Of those seconds, the first that the rate and the latencies leave out (0)")
        ->check(CLI::NonNegativeNumber);
    app.add_option("--reports", settings.reports, "How many reports to ask for in all")
        ->check(CLI::PositiveNumber);
    app.add_option("--rate", settings.rate,
                   "Open loop: requests a second in all; a latency then counts from when its "
                   "request was due")
        ->check(CLI::PositiveNumber);
    app.add_option("--grace", settings.grace,
                   "Seconds that callers get to come back after the end (75)")
        ->check(CLI::PositiveNumber);

    app.add_option("--privlevels", words.privlevels,
                   "Cycled over the callers: numbers, or unset to ask for none (all that the "
                   "provider has)")
        ->delimiter(',');
    app.add_option("--formats", words.formats,
                   "Cycled over the callers: default, extended (all that the provider has)")
        ->delimiter(',');
    app.add_option("--challenge-bytes,--inblob-bytes", settings.inblob_bytes,
                   "Length of a challenge (64)")
        ->check(CLI::Range(1U, unsigned{TSMFD_INBLOB_MAX}));
    app.add_option("--seed", settings.seed, "Of the challenges (random)");

    app.add_option("--inflight", settings.inflight, "nonblock: open files a thread (16)")
        ->check(CLI::Range(1U, 1U << 20));
    app.add_flag("--share-fd", settings.share_fd, "ioctl: one open file for all callers");
    app.add_flag("--new-file", settings.new_file, "ioctl: an open file a report, not one a caller");
    auto* fresh =
        app.add_flag("--new-item", words.new_item, "configfs: an item a report (the default)");
    app.add_flag("--reuse-item", settings.reuse_item, "configfs: an item a caller")
        ->excludes(fresh);

    auto* batch = app.add_flag(
        "--batch", settings.batch,
        "Ask with batch=1 (not by configfs); every proof is kept, and verified at the end");
    app.add_option("--proof-room", settings.proof_room_mib,
                   "MiB that each caller has for proofs before the start, so that no page of them "
                   "is zeroed while callers are timed (0)")
        ->check(CLI::Range(0U, 1U << 16))
        ->needs(batch);

    auto* sign = app.add_flag("--signed{100}", settings.signed_every,
                              "Check the signature of one report in N, --signed=N (100)");
    auto* policy =
        app.add_option("--policy", words.policy, "What --signed holds reports to, as JSON")
            ->type_name("F")
            ->needs(sign);
    app.add_option("--roots", words.roots, "In its place: certificates to trust")
        ->type_name("F")
        ->needs(sign)
        ->excludes(policy);
    app.add_option("--certs", words.certificates, "And VCEK or VLEK and ASK, for format default")
        ->type_name("F")
        ->needs(sign)
        ->excludes(policy);

    auto* gone = app.add_flag("--until-gone", settings.until_gone,
                              "Ask until the provider is removed, which is then no failure");
    app.add_flag("--check-counters", settings.check_counters,
                 "Fail unless the kernel's counters (netlink) say exactly what was asked and got; "
                 "nobody else may use the device meanwhile")
        ->excludes(gone);
    auto* race = app.add_flag("--expect-race", settings.expect_race,
                              "sysfs: succeed only if a report was mixed up or torn");
    app.add_flag("--stop-at-race", settings.stop_at_race,
                 "Stop half a second after the first such report")
        ->needs(race);

    app.add_option("--json", settings.json, "Write the result to this file; - is stdout");
    app.add_option("--label", settings.label, "A text to find the result by");
    app.footer("Exit status: 0 all reports right; 1 any mixed up, torn, malformed or failed; "
               "2 usage; 3 no device.");
}

// What the provider offers, for an option that was not given.
void default_levels(Settings& settings, const stress::Face& face) {
    if (face.info() && (face.info()->features & TSMFD_FEATURE_PRIVLEVEL) == 0) {
        settings.privlevels.emplace_back(std::nullopt);
        return;
    }
    const std::uint32_t first = face.info() ? face.info()->privlevel_floor : 0;
    const std::uint32_t last = face.info() ? face.info()->privlevel_max : TSMFD_PRIVLEVEL_MAX;
    for (std::uint32_t level = first; level <= last; ++level)
        settings.privlevels.emplace_back(level);
}

void default_formats(Settings& settings, const stress::Face& face) {
    for (const tsmfd::Format format : {tsmfd::Format::plain, tsmfd::Format::extended}) {
        const std::uint32_t bit = 1U << std::to_underlying(format);
        if (!face.info() || (face.info()->formats & bit) != 0)
            settings.formats.push_back(format);
    }
}

tsmfd::Result<std::optional<std::uint32_t>> parse_level(const std::string& word) {
    if (word == "unset")
        return std::nullopt;
    std::uint32_t level = 0;
    const char* end = word.data() + word.size();
    const auto parsed = std::from_chars(word.data(), end, level);
    if (parsed.ec != std::errc{} || parsed.ptr != end)
        return tsmfd::fail("privlevel '" + word + "', neither a number nor unset", EINVAL);
    return level;
}

// Empty, or what is wrong.
std::string understand(Settings& settings, const Words& words) {
    const auto face = stress::face_by_name(words.face);
    if (!face)
        return "--face " + words.face + ": chardev, ioctl, nonblock, key, sysfs, configfs or mixed";
    settings.face = *face;
    for (const std::string& word : words.privlevels) {
        const auto level = parse_level(word);
        if (!level)
            return "--privlevels: " + level.error().what;
        settings.privlevels.push_back(*level);
    }
    for (const std::string& word : words.formats) {
        const auto format = tsmfd::parse_format(word);
        if (!format)
            return "--formats: " + format.error().what;
        settings.formats.push_back(*format);
    }
    if (settings.processes > settings.threads)
        return fmt::format("--processes {}: more than --threads {}", settings.processes,
                           settings.threads);
    if (settings.warm_up > 0 && (!settings.seconds || *settings.seconds <= settings.warm_up))
        return fmt::format("--warm-up {:g}: needs --seconds, and more of them", settings.warm_up);
    if (settings.share_fd && settings.face != FaceKind::ioctl)
        return "--share-fd: only with --face ioctl, as options written belong to the open file";
    if (settings.new_file && (settings.face != FaceKind::ioctl || settings.share_fd))
        return "--new-file: only with --face ioctl, and without --share-fd";
    if (settings.batch && (settings.face == FaceKind::sysfs || settings.face == FaceKind::configfs))
        return "--batch: not with --face " + words.face + ", which has no such option";
    if (settings.signed_every > 0) {
        if (settings.batch)
            return "--signed: not with --batch, where a report answers a tree's root";
        auto policy = policy_of(words);
        if (!policy)
            return "--signed: " + policy.error().message();
        settings.policy = std::make_shared<const tsmfd::Policy>(std::move(*policy));
    }
    if (settings.check_counters && settings.face == FaceKind::sysfs)
        return "--check-counters: not with --face sysfs, where callers share reports";
    if (settings.expect_race && settings.face != FaceKind::sysfs)
        return "--expect-race: only with --face sysfs, as no other may race";
    if (!settings.seconds && !settings.reports && !settings.until_gone)
        settings.seconds = default_seconds;
    return {};
}

std::string_view advice(const Settings& settings, int code) {
    if (code == EACCES || code == EPERM)
        return "run as root, or as a member of the group that owns it";
    if (code == EMFILE || code == ENFILE)
        return "raise the limit of open files (ulimit -n), or ask with fewer";
    if (code == EDQUOT)
        return "raise the user's quota of keys, /proc/sys/kernel/keys/maxkeys and maxbytes";
    switch (settings.face) {
    case FaceKind::sysfs:
        return "load the module that has this interface, modprobe tsmfd_sysfs2023, and a provider, "
               "e.g. modprobe tsmfd_emu";
    case FaceKind::configfs:
        return "mount configfs on /sys/kernel/config, modprobe tsm, and load a provider for it";
    default:
        return "load a provider, e.g. modprobe tsmfd_emu";
    }
}

bool means_no_device(int code) {
    return code == ENOENT || code == ENODEV || code == ENXIO || code == EACCES || code == EPERM;
}

int report_error(const Settings& settings, const tsmfd::Error& error) {
    if (means_no_device(error.code)) {
        fmt::print(stderr, "tsm-stress: {}: {}\n", error.message(), advice(settings, error.code));
        return no_device;
    }
    fmt::print(stderr, "tsm-stress: {}\n", error.message());
    return wrong;
}

// Of the device whose counters are checked; configfs asks for it by its name.
tsmfd::Result<std::uint32_t> device_index(const Settings& settings, const stress::Face& face) {
    if (face.info())
        return face.info()->index;
    const auto device = tsmfd::Device::open(settings.device);
    if (!device)
        return std::unexpected(device.error());
    const auto info = device->info();
    if (!info)
        return std::unexpected(info.error());
    return info->index;
}

int write_json(const Settings& settings, const nlohmann::json& result) {
    if (settings.json.empty())
        return pass;
    if (const auto written = stress::write_out(settings.json, result.dump(2) + '\n'); !written) {
        fmt::print(stderr, "tsm-stress: {}\n", written.error().message());
        return wrong;
    }
    return pass;
}

int run(Settings& settings) {
    if (settings.seed == 0)
        (void)::getrandom(&settings.seed, sizeof(settings.seed), 0);
    if (settings.inblob_bytes < sizeof(std::uint64_t))
        fmt::print(stderr, "tsm-stress: challenges of {} bytes repeat, so a mix-up may not show\n",
                   settings.inblob_bytes);
    stress::raise_file_limit();

    tsmfd::Result<stress::Face> face = stress::Face::open(settings);
    if (!face)
        return report_error(settings, face.error());
    if (settings.privlevels.empty())
        default_levels(settings, *face);
    if (settings.formats.empty())
        default_formats(settings, *face);

    settings.dealt = face->dealt();
    if (face->info())
        settings.privlevel_floor = face->info()->privlevel_floor;

    std::optional<stress::Counters> counters;
    if (settings.check_counters) {
        const auto index = device_index(settings, *face);
        if (!index)
            return report_error(settings, index.error());
        auto read = stress::Counters::read(*index);
        if (!read)
            return report_error(settings, read.error());
        counters.emplace(std::move(*read));
    }

    tsmfd::Result<stress::Board> board = stress::Board::make(settings.threads);
    if (!board)
        return report_error(settings, board.error());
    stress::Crew crew(settings, *face, *board);
    stress::Progress progress;
    if (const auto ran = crew.run(progress); !ran)
        return report_error(settings, ran.error());

    auto summary = stress::Summary::of(*board, crew.ending());
    if (counters) {
        const auto check = counters->compare(settings, *board);
        if (!check)
            return report_error(settings, check.error());
        summary.counters = *check;
    }
    // Where the JSON goes to stdout, it is alone there.
    std::FILE* out = settings.json == "-" ? stderr : stdout;
    fmt::print(out, "{}", summary.text(settings, face->provider()));
    const int written = write_json(settings, summary.json(settings, face->provider()));
    return summary.passed(settings) ? written : int{wrong};
}

} // namespace

int main(int argc, char** argv) {
    Settings settings;
    Words words;
    CLI::App app("Ask for attestation reports concurrently and check that each caller gets its own",
                 "tsm-stress");
    app.set_version_flag("--version", std::string(tsmfd::version()));
    declare(app, settings, words);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? pass : usage;
    }
    if (const std::string problem = understand(settings, words); !problem.empty()) {
        fmt::print(stderr, "tsm-stress: {}\n", problem);
        return usage;
    }
    return run(settings);
}

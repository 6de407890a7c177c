// SPDX-License-Identifier: MIT
#include "command.hpp"
#include "output.hpp"
#include "ways.hpp"

#include <tsmfd/hex.hpp>
#include <tsmfd/names.hpp>
#include <tsmfd/netlink.hpp>
#include <tsmfd/options.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/random.h>

namespace tsmctl {

namespace {

constexpr std::array<std::pair<std::string_view, Via>, 4> ways = {{
    {"chardev", Via::chardev},
    {"key", Via::key},
    {"sysfs", Via::sysfs},
    {"configfs", Via::configfs},
}};

struct Words {
    std::string inblob;
    std::string inblob_file;
    bool random = false;
    std::optional<std::uint32_t> privlevel;
    std::string format = "default";
    std::string service_provider;
    std::string service_guid;
    std::optional<std::uint32_t> service_manifest_version;
    std::string provider;
    std::string via = "chardev";
    std::string output;
    bool hex = false;
    bool raw = false;
    bool json = false;
    bool batch = false;
};

void declare(CLI::App& command, Words& words) {
    auto* hex = command
                    .add_option("--challenge,--inblob", words.inblob,
                                "What the report is to answer, in hexadecimal")
                    ->type_name("HEX");
    auto* file = command
                     .add_option("--challenge-file,--inblob-file", words.inblob_file,
                                 "The challenge's bytes from a file; - is stdin")
                     ->type_name("F")
                     ->excludes(hex);
    command.add_flag("--random", words.random, "64 random bytes as the challenge (the default)")
        ->excludes(hex)
        ->excludes(file);
    command.add_option("--privlevel", words.privlevel, "The provider's floor to 3")->type_name("N");
    command.add_option("--format", words.format, "default, or extended for an auxblob too")
        ->check(CLI::IsMember({"default", "extended"}));
    command.add_option("--service-provider", words.service_provider, "Such as svsm")
        ->type_name("S");
    command.add_option("--service-guid", words.service_guid)->type_name("GUID");
    command.add_option("--service-manifest-version", words.service_manifest_version)
        ->type_name("N");
    command.add_flag("--batch", words.batch,
                     "Let the report be shared with others that wait; its proof comes first, for "
                     "verify-proof");
    command.add_option("--provider", words.provider, "Such as tsmfd0 (the lowest there is)")
        ->type_name("tsmfdN");
    command.add_option("--via", words.via, "chardev, key, sysfs (the ABI of 2023) or configfs")
        ->check(CLI::IsMember({"chardev", "key", "sysfs", "configfs"}));
    command.add_option("-o,--output", words.output, "A file to write to; - is stdout")
        ->type_name("F");
    auto* as_hex = command.add_flag("--hex", words.hex, "As a line of hexadecimal (the default)");
    auto* as_raw = command.add_flag("--raw", words.raw, "As the blobs' bytes")->excludes(as_hex);
    command.add_flag("--json", words.json, "As JSON, with the blobs apart")
        ->excludes(as_hex)
        ->excludes(as_raw);
}

tsmfd::Result<tsmfd::Inblob> inblob_of(const Words& words) {
    if (!words.inblob.empty()) {
        const auto bytes = tsmfd::from_hex(words.inblob);
        if (!bytes)
            return std::unexpected(bytes.error());
        return tsmfd::Inblob::from(*bytes);
    }
    if (!words.inblob_file.empty()) {
        const auto bytes = read_in(words.inblob_file);
        if (!bytes)
            return std::unexpected(bytes.error());
        return tsmfd::Inblob::from(*bytes);
    }
    tsmfd::Inblob inblob;
    inblob.size = TSMFD_INBLOB_MAX;
    if (::getrandom(inblob.padded.data(), inblob.padded.size(), 0) != TSMFD_INBLOB_MAX)
        return tsmfd::fail("getrandom", errno);
    return inblob;
}

tsmfd::Result<tsmfd::Options> options_of(const Words& words) {
    tsmfd::Options options;
    auto inblob = inblob_of(words);
    if (!inblob)
        return std::unexpected(std::move(inblob.error()));
    options.inblob = *inblob;
    options.privlevel = words.privlevel;
    options.format = tsmfd::parse_format(words.format).value_or(tsmfd::Format::plain);
    options.service_provider = words.service_provider;
    options.batch = words.batch;
    options.service_manifest_version = words.service_manifest_version;
    if (!words.service_guid.empty()) {
        const auto guid = tsmfd::Guid::parse(words.service_guid);
        if (!guid)
            return std::unexpected(guid.error());
        options.service_guid = *guid;
    }
    return options;
}

// The name that tells the blobs' format; empty where netlink does not say it.
std::string provider_name(unsigned index) {
    auto netlink = tsmfd::Netlink::open();
    if (!netlink)
        return {};
    const auto provider = netlink->provider(index);
    return provider ? provider->name : std::string();
}

std::string as_json(const Words& words, unsigned index, const tsmfd::Options& options,
                    const Blobs& blobs) {
    const Json json = {
        {"device", tsmfd::device_name(index)},
        {"provider", provider_name(index)},
        {"via", words.via},
        {"inblob", tsmfd::to_hex(options.inblob.bytes())},
        {"privlevel", options.privlevel ? Json(*options.privlevel) : Json(nullptr)},
        {"format", words.format},
        {"generation", blobs.generation ? Json(*blobs.generation) : Json(nullptr)},
        {"proof", tsmfd::to_hex(blobs.proof)},
        {"outblob", tsmfd::to_hex(blobs.outblob)},
        {"auxblob", tsmfd::to_hex(blobs.auxblob)},
        {"manifestblob", tsmfd::to_hex(blobs.manifestblob)},
    };
    return json_text(json) + '\n';
}

std::string as_bytes(const Words& words, const Blobs& blobs) {
    std::string out;
    for (const auto* blob : {&blobs.proof, &blobs.outblob, &blobs.auxblob, &blobs.manifestblob}) {
        if (words.raw)
            out.append(blob->begin(), blob->end());
        else
            tsmfd::append_hex(out, *blob);
    }
    if (!words.raw)
        out += '\n';
    return out;
}

// What an interface wants that is not always there.
std::string_view missing(Via via) {
    switch (via) {
    case Via::sysfs:
        return "load the module that has this interface: modprobe tsmfd_sysfs2023";
    case Via::configfs:
        return "modprobe tsm, which has this interface, and mount configfs on /sys/kernel/config";
    default:
        return {};
    }
}

int run(const Words& words) {
    if (words.batch && (words.via == "sysfs" || words.via == "configfs"))
        return report_usage("--batch: not via " + words.via + ", which has no such option");
    const auto options = options_of(words);
    if (!options)
        return options.error().code == EINVAL ? report_usage(options.error().message())
                                              : report_failure(options.error());
    const auto index = provider_index(words.provider);
    if (!index) {
        if (index.error().code == EINVAL)
            return report_usage(index.error().message());
        return words.provider.empty() && index.error().code != EPERM
                   ? report_no_provider()
                   : report_failure(index.error());
    }
    const auto* via = std::ranges::find(ways, words.via, &std::pair<std::string_view, Via>::first);
    const auto blobs = ask(via->second, *index, *options);
    if (!blobs)
        return report_failure(blobs.error(), missing(via->second));
    const auto written =
        stress::write_out(words.output, words.json ? as_json(words, *index, *options, *blobs)
                                                   : as_bytes(words, *blobs));
    return written ? done : report_failure(written.error());
}

} // namespace

void add_report(CLI::App& app, int& status) {
    auto words = std::make_shared<Words>();
    CLI::App* command = app.add_subcommand("report", "Have a report made, and print it");
    declare(*command, *words);
    refuse_empty_words(*command);
    command->callback([words, &status] { status = run(*words); });
}

} // namespace tsmctl

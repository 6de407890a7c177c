// SPDX-License-Identifier: MIT
#include "ways.hpp"

#include "configfs_item.hpp"
#include "files.hpp"
#include "sysfs2023.hpp"

#include <tsmfd/device.hpp>
#include <tsmfd/evidence/verdict.hpp>
#include <tsmfd/hex.hpp>
#include <tsmfd/key.hpp>
#include <tsmfd/names.hpp>

#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

namespace tsmctl {

namespace {

using tsmfd::ByteSpan;
using tsmfd::Result;

std::vector<std::uint8_t> copy_of(ByteSpan bytes) {
    return {bytes.begin(), bytes.end()};
}

Result<Blobs> blobs_of(const Result<ByteSpan>& stream) {
    if (!stream)
        return std::unexpected(stream.error());
    const auto evidence = tsmfd::Evidence::of_stream(*stream);
    return Blobs{.outblob = copy_of(evidence.outblob),
                 .auxblob = copy_of(evidence.auxblob),
                 .manifestblob = {},
                 .proof = copy_of(evidence.proof),
                 .generation = std::nullopt};
}

Result<Blobs> ask_chardev(unsigned index, const tsmfd::Options& options) {
    const auto device = tsmfd::Device::open(index);
    if (!device)
        return std::unexpected(device.error());
    auto report = device->report(options);
    if (!report)
        return std::unexpected(std::move(report.error()));
    return Blobs{.outblob = std::move(report->outblob),
                 .auxblob = std::move(report->auxblob),
                 .manifestblob = std::move(report->manifestblob),
                 .proof = std::move(report->proof),
                 .generation = report->generation};
}

Result<Blobs> ask_key(unsigned index, const tsmfd::Options& options) {
    const auto key = tsmfd::Key::add(fmt::format("tsmctl:{}", ::getpid()),
                                     {.options = options, .provider = index});
    if (!key)
        return std::unexpected(key.error());
    std::vector<std::uint8_t> buffer;
    return blobs_of(key->read(buffer));
}

// In one write, as sysfs and configfs want it.
Result<void> put(const std::string& file, std::string_view text) {
    return files::write_file(file, text.data(), text.size());
}

Result<Blobs> ask_sysfs(unsigned index, const tsmfd::Options& options) {
    const std::string directory = stress::sysfs2023_directory(std::to_string(index)) + '/';
    std::vector<std::uint8_t> buffer;
    Result<void> done = put(directory + "inhex", tsmfd::to_hex(options.inblob.bytes()));
    if (done && options.privlevel)
        done = put(directory + "privlevel", std::to_string(*options.privlevel));
    if (done)
        done = put(directory + "format", tsmfd::format_name(options.format));
    if (!done)
        return std::unexpected(std::move(done.error()));
    return blobs_of(files::read_file(directory + "outblob", buffer));
}

Result<void> set_item(const stress::Item& item, unsigned index, const tsmfd::Options& options) {
    // Ours can be told which provider; mainline's has but one.
    const std::string device = item.file("provider_device");
    Result<void> done;
    if (::access(device.c_str(), W_OK) == 0)
        done = put(device, tsmfd::device_name(index));
    if (done && options.privlevel)
        done = put(item.file("privlevel"), std::to_string(*options.privlevel));
    if (done) {
        const ByteSpan inblob = options.inblob.bytes();
        done = files::write_file(item.file("inblob"), inblob.data(), inblob.size());
    }
    return done;
}

Result<Blobs> ask_configfs(unsigned index, const tsmfd::Options& options) {
    const auto item = stress::Item::make(fmt::format("tsmctl-{}", ::getpid()));
    if (!item)
        return std::unexpected(item.error());
    if (Result<void> set = set_item(*item, index, options); !set)
        return std::unexpected(std::move(set.error()));

    std::vector<std::uint8_t> out;
    std::vector<std::uint8_t> aux;
    const auto read = stress::read_blobs(*item, options.format, out, aux);
    if (!read)
        return std::unexpected(read.error());
    Blobs blobs;
    blobs.outblob = copy_of(read->outblob);
    blobs.auxblob = copy_of(read->auxblob);
    return blobs;
}

} // namespace

Result<Blobs> ask(Via via, unsigned index, const tsmfd::Options& options) {
    switch (via) {
    case Via::chardev:
        return ask_chardev(index, options);
    case Via::key:
        return ask_key(index, options);
    case Via::sysfs:
        return ask_sysfs(index, options);
    case Via::configfs:
        break;
    }
    return ask_configfs(index, options);
}

} // namespace tsmctl

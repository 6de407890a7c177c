// SPDX-License-Identifier: MIT
//
// Mainline's configfs-tsm (Documentation/ABI/testing/configfs-tsm), as a client uses it: make an
// item, write its options, read its blobs, remove it; or keep one item a caller.
//
// It has no format: the provider always gives what it has. `extended` here means that the auxblob
// is read, too.
#include "configfs_item.hpp"
#include "face.hpp"
#include "files.hpp"

#include <tsmfd/netlink.hpp>

#include <optional>
#include <utility>

#include <fmt/format.h>

namespace stress {

namespace {

// Of the drop-in tsm.ko, where there is a choice.
constexpr std::string_view device_file = "provider_device";

// Where it matters which provider is asked.
std::string configfs_device(const Settings& settings) {
    if (settings.face != FaceKind::mixed && !settings.check_counters)
        return {};
    return settings.device.substr(settings.device.rfind('/') + 1);
}

tsmfd::Result<void> choose_device(const Item& item, const std::string& device) {
    const std::string file = item.file(device_file);
    if (device.empty() || ::access(file.c_str(), W_OK) != 0)
        return {};
    return files::write_file(file, device.data(), device.size());
}

class ConfigfsCaller final : public BlockingCaller {
public:
    ConfigfsCaller(const Settings& settings, std::uint32_t caller)
        : reuse_(settings.reuse_item), device_(configfs_device(settings)),
          prefix_(fmt::format("tsm-stress-{}-{}", ::getpid(), caller)) {}

    tsmfd::Result<void> prepare() override {
        if (!reuse_)
            return {};
        tsmfd::Result<Item> item = Item::make(prefix_);
        if (!item)
            return std::unexpected(std::move(item.error()));
        kept_ = std::move(*item);
        return choose_device(*kept_, device_);
    }

protected:
    tsmfd::Result<tsmfd::Evidence> ask(Question& question) override {
        if (kept_)
            return ask_item(*kept_, question);
        tsmfd::Result<Item> item = Item::make(fmt::format("{}-{}", prefix_, made_++));
        if (!item)
            return std::unexpected(std::move(item.error()));
        if (auto chosen = choose_device(*item, device_); !chosen)
            return std::unexpected(std::move(chosen.error()));
        tsmfd::Result<tsmfd::Evidence> got = ask_item(*item, question);
        if (auto removed = item->remove(); got && !removed)
            return std::unexpected(std::move(removed.error()));
        return got;
    }

private:
    tsmfd::Result<tsmfd::Evidence> ask_item(const Item& item, Question& question) {
        const tsmfd::Options& options = question.options;
        question.expected.format = std::nullopt;

        const tsmfd::ByteSpan inblob = options.inblob.bytes();
        if (auto done = files::write_file(item.file("inblob"), inblob.data(), inblob.size()); !done)
            return std::unexpected(std::move(done.error()));
        if (options.privlevel) {
            const std::string level = std::to_string(*options.privlevel);
            if (auto done = files::write_file(item.file("privlevel"), level.data(), level.size());
                !done)
                return std::unexpected(std::move(done.error()));
        }

        question.submitted = true;
        const auto blobs = read_blobs(item, options.format, out_, aux_);
        if (!blobs)
            return std::unexpected(blobs.error());
        return tsmfd::Evidence{.outblob = blobs->outblob,
                               .auxblob = blobs->auxblob,
                               .auxblob_known = options.format == tsmfd::Format::extended};
    }

    bool reuse_;
    std::string device_; // "tsmfd0", or empty: the one that there is
    std::string prefix_;
    std::uint64_t made_ = 0;
    std::optional<Item> kept_;
    std::vector<std::uint8_t> out_;
    std::vector<std::uint8_t> aux_;
};

} // namespace

std::unique_ptr<Caller> make_configfs_caller(const Settings& settings, std::uint32_t caller) {
    return std::make_unique<ConfigfsCaller>(settings, caller);
}

tsmfd::Result<std::string> probe_configfs() {
    tsmfd::Result<Item> item = Item::make(fmt::format("tsm-stress-{}-probe", ::getpid()));
    if (!item)
        return std::unexpected(std::move(item.error()));
    return files::read_line(item->file("provider"));
}

bool configfs_asks(const Settings& settings, std::uint32_t index) {
    tsmfd::Result<tsmfd::Netlink> netlink = tsmfd::Netlink::open();
    const auto before = netlink ? netlink->stats(index, tsmfd::FaceId::configfs)
                                : tsmfd::Result<tsmfd::Stats>(std::unexpected(netlink.error()));
    if (!before)
        return false;
    const tsmfd::Result<Item> item = Item::make(fmt::format("tsm-stress-{}-probe", ::getpid()));
    if (!item || !choose_device(*item, configfs_device(settings)))
        return false;
    constexpr std::string_view inblob = "which one";
    std::vector<std::uint8_t> buffer;
    if (!files::write_file(item->file("inblob"), inblob.data(), inblob.size()))
        return false;
    // If it fails, it was asked all the same.
    (void)files::read_file(item->file("outblob"), buffer);
    const auto after = netlink->stats(index, tsmfd::FaceId::configfs);
    return after && after->requests > before->requests;
}

} // namespace stress

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

#include <optional>
#include <utility>

#include <fmt/format.h>

namespace stress {

namespace {

// Where it matters which provider is asked; only the drop-in tsm.ko can be told.
std::string configfs_device(const Settings& settings) {
    if (settings.face != FaceKind::mixed && !settings.check_counters)
        return {};
    return settings.device.substr(settings.device.rfind('/') + 1);
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
        return choose_provider(*kept_);
    }

protected:
    tsmfd::Result<tsmfd::Evidence> ask(Question& question) override {
        if (kept_)
            return ask_item(*kept_, question);
        tsmfd::Result<Item> item = Item::make(fmt::format("{}-{}", prefix_, made_++));
        if (!item)
            return std::unexpected(std::move(item.error()));
        if (auto chosen = choose_provider(*item); !chosen)
            return std::unexpected(std::move(chosen.error()));
        tsmfd::Result<tsmfd::Evidence> got = ask_item(*item, question);
        if (auto removed = item->remove(); got && !removed)
            return std::unexpected(std::move(removed.error()));
        return got;
    }

private:
    [[nodiscard]] tsmfd::Result<void> choose_provider(const Item& item) const {
        if (device_.empty())
            return {};
        return write_file(item.file("provider_device"), device_.data(), device_.size());
    }

    tsmfd::Result<tsmfd::Evidence> ask_item(const Item& item, Question& question) {
        const tsmfd::Options& options = question.options;
        question.expected.format = std::nullopt;

        const tsmfd::ByteSpan inblob = options.inblob.bytes();
        if (auto done = write_file(item.file("inblob"), inblob.data(), inblob.size()); !done)
            return std::unexpected(std::move(done.error()));
        if (options.privlevel) {
            const std::string level = std::to_string(*options.privlevel);
            if (auto done = write_file(item.file("privlevel"), level.data(), level.size()); !done)
                return std::unexpected(std::move(done.error()));
        }

        question.submitted = true;
        const auto outblob = read_file(item.file("outblob"), out_);
        if (!outblob)
            return std::unexpected(outblob.error());
        if (options.format != tsmfd::Format::extended)
            return tsmfd::Evidence{.outblob = *outblob, .auxblob = {}, .auxblob_known = false};
        const auto auxblob = read_file(item.file("auxblob"), aux_);
        if (!auxblob)
            return std::unexpected(auxblob.error());
        return tsmfd::Evidence{.outblob = *outblob, .auxblob = *auxblob};
    }

    bool reuse_;
    std::string device_; // "tsm0", or empty: the one that there is
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
    return read_line(item->file("provider"));
}

bool configfs_asks(const Settings& settings) {
    const std::string device = settings.device.substr(settings.device.rfind('/') + 1);
    const tsmfd::Result<Item> item = Item::make(fmt::format("tsm-stress-{}-probe", ::getpid()));
    return item &&
           write_file(item->file("provider_device"), device.data(), device.size()).has_value();
}

} // namespace stress

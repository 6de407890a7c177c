// SPDX-License-Identifier: MIT
//
// Mainline's configfs-tsm (Documentation/ABI/testing/configfs-tsm), as a client uses it: make an
// item, write its options, read its blobs, remove it; or keep one item a caller.
//
// It has no format: the provider always gives what it has. `extended` here means that the auxblob
// is read, too.
#include "face.hpp"
#include "files.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <optional>
#include <utility>

namespace stress {

namespace {

constexpr std::string_view root = "/sys/kernel/config/tsm/report";

// An item, removed with the object.
class Item {
public:
    static tsmfd::Result<Item> make(std::string path) {
        if (::mkdir(path.c_str(), 0700) != 0)
            return tsmfd::fail("mkdir " + path, errno);
        return Item(std::move(path));
    }
    ~Item() {
        if (!path_.empty())
            ::rmdir(path_.c_str());
    }
    Item(Item&& other) noexcept : path_(std::exchange(other.path_, {})) {}
    Item& operator=(Item&& other) noexcept {
        std::swap(path_, other.path_);
        return *this;
    }
    Item(const Item&) = delete;
    Item& operator=(const Item&) = delete;

    [[nodiscard]] std::string file(std::string_view name) const {
        return fmt::format("{}/{}", path_, name);
    }

    tsmfd::Result<void> remove() {
        const std::string path = std::exchange(path_, {});
        if (::rmdir(path.c_str()) != 0)
            return tsmfd::fail("rmdir " + path, errno);
        return {};
    }

private:
    explicit Item(std::string path) : path_(std::move(path)) {}
    std::string path_;
};

class ConfigfsCaller final : public BlockingCaller {
public:
    ConfigfsCaller(const Settings& settings, std::uint32_t caller)
        : reuse_(settings.reuse_item),
          prefix_(fmt::format("{}/tsm-stress-{}-{}", root, ::getpid(), caller)) {}

    tsmfd::Result<void> prepare() override {
        if (!reuse_)
            return {};
        tsmfd::Result<Item> item = Item::make(prefix_);
        if (!item)
            return std::unexpected(std::move(item.error()));
        kept_ = std::move(*item);
        return {};
    }

protected:
    tsmfd::Result<tsmfd::Evidence> ask(Question& question) override {
        if (kept_)
            return ask_item(*kept_, question);
        tsmfd::Result<Item> item = Item::make(fmt::format("{}-{}", prefix_, made_++));
        if (!item)
            return std::unexpected(std::move(item.error()));
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
        if (auto done = write_file(item.file("inblob"), inblob.data(), inblob.size()); !done)
            return std::unexpected(std::move(done.error()));
        if (options.privlevel) {
            const std::string level = std::to_string(*options.privlevel);
            if (auto done = write_file(item.file("privlevel"), level.data(), level.size()); !done)
                return std::unexpected(std::move(done.error()));
        }

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
    tsmfd::Result<Item> item = Item::make(fmt::format("{}/tsm-stress-{}-probe", root, ::getpid()));
    if (!item)
        return std::unexpected(std::move(item.error()));
    return read_line(item->file("provider"));
}

} // namespace stress

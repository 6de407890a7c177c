// SPDX-License-Identifier: MIT
//
// A report item of configfs-tsm, as its clients use it: a directory that is made, whose files are
// written and read, and that is removed.
//
//     Result<Item> item = Item::make("my-item");
//     files::write_file(item->file("inblob"), nonce.data(), nonce.size());
//     Result<ItemBlobs> blobs = read_blobs(*item, Format::plain, out, aux);
//
// Threads: an item may be used by several at once; removing it by one, the last.
#pragma once

#include "files.hpp"

#include <tsmfd/options.hpp>
#include <tsmfd/result.hpp>

#include <cerrno>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

namespace stress {

// Removed with the object.
class Item {
public:
    static constexpr std::string_view root = "/sys/kernel/config/tsm/report";

    static tsmfd::Result<Item> make(std::string_view name) {
        std::string path = std::string(root).append("/").append(name);
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

    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] std::string file(std::string_view name) const {
        return std::string(path_).append("/").append(name);
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

struct ItemBlobs {
    tsmfd::ByteSpan outblob;
    tsmfd::ByteSpan auxblob;
};

// The report for the item's options, which lies in the buffers; an auxblob goes with the extended
// format alone.
inline tsmfd::Result<ItemBlobs> read_blobs(const Item& item, tsmfd::Format format,
                                           std::vector<std::uint8_t>& out,
                                           std::vector<std::uint8_t>& aux) {
    const auto outblob = files::read_file(item.file("outblob"), out);
    if (!outblob)
        return std::unexpected(outblob.error());
    if (format != tsmfd::Format::extended)
        return ItemBlobs{.outblob = *outblob, .auxblob = {}};
    const auto auxblob = files::read_file(item.file("auxblob"), aux);
    if (!auxblob)
        return std::unexpected(auxblob.error());
    return ItemBlobs{.outblob = *outblob, .auxblob = *auxblob};
}

} // namespace stress

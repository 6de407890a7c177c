// SPDX-License-Identifier: MIT
//
// Items of configfs-tsm in tests, where whatever should not fail throws.
//
//     const TestItem item;
//     set_inblob(item, asked);
//     EXPECT_EQ(put(item, "privlevel", "4"), fails(EINVAL));
//     const Bytes outblob = get(item, "outblob");
#pragma once

#include "configfs_item.hpp"
#include "support/device.hpp"
#include "support/outcome.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace conformance {

using guest::Bytes;
using guest::ByteSpan;
using guest::fails;
using guest::gives;
using guest::Options;
using guest::Outcome;

// With a name of its own.
class TestItem {
public:
    TestItem();

    [[nodiscard]] std::string file(std::string_view name) const { return item_.file(name); }
    [[nodiscard]] const std::string& path() const { return item_.path(); }

private:
    stress::Item item_;
};

[[nodiscard]] std::string new_item_path();

// One write(2) of all of `text`, and close(2).
[[nodiscard]] Outcome put(const TestItem& item, std::string_view name, std::string_view text);
// open(2) and one read(2) of more than any blob has.
[[nodiscard]] Outcome try_get(const TestItem& item, std::string_view name);
// The whole file; throws.
[[nodiscard]] Bytes get(const TestItem& item, std::string_view name);
[[nodiscard]] std::string get_line(const TestItem& item, std::string_view name);
[[nodiscard]] std::uint64_t generation(const TestItem& item);

// These throw.
void set(const TestItem& item, std::string_view name, std::string_view text);
void set_inblob(const TestItem& item, const Options& asked);
// The inblob, and the privlevel if there is one.
void set(const TestItem& item, const Options& asked);

// Options that the provider answers with an auxblob: it has no format.
[[nodiscard]] Options ask(std::optional<std::uint32_t> privlevel = {},
                          std::size_t inblob_size = 64);

} // namespace conformance

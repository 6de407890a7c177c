// SPDX-License-Identifier: MIT
#include "support/item.hpp"

#include "support/files.hpp"

#include <array>
#include <atomic>

#include <fcntl.h>
#include <unistd.h>

namespace conformance {

namespace {

std::string new_name() {
    static std::atomic<unsigned> made = 0;
    return "t-" + std::to_string(::getpid()) + "-" + std::to_string(made++);
}

stress::Item make_item() {
    tsmfd::Result<stress::Item> item = stress::Item::make(new_name());
    if (!item)
        guest::throw_errno(item.error().what, item.error().code);
    return std::move(*item);
}

std::string_view text_of(ByteSpan bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

} // namespace

TestItem::TestItem() : item_(make_item()) {}

std::string new_item_path() {
    return std::string(stress::Item::root) + "/" + new_name();
}

Outcome put(const TestItem& item, std::string_view name, std::string_view text) {
    return guest::try_write(item.file(name), text);
}

Outcome try_get(const TestItem& item, std::string_view name) {
    const tsmfd::UniqueFd fd = guest::open_file(item.file(name), O_RDONLY);
    std::array<std::uint8_t, 65536> room{};
    return guest::get(fd.get(), room);
}

Bytes get(const TestItem& item, std::string_view name) {
    return guest::read_bytes(item.file(name));
}

std::string get_line(const TestItem& item, std::string_view name) {
    return guest::read_line(item.file(name));
}

std::uint64_t generation(const TestItem& item) {
    return guest::read_number(item.file("generation"));
}

void set(const TestItem& item, std::string_view name, std::string_view text) {
    guest::write_file(item.file(name), text);
}

void set_inblob(const TestItem& item, const Options& asked) {
    set(item, "inblob", text_of(asked.inblob.bytes()));
}

void set(const TestItem& item, const Options& asked) {
    set_inblob(item, asked);
    if (asked.privlevel)
        set(item, "privlevel", std::to_string(*asked.privlevel));
}

Options ask(std::optional<std::uint32_t> privlevel, std::size_t inblob_size) {
    return guest::ask(privlevel, tsmfd::Format::extended, inblob_size);
}

} // namespace conformance

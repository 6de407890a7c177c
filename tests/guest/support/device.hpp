// SPDX-License-Identifier: MIT
//
// Open files of /dev/tsmfdN, bare, and the questions put to them.
//
//     const UniqueFd fd = open_device(plain);
//     const Options asked = ask(2, Format::extended);
//     EXPECT_TRUE(put(fd.get(), asked.text()).ok());
//     EXPECT_TRUE(answers(asked, read_to_end(fd.get())));
//
// tsmfd::Device would hide what the tests are about; its options and verdicts are used.
#pragma once

#include "support/emulator.hpp"
#include "support/outcome.hpp"

#include <tsmfd/bytes.hpp>
#include <tsmfd/evidence/emu_tag.hpp>
#include <tsmfd/evidence/verdict.hpp>
#include <tsmfd/names.hpp>
#include <tsmfd/options.hpp>
#include <tsmfd/unique_fd.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace guest {

using tsmfd::ByteSpan;
using tsmfd::device_path;
using tsmfd::Format;
using tsmfd::Options;
using tsmfd::UniqueFd;

using Bytes = std::vector<std::uint8_t>;

// For reading and writing; throws.
[[nodiscard]] UniqueFd open_device(unsigned instance, int flags = 0);

// One write(2) of all of `text`.
[[nodiscard]] Outcome put(int fd, std::string_view text);
// One read(2).
[[nodiscard]] Outcome get(int fd, std::span<std::uint8_t> into);
// read(2)s of at most `at_once` until the end; throws.
[[nodiscard]] Bytes read_to_end(int fd, std::size_t at_once = 65536);

// Sets options that have to be right; throws.
void set(int fd, const Options& options);
// And has the report made, by a poll that does not wait for it; throws.
void begin(int fd, const Options& options);

// Options with a challenge that nobody else in this run asks with.
[[nodiscard]] Options ask(std::optional<std::uint32_t> privlevel = {},
                          Format format = Format::plain, std::size_t inblob_size = 64);
// How long the stream of blobs is that answers them.
[[nodiscard]] std::size_t stream_size(const Options& asked);

[[nodiscard]] tsmfd::Challenge challenge_of(const Options& asked);
[[nodiscard]] tsmfd::Verdict verdict_on(const Options& asked, ByteSpan outblob, ByteSpan auxblob);
// The same of a stream as read(2) gives it.
[[nodiscard]] tsmfd::Verdict verdict_on(const Options& asked, ByteSpan stream);

// What the report says of itself.
[[nodiscard]] tsmfd::EmuTag tag_of(ByteSpan report);

} // namespace guest

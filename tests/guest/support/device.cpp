// SPDX-License-Identifier: MIT
#include "support/device.hpp"

#include "support/files.hpp"

#include <atomic>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace guest {

UniqueFd open_device(unsigned instance, int flags) {
    return open_file(device_path(instance), O_RDWR | flags);
}

Outcome put(int fd, std::string_view text) {
    return outcome_of(::write(fd, text.data(), text.size()));
}

Outcome get(int fd, std::span<std::uint8_t> into) {
    return outcome_of(::read(fd, into.data(), into.size()));
}

Bytes read_to_end(int fd, std::size_t at_once) {
    Bytes part(at_once);
    Bytes all;
    for (;;) {
        const Outcome got = get(fd, part);
        if (!got.ok())
            throw_errno("read a report", static_cast<int>(-got.value));
        if (got.value == 0)
            return all;
        all.insert(all.end(), part.begin(), part.begin() + got.value);
    }
}

void set(int fd, const Options& options) {
    const Outcome written = put(fd, options.text());
    if (!written.ok())
        throw_errno("write " + options.text(), static_cast<int>(-written.value));
}

void begin(int fd, const Options& options) {
    set(fd, options);
    pollfd polled{.fd = fd, .events = POLLIN, .revents = 0};
    if (::poll(&polled, 1, 0) < 0)
        throw_errno("poll", errno);
}

Options ask(std::optional<std::uint32_t> privlevel, Format format, std::size_t inblob_size) {
    static std::atomic<std::uint64_t> asked_so_far = 0;

    // Bytes that neither repeat within a challenge nor are zero where another's end.
    std::uint64_t state = ++asked_so_far * 0x9e3779b97f4a7c15U;
    std::array<std::uint8_t, TSMFD_INBLOB_MAX> inblob{};
    for (std::uint8_t& byte : inblob) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        byte = static_cast<std::uint8_t>(state >> 56 | 1);
    }

    Options options;
    options.inblob = tsmfd::Inblob::from(ByteSpan(inblob).first(inblob_size)).value();
    options.privlevel = privlevel;
    options.format = format;
    return options;
}

std::size_t stream_size(const Options& asked) {
    return report_size + (asked.format == Format::extended ? cert_table_size : 0);
}

tsmfd::Challenge challenge_of(const Options& asked) {
    return {.inblob = asked.inblob, .privlevel = asked.privlevel, .format = asked.format};
}

tsmfd::Verdict verdict_on(const Options& asked, ByteSpan outblob, ByteSpan auxblob) {
    return judge(challenge_of(asked), {.outblob = outblob, .auxblob = auxblob});
}

tsmfd::Verdict verdict_on(const Options& asked, ByteSpan stream) {
    return judge(challenge_of(asked), tsmfd::Evidence::of_stream(stream));
}

tsmfd::EmuTag tag_of(ByteSpan report) {
    if (report.size() < report_size)
        return {};
    return tsmfd::EmuTag::read(report.subspan(TSMFD_EMU_TAG_HOST_DATA, tsmfd::EmuTag::size));
}

} // namespace guest

// SPDX-License-Identifier: MIT
//
// An open file of /dev/tsmfdN: one set of options, and the report for them.
//
//     Result<Device> device = Device::open(0);              // /dev/tsmfd0
//     Options options;
//     options.inblob = *Inblob::from(nonce);
//     Result<Report> report = device->report(options);      // one shot
//     report->outblob, report->auxblob
//
// The same as a shell does it, by write(2) and read(2):
//
//     device->set(options);
//     std::vector<std::uint8_t> buffer;
//     Result<ByteSpan> whole = device->read_whole(buffer);  // outblob, auxblob, manifestblob
//
// Non-blocking, under poll or epoll on fd():
//
//     Result<Device> device = Device::open(0, Blocking::no);
//     device->set(options);
//     ... POLLIN ...                          // the first poll has the report made
//     device->read_whole(buffer);             // EAGAIN before POLLIN
//     device->set_inblob(next);               // and so on
//
// Threads: report(), report_into() and info() keep no state in the open file and may be called
// by any number of threads at once, each with its own buffer. set(), set_inblob(), write_text(),
// reset() and read_whole() are the open file's own state: threads that share a Device share the
// options and the offset too, so give each its own.
#pragma once

#include <tsmfd/bytes.hpp>
#include <tsmfd/export.hpp>
#include <tsmfd/options.hpp>
#include <tsmfd/provider_info.hpp>
#include <tsmfd/report_buffer.hpp>
#include <tsmfd/result.hpp>
#include <tsmfd/unique_fd.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tsmfd {

// The answer to one Options.
struct Report {
    std::vector<std::uint8_t> outblob;      // the report itself
    std::vector<std::uint8_t> auxblob;      // what helps to verify it; empty if the format has none
    std::vector<std::uint8_t> manifestblob; // of the service, if one was asked for
    std::vector<std::uint8_t> proof;        // of a batch; see proof.hpp
    std::uint64_t generation = 0;           // counts the provider's reports
};

enum class Blocking { yes, no };

class TSMFD_API Device {
public:
    static Result<Device> open(const std::string& path, Blocking blocking = Blocking::yes) noexcept;
    // /dev/tsmfdN
    static Result<Device> open(unsigned index, Blocking blocking = Blocking::yes) noexcept;

    [[nodiscard]] int fd() const { return fd_.get(); }
    [[nodiscard]] const std::string& path() const { return path_; }

    [[nodiscard]] Result<ProviderInfo> info() const noexcept;

    // One shot, by ioctl. timeout_ms 0 waits for as long as the firmware takes; else ETIMEDOUT.
    [[nodiscard]] Result<Report> report(const Options& options,
                                        std::uint32_t timeout_ms = 0) const noexcept;
    // The same into room that is reused: no allocation unless the room was too small.
    [[nodiscard]] Result<void> report_into(const Options& options, ReportBuffer& into,
                                           std::uint32_t timeout_ms = 0) const noexcept;

    // Sets the options of the open file; those that `options` leaves unset stay as they were.
    Result<void> set(const Options& options) noexcept;
    // Another challenge, with all else as it is: less to write, and to parse, for each report.
    Result<void> set_inblob(const Inblob& inblob) noexcept;
    // Any text that write(2) takes; all of it or none.
    Result<void> write_text(std::string_view text) noexcept;
    Result<void> reset() { return write_text("reset\n"); }

    // From the offset (0 after a set) to the end. The span lies in `buffer`, which grows as
    // needed. EINTR is an error as any other: whoever sent the signal may want to stop.
    Result<ByteSpan> read_whole(std::vector<std::uint8_t>& buffer) noexcept;

private:
    Device(UniqueFd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

    UniqueFd fd_;
    std::string path_;
    std::string text_; // the last write, kept for its room
};

} // namespace tsmfd

// SPDX-License-Identifier: MIT
#include <tsmfd/device.hpp>
#include <tsmfd/names.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/tsmfd.h>
#include <sys/ioctl.h>

namespace tsmfd {

namespace {

constexpr std::size_t first_room = 32UL << 10;
// More than any provider may give; a stream that does not end is not a report.
constexpr std::size_t most_room = 64UL << 20;

// False if the options have no place in the structure.
bool fill_request(tsmfd_report_req& request, const Options& options, std::uint32_t timeout_ms) {
    request = {};
    request.timeout_ms = timeout_ms;
    request.format = std::to_underlying(options.format);
    request.inblob_len = options.inblob.size;
    std::memcpy(request.inblob, options.inblob.padded.data(), sizeof(request.inblob));
    if (options.privlevel) {
        request.flags |= TSMFD_OPT_PRIVLEVEL;
        request.privlevel = *options.privlevel;
    }
    if (!options.service_provider.empty()) {
        if (options.service_provider.size() >= sizeof(request.service_provider))
            return false;
        request.flags |= TSMFD_OPT_SERVICE_PROVIDER;
        std::ranges::copy(options.service_provider, std::begin(request.service_provider));
    }
    if (options.service_guid) {
        request.flags |= TSMFD_OPT_SERVICE_GUID;
        std::ranges::copy(options.service_guid->as_guid_t(), std::begin(request.service_guid));
    }
    if (options.service_manifest_version) {
        request.flags |= TSMFD_OPT_SERVICE_MANIFEST_VERSION;
        request.service_manifest_version = *options.service_manifest_version;
    }
    if (options.batch)
        request.flags |= TSMFD_OPT_BATCH;
    return true;
}

std::vector<std::uint8_t> copy_of(ByteSpan bytes) {
    return {bytes.begin(), bytes.end()};
}

} // namespace

Result<Device> Device::open(const std::string& path, Blocking blocking) noexcept {
    const int flags = O_RDWR | O_CLOEXEC | (blocking == Blocking::no ? O_NONBLOCK : 0);
    UniqueFd fd(::open(path.c_str(), flags));
    if (!fd)
        return fail("open " + path, errno);
    return Device(std::move(fd), path);
}

Result<Device> Device::open(unsigned index, Blocking blocking) noexcept {
    return open(device_path(index), blocking);
}

Result<ProviderInfo> Device::info() const noexcept {
    tsmfd_info info{};
    if (::ioctl(fd_.get(), TSMFD_IOC_INFO, &info) != 0)
        return fail("TSMFD_IOC_INFO on " + path_, errno);
    info.provider[sizeof(info.provider) - 1] = '\0';
    return ProviderInfo{.name = static_cast<const char*>(info.provider),
                        .index = info.index,
                        .features = info.features,
                        .privlevel_floor = info.privlevel_floor,
                        .privlevel_max = info.privlevel_max,
                        .formats = info.formats,
                        .inblob_min = info.inblob_min,
                        .inblob_max = info.inblob_max,
                        .outblob_max = info.outblob_max,
                        .auxblob_max = info.auxblob_max,
                        .manifestblob_max = info.manifestblob_max,
                        .max_inflight = info.max_inflight};
}

Result<void> Device::report_into(const Options& options, ReportBuffer& into,
                                 std::uint32_t timeout_ms) const noexcept {
    tsmfd_report_req request;
    if (!fill_request(request, options, timeout_ms))
        return fail("service_provider '" + options.service_provider + "'", EINVAL);

    // A second call gets what the first had no room for. A third only if threads with the same
    // options share the open file and one was given the other's report; then it is a new one.
    for (int attempt = 0; attempt < 3; ++attempt) {
        into.offer(request);
        if (::ioctl(fd_.get(), TSMFD_IOC_REPORT, &request) == 0) {
            if (!into.take(request))
                return fail("TSMFD_IOC_REPORT on " + path_ + " wrote past its room", EFAULT);
            return {};
        }
        if (errno != EMSGSIZE)
            break;
        into.make_room_for(request);
        errno = EMSGSIZE;
    }
    return fail("TSMFD_IOC_REPORT on " + path_, errno);
}

Result<Report> Device::report(const Options& options, std::uint32_t timeout_ms) const noexcept {
    ReportBuffer buffer;
    if (const Result<void> got = report_into(options, buffer, timeout_ms); !got)
        return std::unexpected(got.error());
    return Report{.outblob = copy_of(buffer.outblob()),
                  .auxblob = copy_of(buffer.auxblob()),
                  .manifestblob = copy_of(buffer.manifestblob()),
                  .proof = copy_of(buffer.proof()),
                  .generation = buffer.generation()};
}

Result<void> Device::set(const Options& options) noexcept {
    text_.clear();
    options.append_text(text_);
    return write_text(text_);
}

Result<void> Device::set_inblob(const Inblob& inblob) noexcept {
    text_.clear();
    inblob.append_text(text_);
    return write_text(text_);
}

Result<void> Device::write_text(std::string_view text) noexcept {
    const ssize_t written = ::write(fd_.get(), text.data(), text.size());
    if (written < 0)
        return fail("write options to " + path_, errno);
    if (static_cast<std::size_t>(written) != text.size())
        return fail(
            fmt::format("write options to {}: {} of {} bytes taken", path_, written, text.size()),
            EIO);
    return {};
}

Result<ByteSpan> Device::read_whole(std::vector<std::uint8_t>& buffer) noexcept {
    std::size_t length = 0;
    for (;;) {
        if (length == buffer.size()) {
            if (buffer.size() >= most_room)
                return fail("read report from " + path_, EFBIG);
            buffer.resize(std::max(first_room, 2 * buffer.size()));
        }
        const std::size_t room = buffer.size() - length;
        const ssize_t got = ::read(fd_.get(), buffer.data() + length, room);
        if (got < 0)
            return fail("read report from " + path_, errno);
        length += static_cast<std::size_t>(got);
        // No second read that says so: a read that had room to spare came to the end.
        if (static_cast<std::size_t>(got) < room)
            return ByteSpan(buffer).first(length);
    }
}

} // namespace tsmfd

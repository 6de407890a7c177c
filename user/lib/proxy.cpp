// SPDX-License-Identifier: MIT
#include <tsmfd/proxy.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/tsmfd_proxy.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

namespace tsmfd {

namespace {

constexpr const char* control = "/dev/tsmfd-proxy";

tsmfd_proxy_new kernels(const ProxySettings& settings) {
    tsmfd_proxy_new made{};
    made.flags = O_CLOEXEC | (settings.blocking ? 0U : static_cast<std::uint32_t>(O_NONBLOCK));
    made.formats = 1U << TSMFD_FORMAT_DEFAULT;
    if (settings.extended)
        made.formats |= 1U << TSMFD_FORMAT_EXTENDED;
    made.features = settings.service ? TSMFD_FEATURE_SERVICE : 0U;
    made.privlevel_floor = settings.privlevel_floor;
    made.privlevel_max = settings.privlevel_max;
    made.inblob_min = settings.inblob_min;
    made.inblob_max = settings.inblob_max;
    made.outblob_max = settings.outblob_max;
    made.auxblob_max = settings.auxblob_max;
    made.manifestblob_max = settings.manifestblob_max;
    made.max_inflight = settings.max_inflight;
    made.timeout_ms = settings.timeout_ms;
    std::ranges::copy(settings.name, std::begin(made.name));
    return made;
}

ProxyRequest request_of(const tsmfd_proxy_request& from) {
    ProxyRequest request;
    request.id = from.id;
    Options& options = request.options;
    std::ranges::copy(from.inblob, options.inblob.padded.begin());
    options.inblob.size = std::min<std::uint32_t>(from.inblob_len, TSMFD_INBLOB_MAX);
    options.privlevel = from.privlevel;
    options.format = from.format == TSMFD_FORMAT_EXTENDED ? Format::extended : Format::plain;
    if ((from.given & TSMFD_OPT_SERVICE_PROVIDER) != 0)
        options.service_provider = std::string(
            from.service_provider, ::strnlen(from.service_provider, sizeof(from.service_provider)));
    if ((from.given & TSMFD_OPT_SERVICE_GUID) != 0) {
        Guid guid;
        std::ranges::copy(from.service_guid, guid.bytes.begin());
        // A guid_t's order and the text's are each other's reverse.
        options.service_guid = Guid{.bytes = guid.as_guid_t()};
    }
    if ((from.given & TSMFD_OPT_SERVICE_MANIFEST_VERSION) != 0)
        options.service_manifest_version = from.service_manifest_version;
    return request;
}

iovec part(ByteSpan bytes) {
    // writev(2) does not write to it.
    return {const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
}

Result<void> write_answer(int fd, const tsmfd_proxy_answer& head, const ProxyAnswer& answer) {
    std::array<iovec, 4> parts = {
        part({reinterpret_cast<const std::uint8_t*>(&head), sizeof(head)}), part(answer.outblob),
        part(answer.auxblob), part(answer.manifestblob)};
    if (::writev(fd, parts.data(), static_cast<int>(parts.size())) < 0)
        return fail(fmt::format("answer request {}", head.id), errno);
    return {};
}

} // namespace

Result<Proxy> Proxy::make(const ProxySettings& settings) noexcept {
    if (settings.name.empty() || settings.name.size() >= TSMFD_NAME_MAX)
        return fail("make a provider named '" + settings.name + "'", EINVAL);
    const UniqueFd maker(::open(control, O_RDWR | O_CLOEXEC));
    if (!maker)
        return fail(fmt::format("open {}", control), errno);
    tsmfd_proxy_new made = kernels(settings);
    if (::ioctl(maker.get(), TSMFD_PROXY_IOC_NEW, &made) != 0)
        return fail("make a provider named '" + settings.name + "'", errno);
    return Proxy(UniqueFd(made.fd), made.index);
}

Result<std::optional<ProxyRequest>> Proxy::next() const noexcept {
    tsmfd_proxy_request request{};
    const ssize_t got = ::read(fd_.get(), &request, sizeof(request));
    if (got < 0 && errno == EAGAIN)
        return std::nullopt;
    if (got < 0)
        return fail("read a request", errno);
    if (got != sizeof(request))
        return fail(fmt::format("read a request, of {} bytes", got), EBADMSG);
    return request_of(request);
}

Result<void> Proxy::answer(std::uint64_t id, const ProxyAnswer& answer) const noexcept {
    return write_answer(
        fd_.get(),
        {.id = id,
         .error = 0,
         .outblob_len = static_cast<std::uint32_t>(answer.outblob.size()),
         .auxblob_len = static_cast<std::uint32_t>(answer.auxblob.size()),
         .manifestblob_len = static_cast<std::uint32_t>(answer.manifestblob.size())},
        answer);
}

Result<void> Proxy::refuse(std::uint64_t id, int error) const noexcept {
    return write_answer(fd_.get(),
                        {.id = id,
                         .error = static_cast<std::uint32_t>(error),
                         .outblob_len = 0,
                         .auxblob_len = 0,
                         .manifestblob_len = 0},
                        {});
}

Result<ProxyStats> Proxy::stats() const noexcept {
    tsmfd_proxy_stats stats{};
    if (::ioctl(fd_.get(), TSMFD_PROXY_IOC_STATS, &stats) != 0)
        return fail("read a proxy's statistics", errno);
    return ProxyStats{.requests = stats.requests,
                      .answers = stats.answers,
                      .refused = stats.refused,
                      .timeouts = stats.timeouts};
}

} // namespace tsmfd

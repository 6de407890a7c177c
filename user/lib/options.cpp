// SPDX-License-Identifier: MIT
#include <tsmfd/hex.hpp>
#include <tsmfd/options.hpp>

#include <fmt/format.h>

namespace tsmfd {

namespace {

// Not by fmt, which reads a format each time: this is done for every report.
void append_word(std::string& to, std::string_view name, std::string_view value) {
    to.append(name).append("=").append(value).append(" ");
}

} // namespace

std::string_view format_name(Format format) noexcept {
    return format == Format::extended ? "extended" : "default";
}

Result<Format> parse_format(std::string_view name) noexcept {
    if (name == format_name(Format::plain))
        return Format::plain;
    if (name == format_name(Format::extended))
        return Format::extended;
    return fail(fmt::format("format '{}', neither default nor extended", name), EINVAL);
}

Result<Inblob> Inblob::from(ByteSpan bytes) noexcept {
    Inblob inblob;
    if (bytes.size() > inblob.padded.size())
        return fail(fmt::format("inblob of {} bytes, at most 64", bytes.size()), EINVAL);
    std::ranges::copy(bytes, inblob.padded.begin());
    inblob.size = static_cast<std::uint32_t>(bytes.size());
    return inblob;
}

void Inblob::append_text(std::string& to) const noexcept {
    to += "inblob=";
    append_hex(to, bytes());
    to += '\n';
}

void Options::append_text(std::string& to) const noexcept {
    if (privlevel)
        append_word(to, "privlevel", fmt::format_int(*privlevel).c_str());
    append_word(to, "format", format_name(format));
    if (!service_provider.empty())
        append_word(to, "service_provider", service_provider);
    if (service_guid)
        append_word(to, "service_guid", service_guid->text());
    if (service_manifest_version)
        append_word(to, "service_manifest_version",
                    fmt::format_int(*service_manifest_version).c_str());
    if (batch)
        append_word(to, "batch", "1");
    // Last: on a non-blocking file the inblob completes the options and starts the request.
    inblob.append_text(to);
}

std::string Options::text() const noexcept {
    std::string out;
    append_text(out);
    return out;
}

} // namespace tsmfd

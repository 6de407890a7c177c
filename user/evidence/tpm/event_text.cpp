// SPDX-License-Identifier: MIT
//
// Events as a line of text each. PC Client Platform Firmware Profile, sections 10.2 and 10.4.
#include <tsmfd/evidence/event_log.hpp>
#include <tsmfd/hex.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace tsmfd {

namespace {

constexpr std::size_t text_max = 160;
constexpr std::size_t hex_max = 24; // bytes

constexpr std::array<std::pair<EventType, std::string_view>, 23> names = {{
    {EventType::post_code, "EV_POST_CODE"},
    {EventType::no_action, "EV_NO_ACTION"},
    {EventType::separator, "EV_SEPARATOR"},
    {EventType::action, "EV_ACTION"},
    {EventType::event_tag, "EV_EVENT_TAG"},
    {EventType::s_crtm_contents, "EV_S_CRTM_CONTENTS"},
    {EventType::s_crtm_version, "EV_S_CRTM_VERSION"},
    {EventType::platform_config_flags, "EV_PLATFORM_CONFIG_FLAGS"},
    {EventType::ipl, "EV_IPL"},
    {EventType::efi_variable_driver_config, "EV_EFI_VARIABLE_DRIVER_CONFIG"},
    {EventType::efi_variable_boot, "EV_EFI_VARIABLE_BOOT"},
    {EventType::efi_boot_services_application, "EV_EFI_BOOT_SERVICES_APPLICATION"},
    {EventType::efi_boot_services_driver, "EV_EFI_BOOT_SERVICES_DRIVER"},
    {EventType::efi_runtime_services_driver, "EV_EFI_RUNTIME_SERVICES_DRIVER"},
    {EventType::efi_gpt_event, "EV_EFI_GPT_EVENT"},
    {EventType::efi_action, "EV_EFI_ACTION"},
    {EventType::efi_platform_firmware_blob, "EV_EFI_PLATFORM_FIRMWARE_BLOB"},
    {EventType::efi_handoff_tables, "EV_EFI_HANDOFF_TABLES"},
    {EventType::efi_platform_firmware_blob2, "EV_EFI_PLATFORM_FIRMWARE_BLOB2"},
    {EventType::efi_handoff_tables2, "EV_EFI_HANDOFF_TABLES2"},
    {EventType::efi_variable_boot2, "EV_EFI_VARIABLE_BOOT2"},
    {EventType::efi_hcrtm_event, "EV_EFI_HCRTM_EVENT"},
    {EventType::efi_variable_authority, "EV_EFI_VARIABLE_AUTHORITY"},
}};

constexpr char printable(std::uint32_t character) {
    return character >= 0x20 && character < 0x7f ? static_cast<char>(character) : '.';
}

// Without the NULs at its end.
std::string ascii(ByteSpan bytes) {
    while (!bytes.empty() && bytes.back() == 0)
        bytes = bytes.first(bytes.size() - 1);
    std::string text;
    for (const std::uint8_t byte : bytes.first(std::min(bytes.size(), text_max)))
        text += printable(byte);
    return text;
}

std::string utf16(ByteSpan bytes) {
    Reader in(bytes.first(std::min(bytes.size() / 2, text_max) * 2));
    std::string text;
    while (in.left() > 0) {
        const std::uint16_t unit = in.le16();
        if (unit == 0 && in.left() == 0)
            break;
        text += printable(unit);
    }
    return text;
}

std::string hex(ByteSpan bytes) {
    const bool cut = bytes.size() > hex_max;
    return to_hex(bytes.first(cut ? hex_max : bytes.size())) +
           (cut ? fmt::format("... ({} bytes)", bytes.size()) : "");
}

// UEFI_VARIABLE_DATA
std::optional<std::string> variable(ByteSpan data) {
    Reader in(data);
    (void)in.bytes(16); // VariableName, a GUID
    const std::uint64_t name_units = in.le64();
    const std::uint64_t value_size = in.le64();
    if (!in.ok() || name_units > in.left() / 2)
        return std::nullopt;
    const ByteSpan name = in.bytes(static_cast<std::size_t>(name_units) * 2);
    if (value_size > in.left())
        return std::nullopt;
    return fmt::format("{} = {}", utf16(name), hex(in.bytes(static_cast<std::size_t>(value_size))));
}

// UEFI_IMAGE_LOAD_EVENT, without its device path.
std::optional<std::string> image(ByteSpan data) {
    Reader in(data);
    const std::uint64_t base = in.le64();
    const std::uint64_t size = in.le64();
    if (!in.ok())
        return std::nullopt;
    return fmt::format("image of {} bytes at {:#x}", size, base);
}

// UEFI_PLATFORM_FIRMWARE_BLOB
std::optional<std::string> blob(ByteSpan data) {
    Reader in(data);
    const std::uint64_t base = in.le64();
    const std::uint64_t size = in.le64();
    if (!in.ok() || in.left() != 0)
        return std::nullopt;
    return fmt::format("{} bytes at {:#x}", size, base);
}

// UEFI_PLATFORM_FIRMWARE_BLOB2
std::optional<std::string> blob2(ByteSpan data) {
    Reader in(data);
    const ByteSpan name = in.bytes(in.u8());
    const auto where = in.ok() ? blob(data.subspan(1 + name.size())) : std::nullopt;
    return where ? std::optional(ascii(name) + ": " + *where) : std::nullopt;
}

// TCG_PCClientTaggedEvent; Linux's EFI stub and its like use it.
std::optional<std::string> tagged(ByteSpan data) {
    Reader in(data);
    const std::uint32_t id = in.le32();
    const ByteSpan text = in.bytes(in.le32());
    if (!in.ok())
        return std::nullopt;
    return fmt::format("{:#010x} {}", id, ascii(text));
}

std::optional<std::string> known(const TpmEvent& event) {
    switch (event.type) {
    case EventType::efi_variable_driver_config:
    case EventType::efi_variable_boot:
    case EventType::efi_variable_boot2:
    case EventType::efi_variable_authority:
        return variable(event.data);
    case EventType::efi_boot_services_application:
    case EventType::efi_boot_services_driver:
    case EventType::efi_runtime_services_driver:
        return image(event.data);
    case EventType::efi_platform_firmware_blob:
        return blob(event.data);
    case EventType::efi_platform_firmware_blob2:
        return blob2(event.data);
    case EventType::event_tag:
        return tagged(event.data);
    case EventType::s_crtm_version:
        return utf16(event.data);
    case EventType::no_action:
    case EventType::action:
    case EventType::efi_action:
    case EventType::efi_hcrtm_event:
    case EventType::ipl:
    case EventType::platform_config_flags:
    case EventType::post_code:
        return ascii(event.data);
    case EventType::separator:
    case EventType::s_crtm_contents:
    case EventType::efi_gpt_event:
    case EventType::efi_handoff_tables:
    case EventType::efi_handoff_tables2:
        break;
    }
    return std::nullopt;
}

} // namespace

std::string event_type_name(EventType type) noexcept {
    const auto* found =
        std::ranges::find(names, type, &std::pair<EventType, std::string_view>::first);
    return found != names.end() ? std::string(found->second)
                                : fmt::format("{:#010x}", std::to_underlying(type));
}

std::string describe(const TpmEvent& event) noexcept {
    // Data that are not what the type says are shown as they are.
    return known(event).value_or(hex(event.data));
}

} // namespace tsmfd

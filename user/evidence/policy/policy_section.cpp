// SPDX-License-Identifier: MIT
#include "policy/policy_section.hpp"

#include "json.hpp"

#include <tsmfd/hex.hpp>
#include <tsmfd/printable.hpp>

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

namespace tsmfd {

namespace {

const nlohmann::json& none() {
    static const nlohmann::json empty = nlohmann::json::object();
    return empty;
}

} // namespace

Section::Section(const Json& json, std::string path, std::optional<Error>& wrong)
    : json_(json.is_object() ? json : none()), path_(std::move(path)), wrong_(wrong) {
    if (!json.is_object())
        refuse("", fmt::format("{}, not an object", json.type_name()));
}

std::string Section::path_of(std::string_view name) const {
    return fmt::format("{}{}{}", path_, path_.empty() || name.empty() ? "" : ".", name);
}

const Section::Json* Section::find(const std::string& name) {
    known_.push_back(name);
    const auto found = json_.find(name);
    return found != json_.end() ? &*found : nullptr;
}

bool Section::flag(const std::string& name) {
    const Json* json = find(name);
    if (json == nullptr)
        return false;
    if (json->is_boolean())
        return json->get<bool>();
    refuse(name, fmt::format("{}, not true or false", json->type_name()));
    return false;
}

std::optional<std::uint32_t> Section::number(const std::string& name, std::uint32_t max) {
    const Json* json = find(name);
    if (json == nullptr)
        return std::nullopt;
    if (json->is_number_unsigned() && json->get<std::uint64_t>() <= max)
        return static_cast<std::uint32_t>(json->get<std::uint64_t>());
    refuse(name, fmt::format("not a whole number of 0 to {}", max));
    return std::nullopt;
}

std::string Section::text(const std::string& name) {
    const Json* json = find(name);
    if (json == nullptr)
        return {};
    if (json->is_string())
        return json->get<std::string>();
    refuse(name, fmt::format("{}, not a string", json->type_name()));
    return {};
}

const Section::Json* Section::list(const std::string& name) {
    const Json* json = find(name);
    if (json == nullptr || (json->is_array() && !json->empty()))
        return json;
    refuse(name,
           json->is_array() ? "an empty list" : fmt::format("{}, not a list", json->type_name()));
    return nullptr;
}

std::vector<Section> Section::objects(const std::string& name) {
    std::vector<Section> all;
    const Json* json = list(name);
    if (json == nullptr)
        return all;
    for (const Json& element : *json)
        all.emplace_back(element, path_of(fmt::format("{}[{}]", name, all.size())), wrong_);
    return all;
}

std::vector<std::string> Section::texts(const std::string& name) {
    std::vector<std::string> all;
    const Json* json = list(name);
    if (json == nullptr)
        return all;
    for (const Json& element : *json) {
        if (!element.is_string())
            refuse(fmt::format("{}[{}]", name, all.size()),
                   fmt::format("{}, not a string", element.type_name()));
        all.push_back(element.is_string() ? element.get<std::string>() : std::string());
    }
    return all;
}

std::vector<Section::Bytes> Section::digests(const std::string& name, std::size_t size) {
    std::vector<Bytes> all;
    for (const std::string& hex : texts(name))
        all.push_back(bytes_of(fmt::format("{}[{}]", name, all.size()), hex, size));
    return all;
}

std::optional<Section::Bytes> Section::digest(const std::string& name, std::size_t size) {
    const Json* json = find(name);
    if (json == nullptr)
        return std::nullopt;
    if (json->is_string())
        return bytes_of(name, json->get<std::string>(), size);
    refuse(name, fmt::format("{}, not a string", json->type_name()));
    return std::nullopt;
}

Section::Bytes Section::bytes_of(const std::string& name, const std::string& hex,
                                 std::size_t size) {
    auto bytes = from_hex(hex);
    if (hex.size() != 2 * size)
        refuse(name, fmt::format("{} hex digits, not {}", hex.size(), 2 * size));
    else if (!bytes)
        refuse(name, bytes.error().what);
    return std::move(bytes).value_or(Bytes{});
}

void Section::refuse(std::string_view name, const std::string& why, int code) {
    if (wrong_)
        return;
    const std::string path = path_of(name);
    wrong_ = Error{printable(path.empty() ? why : path + ": " + why), code};
}

void Section::close() {
    for (const auto& [name, value] : json_.items()) {
        if (std::ranges::find(known_, name) == known_.end())
            refuse(name, "unknown");
    }
}

Result<nlohmann::json> parse_json(std::string_view text) {
    return checked_json({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

} // namespace tsmfd

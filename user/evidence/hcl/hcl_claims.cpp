// SPDX-License-Identifier: MIT
#include "base64url.hpp"
#include "json.hpp"

#include <tsmfd/evidence/hcl_claims.hpp>
#include <tsmfd/hex.hpp>

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace tsmfd {

namespace {

using Json = nlohmann::json;

std::unexpected<Error> refused(std::string_view why) {
    return fail(fmt::format("claims: {}", why), EBADMSG);
}

Result<Json> parse_checked(ByteSpan bytes) {
    auto json =
        checked_json(bytes, {.most_bytes = HclClaims::max_size, .depth = HclClaims::max_depth});
    if (!json)
        return refused(json.error().what);
    if (!json->is_object())
        return refused("no JSON object");
    return json;
}

// nullptr if there is none, or if it is no string.
const std::string* text_of(const Json& json, const char* name) {
    const auto found = json.find(name);
    return found != json.end() ? found->get_ptr<const std::string*>() : nullptr;
}

std::vector<std::uint8_t> number_of(const Json& json, const char* name) {
    const std::string* text = text_of(json, name);
    if (text == nullptr)
        return {};
    return from_base64url(*text).value_or(std::vector<std::uint8_t>{});
}

Result<HclKey> read_key(const Json& json) {
    const std::string* name = json.is_object() ? text_of(json, "kid") : nullptr;
    if (name == nullptr)
        return refused("a key without a name (kid)");
    HclKey key{.name = *name};
    if (key.name != HclClaims::ak_name && key.name != HclClaims::ek_name)
        return key;
    const std::string* type = text_of(json, "kty");
    key.modulus = number_of(json, "n");
    key.exponent = number_of(json, "e");
    if (type == nullptr || *type != "RSA" || key.modulus.empty() || key.exponent.empty())
        return refused(key.name + " that is no key of RSA");
    return key;
}

Result<std::vector<HclKey>> read_keys(const Json& json) {
    std::vector<HclKey> keys;
    std::set<std::string> names;
    const auto found = json.find("keys");
    if (found == json.end())
        return keys;
    if (!found->is_array())
        return refused("keys that are no list");
    for (const Json& one : *found) {
        auto key = read_key(one);
        if (!key)
            return std::unexpected(std::move(key.error()));
        if (!names.insert(key->name).second)
            return refused(fmt::format("two keys of the name {}", key->name));
        keys.push_back(std::move(*key));
    }
    return keys;
}

} // namespace

const HclKey* HclClaims::key(std::string_view name) const noexcept {
    const auto found = std::ranges::find(keys, name, &HclKey::name);
    return found != keys.end() ? &*found : nullptr;
}

Result<HclClaims> parse_hcl_claims(ByteSpan bytes) noexcept {
    const auto json = parse_checked(bytes);
    if (!json)
        return std::unexpected(json.error());
    auto keys = read_keys(*json);
    if (!keys)
        return std::unexpected(std::move(keys.error()));
    HclClaims claims{.keys = std::move(*keys)};
    if (!json->contains("user-data"))
        return claims;

    const std::string* digits = text_of(*json, "user-data");
    const auto user_data = digits != nullptr ? from_hex(*digits) : fail("", EBADMSG);
    if (!user_data || user_data->size() != claims.user_data.emplace().size())
        return refused("user-data that are not 64 bytes in hexadecimal");
    std::ranges::copy(*user_data, claims.user_data->begin());
    return claims;
}

} // namespace tsmfd

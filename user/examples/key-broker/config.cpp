// SPDX-License-Identifier: MIT
#include "config.hpp"

#include "files.hpp"

#include <tsmfd/policy.hpp>

#include <filesystem>
#include <initializer_list>
#include <memory>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace keybroker {

namespace {

using tsmfd::fail;
using tsmfd::Result;
using Json = nlohmann::json;

// An object of the file, with what to call it in complaints. It remembers the first of them.
class Member {
public:
    Member(const Json& json, std::string where) : json_(json), where_(std::move(where)) {
        if (!json_.is_object())
            complain("is to be an object");
    }

    void only(std::initializer_list<std::string_view> names) {
        if (!json_.is_object())
            return;
        for (const auto& [name, value] : json_.items()) {
            if (std::ranges::find(names, name) == names.end())
                complain(fmt::format("has a member '{}', which is unknown", name));
        }
    }

    std::string string(const std::string& name) {
        const Json* value = find(name);
        if (value != nullptr && value->is_string())
            return value->get<std::string>();
        complain(fmt::format("is to have a string '{}'", name));
        return {};
    }

    std::uint64_t number(const std::string& name, std::uint64_t otherwise, std::uint64_t max) {
        const Json* value = find(name);
        if (value == nullptr)
            return otherwise;
        if (value->is_number_unsigned()) {
            const auto number = value->get<std::uint64_t>();
            if (number >= 1 && number <= max)
                return number;
        }
        complain(fmt::format("'{}' is to be a number from 1 to {}", name, max));
        return otherwise;
    }

    const Json& array(const std::string& name) {
        static const Json none = Json::array();
        const Json* value = find(name);
        if (value != nullptr && value->is_array() && !value->empty())
            return *value;
        complain(fmt::format("is to have an array '{}', which is not empty", name));
        return none;
    }

    [[nodiscard]] Result<void> held() const {
        if (!complaint_.empty())
            return fail(complaint_, EINVAL);
        return {};
    }

private:
    const Json* find(const std::string& name) const {
        const auto found = json_.find(name);
        return found == json_.end() ? nullptr : &*found;
    }
    void complain(const std::string& what) {
        if (complaint_.empty())
            complaint_ = where_ + ": " + what;
    }

    const Json& json_;
    std::string where_;
    std::string complaint_;
};

class Directory {
public:
    explicit Directory(const std::string& file)
        : path_(std::filesystem::path(file).parent_path()) {}

    [[nodiscard]] std::string of(const std::string& name) const { return (path_ / name).string(); }

private:
    std::filesystem::path path_;
};

Result<Entry> read_entry(const Json& json, const std::string& where, const Directory& directory) {
    Member member(json, where);
    member.only({"name", "policy", "secret"});
    const std::string name = member.string("name");
    const std::string policy_file = member.string("policy");
    const std::string secret_file = member.string("secret");
    if (const auto held = member.held(); !held)
        return std::unexpected(held.error());
    if (!is_name(name))
        return fail(fmt::format("{}: '{}' is no name for a secret", where, name), EINVAL);
    auto policy = tsmfd::Policy::read(directory.of(policy_file));
    if (!policy)
        return std::unexpected(policy.error());
    auto secret = read_private(directory.of(secret_file));
    if (!secret)
        return std::unexpected(secret.error());
    if (secret->empty())
        return fail(secret_file + " is empty", EINVAL);
    auto shared = std::make_shared<const tsmfd::Policy>(std::move(*policy));
    return Entry{.name = name,
                 .policy = policy_file,
                 .verify =
                     [shared](const tsmfd::Evidence& evidence, tsmfd::ByteSpan challenge) {
                         return shared->verify(evidence, {.challenge = challenge});
                     },
                 .secret = std::move(*secret)};
}

Result<std::vector<Entry>> read_entries(const Json& list, const std::string& where,
                                        const Directory& directory) {
    std::vector<Entry> entries;
    for (const Json& json : list) {
        auto entry =
            read_entry(json, fmt::format("{}: secrets[{}]", where, entries.size()), directory);
        if (!entry)
            return std::unexpected(entry.error());
        entries.push_back(std::move(*entry));
    }
    return entries;
}

Result<std::vector<Address>> read_addresses(const Json& list, const std::string& where) {
    std::vector<Address> addresses;
    for (const Json& json : list) {
        if (!json.is_string())
            return fail(where + ": 'listen' is to have strings", EINVAL);
        auto address = Address::parse(json.get<std::string>());
        if (!address)
            return fail(where + ": " + address.error().what, EINVAL);
        addresses.push_back(std::move(*address));
    }
    return addresses;
}

Result<SigningKey> read_key(const std::string& path) {
    const auto pem = read_private(path);
    if (!pem)
        return std::unexpected(pem.error());
    auto key = SigningKey::from_pem(*pem);
    if (!key)
        return fail(path + ": " + key.error().what, key.error().code);
    return key;
}

} // namespace

Result<Config> read_config(const std::string& path) {
    const auto text = read_file(path);
    if (!text)
        return std::unexpected(text.error());
    const Json json = Json::parse(*text, nullptr, false);
    if (json.is_discarded())
        return fail(path + ": this is no JSON", EBADMSG);
    Member member(json, path);
    member.only({"listen", "key", "log", "secrets", "nonce_seconds", "nonces", "connections",
                 "connection_seconds", "message_bytes"});
    const std::string key_file = member.string("key");
    const std::string log = member.string("log");
    const Json& listen = member.array("listen");
    const Json& secrets = member.array("secrets");
    Nonces::Limits nonces;
    nonces.lifetime = std::chrono::seconds(member.number("nonce_seconds", 60, 3600));
    nonces.capacity = member.number("nonces", 65536, 1U << 20);
    Server::Limits limits;
    limits.connections = member.number("connections", 64, 4096);
    limits.patience = std::chrono::seconds(member.number("connection_seconds", 90, 3600));
    limits.message_max = member.number("message_bytes", std::size_t{1} << 20, 1U << 24);
    if (const auto held = member.held(); !held)
        return std::unexpected(held.error());

    const Directory directory(path);
    auto addresses = read_addresses(listen, path);
    if (!addresses)
        return std::unexpected(addresses.error());
    auto key = read_key(directory.of(key_file));
    if (!key)
        return std::unexpected(key.error());
    auto entries = read_entries(secrets, path, directory);
    if (!entries)
        return std::unexpected(entries.error());
    return Config{.listen = std::move(*addresses),
                  .key = std::move(*key),
                  .log = directory.of(log),
                  .entries = std::move(*entries),
                  .nonces = nonces,
                  .limits = limits};
}

} // namespace keybroker

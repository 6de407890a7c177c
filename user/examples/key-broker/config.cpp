// SPDX-License-Identifier: MIT
#include "config.hpp"

#include "policy/policy_section.hpp"
#include "private_file.hpp"

#include <tsmfd/evidence/policy.hpp>

#include <filesystem>
#include <optional>

#include <files.hpp>
#include <fmt/format.h>

namespace keybroker {

namespace {

using tsmfd::fail;
using tsmfd::Result;
using tsmfd::Section;
using Json = Section::Json;

class Directory {
public:
    explicit Directory(const std::string& file)
        : path_(std::filesystem::path(file).parent_path()) {}

    [[nodiscard]] std::string of(const std::string& name) const { return (path_ / name).string(); }

private:
    std::filesystem::path path_;
};

Result<SigningKey> read_key(const std::string& path) {
    const auto pem = read_private(path);
    if (!pem)
        return std::unexpected(pem.error());
    auto key = SigningKey::from_pem(*pem);
    if (!key)
        return fail(path + ": " + key.error().what, key.error().code);
    return key;
}

// A configuration's text becomes a configuration: what is wrong is named by its path.
class ConfigReader {
public:
    explicit ConfigReader(const std::string& file) : directory_(file) {}

    Result<Config> read(const Json& json) {
        Section document(json, "", wrong_);
        const std::string key_file = text(document, "key");
        const std::string log = text(document, "log");
        const std::string refused =
            document.find("refused") != nullptr ? text(document, "refused") : "";
        std::vector<Address> addresses = addresses_of(document);
        Nonces::Limits nonces;
        nonces.lifetime = std::chrono::seconds(number(document, "nonce_seconds", 60, 3600));
        nonces.capacity = number(document, "nonces", 65536, 1U << 20);
        Server::Limits limits;
        limits.connections = number(document, "connections", 64, 4096);
        limits.patience = std::chrono::seconds(number(document, "connection_seconds", 90, 3600));
        limits.message_max = number(document, "message_bytes", 1U << 20, 1U << 24);
        std::vector<Entry> entries = entries_of(document);
        document.close();
        if (wrong_)
            return std::unexpected(*wrong_);
        auto key = read_key(directory_.of(key_file));
        if (!key)
            return std::unexpected(key.error());
        return Config{.listen = std::move(addresses),
                      .key = std::move(*key),
                      .log = directory_.of(log),
                      .refused = refused.empty() ? "" : directory_.of(refused),
                      .entries = std::move(entries),
                      .nonces = nonces,
                      .limits = limits};
    }

private:
    static std::string text(Section& from, const std::string& name) {
        const Json* json = from.find(name);
        if (json != nullptr && json->is_string() && !json->get<std::string>().empty())
            return json->get<std::string>();
        from.refuse(name, json != nullptr ? "not a string with something in it" : "not there");
        return {};
    }

    static std::uint32_t number(Section& from, const std::string& name, std::uint32_t otherwise,
                                std::uint32_t max) {
        const std::uint32_t number = from.number(name, max).value_or(otherwise);
        if (number == 0)
            from.refuse(name, "0");
        return number;
    }

    static std::vector<Address> addresses_of(Section& document) {
        std::vector<Address> addresses;
        for (const std::string& word : document.texts("listen")) {
            auto address = Address::parse(word);
            if (!address)
                document.refuse("listen", address.error().what);
            else
                addresses.push_back(std::move(*address));
        }
        if (addresses.empty())
            document.refuse("listen", "not there");
        return addresses;
    }

    std::vector<Entry> entries_of(Section& document) {
        std::vector<Entry> entries;
        const Json* list = document.find("secrets");
        if (list == nullptr || !list->is_array() || list->empty()) {
            document.refuse("secrets", "not a list of at least one");
            return entries;
        }
        for (const Json& json : *list) {
            const std::string path = fmt::format("secrets[{}]", entries.size());
            entries.push_back(entry_of(Section(json, path, wrong_)));
        }
        return entries;
    }

    Entry entry_of(Section section) {
        Entry entry;
        entry.name = text(section, "name");
        if (!is_name(entry.name))
            section.refuse("name", "not of A-Z a-z 0-9 . _ -, or too long");
        entry.policy_file = text(section, "policy");
        const std::string secret_file = text(section, "secret");
        section.close();
        if (wrong_)
            return entry;
        auto policy = tsmfd::Policy::read(directory_.of(entry.policy_file));
        auto secret = read_private(directory_.of(secret_file));
        if (!policy)
            section.refuse("policy", policy.error().what, policy.error().code);
        else
            entry.policy = std::move(*policy);
        if (!secret)
            section.refuse("secret", secret.error().what, secret.error().code);
        else if (secret->empty())
            section.refuse("secret", secret_file + " is empty");
        else
            entry.secret = std::move(*secret);
        return entry;
    }

    Directory directory_;
    std::optional<tsmfd::Error> wrong_;
};

} // namespace

Result<Config> read_config(const std::string& path) {
    const auto text = files::read_file(path);
    if (!text)
        return std::unexpected(text.error());
    const auto json = tsmfd::parse_json(std::string(text->begin(), text->end()));
    if (!json)
        return fail(path + ": " + json.error().what, json.error().code);
    auto config = ConfigReader(path).read(*json);
    if (!config)
        return fail(path + ": " + config.error().what, config.error().code);
    return config;
}

} // namespace keybroker

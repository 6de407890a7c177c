// SPDX-License-Identifier: MIT
//
// One object of a policy file, read strictly. Not part of the library's interface.
//
//     Section snp(json, "snp", wrong);
//     policy.measurements = snp.digests("measurements", 48);
//     policy.debug_allowed = snp.flag("debug");
//     snp.close();                        // names members that nobody asked for
//     if (wrong)
//         return std::unexpected(*wrong); // snp.measurements[1]: 95 hex digits, not 96
//
// Only the first thing that is wrong is kept; what is read behind it does not matter.
//
// Threads: one at a time.
#pragma once

#include <tsmfd/result.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace tsmfd {

class Section {
public:
    using Bytes = std::vector<std::uint8_t>;
    using Json = nlohmann::json;

    // `json` and `wrong` outlive it. `path` is empty for the document itself.
    Section(const Json& json, std::string path, std::optional<Error>& wrong);

    // It has no member.
    [[nodiscard]] bool is_empty() const { return json_.empty(); }
    // nullptr if there is none.
    [[nodiscard]] const Json* find(const std::string& name);
    [[nodiscard]] std::string path_of(std::string_view name) const;

    // false if there is none.
    [[nodiscard]] bool flag(const std::string& name);
    [[nodiscard]] std::optional<std::uint32_t> number(const std::string& name, std::uint32_t max);
    // Empty if there is none.
    [[nodiscard]] std::string text(const std::string& name);
    // A list of objects, at least one; empty only if there is none.
    [[nodiscard]] std::vector<Section> objects(const std::string& name);
    // A list of at least one; empty only if there is none.
    [[nodiscard]] std::vector<std::string> texts(const std::string& name);
    // The same, of hexadecimal for `size` bytes each.
    [[nodiscard]] std::vector<Bytes> digests(const std::string& name, std::size_t size);
    [[nodiscard]] std::optional<Bytes> digest(const std::string& name, std::size_t size);

    // Of hexadecimal for `size` bytes; what is wrong with it is said of `name`.
    [[nodiscard]] Bytes bytes_of(const std::string& name, const std::string& hex, std::size_t size);

    // What is wrong with a member of this name, or "name[2]".
    void refuse(std::string_view name, const std::string& why, int code = EINVAL);
    void close();

private:
    // nullptr if there is none, or if it is not a list of at least one.
    [[nodiscard]] const Json* list(const std::string& name);

    const Json& json_;
    std::string path_;
    std::optional<Error>& wrong_;
    std::vector<std::string> known_;
};

// EINVAL for what is not JSON, and for an object that has a member twice.
[[nodiscard]] Result<nlohmann::json> parse_json(std::string_view text);

} // namespace tsmfd

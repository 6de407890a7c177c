// SPDX-License-Identifier: MIT
#include "json.hpp"

#include <tsmfd/printable.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace tsmfd {

namespace {

using Json = nlohmann::json;

// How deep it is, and whether a name is there twice.
class Inspector : public nlohmann::json_sax<Json> {
public:
    explicit Inspector(std::size_t depth) : depth_(depth) {}

    [[nodiscard]] const std::string& why() const { return why_; }

    bool null() override { return true; }
    bool boolean(bool /*value*/) override { return true; }
    bool number_integer(number_integer_t /*value*/) override { return true; }
    bool number_unsigned(number_unsigned_t /*value*/) override { return true; }
    bool number_float(number_float_t /*value*/, const string_t& /*text*/) override { return true; }
    bool string(string_t& /*value*/) override { return true; }
    bool binary(binary_t& /*value*/) override { return true; }

    bool start_object(std::size_t /*size*/) override { return open(); }
    bool end_object() override { return close(); }
    bool start_array(std::size_t /*size*/) override { return open(); }
    bool end_array() override { return close(); }
    bool key(string_t& name) override {
        return names_.back().insert(name).second || refuse(printable(name) + ": there twice");
    }

    bool parse_error(std::size_t position, const std::string& /*token*/,
                     const nlohmann::detail::exception& /*error*/) override {
        return refuse(fmt::format("no JSON at byte {}", position));
    }

private:
    bool refuse(std::string why) {
        why_ = std::move(why);
        return false;
    }
    bool open() {
        names_.emplace_back();
        return names_.size() <= depth_ || refuse(fmt::format("nested deeper than {}", depth_));
    }
    bool close() {
        names_.pop_back();
        return true;
    }

    std::size_t depth_;
    std::vector<std::set<std::string>> names_; // of what is open; a list's are none
    std::string why_;
};

} // namespace

Result<Json> checked_json(ByteSpan bytes, const JsonLimits& limits) {
    if (bytes.size() > limits.most_bytes)
        return fail(fmt::format("{} bytes, more than {}", bytes.size(), limits.most_bytes), EINVAL);
    if (std::ranges::find(bytes, 0) != bytes.end())
        return fail("a zero byte", EINVAL);
    Inspector inspector(limits.depth);
    if (!Json::sax_parse(bytes.begin(), bytes.end(), &inspector))
        return fail(inspector.why(), EINVAL);
    return Json::parse(bytes.begin(), bytes.end(), nullptr, false);
}

} // namespace tsmfd

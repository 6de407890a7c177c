// SPDX-License-Identifier: MIT
#include "tdx/intel_json.hpp"

#include <ctime>
#include <utility>

#include <fmt/format.h>

namespace tsmfd::intel {

namespace {

constexpr std::size_t longest_text = 256;

// Walks over JSON that a parser has found to be good, for where its values begin and end.
class Walk {
public:
    explicit Walk(std::string_view text) : text_(text) {}

    // The values of an object, by their names as they are written.
    std::vector<std::pair<std::string_view, std::string_view>> members() {
        std::vector<std::pair<std::string_view, std::string_view>> all;
        skip_to('{');
        ++at_;
        for (space(); at_ < text_.size() && text_[at_] != '}'; space()) {
            if (text_[at_] == ',') {
                ++at_;
                continue;
            }
            const std::string_view name = value();
            skip_to(':');
            ++at_;
            space();
            all.emplace_back(name.substr(1, name.size() - 2), value());
        }
        return all;
    }

private:
    void skip_to(char what) { at_ = std::min(text_.find(what, at_), text_.size()); }
    void space() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }

    void string() {
        for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
            if (text_[at_] == '\\')
                ++at_;
        }
        at_ = std::min(at_ + 1, text_.size());
    }

    std::string_view value() {
        const std::size_t start = at_;
        std::size_t depth = 0;
        do {
            const char here = text_[at_];
            if (here == '"') {
                string();
            } else if (here == '{' || here == '[') {
                ++depth;
                ++at_;
            } else if (here == '}' || here == ']') {
                --depth;
                ++at_;
            } else {
                at_ = depth > 0 ? at_ + 1 : text_.find_first_of(" \t\r\n,}]", at_);
            }
        } while (depth > 0 && at_ < text_.size());
        return text_.substr(start, at_ - start);
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

} // namespace

std::string text(Section& from, const std::string& name) {
    const Section::Json* json = from.find(name);
    if (json != nullptr && json->is_string() &&
        json->get_ref<const std::string&>().size() <= longest_text)
        return json->get<std::string>();
    from.refuse(name, json == nullptr ? "missing" : "not a short string");
    return {};
}

std::uint32_t number(Section& from, const std::string& name, std::uint32_t max) {
    const auto value = from.number(name, max);
    if (!value)
        from.refuse(name, "missing");
    return value.value_or(0);
}

TcbStatus status(Section& from, const std::string& name) {
    const std::string word = text(from, name);
    const auto known = tcb_status_by_name(word);
    if (!known)
        from.refuse(name, fmt::format("'{}' is no status that is known", word));
    return known.value_or(TcbStatus::revoked);
}

std::int64_t time(Section& from, const std::string& name) {
    const std::string word = text(from, name);
    std::tm parts{};
    const char* end = ::strptime(word.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    if (end == nullptr || *end != '\0') {
        from.refuse(name, fmt::format("'{}' is no time", word));
        return 0;
    }
    return ::timegm(&parts);
}

std::vector<std::string> words(Section& from, const std::string& name) {
    const Section::Json* json = from.find(name);
    // Intel leaves a list without elements out, and others do not.
    return json == nullptr || (json->is_array() && json->empty()) ? std::vector<std::string>{}
                                                                  : from.texts(name);
}

void each(Section& from, const std::string& name, std::optional<Error>& wrong,
          const std::function<void(Section&, std::size_t)>& take) {
    const Section::Json* json = from.find(name);
    if (json == nullptr || !json->is_array())
        return from.refuse(name, json == nullptr ? "missing" : "not a list");
    for (std::size_t i = 0; i < json->size(); ++i) {
        Section element((*json)[i], fmt::format("{}[{}]", from.path_of(name), i), wrong);
        take(element, i);
    }
}

Result<std::optional<Signed>> signed_member(std::string_view document, std::string_view name) {
    const auto json = parse_json(document);
    if (!json)
        return std::unexpected(json.error());
    if (!json->is_object() || !json->contains(name))
        return std::optional<Signed>{};
    std::optional<Error> wrong;
    Section members(*json, "", wrong);
    Signed found;
    found.signature = bytes<64>(members, "signature");
    for (const auto& [member, value] : Walk(document).members()) {
        if (member == name)
            found.text = value;
    }
    if (found.text.empty())
        members.refuse(name, "written in another way than Intel's service does");
    if (wrong)
        return std::unexpected(std::move(*wrong));
    return std::optional(found);
}

} // namespace tsmfd::intel

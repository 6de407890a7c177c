// SPDX-License-Identifier: MIT
//
// Keys of type tsm: a key is added, read, updated and read, and at last unlinked for another one.
#include "face.hpp"

#include <tsmfd/hex.hpp>
#include <tsmfd/key.hpp>

#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

namespace stress {

namespace {

// Of a key, until another takes its place.
constexpr unsigned most_updates = 8;

class KeyCaller final : public BlockingCaller {
public:
    KeyCaller(const Settings& settings, std::uint32_t index, std::uint32_t caller)
        : index_(index), caller_(caller),
          is_auth_(!settings.batch && caller / settings.kinds() % 2 == 1) {}

    tsmfd::Result<void> prepare() override { return {}; }

protected:
    tsmfd::Result<tsmfd::Evidence> ask(Question& question) override {
        if (auto set = set_key({.options = question.options, .provider = index_}); !set)
            return std::unexpected(std::move(set.error()));
        question.submitted = true;
        const tsmfd::Result<tsmfd::ByteSpan> bytes = key_->read(buffer_);
        if (!bytes || !is_auth_)
            return evidence_of(bytes);
        return evidence_of(report_of_line(*bytes, question));
    }

private:
    tsmfd::Result<void> set_key(const tsmfd::KeyOptions& options) {
        const std::string text = is_auth_ ? options.auth_text() : options.text();
        if (key_ && updates_++ < most_updates)
            return key_->update_text(text);
        key_.reset();
        updates_ = 0;
        tsmfd::Result<tsmfd::Key> key = tsmfd::Key::add_text(
            fmt::format("tsm-stress:{}:{}:{}", ::getpid(), caller_, added_++), text);
        if (!key)
            return std::unexpected(std::move(key.error()));
        key_ = std::move(*key);
        return {};
    }

    // <hex inblob> <provider>:<format> <hex report>, without a newline
    tsmfd::Result<tsmfd::ByteSpan> report_of_line(tsmfd::ByteSpan bytes, const Question& question) {
        const void* start = bytes.data();
        const std::string_view line(static_cast<const char*>(start), bytes.size());
        const std::size_t first = line.find(' ');
        const std::size_t last = line.rfind(' ');
        const std::string format = fmt::format(":{}", format_name(question.options.format));
        if (first == std::string_view::npos || first == last ||
            line.substr(0, first) != tsmfd::to_hex(question.options.inblob.bytes()) ||
            !line.substr(first, last - first).ends_with(format))
            return tsmfd::fail("read key: the line does not repeat what was asked", EBADMSG);
        auto report = tsmfd::from_hex(line.substr(last + 1));
        if (!report)
            return std::unexpected(std::move(report.error()));
        report_ = std::move(*report);
        return tsmfd::ByteSpan(report_);
    }

    std::uint32_t index_;
    std::uint32_t caller_;
    bool is_auth_;
    std::optional<tsmfd::Key> key_;
    unsigned updates_ = 0;
    std::uint64_t added_ = 0;
    std::vector<std::uint8_t> buffer_;
    std::vector<std::uint8_t> report_;
};

} // namespace

std::unique_ptr<Caller> make_key_caller(const Settings& settings, std::uint32_t index,
                                        std::uint32_t caller) {
    return std::make_unique<KeyCaller>(settings, index, caller);
}

} // namespace stress

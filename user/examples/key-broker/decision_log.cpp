// SPDX-License-Identifier: MIT
#include "decision_log.hpp"

#include "append.hpp"
#include "wire.hpp"

#include <tsmfd/hex.hpp>

#include <ctime>
#include <fstream>

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <openssl/evp.h>
#include <sys/file.h>
#include <unistd.h>

namespace keybroker {

namespace {

using tsmfd::fail;
using tsmfd::Result;
using tsmfd::text;
using Json = nlohmann::ordered_json;

// Of what append() writes: a detail of text_max bytes, which JSON may make six of each.
constexpr std::size_t line_max = std::size_t{16} << 10;

// Where the first line has the hash of the one before.
constexpr std::string_view no_line =
    "0000000000000000000000000000000000000000000000000000000000000000";

std::string hash_of(std::string_view line) {
    std::array<std::uint8_t, 32> digest{};
    const auto bytes = text(line);
    if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1)
        return {};
    return tsmfd::to_hex(digest);
}

std::string line_of(const Decision& decision, const LogState& state) {
    const std::tm now = fmt::gmtime(std::time(nullptr));
    Json line = {{"line", state.lines + 1},
                 {"prev", state.head},
                 {"time", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", now)},
                 {"event", decision.event}};
    const auto put = [&line](const char* name, const std::string& value) {
        if (!value.empty())
            line[name] = value;
    };
    put("peer", decision.peer);
    put("name", decision.name);
    put("policy", decision.policy);
    put("provider", decision.provider);
    put("reason", decision.reason);
    put("detail", decision.detail.substr(0, text_max));
    put("nonce", decision.nonce);
    put("key", decision.key);
    put("evidence", decision.evidence);
    // What a client may have sent need not be UTF-8.
    return line.dump(-1, ' ', true, Json::error_handler_t::replace);
}

bool follows(std::string_view line, const LogState& state) {
    const Json parsed = Json::parse(line, nullptr, false);
    if (!parsed.is_object() || !parsed.contains("prev") || !parsed.contains("line"))
        return false;
    return parsed["prev"] == state.head && parsed["line"] == state.lines + 1;
}

} // namespace

Result<LogState> check_log(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in)
        return fail("open " + path, errno);
    LogState state{.lines = 0, .head = std::string(no_line)};
    std::array<char, line_max> room{};
    while (in.peek() != std::ifstream::traits_type::eof()) {
        in.getline(room.data(), room.size());                    // fails for a line that is longer
        const auto size = static_cast<std::size_t>(in.gcount()); // with the newline
        if (in.fail() || in.eof() || !follows({room.data(), size - 1}, state))
            return fail(fmt::format("{}: line {} does not follow from the one before it", path,
                                    state.lines + 1),
                        EBADMSG);
        state.head = hash_of({room.data(), size - 1});
        ++state.lines;
    }
    return state;
}

Result<DecisionLog> DecisionLog::open(const std::string& path) {
    tsmfd::UniqueFd fd(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
    if (!fd)
        return fail("open " + path, errno);
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0)
        return fail("lock " + path, errno);
    auto state = check_log(path);
    if (!state)
        return std::unexpected(state.error());
    return DecisionLog(std::move(fd), path, std::move(*state));
}

Result<void> DecisionLog::append(const Decision& decision) {
    if (broken_)
        return fail("write " + path_ + ", whose end is not known", EIO);
    const std::string line = line_of(decision, state_);
    const std::string bytes = line + '\n';
    const ssize_t written = ::write(fd_.get(), bytes.data(), bytes.size());
    if (written != static_cast<ssize_t>(bytes.size()) || ::fdatasync(fd_.get()) != 0) {
        broken_ = true;
        return fail("write " + path_, written < 0 ? errno : EIO);
    }
    state_ = {.lines = state_.lines + 1, .head = hash_of(line)};
    return {};
}

} // namespace keybroker

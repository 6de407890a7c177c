// SPDX-License-Identifier: MIT
//
// What the broker decided, one line of JSON each, on disk before anybody is told.
//
// Each line has in "prev" the SHA-256 of the line before it, without its newline; the first has
// zeros. So a line that is changed, taken out or put in shows at the next one, and what is missing
// at the end shows to whoever has noted the hash of a later line (the head).
//
//     auto log = DecisionLog::open("decisions.log");       // checks it, and goes on from its end
//     log->append({.event = "released", .peer = "127.0.0.1:40112", .name = "root", ...});
//     const auto state = check_log("decisions.log");
//     state->lines, state->head
//
// Threads: from one; two programs cannot have the same log open.
#pragma once

#include <tsmfd/result.hpp>
#include <tsmfd/unique_fd.hpp>

#include <array>
#include <cstdint>
#include <string>

namespace keybroker {

struct Decision {
    std::string event; // "started", "released", "refused"
    std::string peer{};
    std::string name{};     // of the secret
    std::string policy{};   // the file that it was released by
    std::string provider{}; // what kind of evidence it was
    std::string reason{};   // of a refusal, one word
    std::string detail{};
    std::string nonce{};    // hexadecimal
    std::string key{};      // the client's public key
    std::string evidence{}; // SHA-256 of outblob and auxblob
};

struct LogState {
    std::uint64_t lines = 0;
    std::string head; // SHA-256 of the last line, in hexadecimal; zeros without a line
};

// EBADMSG for a log that was tampered with; says at which line.
[[nodiscard]] tsmfd::Result<LogState> check_log(const std::string& path);

class DecisionLog {
public:
    // Makes the file, with mode 0600, if there is none. EBADMSG for one that was tampered with,
    // EWOULDBLOCK for one that another broker has open.
    static tsmfd::Result<DecisionLog> open(const std::string& path);

    // On disk once it returns. After a failure the log takes no more: its end is not known.
    tsmfd::Result<void> append(const Decision& decision);

    [[nodiscard]] const LogState& state() const { return state_; }

private:
    DecisionLog(tsmfd::UniqueFd fd, std::string path, LogState state)
        : fd_(std::move(fd)), path_(std::move(path)), state_(std::move(state)) {}

    tsmfd::UniqueFd fd_;
    std::string path_;
    LogState state_;
    bool broken_ = false;
};

} // namespace keybroker

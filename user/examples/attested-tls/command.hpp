// SPDX-License-Identifier: MIT
//
// What the command lines of attested-server, attested-client and attest-load have in common.
//
// Threads: from one.
#pragma once

#include "check.hpp"

#include <tsmfd/options.hpp>
#include <tsmfd/result.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace attested {

enum Exit : int { done = 0, failed = 1, usage = 2, no_server = 3 };

struct TrustWords {
    std::string policy;
    bool insecure_emulated = false;
};
void add_trust(CLI::App& app, TrustWords& words);
// EINVAL if the words trust nothing.
[[nodiscard]] tsmfd::Result<Trust> trust_of(const TrustWords& words);

void add_handshake(CLI::App& app, Handshake& handshake);

[[nodiscard]] tsmfd::Result<std::vector<tsmfd::Format>>
formats_of(const std::vector<std::string>& words);

[[nodiscard]] std::chrono::milliseconds to_milliseconds(double seconds);

// Says on stderr what failed, and gives the status.
int complain(const tsmfd::Error& error, Exit status);

// Parses and runs: a peer that is gone is an error of its connection, not a signal.
int main_of(CLI::App& app, int argc, char** argv, const std::function<int()>& run);

} // namespace attested

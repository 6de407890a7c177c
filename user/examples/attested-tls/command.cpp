// SPDX-License-Identifier: MIT
#include "command.hpp"

#include <tsmfd/version.hpp>

#include <cerrno>
#include <csignal>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace attested {

void add_trust(CLI::App& app, TrustWords& words) {
    auto* policy = app.add_option("--policy", words.policy,
                                  "What the server has to be (Documentation/policy.rst)")
                       ->type_name("FILE");
    app.add_flag("--insecure-emulated", words.insecure_emulated,
                 "Take tsmfd_emu's reports, which anyone can make: for tests")
        ->excludes(policy);
}

tsmfd::Result<Trust> trust_of(const TrustWords& words) {
    if (!words.policy.empty() && words.insecure_emulated)
        return tsmfd::fail("--insecure-emulated beside --policy: a report that anyone can make "
                           "would pass any policy",
                           EINVAL);
    Trust trust{.policy = {}, .insecure_emulated = words.insecure_emulated};
    if (!words.policy.empty()) {
        auto policy = tsmfd::Policy::read(words.policy);
        if (!policy)
            return std::unexpected(policy.error());
        trust.policy = std::move(*policy);
    } else if (!words.insecure_emulated) {
        return tsmfd::fail("without --policy no server is trusted", EINVAL);
    }
    return trust;
}

void add_handshake(CLI::App& app, Handshake& handshake) {
    app.add_flag_callback(
        "--no-certificate", [&handshake] { handshake = Handshake::none; },
        "Have the server show none, as nobody would look at it: a cheaper handshake");
}

tsmfd::Result<std::vector<tsmfd::Format>> formats_of(const std::vector<std::string>& words) {
    std::vector<tsmfd::Format> formats;
    for (const std::string& word : words) {
        const auto format = tsmfd::parse_format(word);
        if (!format)
            return tsmfd::fail("--formats: " + format.error().what, EINVAL);
        formats.push_back(*format);
    }
    return formats;
}

std::chrono::milliseconds to_milliseconds(double seconds) {
    return std::chrono::round<std::chrono::milliseconds>(std::chrono::duration<double>(seconds));
}

int complain(const tsmfd::Error& error, Exit status) {
    fmt::print(stderr, "{}: {}\n", program_invocation_short_name, error.message());
    return status;
}

int main_of(CLI::App& app, int argc, char** argv, const std::function<int()>& run) {
    app.set_version_flag("--version", std::string(tsmfd::version()));
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? Exit::done : Exit::usage;
    }
    if (std::signal(SIGPIPE, SIG_IGN) == SIG_ERR)
        return complain({"ignore SIGPIPE", errno}, Exit::failed);
    return run();
}

} // namespace attested

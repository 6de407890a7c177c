// SPDX-License-Identifier: MIT
//
// attested-client: connects, has the server prove what it is, and only then speaks.
#include "caller.hpp"
#include "check.hpp"
#include "command.hpp"

#include <chrono>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace {

using namespace attested;

struct Words {
    std::string address = "127.0.0.1:4433";
    TrustWords trust;
    std::vector<std::string> formats{"extended", "default"};
    std::string say = "hello";
    double timeout = 100;
    bool quiet = false;
    Handshake handshake = {};
};

void print(const tsmfd::Verification& verification) {
    for (const tsmfd::Check& check : verification.checks)
        fmt::print("{:<6}  {:<14}  {}\n", tsmfd::outcome_name(check.outcome), check.name,
                   check.detail);
}

int run(const Words& words) {
    const auto trust = trust_of(words.trust);
    if (!trust)
        return complain(trust.error(), Exit::usage);
    const auto formats = formats_of(words.formats);
    if (!formats)
        return complain(formats.error(), Exit::usage);
    const auto address = Address::parse(words.address);
    if (!address)
        return complain(address.error(), Exit::usage);
    const auto context = client_context(words.handshake);
    if (!context)
        return complain(context.error(), Exit::failed);

    const auto deadline = Caller::Clock::now() + to_milliseconds(words.timeout);
    auto caller = Caller::begin(context->get(), *address, *formats);
    if (!caller)
        return complain(caller.error(), Exit::no_server);
    if (const auto there = caller->wait_for_evidence(deadline); !there)
        return complain({words.address + ": " + there.error().what, there.error().code},
                        there.error().code == ECONNREFUSED ? Exit::no_server : Exit::failed);

    const auto verification = check(caller->session(), *trust);
    if (!words.quiet)
        print(verification);
    if (!verification.ok()) {
        fmt::print(stderr, "attested-client: {} is refused, and told nothing: {}\n", words.address,
                   first_failure(verification));
        return Exit::failed;
    }
    const auto echo = caller->speak(words.say, deadline);
    if (!echo)
        return complain(echo.error(), Exit::failed);
    fmt::print("{}\n", *echo);
    caller->channel().close();
    return Exit::done;
}

} // namespace

int main(int argc, char** argv) {
    Words words;
    CLI::App app("Speak to a server once it has proved what it is", "attested-client");
    app.option_defaults()->always_capture_default();
    app.add_option("address", words.address, "IP:PORT of attested-server");
    app.add_option("--formats", words.formats, "Of the report, the one liked best first")
        ->delimiter(',');
    app.add_option("--say", words.say, "What to tell it");
    app.add_option("--timeout", words.timeout, "Seconds for all of it")->check(CLI::PositiveNumber);
    app.add_flag("--quiet", words.quiet, "Do not print what was checked");
    add_handshake(app, words.handshake);
    add_trust(app, words.trust);
    app.footer("Exit status: 0 it spoke; 1 the server was refused, or failed; 2 usage; 3 there is "
               "no server.");
    return main_of(app, argc, argv, [&words] { return run(words); });
}

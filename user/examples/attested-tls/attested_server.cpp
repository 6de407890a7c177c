// SPDX-License-Identifier: MIT
//
// attested-server: answers each client's challenge with evidence for that client's connection,
// and echoes a line.
#include "command.hpp"
#include "limits.hpp"
#include "server.hpp"

#include <csignal>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace {

using namespace attested;

struct Words {
    ServerSettings server;
    SourceSettings source;
    std::string from = "tsmfd";
    bool plain = false;
    double patience = 10;
    double firmware = 90;
};

volatile std::sig_atomic_t stopped = 0;

void on_stop(int /*signal*/) {
    stopped = 1;
}

tsmfd::Result<std::unique_ptr<Source>> source_of(const Words& words) {
    if (words.plain)
        return make_plain_source();
    return words.from == "configfs" ? make_configfs_source(words.source)
                                    : make_device_source(words.source);
}

int run(Words& words) {
    words.server.patience = to_milliseconds(words.patience);
    words.server.firmware = to_milliseconds(words.firmware);
    stress::raise_file_limit();
    const auto source = source_of(words);
    if (!source)
        return complain(source.error(), Exit::no_server);
    const auto server = Server::make(words.server, **source);
    if (!server)
        return complain(server.error(), Exit::failed);

    struct sigaction action {};
    action.sa_handler = on_stop;
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
    // Whoever started it waits for this line.
    fmt::print("{}\n", (*server)->address().text());
    (void)std::fflush(stdout);
    fmt::print(stderr, "attested-server: {}\n", (*source)->name());

    while (stopped == 0) {
        if (const auto turned = (*server)->turn(std::chrono::milliseconds(100)); !turned)
            return complain(turned.error(), Exit::failed);
    }
    fmt::print(stderr, "attested-server: {}\n", (*server)->counts().text());
    return Exit::done;
}

} // namespace

int main(int argc, char** argv) {
    Words words;
    CLI::App app("Serve TLS 1.3 whose server proves what it is, for each connection anew",
                 "attested-server");
    app.option_defaults()->always_capture_default();
    app.add_option("--listen", words.server.address, "IP:PORT; port 0 is one that is free");
    app.add_option("--source", words.from, "Of the evidence: tsmfd, or configfs (stock's)")
        ->check(CLI::IsMember({"tsmfd", "configfs"}));
    auto* device = app.add_option("--device", words.source.device, "tsmfd: whom to ask");
    app.add_option("--inflight", words.source.inflight, "tsmfd: open files at most")
        ->check(CLI::Range(1U, 1U << 20));
    app.add_option("--threads", words.source.threads, "configfs: threads that wait for reports")
        ->check(CLI::Range(1U, 4096U));
    app.add_option("--connections", words.server.connections, "At once, at most")
        ->check(CLI::Range(1U, 1U << 20));
    app.add_option("--patience", words.patience, "Seconds for each of a client's steps")
        ->check(CLI::PositiveNumber);
    app.add_option("--firmware-timeout", words.firmware, "Seconds for a report")
        ->check(CLI::PositiveNumber);
    app.option_defaults()->always_capture_default(false);
    app.add_flag("--batch", words.source.batch,
                 "tsmfd: one report for all who wait, and a proof for each");
    auto* key = app.add_option("--key", words.server.files.key, "The certificate's key, PEM");
    app.add_option("--cert", words.server.files.certificate,
                   "PEM (else a key is made, and signs its own)")
        ->needs(key);
    app.add_flag("--plain", words.plain, "Give no evidence: TLS alone, to compare with")
        ->excludes(device);
    app.footer("The address goes to stdout once it listens. Exit status: 0 stopped by a signal; "
               "1 failed; 2 usage; 3 no source of evidence.");
    return main_of(app, argc, argv, [&words] { return run(words); });
}

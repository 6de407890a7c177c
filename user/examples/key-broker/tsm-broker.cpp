// SPDX-License-Identifier: MIT
//
// tsm-broker: releases secrets to guests whose evidence holds.
#include "config.hpp"
#include "decision_log.hpp"
#include "enrol.hpp"

#include <tsmfd/version.hpp>

#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <files.hpp>
#include <fmt/format.h>
#include <sys/prctl.h>

namespace {

using namespace keybroker;

enum Exit : int { done = 0, failed = 1, usage = 2 };

struct Words {
    std::string config;
    std::string log;
    std::string head;
    std::string evidence;
};

int complain(const tsmfd::Error& error) {
    fmt::print(stderr, "tsm-broker: {}\n", error.message());
    return failed;
}

// A handler knows nothing but what is here.
const Server* running = nullptr;

void on_signal(int /*signal*/) {
    running->stop();
}

void stop_on_signals(const Server& server) {
    running = &server;
    struct sigaction action {};
    action.sa_handler = on_signal;
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
}

// Secrets are for no swap and no core file.
tsmfd::Result<void> keep_secrets() {
    ::prctl(PR_SET_DUMPABLE, 0);
    return make_secret_heap();
}

int check(const Words& words) {
    const auto state = check_log(words.log);
    if (!state)
        return complain(state.error());
    fmt::print("{}: {} lines, each follows from the one before it\nhead {}\n", words.log,
               state->lines, state->head);
    if (words.head.empty() || words.head == state->head)
        return done;
    fmt::print(stderr, "tsm-broker: its end is not the line with the hash {}\n", words.head);
    return failed;
}

int print_policy(const Words& words) {
    const auto stream = files::read_file(words.evidence);
    if (!stream)
        return complain(stream.error());
    const auto policy = policy_of(tsmfd::Evidence::of_stream(*stream));
    if (!policy)
        return complain({words.evidence + ": " + policy.error().what, policy.error().code});
    fmt::print("{}", *policy);
    return done;
}

int serve(const Words& words) {
    if (const auto kept = keep_secrets(); !kept)
        return complain(kept.error());
    auto config = read_config(words.config);
    if (!config)
        return complain(config.error());
    std::vector<tsmfd::UniqueFd> listeners;
    std::string where;
    for (const Address& address : config->listen) {
        auto listener = listen_at(address);
        if (!listener)
            return complain(listener.error());
        where += ' ' + (address.kind == Address::Kind::unix ? address.name()
                                                            : local_name(listener->get()));
        listeners.push_back(std::move(*listener));
    }
    auto log = DecisionLog::open(config->log);
    if (!log)
        return complain(log.error());
    if (const auto written = log->append({.event = "started"}); !written)
        return complain(written.error());

    Broker broker(std::move(config->key), std::move(config->entries), std::move(*log),
                  config->nonces, config->refused);
    auto server = Server::make(broker, std::move(listeners), config->limits);
    if (!server)
        return complain(server.error());
    stop_on_signals(*server);
    fmt::print("listening at{}\n", where);
    (void)std::fflush(stdout);
    const auto served = server->run();
    return served ? done : complain(served.error());
}

} // namespace

int main(int argc, char** argv) {
    Words words;
    CLI::App app("Releases secrets to guests whose attestation reports hold");
    app.set_version_flag("--version", std::string(tsmfd::version()));
    auto* config = app.add_option("--config", words.config, "What it has, and for whom (JSON)");
    auto* log = app.add_option("--check-log", words.log, "Was this log tampered with?");
    config->excludes(log);
    app.add_option("--policy-from", words.evidence,
                   "Print a policy that is about this evidence, which a broker refused")
        ->excludes(config, log);
    app.add_option("--head", words.head, "With --check-log: the hash that its last line is to have")
        ->needs(log);
    app.footer("Exit status: 0 ended by a signal, or done; 1 it failed; 2 usage.");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? done : usage;
    }
    if (!words.log.empty())
        return check(words);
    if (!words.evidence.empty())
        return print_policy(words);
    if (!words.config.empty())
        return serve(words);
    fmt::print(stderr, "tsm-broker: --config, --check-log or --policy-from is needed\n");
    return usage;
}

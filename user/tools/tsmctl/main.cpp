// SPDX-License-Identifier: MIT
//
// tsmctl: reports, and all there is to know about who makes them, from a shell.
#include "command.hpp"

#include <tsmfd/version.hpp>

#include <cstdio>
#include <string>

#include <CLI/CLI.hpp>

int main(int argc, char** argv) {
    using namespace tsmctl;

    int status = done;
    CLI::App app("Attestation reports for Linux confidential guests", "tsmctl");
    app.set_version_flag("--version", std::string(tsmfd::version()));
    app.require_subcommand(1);
    app.footer("Exit status: 0 done; 1 it failed; 2 usage; 3 there is no provider.");
    add_providers(app, status);
    add_report(app, status);
    add_show(app, status);
    add_stats(app, status);
    add_events(app, status);
    add_emu(app, status);
    add_eventlog(app, status);
    add_verify(app, status);
    add_verify_proof(app, status);
    add_collateral(app, status);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? done : usage;
    }
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
        std::perror("tsmctl: write");
        return status == done ? failed : status;
    }
    return status;
}

// SPDX-License-Identifier: MIT
//
// tsmfd-bad-clients ADDRESS COUNT SECONDS PATIENCE: so many bad clients of all kinds in turn,
// begun over so many seconds; each has to be dropped within PATIENCE seconds. Prints what came of
// each kind, and exits 0 if all were.
#include "bad_clients.hpp"

#include <charconv>
#include <csignal>
#include <span>
#include <string_view>

#include <fmt/format.h>

namespace {

int fail(const tsmfd::Error& error) {
    fmt::print(stderr, "tsmfd-bad-clients: {}\n", error.message());
    return 1;
}

bool parse(std::string_view text, unsigned& number) {
    return std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc{};
}

} // namespace

int main(int argc, char** argv) {
    const std::span args(argv, static_cast<std::size_t>(argc));
    unsigned count = 0;
    unsigned over = 0;
    unsigned patience = 0;
    if (args.size() != 5 || !parse(args[2], count) || !parse(args[3], over) ||
        !parse(args[4], patience))
        return 2;
    (void)std::signal(SIGPIPE, SIG_IGN);
    const auto address = attested::Address::parse(args[1]);
    if (!address)
        return fail(address.error());
    const auto clients = attacks::BadClients::make(*address);
    if (!clients)
        return fail(clients.error());
    if (const auto ran =
            (*clients)->run(count, std::chrono::seconds(over), std::chrono::seconds(patience));
        !ran)
        return fail(ran.error());
    for (std::size_t i = 0; i < attacks::bad_kinds; ++i) {
        const auto kind = static_cast<attacks::Bad>(i);
        const attacks::Outcome& outcome = (*clients)->outcome(kind);
        fmt::print("{:<15} {} begun, {} dropped, {} ignored, {} answered\n", name_of(kind),
                   outcome.begun, outcome.dropped, outcome.ignored, outcome.answered);
    }
    return (*clients)->all_dropped() ? 0 : 1;
}

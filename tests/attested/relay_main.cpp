// SPDX-License-Identifier: MIT
//
// tsmfd-relay ADDRESS COUNT: COUNT victims, each at the mercy of a man in the middle who asks the
// genuine server at ADDRESS. Prints how many refused, and exits 0 if all did, and if what they
// were shown was good evidence all the same: for the connection that the relay had.
#include "relay.hpp"

#include <charconv>
#include <chrono>
#include <csignal>
#include <span>
#include <string_view>
#include <thread>

#include <check.hpp>
#include <fmt/format.h>

namespace {

using attested::Caller;

int fail(const tsmfd::Error& error) {
    fmt::print(stderr, "tsmfd-relay: {}\n", error.message());
    return 1;
}

} // namespace

int main(int argc, char** argv) {
    const std::span args(argv, static_cast<std::size_t>(argc));
    unsigned count = 0;
    if (args.size() != 3)
        return 2;
    const std::string_view number = args[2];
    if (std::from_chars(number.data(), number.data() + number.size(), count).ec != std::errc{})
        return 2;
    (void)std::signal(SIGPIPE, SIG_IGN);
    const auto genuine = attested::Address::parse(args[1]);
    if (!genuine)
        return fail(genuine.error());
    auto relay = attacks::Relay::make(*genuine);
    const auto context = attested::client_context();
    if (!relay || !context)
        return fail(relay ? context.error() : relay.error());

    const attested::Trust trust{.policy = {}, .insecure_emulated = true};
    unsigned refused = 0;
    unsigned genuine_held = 0;
    for (unsigned i = 0; i < count; ++i) {
        const auto deadline = Caller::Clock::now() + std::chrono::seconds(60);
        tsmfd::Result<attested::Session> seen;
        auto victim = Caller::begin(context->get(), relay->address(), {tsmfd::Format::plain});
        if (!victim)
            return fail(victim.error());
        {
            const std::jthread thread([&] { seen = relay->serve_one(deadline); });
            if (const auto there = victim->wait_for_evidence(deadline); !there)
                return fail(there.error());
        }
        if (!seen)
            return fail(seen.error());
        refused += check(victim->session(), trust).ok() ? 0U : 1U;
        genuine_held += check(*seen, trust).ok() ? 1U : 0U;
    }
    fmt::print("{} victims: {} refused, {} relayed evidence that was the relay's own\n", count,
               refused, genuine_held);
    return refused == count && genuine_held == count ? 0 : 1;
}

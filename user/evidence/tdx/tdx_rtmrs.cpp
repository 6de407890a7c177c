// SPDX-License-Identifier: MIT
#include "tdx/tdx_rtmrs.hpp"

#include "common_checks.hpp"

#include <tsmfd/hex.hpp>

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace tsmfd {

namespace {

// Of the log's registers; 0 is MRTD.
constexpr std::size_t first_rtmr = 1;
constexpr std::size_t runtime_rtmr = 3;

// Does the log's replay give the quote's registers?
bool check_registers(Verification& to, const TdxQuote& quote, const EventLog& log) {
    if (log.registers() != EventRegisters::rtmr) {
        to.fail("event log", "it is a TPM's, not a TD's");
        return false;
    }
    const auto bank = log.replay(TpmHash::sha384);
    if (!bank) {
        to.fail("event log", bank.error().message());
        return false;
    }
    // Of registers that a quote has none of, anything could be said.
    const auto elsewhere = std::ranges::count_if(log.events(), [](const TpmEvent& event) {
        return event.type != EventType::no_action &&
               (event.pcr < first_rtmr || event.pcr > first_rtmr + runtime_rtmr);
    });
    const auto measured = std::ranges::count_if(
        log.events(), [](const TpmEvent& event) { return event.type != EventType::no_action; });
    bool all = elsewhere == 0;
    if (elsewhere != 0)
        to.fail("event log registers",
                fmt::format("{} events of registers that are no RTMRs", elsewhere));
    for (std::size_t i = 0; i < quote.rtmr.size(); ++i) {
        std::string name = fmt::format("event log rtmr{}", i);
        const std::size_t number = first_rtmr + i;
        if (bank->values[number].is(quote.rtmr[i])) {
            to.pass(std::move(name), to_hex(quote.rtmr[i]));
        } else if (i == runtime_rtmr && (bank->measured >> number & 1U) == 0) {
            to.note(std::move(name), "the log has nothing of what it was extended with");
        } else {
            all = false;
            to.fail(std::move(name),
                    fmt::format("its replay gives {}, the quote has {}",
                                to_hex(bank->values[number].bytes()), to_hex(quote.rtmr[i])));
        }
    }
    to.judge(all, "event log",
             all ? fmt::format("its {} events lead to the quote's RTMRs", measured)
                 : "its replay does not give the quote's RTMRs");
    return all;
}

} // namespace

void check_rtmrs(Verification& to, const TdxQuote& quote, std::optional<ByteSpan> log,
                 std::span<const ExpectedEvent> events) noexcept {
    const auto parsed = log ? EventLog::parse(*log) : Result<EventLog>(EventLog());
    if (!parsed)
        to.fail("event log", parsed.error().message());
    const bool proven = log && parsed && check_registers(to, quote, *parsed);
    for (const ExpectedEvent& expected : events) {
        std::string name = fmt::format("event rtmr{}", expected.number - first_rtmr);
        if (!proven)
            to.fail(std::move(name), "no event log leads to the quote's RTMRs");
        else
            check_event(to, std::move(name), *parsed, expected);
    }
}

} // namespace tsmfd

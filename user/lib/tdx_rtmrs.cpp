// SPDX-License-Identifier: MIT
#include "tdx_rtmrs.hpp"

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

} // namespace

void check_rtmrs(Verification& to, const TdxQuote& quote, ByteSpan log) noexcept {
    const auto parsed = EventLog::parse(log);
    if (!parsed)
        return to.fail("event log", parsed.error().message());
    if (parsed->registers() != EventRegisters::rtmr)
        return to.fail("event log", "it is a TPM's, not a TD's");
    const auto bank = parsed->replay(TpmHash::sha384);
    if (!bank)
        return to.fail("event log", bank.error().message());

    bool all = true;
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
             all ? fmt::format("its {} events lead to the quote's RTMRs", parsed->events().size())
                 : "its replay does not give the quote's RTMRs");
}

} // namespace tsmfd

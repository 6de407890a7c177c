// SPDX-License-Identifier: MIT
//
// The part of verifying a TDX quote that is about its event log (CCEL). Not part of the library's
// interface.
//
//     check_rtmrs(verification, *quote, log, events);
//
// Threads: a function of its arguments.
#pragma once

#include <tsmfd/evidence/event_log.hpp>
#include <tsmfd/evidence/tdx_quote.hpp>
#include <tsmfd/evidence/verification.hpp>

#include <optional>
#include <span>

namespace tsmfd {

// Adds "event log", and "event log rtmrN" for each register. Firmware and kernel log what they
// extend RTMR 0 to 2 with; RTMR 3 is for who comes later, who may log it elsewhere: if the log has
// nothing of it, then that is a note. "event rtmrN": the register was extended with a digest that
// is expected, of the log's register N + 1; without a log that leads to the quote's RTMRs it fails.
void check_rtmrs(Verification& to, const TdxQuote& quote, std::optional<ByteSpan> log,
                 std::span<const ExpectedEvent> events) noexcept;

} // namespace tsmfd

// SPDX-License-Identifier: MIT
//
// The part of verifying a TDX quote that is about its event log (CCEL). Not part of the library's
// interface.
//
//     check_rtmrs(verification, *quote, log);
//
// Threads: a function of its arguments.
#pragma once

#include <tsmfd/event_log.hpp>
#include <tsmfd/tdx_quote.hpp>
#include <tsmfd/verification.hpp>

namespace tsmfd {

// Adds "event log", and "event log rtmrN" for each register. Firmware and kernel log what they
// extend RTMR 0 to 2 with; RTMR 3 is for who comes later, who may log it elsewhere: if the log has
// nothing of it, then that is a note.
void check_rtmrs(Verification& to, const TdxQuote& quote, ByteSpan log) noexcept;

} // namespace tsmfd

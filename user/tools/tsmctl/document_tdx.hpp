// SPDX-License-Identifier: MIT
//
// A TDX quote and a TDREPORT as documents: document.hpp's part for them.
//
// Threads: functions of their arguments.
#pragma once

#include "command.hpp"

#include <tsmfd/evidence/td_report.hpp>
#include <tsmfd/evidence/tdx_quote.hpp>

namespace tsmctl {

Json document_of(const tsmfd::TdxQuote& quote);
Json document_of(const tsmfd::TdReport& report);

} // namespace tsmctl

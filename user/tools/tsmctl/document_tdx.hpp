// SPDX-License-Identifier: MIT
//
// A TDX quote as a document: document.hpp's part for it.
//
// Threads: functions of their arguments.
#pragma once

#include "command.hpp"

#include <tsmfd/evidence/tdx_quote.hpp>

namespace tsmctl {

Json document_of(const tsmfd::TdxQuote& quote);

} // namespace tsmctl

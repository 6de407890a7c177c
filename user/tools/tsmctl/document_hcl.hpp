// SPDX-License-Identifier: MIT
//
// An HCL report as a document: document.hpp's part for it.
//
// Threads: functions of their arguments.
#pragma once

#include "command.hpp"

#include <tsmfd/evidence/hcl_report.hpp>

namespace tsmctl {

// What cannot be read of its parts is said in their place.
Json document_of(const tsmfd::HclReport& report, tsmfd::ByteSpan auxblob);

} // namespace tsmctl

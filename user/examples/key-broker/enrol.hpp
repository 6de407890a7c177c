// SPDX-License-Identifier: MIT
//
// From evidence to a policy that is about nothing else: how a machine becomes known.
//
//     keep_evidence("refused.bin", evidence);             // the broker's, of what it refused
//     const auto policy = policy_of(read_evidence(file)); // the text of a file for tsmfd::Policy
//
// Whose evidence that is, is for a person to say, by the key's name and the measurements.
//
// Threads: functions of their arguments.
#pragma once

#include "secret.hpp"

#include <tsmfd/evidence/verdict.hpp>
#include <tsmfd/evidence/verification.hpp>
#include <tsmfd/result.hpp>

#include <string>
#include <string_view>

namespace keybroker {

// The first check of this name is there, and passed.
[[nodiscard]] bool has_passed(const tsmfd::Verification& verification, std::string_view name);

// In place of what the file had, whole or not at all: outblob and auxblob, as read(2) of
// /dev/tsmfdN gives them.
[[nodiscard]] tsmfd::Result<void> keep_evidence(const std::string& path,
                                                const tsmfd::Evidence& evidence);

// Of a TPM's report with an event log: its key, and the PCRs that were quoted. EOPNOTSUPP for other
// evidence, EBADMSG for evidence that does not hold by itself.
[[nodiscard]] tsmfd::Result<std::string> policy_of(const tsmfd::Evidence& evidence);

} // namespace keybroker

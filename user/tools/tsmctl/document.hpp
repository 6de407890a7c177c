// SPDX-License-Identifier: MIT
//
// A report as a document: every field by name. What is printed as text and what is printed as JSON
// are one, so neither has a field that the other lacks.
//
//     Result<Json> document = document_of(stream);    // outblob, then auxblob, as read(2) gives it
//     text_of(*document)
//
// Threads: functions of their arguments.
#pragma once

#include "command.hpp"

#include <tsmfd/bytes.hpp>
#include <tsmfd/evidence/tpm_report.hpp>
#include <tsmfd/evidence/verdict.hpp>
#include <tsmfd/provider_info.hpp>

#include <string>
#include <vector>

namespace tsmctl {

// EBADMSG for what is none of an SNP report, a TDX quote, a TPM's quote and an HCL report.
tsmfd::Result<Json> document_of(const tsmfd::Evidence& evidence);

Json document_of(const tsmfd::TpmReport& report);

Json document_of(const tsmfd::ProviderInfo& provider);

// "label: value" lines; what is inside something is indented, and long bytes are broken.
std::string text_of(const Json& document);

// "64 bytes that are no report of ..."
std::string what_it_is_not(tsmfd::ByteSpan bytes);

// The bytes of a report that somebody kept: raw, as hexadecimal or base64 text, or as the JSON that
// `tsmctl report --json` prints. EINVAL for a text that begins as one of these and is not, and for
// JSON of another schema.
tsmfd::Result<std::vector<std::uint8_t>> stream_of(std::vector<std::uint8_t> file);

} // namespace tsmctl

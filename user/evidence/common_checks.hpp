// SPDX-License-Identifier: MIT
//
// What the verifiers have in common. Not part of the library's interface.
#pragma once

#include "x509/x509.hpp"

#include <tsmfd/bytes.hpp>
#include <tsmfd/evidence/event_log.hpp>
#include <tsmfd/evidence/verification.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tsmfd {

[[nodiscard]] bool is_zero(ByteSpan bytes);

// "chain": from `leaf` over any of `between` to one of `roots`, PEM or DER, at `at` or now. Fails
// without roots. When it holds, if it does; `path` then has it, from the leaf to the root.
std::optional<ossl::Validity> check_chain(Verification& to, X509* leaf,
                                          const ossl::Certificates& between, ByteSpan roots,
                                          std::optional<std::int64_t> at,
                                          ossl::Certificates* path = nullptr);

// "challenge": `data` is it, with zeros behind it; without one, shows the data.
void check_report_data(Verification& to, ByteSpan data, std::optional<ByteSpan> challenge);

// "debug": off, or allowed.
void check_debug(Verification& to, bool debug, bool allowed);

// A measurement under its name: one of those that are allowed; without any, shown.
void check_measurement(Verification& to, std::string name, ByteSpan is,
                       std::span<const std::vector<std::uint8_t>> allowed);

// An event under its name: it is in the log, which has been shown to lead to what is signed.
void check_event(Verification& to, std::string name, const EventLog& log,
                 const ExpectedEvent& expected);

} // namespace tsmfd

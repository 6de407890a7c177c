// SPDX-License-Identifier: MIT
//
// Certificates or revocation lists of several files, together.
//
//     const auto pem = pem_of_files({"vcek.der", "ask_ark.pem"}, &tsmfd::certificates_in_pem);
//
// Threads: a function of its arguments.
#pragma once

#include <tsmfd/bytes.hpp>
#include <tsmfd/result.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace tsmctl {

using InPem = tsmfd::Result<std::vector<std::uint8_t>>(tsmfd::ByteSpan);

// Each file is PEM or DER, and "-" is stdin. Empty if there is no file; EBADMSG, by the file's
// name, for one that has none of them in it.
[[nodiscard]] tsmfd::Result<std::vector<std::uint8_t>>
pem_of_files(const std::vector<std::string>& files, InPem* in_pem);

} // namespace tsmctl

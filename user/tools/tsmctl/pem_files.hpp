// SPDX-License-Identifier: MIT
//
// Certificates or revocation lists of several files, together.
//
//     const auto pem = pem_of_files({"vcek.der", "ask_ark.pem"}, PemOf::certificates);
//
// Threads: a function of its arguments.
#pragma once

#include <tsmfd/result.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace tsmctl {

enum class PemOf { certificates, crls };

// Each file is PEM or DER, and "-" is stdin. Empty if there is none. A single file is left as it
// is; what is in them, the library judges.
[[nodiscard]] tsmfd::Result<std::vector<std::uint8_t>>
pem_of_files(const std::vector<std::string>& files, PemOf what);

} // namespace tsmctl

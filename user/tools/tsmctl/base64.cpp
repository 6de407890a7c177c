// SPDX-License-Identifier: MIT
#include "base64.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>

#include <openssl/evp.h>

namespace tsmctl {

std::optional<std::vector<std::uint8_t>> from_base64(std::string text) {
    constexpr auto longest = static_cast<std::size_t>(std::numeric_limits<int>::max()) - 4;
    if (text.empty() || text.size() > longest)
        return std::nullopt;
    // One alphabet or the other; and of PEM no dash is meant so.
    if (text.starts_with("-----") || (text.find_first_of("-_") != std::string::npos &&
                                      text.find_first_of("+/") != std::string::npos))
        return std::nullopt;
    // The alphabet that is safe in URLs has other characters for two.
    std::ranges::replace(text, '-', '+');
    std::ranges::replace(text, '_', '/');
    const std::size_t end = std::min(text.find('='), text.size());
    if (text.find_first_not_of('=', end) != std::string::npos || text.size() - end > 2)
        return std::nullopt;
    text.resize(end);
    const std::size_t missing = (4 - end % 4) % 4;
    if (missing == 3 || end == 0)
        return std::nullopt;
    text.append(missing, '=');
    std::vector<std::uint8_t> bytes(text.size() / 4 * 3);
    if (EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(text.data()),
                        static_cast<int>(text.size())) < 0)
        return std::nullopt;
    bytes.resize(bytes.size() - missing);
    return bytes;
}

} // namespace tsmctl

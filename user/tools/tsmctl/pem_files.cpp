// SPDX-License-Identifier: MIT
#include "pem_files.hpp"

#include "command.hpp"

#include <algorithm>
#include <iterator>

namespace tsmctl {

tsmfd::Result<std::vector<std::uint8_t>> pem_of_files(const std::vector<std::string>& files,
                                                      InPem* in_pem) {
    std::vector<std::uint8_t> all;
    for (const std::string& file : files) {
        const auto bytes = read_in(file);
        if (!bytes)
            return bytes;
        const auto text = in_pem(*bytes);
        if (!text)
            return tsmfd::fail(file + ": " + text.error().what, text.error().code);
        std::ranges::copy(*text, std::back_inserter(all));
    }
    return all;
}

} // namespace tsmctl

// SPDX-License-Identifier: MIT
//
// Members as Intel's provisioning service writes them in JSON. Not part of the library's interface.
//
//     Section level(json, "tcbLevels[0]", wrong);
//     const TcbStatus status = intel::status(level, "tcbStatus");
//     if (wrong)
//         return std::unexpected(*wrong);   // tcbLevels[0].tcbStatus: missing
//
// All of them must be there, unless it says otherwise; what else is there is left alone, for Intel
// adds members from time to time.
//
// Threads: one at a time.
#pragma once

#include "policy/policy_section.hpp"

#include <tsmfd/evidence/tcb_status.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace tsmfd::intel {

[[nodiscard]] std::string text(Section& from, const std::string& name);
[[nodiscard]] std::uint32_t number(Section& from, const std::string& name, std::uint32_t max);
[[nodiscard]] TcbStatus status(Section& from, const std::string& name);
// "2026-03-16T22:16:03Z" in seconds since 1970.
[[nodiscard]] std::int64_t time(Section& from, const std::string& name);
// A list of words, or none.
[[nodiscard]] std::vector<std::string> words(Section& from, const std::string& name);

// Hexadecimal for N bytes.
template <std::size_t N>
std::array<std::uint8_t, N> bytes(Section& from, const std::string& name) {
    std::array<std::uint8_t, N> to{};
    const auto digest = from.digest(name, N);
    if (!digest)
        from.refuse(name, "missing");
    else if (digest->size() == N)
        std::ranges::copy(*digest, to.begin());
    return to;
}

// `take` gets each element of a list as a section, with its number.
void each(Section& from, const std::string& name, std::optional<Error>& wrong,
          const std::function<void(Section&, std::size_t)>& take);

// An object whose member `name` Intel has signed, and the signature beside it.
struct Signed {
    std::string_view text;                    // of the member's value, byte by byte
    std::array<std::uint8_t, 64> signature{}; // r and s, big-endian
};

// Of `document`, in which the text lies. Nothing if it has no such member. EINVAL for what is not
// JSON, and for a signature that is missing or is none.
[[nodiscard]] Result<std::optional<Signed>> signed_member(std::string_view document,
                                                          std::string_view name);

} // namespace tsmfd::intel

// SPDX-License-Identifier: MIT
//
// JSON from outside, looked at before any of it is kept. Not part of the library's interface.
//
//     Result<nlohmann::json> json = checked_json(bytes, {.most_bytes = 1 << 20, .depth = 16});
//
// Time and memory grow with the bytes, and no faster: nlohmann-json's own callback looks at the
// whole of an array again for each object in it.
//
// Threads: a function of its arguments.
#pragma once

#include <tsmfd/bytes.hpp>
#include <tsmfd/result.hpp>

#include <cstddef>

#include <nlohmann/json.hpp>

namespace tsmfd {

struct JsonLimits {
    std::size_t most_bytes = std::size_t{1} << 20;
    std::size_t depth = 16;
};

// EINVAL, with what is wrong, for what is no JSON or is beyond the limits; for a name that is there
// twice in one object, of which one reader would take the first and another the last; and for a
// zero byte, which would end the text for some and not for others.
[[nodiscard]] Result<nlohmann::json> checked_json(ByteSpan bytes, const JsonLimits& limits = {});

} // namespace tsmfd

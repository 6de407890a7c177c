// SPDX-License-Identifier: MIT
//
// What a run of attest-load came to, for people and for programs.
//
// Threads: functions of their arguments.
#pragma once

#include "load.hpp"

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace attested {

[[nodiscard]] std::string text_of(const LoadSettings& settings, const LoadResult& result);
[[nodiscard]] nlohmann::json json_of(const LoadSettings& settings, const LoadResult& result,
                                     std::string_view label);

} // namespace attested

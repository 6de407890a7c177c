// SPDX-License-Identifier: MIT
//
// Where evidence of real hardware is: README.md says where it is from.
//
//     golden::path("snp-genoa/report.bin")
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace golden {

// The folder, which $TSMFD_GOLDEN names.
inline std::string folder() {
    const char* named = std::getenv("TSMFD_GOLDEN"); // NOLINT(concurrency-mt-unsafe)
    return std::filesystem::absolute(
               named != nullptr ? named : TSMFD_TEST_DATA "/../../../../shared/golden")
        .string();
}

inline std::string path(const std::string& name) {
    return folder() + "/" + name;
}

inline bool is_there() {
    return std::filesystem::is_directory(folder());
}

} // namespace golden

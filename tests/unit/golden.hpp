// SPDX-License-Identifier: MIT
//
// Evidence of real hardware, which is not part of this project: README.md says where it is from.
//
//     GOLDEN_OR_SKIP();
//     const Bytes report = golden::read("snp-genoa/report.bin");
#pragma once

#include "evidence.hpp"

#include <cstdlib>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

namespace golden {

using evidence::Bytes;

// The folder, which $TSMFD_GOLDEN names.
inline std::string folder() {
    const char* named = std::getenv("TSMFD_GOLDEN"); // NOLINT(concurrency-mt-unsafe)
    return named != nullptr ? named : TSMFD_TEST_DATA "/../../../../shared/golden";
}

inline std::string path(const std::string& name) {
    return folder() + "/" + name;
}

inline bool is_there() {
    return std::filesystem::is_directory(folder());
}

// The test fails for a file that is not in the folder.
inline Bytes read(const std::string& name) {
    std::ifstream file(path(name), std::ios::binary);
    EXPECT_TRUE(file) << path(name);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

} // namespace golden

// NOLINTNEXTLINE(cppcoreguidelines-macro-usage): GTEST_SKIP() leaves the function it stands in.
#define GOLDEN_OR_SKIP()                                                                           \
    do {                                                                                           \
        if (!golden::is_there())                                                                   \
            GTEST_SKIP() << "TSMFD_GOLDEN names no folder of golden data: " << golden::folder();   \
    } while (false)

// SPDX-License-Identifier: MIT
//
// Evidence of real hardware, which is not part of this project: README.md says where it is from.
//
//     GOLDEN_OR_SKIP();
//     const Bytes report = golden::read("snp-genoa/report.bin");
#pragma once

#include "evidence.hpp"
#include "golden_folder.hpp"

#include <fstream>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace golden {

using evidence::Bytes;

// The test fails for a file that is not in the folder; without the folder, it is to be skipped.
inline Bytes read(const std::string& name) {
    if (!is_there())
        return {};
    std::ifstream file(path(name), std::ios::binary);
    EXPECT_TRUE(file) << path(name);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Intel's SGX root, which signs itself, behind a certificate that it has signed.
inline constexpr const char* intel_chain = "tdx-live/tcb_signing_chain.pem";

inline Bytes intel_root() {
    const Bytes chain = read(intel_chain);
    const std::string_view text(reinterpret_cast<const char*>(chain.data()), chain.size());
    const std::size_t last = text.rfind("-----BEGIN ");
    EXPECT_TRUE(last != std::string_view::npos || !is_there());
    return last != std::string_view::npos
               ? Bytes(text.begin() + static_cast<std::ptrdiff_t>(last), text.end())
               : Bytes{};
}

} // namespace golden

// NOLINTNEXTLINE(cppcoreguidelines-macro-usage): GTEST_SKIP() leaves the function it stands in.
#define GOLDEN_OR_SKIP()                                                                           \
    do {                                                                                           \
        if (!golden::is_there())                                                                   \
            GTEST_SKIP() << "TSMFD_GOLDEN names no folder of golden data: " << golden::folder();   \
    } while (false)

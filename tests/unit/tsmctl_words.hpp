// SPDX-License-Identifier: MIT
//
// tsmctl's commands, from their words to what they say.
//
//     const words::Said said = words::verify({file, "--any-challenge"});
#pragma once

#include "command.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <gtest/gtest.h>

namespace words {

struct Said {
    int status = -1;
    std::string out;
    std::string err;
};

inline Said run(void (*add)(CLI::App&, int&), std::vector<std::string> all) {
    Said said;
    CLI::App app;
    add(app, said.status);
    std::ranges::reverse(all); // as CLI11 wants them
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    try {
        app.parse(all);
    } catch (const CLI::ParseError&) {
        said.status = tsmctl::usage;
    }
    said.out = testing::internal::GetCapturedStdout();
    said.err = testing::internal::GetCapturedStderr();
    return said;
}

inline Said verify(std::vector<std::string> all) {
    all.insert(all.begin(), "verify");
    return run(&tsmctl::add_verify, std::move(all));
}

} // namespace words

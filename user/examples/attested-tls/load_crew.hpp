// SPDX-License-Identifier: MIT
//
// A Load in each of several threads, and what they came to together.
//
//     Result<LoadCrew> crew = LoadCrew::make(settings);
//     crew->run();                              // shows how it is getting on, on stderr
//     LoadResult result = crew->verify(trust);
//
// Threads: one; it has its own.
#pragma once

#include "load.hpp"

#include <memory>
#include <vector>

namespace attested {

class LoadCrew {
public:
    static tsmfd::Result<LoadCrew> make(const LoadSettings& settings);

    // The first error of any of them.
    tsmfd::Result<void> run();
    // Of all that was kept.
    LoadResult verify(const Trust& trust);

private:
    std::vector<std::unique_ptr<Load>> loads_;
};

} // namespace attested

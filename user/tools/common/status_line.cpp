// SPDX-License-Identifier: MIT
#include "status_line.hpp"

#include "clock.hpp"

#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

namespace stress {

namespace {

constexpr std::int64_t every_on_terminal = ns_per_second / 4;
constexpr std::int64_t every_line = 5 * ns_per_second;

} // namespace

StatusLine::StatusLine()
    : terminal_(::isatty(STDERR_FILENO) != 0),
      next_ns_(terminal_ ? every_on_terminal : every_line) {}

bool StatusLine::due(std::int64_t elapsed_ns) {
    if (elapsed_ns < next_ns_)
        return false;
    next_ns_ = elapsed_ns + (terminal_ ? every_on_terminal : every_line);
    return true;
}

void StatusLine::show(std::string_view line) {
    if (terminal_)
        fmt::print(stderr, "\r{}\033[K", line);
    else
        fmt::print(stderr, "{}\n", line);
    drawn_ = true;
}

void StatusLine::end() const {
    if (terminal_ && drawn_)
        fmt::print(stderr, "\r\033[K");
}

} // namespace stress

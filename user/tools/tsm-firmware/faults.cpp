// SPDX-License-Identifier: MIT
#include "faults.hpp"

#include <charconv>
#include <numeric>
#include <string>

namespace firmware {

namespace {

constexpr unsigned thousand = 1000;
// Has no factor in common with a thousand: steps of it come to every number once.
constexpr unsigned stride = 617;

constexpr std::array<std::string_view, static_cast<std::size_t>(Fault::none)> names = {
    "signature", "stale-tcb", "report-data", "truncated", "oversize",
    "busy",      "throttled", "error",       "silence",   "crash"};

} // namespace

std::string_view fault_name(Fault fault) {
    if (fault == Fault::none)
        return "none";
    return names[static_cast<std::size_t>(fault)];
}

tsmfd::Result<Faults> Faults::parse(std::string_view text) {
    Faults faults;
    const auto refuse = [text] {
        return tsmfd::fail("faults '" + std::string(text) + "'", EINVAL);
    };
    for (std::string_view left = text; !left.empty();) {
        const std::string_view word = left.substr(0, left.find(','));
        left.remove_prefix(std::min(left.size(), word.size() + 1));
        const std::size_t equals = word.find('=');
        std::size_t kind = 0;
        while (kind < kinds && names[kind] != word.substr(0, equals))
            ++kind;
        if (equals == std::string_view::npos || kind == kinds)
            return refuse();
        const char* end = word.data() + word.size();
        const auto parsed = std::from_chars(word.data() + equals + 1, end, faults.permille_[kind]);
        if (parsed.ec != std::errc{} || parsed.ptr != end)
            return refuse();
    }
    if (std::accumulate(faults.permille_.begin(), faults.permille_.end(), 0U) > thousand)
        return refuse();
    return faults;
}

Fault Faults::next() const {
    unsigned place =
        reports_.fetch_add(1, std::memory_order_relaxed) % thousand * stride % thousand;
    for (std::size_t kind = 0; kind < kinds; ++kind) {
        if (place < permille_[kind])
            return static_cast<Fault>(kind);
        place -= permille_[kind];
    }
    return Fault::none;
}

} // namespace firmware

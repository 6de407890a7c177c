// SPDX-License-Identifier: MIT
#include <tsmfd/evidence/verification.hpp>
#include <tsmfd/printable.hpp>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace tsmfd {

using Outcome = Check::Outcome;

bool Verification::ok() const noexcept {
    const auto any = [this](Outcome outcome) {
        return std::ranges::find(checks, outcome, &Check::outcome) != checks.end();
    };
    return any(Outcome::passed) && !any(Outcome::failed);
}

const Check* Verification::find(std::string_view name) const noexcept {
    const auto found = std::ranges::find(checks, name, &Check::name);
    return found != checks.end() ? &*found : nullptr;
}

std::string Verification::failures() const noexcept {
    std::string said;
    for (const Check& check : checks) {
        if (check.outcome == Outcome::failed)
            said += fmt::format("{}{}: {}", said.empty() ? "" : "; ", check.name, check.detail);
    }
    return said;
}

void Verification::add(const Verification& other) noexcept {
    checks.insert(checks.end(), other.checks.begin(), other.checks.end());
    if (other.tcb)
        tcb = other.tcb;
}

void Verification::pass(std::string name, const std::string& detail) noexcept {
    checks.push_back({std::move(name), Outcome::passed, printable(detail)});
}

void Verification::fail(std::string name, const std::string& detail) noexcept {
    checks.push_back({std::move(name), Outcome::failed, printable(detail)});
}

void Verification::note(std::string name, const std::string& detail) noexcept {
    checks.push_back({std::move(name), Outcome::unasked, printable(detail)});
}

void Verification::judge(bool holds, std::string name, const std::string& detail) noexcept {
    checks.push_back(
        {std::move(name), holds ? Outcome::passed : Outcome::failed, printable(detail)});
}

std::string_view outcome_name(Outcome outcome) noexcept {
    switch (outcome) {
    case Outcome::passed:
        return "ok";
    case Outcome::failed:
        return "FAILED";
    case Outcome::unasked:
        break;
    }
    return "note";
}

} // namespace tsmfd

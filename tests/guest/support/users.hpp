// SPDX-License-Identifier: MIT
//
// Who asks, and what the module grants him.
//
//     const Parameter limit("quota_requests", 2);   // until the end of the scope
//     Child child(as_user(1001, [] { return ...; }));
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <sys/types.h>

namespace guest {

inline constexpr uid_t nobody = 65534;

// A parameter of tsmfd, put back at the end.
class Parameter {
public:
    Parameter(const std::string& name, std::uint64_t value);
    ~Parameter();
    Parameter(const Parameter&) = delete;
    Parameter& operator=(const Parameter&) = delete;

private:
    std::string path_;
    std::string before_;
};

// The calling thread has no capabilities for as long as the object lives, and is of the same real
// user. The other threads keep theirs, so they can go on to set the emulator.
class Unprivileged {
public:
    Unprivileged();
    ~Unprivileged();
    Unprivileged(const Unprivileged&) = delete;
    Unprivileged& operator=(const Unprivileged&) = delete;
};

// Work for a Child, which becomes that user first; its exit status is 254 if it cannot.
[[nodiscard]] std::function<int()> as_user(uid_t user, std::function<int()> work);

} // namespace guest

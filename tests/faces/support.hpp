// SPDX-License-Identifier: MIT
//
// What the tests of keys, netlink and tsmctl add to those of tests/guest.
#pragma once

#include "support/test.hpp"

#include <functional>
#include <string>

namespace faces {

using guest::Ran;

// In a shell, stdout and stderr as one; $TSMCTL is the tool.
[[nodiscard]] Ran shell(const std::string& script);

// In a forked process that is nobody's: a test for what the unprivileged get. `work` gives the exit
// status, which an errno fits in.
[[nodiscard]] int as_nobody(const std::function<int()>& work);
[[nodiscard]] int as_user(unsigned user, const std::function<int()>& work);
[[nodiscard]] int in_child(const std::function<int()>& work);

// Loads one of the modules under test.
[[nodiscard]] Ran load(const std::string& module);

// The emulator gone for as long as the object lives, and then loaded as tests/guest/session does.
class EmulatorGone {
public:
    EmulatorGone();
    ~EmulatorGone();
    EmulatorGone(const EmulatorGone&) = delete;
    EmulatorGone& operator=(const EmulatorGone&) = delete;

    void end();

private:
    bool gone_ = true;
};

} // namespace faces

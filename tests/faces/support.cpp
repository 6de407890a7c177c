// SPDX-License-Identifier: MIT
#include "support.hpp"

#include <cstdlib>

#include <grp.h>
#include <unistd.h>

namespace faces {

namespace {

constexpr unsigned nobody = 65534;

std::string modules() {
    const char* directory = std::getenv("TSMFD_TEST_MODULES");
    return directory != nullptr ? directory : ".";
}

} // namespace

Ran shell(const std::string& script) {
    return guest::run_program({"sh", "-c", "exec 2>&1; TSMCTL=" TSMFD_TSMCTL "; " + script});
}

int in_child(const std::function<int()>& work) {
    guest::Child child(work);
    return child.status(guest::milliseconds(60'000)).value_or(-1);
}

int as_nobody(const std::function<int()>& work) {
    return as_user(nobody, work);
}

int as_user(unsigned user, const std::function<int()>& work) {
    return in_child([&] {
        if (::setgroups(0, nullptr) != 0 || ::setresgid(user, user, user) != 0 ||
            ::setresuid(user, user, user) != 0)
            return 254;
        return work();
    });
}

Ran load(const std::string& module) {
    return shell("insmod " + modules() + "/" + module + ".ko");
}

EmulatorGone::EmulatorGone() {
    const Ran ran = shell("rmmod tsmfd_emu");
    EXPECT_EQ(ran.status, 0) << ran.output;
}

EmulatorGone::~EmulatorGone() {
    end();
}

void EmulatorGone::end() {
    if (!gone_)
        return;
    gone_ = false;
    const Ran ran = shell("tests/guest/session " + modules() + " true");
    EXPECT_EQ(ran.status, 0) << ran.output;
}

} // namespace faces

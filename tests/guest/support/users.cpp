// SPDX-License-Identifier: MIT
#include "support/users.hpp"

#include "support/files.hpp"

#include <cerrno>
#include <cstdio>
#include <utility>

#include <grp.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace guest {

namespace {

// seteuid() of the C library is one of all threads.
int set_effective_user(uid_t user) {
    return static_cast<int>(::syscall(SYS_setresuid, uid_t{0} - 1, user, uid_t{0} - 1));
}

} // namespace

Parameter::Parameter(const std::string& name, std::uint64_t value)
    : path_("/sys/module/tsmfd/parameters/" + name), before_(read_line(path_)) {
    write_file(path_, std::to_string(value));
}

Parameter::~Parameter() {
    if (!try_write(path_, before_).ok())
        (void)std::fprintf(stderr, "%s cannot be set back to %s\n", path_.c_str(), before_.c_str());
}

Unprivileged::Unprivileged() {
    if (set_effective_user(nobody) != 0)
        throw_errno("become nobody", errno);
}

Unprivileged::~Unprivileged() {
    if (set_effective_user(0) != 0)
        (void)std::fprintf(stderr, "a thread cannot become root again\n");
}

std::function<int()> as_user(uid_t user, std::function<int()> work) {
    return [user, work = std::move(work)] {
        if (::setgroups(0, nullptr) != 0 || ::setresgid(user, user, user) != 0 ||
            ::setresuid(user, user, user) != 0)
            return 254;
        return work();
    };
}

} // namespace guest

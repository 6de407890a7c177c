// SPDX-License-Identifier: MIT
#include "supervise.hpp"

#include <csignal>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace firmware {

namespace {

volatile pid_t child = 0;
volatile std::sig_atomic_t ended = 0;

void pass_on(int signal) {
    ended = 1;
    if (child > 0)
        ::kill(child, signal);
}

// SIG_DFL in the child, which sets its own.
void handle_signals(void (*handler)(int)) {
    struct sigaction action {};
    action.sa_handler = handler;
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
}

} // namespace

tsmfd::Result<int> restart_when_killed() {
    handle_signals(pass_on);
    for (;;) {
        const pid_t parent = ::getpid();
        const pid_t made = ::fork();
        if (made < 0)
            return tsmfd::fail("fork", errno);
        if (made == 0) {
            handle_signals(SIG_DFL);
            // Whoever kills the first process wants both gone.
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            if (::getppid() != parent)
                ::_exit(1);
            return -1;
        }
        child = made;
        int status = 0;
        while (::waitpid(made, &status, 0) < 0 && errno == EINTR) {
        }
        child = 0;
        if (WIFEXITED(status))
            return WEXITSTATUS(status);
        if (ended != 0)
            return 0;
    }
}

} // namespace firmware

// SPDX-License-Identifier: MIT
//
// Runs a command and prints, on the last line of stdout, its exit status, the most memory that was
// resident of it, in bytes, the processor's time that it took, in microseconds, and the most memory
// that was resident of this program itself:
//
//     tsmfd-usage tsmctl verify report.bin --any-challenge
//     0 9437184 12000 3407872
//
// The kernel counts for a process what was resident before its execve(2), too, which is what was
// resident of who started it. So this is a small program and not a part of the test.
#include <cerrno>
#include <cstdio>
#include <cstring>

#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

extern char** environ; // NOLINT(readability-redundant-declaration): strict C++ has none

int main(int argc, char** argv) {
    if (argc < 2) {
        (void)std::fprintf(stderr, "usage: tsmfd-usage COMMAND [ARGUMENT]...\n");
        return 2;
    }
    pid_t child = -1;
    if (const int error = ::posix_spawnp(&child, argv[1], nullptr, nullptr, argv + 1, environ);
        error != 0) {
        (void)std::fprintf(stderr, "tsmfd-usage: %s: %s\n", argv[1], std::strerror(error));
        return 1;
    }
    int status = 0;
    rusage its{};
    while (::wait4(child, &status, 0, &its) < 0) {
        if (errno != EINTR) {
            std::perror("tsmfd-usage: wait4");
            return 1;
        }
    }
    if (!WIFEXITED(status)) {
        (void)std::fprintf(stderr, "tsmfd-usage: %s: ended by signal %d\n", argv[1],
                           WTERMSIG(status));
        return 1;
    }
    rusage own{};
    ::getrusage(RUSAGE_SELF, &own);
    const long microseconds = 1'000'000 * (its.ru_utime.tv_sec + its.ru_stime.tv_sec) +
                              its.ru_utime.tv_usec + its.ru_stime.tv_usec;
    std::printf("%d %ld %ld %ld\n", WEXITSTATUS(status), 1024 * its.ru_maxrss, microseconds,
                1024 * own.ru_maxrss);
    return 0;
}

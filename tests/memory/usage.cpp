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
// resident of who started it. So this is a small program and not a part of the test, and says of
// itself only what it had since it was one.
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

extern char** environ; // NOLINT(readability-redundant-declaration): strict C++ has none

namespace {

// In bytes, as /proc/self/status has it in KiB; 0 if it does not.
long own_memory() {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> status(
        std::fopen("/proc/self/status", "re"), &std::fclose);
    char line[256];
    long kib = 0;
    while (status && std::fgets(line, sizeof(line), status.get()) != nullptr) {
        if (std::sscanf(line, "VmHWM: %ld kB", &kib) == 1)
            break;
    }
    return 1024 * kib;
}

} // namespace

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
    const long microseconds = 1'000'000 * (its.ru_utime.tv_sec + its.ru_stime.tv_sec) +
                              its.ru_utime.tv_usec + its.ru_stime.tv_usec;
    std::printf("%d %ld %ld %ld\n", WEXITSTATUS(status), 1024 * its.ru_maxrss, microseconds,
                own_memory());
    return 0;
}

// SPDX-License-Identifier: MIT
//
// Where secrets are kept.
#include "secret.hpp"

#include <cstdlib>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

namespace {

// Who may lock no memory.
void try_without_locks() {
    const rlimit none{};
    constexpr uid_t nobody = 65534;
    if (::setrlimit(RLIMIT_MEMLOCK, &none) != 0 || (::getuid() == 0 && ::setuid(nobody) != 0))
        std::_Exit(2);
    const auto heap = keybroker::make_secret_heap();
    std::_Exit(!heap && heap.error().code == ENOMEM ? 0 : 1);
}

TEST(SecretHeap, IsLockedOrRefused) {
    EXPECT_EXIT(try_without_locks(), testing::ExitedWithCode(0), "");
}

} // namespace

// SPDX-License-Identifier: MIT
//
// Bytes that nobody else shall see: wiped when they are freed, and of OpenSSL's secure heap, which
// is never swapped out, where the program has set that up (CRYPTO_secure_malloc_init()) and it has
// room.
//
//     Secret passphrase(text.begin(), text.end());
//
// Threads: a value.
#pragma once

#include <tsmfd/result.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <new>
#include <vector>

#include <openssl/crypto.h>

namespace keybroker {

using Bytes = std::vector<std::uint8_t>;

template <typename T>
struct Wiping {
    using value_type = T;

    Wiping() = default;
    template <typename Other>
    explicit Wiping(const Wiping<Other>& /*other*/) {}

    T* allocate(std::size_t count) {
        void* memory = OPENSSL_secure_malloc(count * sizeof(T));
        if (memory == nullptr)
            memory = OPENSSL_malloc(count * sizeof(T));
        if (memory == nullptr)
            throw std::bad_alloc();
        return static_cast<T*>(memory);
    }
    void deallocate(T* memory, std::size_t count) noexcept {
        OPENSSL_secure_clear_free(memory, count * sizeof(T));
    }

    bool operator==(const Wiping&) const = default;
};

// Once, before any secret is there: a heap that is never swapped out. ENOMEM where memory may not
// be locked (RLIMIT_MEMLOCK): then the secrets would go to memory that can be.
[[nodiscard]] inline tsmfd::Result<void> make_secret_heap() {
    // 2 says that it was made, and could not be locked.
    if (CRYPTO_secure_malloc_init(std::size_t{1} << 20, 32) != 1)
        return tsmfd::fail("lock 1 MiB of memory for secrets; raise RLIMIT_MEMLOCK", ENOMEM);
    return {};
}

using Secret = std::vector<std::uint8_t, Wiping<std::uint8_t>>;

} // namespace keybroker

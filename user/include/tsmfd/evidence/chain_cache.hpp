// SPDX-License-Identifier: MIT
//
// Verdicts on chains of certificates, kept for the next report that brings the same.
//
// A platform's reports all come with one chain, and reading and verifying that takes longer than
// verifying the report. A verifier of many reports has a cache, and hands it to every verification:
//
//     ChainCache chains;
//     policy->verify(evidence, Question().challenge(nonce).chains(&chains));
//
// A verdict is found again only by the same bytes of certificates, revocation lists and roots, and
// only for a time at which all certificates are valid; what is not believed is not kept. So the
// outcome is the same with a cache and without one.
//
// Threads: any number may use one at once.
#pragma once

#include <tsmfd/export.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace tsmfd {

class TSMFD_API ChainCache {
public:
    struct Stats {
        std::uint64_t hits = 0;
        std::uint64_t misses = 0;
        std::size_t chains = 0; // that are kept now
    };
    class Store; // the library's

    // Of so many chains the ones used last are kept, at some 20 kB each.
    explicit ChainCache(std::size_t capacity = 256) noexcept;
    ~ChainCache();
    ChainCache(const ChainCache&) = delete;
    ChainCache& operator=(const ChainCache&) = delete;

    [[nodiscard]] Stats stats() const noexcept;

    [[nodiscard]] Store& store() noexcept { return *store_; }

private:
    std::unique_ptr<Store> store_;
};

} // namespace tsmfd

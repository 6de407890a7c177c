// SPDX-License-Identifier: MIT
//
// A chain of certificates with what came of verifying it, and the store of those that held. Not
// part of the library's interface.
//
//     const ChainPtr chain = chain_of(policy.chains, {kind, roots, certificates}, policy.at,
//                                     [&] { return verified(...); });
//     result.add(chain->checks);
//     if (chain->leaf != nullptr)
//         ...
//
// Threads: a chain is not changed once it is made; the store locks.
#pragma once

#include "snp/amd_cert.hpp"
#include "tdx/pck_cert.hpp"
#include "x509/revocation.hpp"
#include "x509/x509.hpp"

#include <tsmfd/bytes.hpp>
#include <tsmfd/evidence/chain_cache.hpp>
#include <tsmfd/evidence/verification.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace tsmfd {

struct Chain {
    ossl::Certificates certificates;
    X509* leaf = nullptr;       // one of them; nullptr if there is none to verify with
    ossl::Certificates path;    // from the leaf to the root; empty if it does not lead there
    Listings listings;          // what revocation lists say of the path
    Verification checks;        // of the certificates
    std::optional<AmdCert> amd; // the leaf's, if it is AMD's
    std::optional<PckCert> pck; // or Intel's
    // When it leads to a root; nothing if it does not.
    std::optional<ossl::Validity> valid;
};

using ChainPtr = std::shared_ptr<const Chain>;

// All that a chain's verdict comes from, but for the time.
using ChainKey = std::array<ByteSpan, 5>;

class ChainCache::Store {
public:
    explicit Store(std::size_t capacity) : capacity_(capacity) {}

    // nullptr if there is none that is valid at this time.
    [[nodiscard]] ChainPtr find(const ChainKey& key, std::int64_t at);
    void keep(const ChainKey& key, ChainPtr chain);
    [[nodiscard]] Stats stats() const;

private:
    struct Entry {
        std::size_t hash;
        std::array<std::vector<std::uint8_t>, std::tuple_size_v<ChainKey>> key;
        ChainPtr chain;
    };
    using Entries = std::list<Entry>; // the one used last comes first

    [[nodiscard]] Entries::iterator lookup(const ChainKey& key, std::size_t hash);
    void drop(Entries::iterator entry);

    const std::size_t capacity_;
    mutable std::mutex lock_; // guards what follows
    Entries entries_;
    std::unordered_multimap<std::size_t, Entries::iterator> by_hash_;
    std::uint64_t hits_ = 0;
    std::uint64_t misses_ = 0;
};

// From the cache, if there is one and it has it; else made, and kept if it holds.
[[nodiscard]] ChainPtr chain_of(ChainCache* cache, const ChainKey& key,
                                std::optional<std::int64_t> at, const std::function<Chain()>& make);

} // namespace tsmfd

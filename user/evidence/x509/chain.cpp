// SPDX-License-Identifier: MIT
#include "x509/chain.hpp"

#include <algorithm>
#include <ctime>
#include <string_view>
#include <utility>

namespace tsmfd {

namespace {

std::size_t hash_of(const ChainKey& key) {
    std::size_t hash = 0;
    for (const ByteSpan part : key) {
        const std::string_view text(reinterpret_cast<const char*>(part.data()), part.size());
        hash = hash * 31 + std::hash<std::string_view>{}(text);
    }
    return hash;
}

} // namespace

ChainCache::Store::Entries::iterator ChainCache::Store::lookup(const ChainKey& key,
                                                               std::size_t hash) {
    const auto [first, last] = by_hash_.equal_range(hash);
    // A hash is no proof: whoever can choose certificates can choose two of one hash.
    const auto found = std::find_if(first, last, [&key](const auto& each) {
        return std::ranges::equal(each.second->key, key, [](const auto& kept, ByteSpan part) {
            return std::ranges::equal(kept, part);
        });
    });
    return found != last ? found->second : entries_.end();
}

void ChainCache::Store::drop(Entries::iterator entry) {
    const auto [first, last] = by_hash_.equal_range(entry->hash);
    by_hash_.erase(
        std::find_if(first, last, [entry](const auto& each) { return each.second == entry; }));
    entries_.erase(entry);
}

ChainPtr ChainCache::Store::find(const ChainKey& key, std::int64_t at) {
    const std::size_t hash = hash_of(key);
    const std::lock_guard locked(lock_);
    const auto entry = lookup(key, hash);
    if (entry == entries_.end() || !entry->chain->valid->holds(at)) {
        ++misses_;
        return nullptr;
    }
    ++hits_;
    entries_.splice(entries_.begin(), entries_, entry);
    return entry->chain;
}

void ChainCache::Store::keep(const ChainKey& key, ChainPtr chain) {
    Entry entry{.hash = hash_of(key), .key = {}, .chain = std::move(chain)};
    for (std::size_t i = 0; i < key.size(); ++i)
        entry.key[i].assign(key[i].begin(), key[i].end());
    const std::lock_guard locked(lock_);
    // Two threads may have missed it at once.
    if (const auto other = lookup(key, entry.hash); other != entries_.end())
        drop(other);
    entries_.push_front(std::move(entry));
    by_hash_.emplace(entries_.front().hash, entries_.begin());
    if (entries_.size() > capacity_)
        drop(std::prev(entries_.end()));
}

ChainCache::Stats ChainCache::Store::stats() const {
    const std::lock_guard locked(lock_);
    return {.hits = hits_, .misses = misses_, .chains = entries_.size()};
}

ChainCache::ChainCache(std::size_t capacity) noexcept : store_(std::make_unique<Store>(capacity)) {}

ChainCache::~ChainCache() = default;

ChainCache::Stats ChainCache::stats() const noexcept {
    return store_->stats();
}

ChainPtr chain_of(ChainCache* cache, const ChainKey& key, std::optional<std::int64_t> at,
                  const std::function<Chain()>& make) {
    if (cache == nullptr)
        return std::make_shared<const Chain>(make());
    const std::int64_t time = at.value_or(std::time(nullptr));
    if (ChainPtr known = cache->store().find(key, time))
        return known;
    auto made = std::make_shared<const Chain>(make());
    if (made->valid)
        cache->store().keep(key, made);
    return made;
}

} // namespace tsmfd

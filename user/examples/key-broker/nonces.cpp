// SPDX-License-Identifier: MIT
#include "nonces.hpp"

#include <openssl/rand.h>

namespace keybroker {

tsmfd::Result<Nonce> Nonces::give(Clock::time_point now) {
    forget_old(now);
    while (!order_.empty() && order_.size() >= limits_.capacity)
        forget_oldest();
    Nonce nonce{};
    if (RAND_bytes(nonce.data(), static_cast<int>(nonce.size())) != 1)
        return tsmfd::fail("make a nonce", EIO);
    const auto until = now + limits_.lifetime;
    until_.emplace(nonce, until);
    order_.push_back({nonce, until});
    return nonce;
}

Nonces::Use Nonces::use(const Nonce& nonce, Clock::time_point now) {
    forget_old(now);
    const auto found = until_.find(nonce);
    if (found == until_.end())
        return Use::unknown;
    const bool expired = found->second <= now;
    until_.erase(found);
    return expired ? Use::expired : Use::valid;
}

void Nonces::forget_old(Clock::time_point now) {
    while (!order_.empty() && order_.front().until + limits_.lifetime <= now)
        forget_oldest();
}

void Nonces::forget_oldest() {
    until_.erase(order_.front().nonce);
    order_.pop_front();
}

} // namespace keybroker

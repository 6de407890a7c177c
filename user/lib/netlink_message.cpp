// SPDX-License-Identifier: MIT
#include "netlink_message.hpp"

#include <algorithm>
#include <cstring>

namespace tsmfd {

namespace {

std::uint64_t uint_of(const nlattr* attribute) {
    switch (::nla_len(attribute)) {
    case sizeof(std::uint32_t):
        return ::nla_get_u32(attribute);
    case sizeof(std::uint64_t):
        return ::nla_get_u64(attribute);
    default:
        return 0;
    }
}

} // namespace

bool NetlinkMessage::has(int attribute) const {
    return ::nla_find(attributes_, length_, attribute) != nullptr;
}

std::uint32_t NetlinkMessage::u32(int attribute) const {
    const nlattr* found = ::nla_find(attributes_, length_, attribute);
    return found != nullptr && ::nla_len(found) == sizeof(std::uint32_t) ? ::nla_get_u32(found) : 0;
}

std::uint64_t NetlinkMessage::uint(int attribute) const {
    const nlattr* found = ::nla_find(attributes_, length_, attribute);
    return found != nullptr ? uint_of(found) : 0;
}

void NetlinkMessage::uints(int attribute, std::span<std::uint64_t> to) const {
    std::ranges::fill(to, 0);
    std::size_t count = 0;
    int left = length_;
    for (const nlattr* at = attributes_; ::nla_ok(at, left) != 0; at = ::nla_next(at, &left)) {
        if (::nla_type(at) == attribute)
            to[std::min(count++, to.size() - 1)] += uint_of(at);
    }
}

std::string NetlinkMessage::text(int attribute) const {
    const nlattr* found = ::nla_find(attributes_, length_, attribute);
    if (found == nullptr)
        return {};
    const char* text = static_cast<const char*>(::nla_data(found));
    return {text, ::strnlen(text, static_cast<std::size_t>(::nla_len(found)))};
}

} // namespace tsmfd

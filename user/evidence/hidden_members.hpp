// SPDX-License-Identifier: MIT
//
// Hidden<T> for a T that is known, and what policies make their members of. Not part of the
// library's interface.
//
//     template class Hidden<SnpPolicy::Members>;
#pragma once

#include <tsmfd/bytes.hpp>
#include <tsmfd/evidence/hidden.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace tsmfd {

template <typename T>
Hidden<T>::Hidden() noexcept : members_(std::make_unique<T>()) {}

template <typename T>
Hidden<T>::~Hidden() = default;

template <typename T>
Hidden<T>::Hidden(const Hidden& other) noexcept : members_(std::make_unique<T>(*other.members_)) {}

template <typename T>
Hidden<T>& Hidden<T>::operator=(const Hidden& other) noexcept {
    if (this != &other)
        members_ = std::make_unique<T>(*other.members_);
    return *this;
}

template <typename T>
Hidden<T>::Hidden(Hidden&&) noexcept = default;

template <typename T>
Hidden<T>& Hidden<T>::operator=(Hidden&&) noexcept = default;

[[nodiscard]] inline std::vector<std::uint8_t> copy_of(ByteSpan bytes) {
    return {bytes.begin(), bytes.end()};
}

[[nodiscard]] inline std::optional<std::vector<std::uint8_t>>
copy_of(std::optional<ByteSpan> bytes) {
    return bytes ? std::optional(copy_of(*bytes)) : std::nullopt;
}

[[nodiscard]] inline std::vector<std::vector<std::uint8_t>>
copies_of(const std::vector<ByteSpan>& all) {
    std::vector<std::vector<std::uint8_t>> copies;
    copies.reserve(all.size());
    for (const ByteSpan bytes : all)
        copies.push_back(copy_of(bytes));
    return copies;
}

} // namespace tsmfd

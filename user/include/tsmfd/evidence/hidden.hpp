// SPDX-License-Identifier: MIT
//
// Members that only the library knows, so that a program goes on with a library that has more of
// them: the policies' (snp_verify.hpp and the others).
//
// A value: a copy has members of its own. One that was moved from can only be assigned to or
// destroyed.
#pragma once

#include <tsmfd/export.hpp>

#include <memory>

namespace tsmfd {

template <typename T>
class TSMFD_API Hidden {
public:
    Hidden() noexcept;
    ~Hidden();
    Hidden(const Hidden& other) noexcept;
    Hidden& operator=(const Hidden& other) noexcept;
    Hidden(Hidden&& other) noexcept;
    Hidden& operator=(Hidden&& other) noexcept;

    [[nodiscard]] const T& operator*() const noexcept { return *members_; }
    [[nodiscard]] T& operator*() noexcept { return *members_; }
    [[nodiscard]] const T* operator->() const noexcept { return members_.get(); }
    [[nodiscard]] T* operator->() noexcept { return members_.get(); }

private:
    std::unique_ptr<T> members_;
};

} // namespace tsmfd

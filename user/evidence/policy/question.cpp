// SPDX-License-Identifier: MIT
#include "hidden_members.hpp"
#include "policy/policy_members.hpp"

namespace tsmfd {

template class Hidden<Question::Members>;

Question& Question::challenge(std::optional<ByteSpan> value) noexcept {
    members_->challenge = copy_of(value);
    return *this;
}

Question& Question::at(std::optional<std::int64_t> value) noexcept {
    members_->at = value;
    return *this;
}

Question& Question::roots(ByteSpan value) noexcept {
    members_->roots = copy_of(value);
    return *this;
}

Question& Question::certificates(ByteSpan value) noexcept {
    members_->certificates = copy_of(value);
    return *this;
}

Question& Question::crls(ByteSpan value) noexcept {
    members_->crls = copy_of(value);
    return *this;
}

Question& Question::event_log(std::optional<ByteSpan> value) noexcept {
    members_->event_log = copy_of(value);
    return *this;
}

Question& Question::qe_identity(const std::optional<QeIdentity>& value) noexcept {
    members_->qe_identity = value;
    return *this;
}

Question& Question::collateral(const std::optional<TdxCollateral>& value) noexcept {
    members_->collateral = value;
    return *this;
}

Question& Question::quote(ByteSpan value) noexcept {
    members_->quote = copy_of(value);
    return *this;
}

Question& Question::signature(ByteSpan value) noexcept {
    members_->signature = copy_of(value);
    return *this;
}

Question& Question::td_quote(ByteSpan value) noexcept {
    members_->td_quote = copy_of(value);
    return *this;
}

Question& Question::chains(ChainCache* value) noexcept {
    members_->chains = value;
    return *this;
}

} // namespace tsmfd

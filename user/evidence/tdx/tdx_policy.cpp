// SPDX-License-Identifier: MIT
#include "tdx/tdx_policy.hpp"

#include "hidden_members.hpp"

namespace tsmfd {

template class Hidden<TdxPolicy::Members>;

TdxPolicy& TdxPolicy::roots(ByteSpan value) noexcept {
    members_->roots = copy_of(value);
    return *this;
}

TdxPolicy& TdxPolicy::at(std::optional<std::int64_t> value) noexcept {
    members_->at = value;
    return *this;
}

TdxPolicy& TdxPolicy::challenge(std::optional<ByteSpan> value) noexcept {
    members_->challenge = copy_of(value);
    return *this;
}

TdxPolicy& TdxPolicy::qe_identity(const std::optional<QeIdentity>& value) noexcept {
    members_->qe_identity = value;
    return *this;
}

TdxPolicy& TdxPolicy::crls(ByteSpan value) noexcept {
    members_->crls = copy_of(value);
    return *this;
}

TdxPolicy& TdxPolicy::crl_required(bool value) noexcept {
    members_->crl_required = value;
    return *this;
}

TdxPolicy& TdxPolicy::collateral(const std::optional<TdxCollateral>& value) noexcept {
    members_->collateral = value;
    return *this;
}

TdxPolicy& TdxPolicy::collateral_required(bool value) noexcept {
    members_->collateral_required = value;
    return *this;
}

TdxPolicy& TdxPolicy::tcb_statuses(const std::vector<TcbStatus>& value) noexcept {
    members_->tcb_statuses = value;
    return *this;
}

TdxPolicy&
TdxPolicy::minimum_tcb(const std::optional<std::array<std::uint8_t, 16>>& value) noexcept {
    members_->minimum_tcb = value;
    return *this;
}

TdxPolicy& TdxPolicy::mr_td(const std::vector<ByteSpan>& value) noexcept {
    members_->mr_td = copies_of(value);
    return *this;
}

TdxPolicy& TdxPolicy::any_measurement(bool value) noexcept {
    members_->any_measurement = value;
    return *this;
}

TdxPolicy& TdxPolicy::rtmr(std::size_t number, const std::vector<ByteSpan>& values) noexcept {
    if (number < members_->rtmr.size())
        members_->rtmr[number] = copies_of(values);
    return *this;
}

TdxPolicy& TdxPolicy::mr_seam(const std::vector<ByteSpan>& value) noexcept {
    members_->mr_seam = copies_of(value);
    return *this;
}

TdxPolicy& TdxPolicy::mr_signer_seam(const std::vector<ByteSpan>& value) noexcept {
    members_->mr_signer_seam = copies_of(value);
    return *this;
}

TdxPolicy& TdxPolicy::mr_config_id(const std::vector<ByteSpan>& value) noexcept {
    members_->mr_config_id = copies_of(value);
    return *this;
}

TdxPolicy& TdxPolicy::mr_owner(const std::vector<ByteSpan>& value) noexcept {
    members_->mr_owner = copies_of(value);
    return *this;
}

TdxPolicy& TdxPolicy::mr_owner_config(const std::vector<ByteSpan>& value) noexcept {
    members_->mr_owner_config = copies_of(value);
    return *this;
}

TdxPolicy& TdxPolicy::mr_service_td(const std::vector<ByteSpan>& value) noexcept {
    members_->mr_service_td = copies_of(value);
    return *this;
}

TdxPolicy& TdxPolicy::debug_allowed(bool value) noexcept {
    members_->debug_allowed = value;
    return *this;
}

TdxPolicy& TdxPolicy::migration_allowed(bool value) noexcept {
    members_->migration_allowed = value;
    return *this;
}

TdxPolicy& TdxPolicy::event_log(std::optional<ByteSpan> value) noexcept {
    members_->event_log = copy_of(value);
    return *this;
}

TdxPolicy& TdxPolicy::events(const std::vector<ExpectedEvent>& value) noexcept {
    members_->events = value;
    return *this;
}

TdxPolicy& TdxPolicy::chains(ChainCache* value) noexcept {
    members_->chains = value;
    return *this;
}

} // namespace tsmfd

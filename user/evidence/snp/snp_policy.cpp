// SPDX-License-Identifier: MIT
#include "snp/snp_policy.hpp"

#include "hidden_members.hpp"

namespace tsmfd {

template class Hidden<SnpPolicy::Members>;

SnpPolicy& SnpPolicy::roots(ByteSpan value) noexcept {
    members_->roots = copy_of(value);
    return *this;
}

SnpPolicy& SnpPolicy::certificates(ByteSpan value) noexcept {
    members_->certificates = copy_of(value);
    return *this;
}

SnpPolicy& SnpPolicy::crls(ByteSpan value) noexcept {
    members_->crls = copy_of(value);
    return *this;
}

SnpPolicy& SnpPolicy::crl_required(bool value) noexcept {
    members_->crl_required = value;
    return *this;
}

SnpPolicy& SnpPolicy::at(std::optional<std::int64_t> value) noexcept {
    members_->at = value;
    return *this;
}

SnpPolicy& SnpPolicy::challenge(std::optional<ByteSpan> value) noexcept {
    members_->challenge = copy_of(value);
    return *this;
}

SnpPolicy& SnpPolicy::minimum_tcb(std::optional<SnpTcb> value) noexcept {
    members_->minimum_tcb = value;
    return *this;
}

SnpPolicy& SnpPolicy::minimum_tcbs(const std::vector<SnpProductTcb>& value) noexcept {
    members_->minimum_tcbs = value;
    return *this;
}

SnpPolicy& SnpPolicy::measurements(const std::vector<ByteSpan>& value) noexcept {
    members_->measurements = copies_of(value);
    return *this;
}

SnpPolicy& SnpPolicy::any_measurement(bool value) noexcept {
    members_->any_measurement = value;
    return *this;
}

SnpPolicy& SnpPolicy::vmpl(std::optional<std::uint32_t> value) noexcept {
    members_->vmpl = value;
    return *this;
}

SnpPolicy& SnpPolicy::vmpl_max(std::optional<std::uint32_t> value) noexcept {
    members_->vmpl_max = value;
    return *this;
}

SnpPolicy& SnpPolicy::debug_allowed(bool value) noexcept {
    members_->debug_allowed = value;
    return *this;
}

SnpPolicy& SnpPolicy::migration_allowed(bool value) noexcept {
    members_->migration_allowed = value;
    return *this;
}

SnpPolicy& SnpPolicy::host_data(const std::vector<ByteSpan>& value) noexcept {
    members_->host_data = copies_of(value);
    return *this;
}

SnpPolicy& SnpPolicy::id_key_digests(const std::vector<ByteSpan>& value) noexcept {
    members_->id_key_digests = copies_of(value);
    return *this;
}

SnpPolicy& SnpPolicy::author_key_digests(const std::vector<ByteSpan>& value) noexcept {
    members_->author_key_digests = copies_of(value);
    return *this;
}

SnpPolicy& SnpPolicy::chip_ids(const std::vector<ByteSpan>& value) noexcept {
    members_->chip_ids = copies_of(value);
    return *this;
}

SnpPolicy& SnpPolicy::csp_ids(const std::vector<std::string>& value) noexcept {
    members_->csp_ids = value;
    return *this;
}

SnpPolicy& SnpPolicy::platform_info(SnpPlatformInfo value) noexcept {
    members_->platform_info = value;
    return *this;
}

SnpPolicy& SnpPolicy::chains(ChainCache* value) noexcept {
    members_->chains = value;
    return *this;
}

bool SnpPolicy::has_certificates() const noexcept {
    return !members_->certificates.empty();
}

} // namespace tsmfd

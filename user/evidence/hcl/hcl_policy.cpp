// SPDX-License-Identifier: MIT
#include "hcl/hcl_policy.hpp"

#include "hidden_members.hpp"
#include "snp/snp_policy.hpp"
#include "tdx/tdx_policy.hpp"
#include "tpm/tpm_policy.hpp"

namespace tsmfd {

template class Hidden<HclPolicy::Members>;

HclPolicy& HclPolicy::challenge(std::optional<ByteSpan> value) noexcept {
    members_->challenge = copy_of(value);
    return *this;
}

HclPolicy& HclPolicy::snp(const SnpPolicy& value) noexcept {
    members_->snp = value;
    return *this;
}

HclPolicy& HclPolicy::tdx(const TdxPolicy& value) noexcept {
    members_->tdx = value;
    return *this;
}

HclPolicy& HclPolicy::tpm(const TpmPolicy& value) noexcept {
    members_->tpm = value;
    return *this;
}

HclPolicy& HclPolicy::quote(ByteSpan value) noexcept {
    members_->quote = copy_of(value);
    return *this;
}

HclPolicy& HclPolicy::signature(ByteSpan value) noexcept {
    members_->signature = copy_of(value);
    return *this;
}

HclPolicy& HclPolicy::td_quote(ByteSpan value) noexcept {
    members_->td_quote = copy_of(value);
    return *this;
}

} // namespace tsmfd

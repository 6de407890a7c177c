// SPDX-License-Identifier: MIT
#include "tpm/tpm_policy.hpp"

#include "hidden_members.hpp"

namespace tsmfd {

template class Hidden<TpmPolicy::Members>;

TpmPolicy& TpmPolicy::challenge(std::optional<ByteSpan> value) noexcept {
    members_->challenge = copy_of(value);
    return *this;
}

TpmPolicy& TpmPolicy::keys(const std::vector<ByteSpan>& value) noexcept {
    members_->keys = copies_of(value);
    return *this;
}

TpmPolicy& TpmPolicy::key_names(const std::vector<ByteSpan>& value) noexcept {
    members_->key_names = copies_of(value);
    return *this;
}

TpmPolicy& TpmPolicy::event_log(std::optional<ByteSpan> value) noexcept {
    members_->event_log = copy_of(value);
    return *this;
}

TpmPolicy& TpmPolicy::pcrs(const std::vector<ExpectedPcr>& value) noexcept {
    members_->pcrs = value;
    return *this;
}

TpmPolicy& TpmPolicy::events(const std::vector<ExpectedEvent>& value) noexcept {
    members_->events = value;
    return *this;
}

TpmPolicy& TpmPolicy::any_measurement(bool value) noexcept {
    members_->any_measurement = value;
    return *this;
}

bool TpmPolicy::has_keys() const noexcept {
    return !members_->keys.empty() || !members_->key_names.empty();
}

} // namespace tsmfd

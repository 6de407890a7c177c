// SPDX-License-Identifier: MIT
//
// Any text as a policy. Files that it names are looked for where there are none.
#include "check.hpp"
#include "snp/snp_policy.hpp"
#include "tdx/tdx_policy.hpp"

#include <tsmfd/evidence/policy.hpp>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include <openssl/err.h>

namespace {

bool all_of_size(const std::vector<std::vector<std::uint8_t>>& all, std::size_t size) {
    return std::ranges::all_of(all, [size](const auto& one) { return one.size() == size; });
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    // An absolute path could be of any file of this machine.
    if (text.find("/") != std::string_view::npos &&
        text.find("-----BEGIN") == std::string_view::npos)
        return 0;
    const auto policy = tsmfd::Policy::parse(text, "/nonexistent");
    check(ERR_peek_error() == 0);
    if (!policy) {
        check(!policy.error().what.empty() && policy.error().code != 0);
        return 0;
    }
    check(policy->snp() != nullptr || policy->tdx() != nullptr || policy->tpm() != nullptr ||
          policy->hcl() != nullptr);
    if (policy->snp() != nullptr)
        check(all_of_size(policy->snp()->members().measurements, 48) &&
              policy->snp()->members().vmpl.value_or(0) <= 3);
    if (policy->tdx() != nullptr)
        check(all_of_size(policy->tdx()->members().mr_td, 48) &&
              all_of_size(policy->tdx()->members().rtmr[3], 48));
    check(!policy->verify({.outblob = {data, size}, .auxblob = {}}, tsmfd::Question()).ok());
    return 0;
}

// SPDX-License-Identifier: MIT
#include "tdx/tdx_platform.hpp"

#include "common_checks.hpp"

#include <tsmfd/hex.hpp>

#include <algorithm>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tsmfd {

namespace {

constexpr std::uint8_t enclave_debug = 0x02; // of the first byte of ATTRIBUTES

template <std::size_t N>
bool is_under(const std::array<std::uint8_t, N>& mask, const std::array<std::uint8_t, N>& is,
              const std::array<std::uint8_t, N>& wanted) {
    for (std::size_t i = 0; i < N; ++i) {
        if ((is[i] & mask[i]) != (wanted[i] & mask[i]))
            return false;
    }
    return true;
}

} // namespace

std::string signer_text(ByteSpan mr_signer) {
    const auto end = std::ranges::find(mr_signer, 0);
    const std::string_view text(reinterpret_cast<const char*>(mr_signer.data()),
                                static_cast<std::size_t>(end - mr_signer.begin()));
    const bool readable = !text.empty() &&
                          std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; }) &&
                          is_zero(mr_signer.subspan(text.size()));
    return readable ? fmt::format("{} (\"{}\")", to_hex(mr_signer), text) : to_hex(mr_signer);
}

void check_qe_identity(Verification& to, const QeReport& qe, const QeIdentity& identity) {
    std::vector<std::string> other;
    if (qe.mr_signer != identity.mr_signer)
        other.push_back("MRSIGNER " + signer_text(qe.mr_signer) + ", not " +
                        signer_text(identity.mr_signer));
    if (qe.isv_prod_id != identity.isv_prod_id)
        other.push_back(fmt::format("ISVPRODID {}, not {}", qe.isv_prod_id, identity.isv_prod_id));
    if (!is_under(identity.misc_select_mask, qe.misc_select, identity.misc_select))
        other.push_back(fmt::format("MISCSELECT {}, not {} of {}", to_hex(qe.misc_select),
                                    to_hex(identity.misc_select),
                                    to_hex(identity.misc_select_mask)));
    if (!is_under(identity.attributes_mask, qe.attributes, identity.attributes))
        other.push_back(fmt::format("ATTRIBUTES {}, not {} of {}", to_hex(qe.attributes),
                                    to_hex(identity.attributes), to_hex(identity.attributes_mask)));
    if ((qe.attributes[0] & enclave_debug) != 0)
        other.emplace_back("the host can read the enclave");
    if (other.empty())
        to.pass("qe identity",
                fmt::format("{}, signed by {}", identity.whose, signer_text(qe.mr_signer)));
    else
        to.fail("qe identity", fmt::format("not {}: {}", identity.whose, fmt::join(other, "; ")));
}

void check_module(Verification& to, const TdxQuote& quote,
                  std::span<const std::vector<std::uint8_t>> signers) {
    const ByteSpan signer = quote.mr_signer_seam;
    const bool known =
        signers.empty() ? is_zero(signer) : std::ranges::any_of(signers, [signer](ByteSpan one) {
            return std::ranges::equal(one, signer);
        });
    if (!known)
        to.fail("tdx module", "MRSIGNERSEAM " + signer_text(signer) +
                                  (signers.empty() ? ", not zero as Intel's"
                                                   : ", which the policy does not name"));
    else if (quote.seam_attributes != 0)
        to.fail("tdx module", fmt::format("SEAMATTRIBUTES {:#x}, not zero", quote.seam_attributes));
    else
        to.pass("tdx module",
                fmt::format("{}, MRSEAM {}", is_zero(signer) ? "Intel's" : signer_text(signer),
                            to_hex(quote.mr_seam)));
}

void check_attributes(Verification& to, const TdxQuote& quote) {
    const std::uint64_t unknown = quote.td_attributes & ~TdxQuote::attributes_known;
    if (unknown != 0)
        to.fail("td attributes",
                fmt::format("{:#x}, of which {:#x} is reserved", quote.td_attributes, unknown));
    else
        to.pass("td attributes", fmt::format("{:#x}", quote.td_attributes));
}

} // namespace tsmfd

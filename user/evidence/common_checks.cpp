// SPDX-License-Identifier: MIT
#include "common_checks.hpp"

#include <tsmfd/hex.hpp>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace tsmfd {

bool is_zero(ByteSpan bytes) {
    return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

std::optional<ossl::Validity> check_chain(Verification& to, X509* leaf,
                                          const ossl::Certificates& between, ByteSpan roots,
                                          std::optional<std::int64_t> at,
                                          ossl::Certificates* path) {
    const auto refuse = [&to](std::string why) {
        to.fail("chain", std::move(why));
        return std::nullopt;
    };
    if (roots.empty())
        return refuse("the policy has no root certificate to trust");
    const auto trusted = ossl::read_certificates(roots);
    if (!trusted)
        return refuse("roots: " + trusted.error().message());
    const auto held = ossl::check_chain(leaf, between, *trusted, at, path);
    if (!held)
        return refuse(held.error().what);
    to.pass("chain", "issued by " + ossl::common_name(X509_get_issuer_name(leaf)));
    return *held;
}

void check_report_data(Verification& to, ByteSpan data, std::optional<ByteSpan> challenge) {
    if (!challenge)
        return to.note("challenge", to_hex(data));
    if (challenge->empty())
        return to.fail("challenge", "an empty one is none to answer");
    const std::size_t size = challenge->size();
    if (size <= data.size() && std::ranges::equal(*challenge, data.first(size)) &&
        is_zero(data.subspan(size)))
        to.pass("challenge", to_hex(data));
    else
        to.fail("challenge", to_hex(data) + ", not " + to_hex(*challenge));
}

void check_debug(Verification& to, bool debug, bool allowed) {
    if (debug && allowed)
        to.note("debug", "the host can read the guest, as the policy lets it");
    else
        to.judge(!debug, "debug", debug ? "the host can read the guest" : "off");
}

void check_measurement(Verification& to, std::string name, ByteSpan is,
                       std::span<const std::vector<std::uint8_t>> allowed) {
    if (allowed.empty())
        return to.note(std::move(name), to_hex(is));
    const bool same =
        std::ranges::any_of(allowed, [is](const auto& one) { return std::ranges::equal(is, one); });
    if (same)
        return to.pass(std::move(name), to_hex(is));
    const std::string others =
        allowed.size() > 1 ? fmt::format(" or another of {}", allowed.size()) : "";
    to.fail(std::move(name), to_hex(is) + ", not " + to_hex(allowed.front()) + others);
}

void check_event(Verification& to, std::string name, const EventLog& log,
                 const ExpectedEvent& expected) {
    const bool measured = log.has(expected);
    to.judge(measured, std::move(name),
             measured ? "measured" : "nothing of that digest was measured");
}

} // namespace tsmfd

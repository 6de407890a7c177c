// SPDX-License-Identifier: MIT
#include "tdx/tdx_tcb.hpp"
#include "x509/ecdsa.hpp"
#include "x509/revocation.hpp"

#include <tsmfd/hex.hpp>

#include <algorithm>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace tsmfd {

namespace {

using Contents = TdxCollateral::Contents;

constexpr std::string_view signer_name = "Intel SGX TCB Signing";
constexpr std::size_t number_size = 32;      // r, s
constexpr std::size_t signers_most = 8;      // of that name; Intel has one
constexpr std::size_t signers_path_size = 2; // the signer, and the root

ByteSpan bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string day_of(std::int64_t at) {
    return fmt::format("{:%Y-%m-%d}", fmt::gmtime(static_cast<std::time_t>(at)));
}

std::string platform_text(ByteSpan fmspc, ByteSpan pce_id) {
    return fmt::format("FMSPC {}, PCEID {}", to_hex(fmspc), to_hex(pce_id));
}

template <typename What>
bool has_signed(X509* signer, const IntelSigned<What>& document) {
    const ByteSpan numbers(document.signature);
    return ossl::has_signed(X509_get0_pubkey(signer), "SHA2-256",
                            {.r = numbers.first(number_size), .s = numbers.last(number_size)},
                            bytes_of(document.text));
}

// Keys of any other kind are not Intel's, and may be slow.
template <typename What>
Result<X509*> signer_of(const IntelSigned<What>& document, const Contents& contents) {
    std::size_t tried = 0;
    for (const ossl::X509Ptr& one : contents.certificates) {
        if (ossl::common_name(X509_get_subject_name(one.get())) != signer_name ||
            !ossl::is_p256(X509_get0_pubkey(one.get())))
            continue;
        if (++tried > signers_most)
            break;
        if (has_signed(one.get(), document))
            return one.get();
    }
    return fail(fmt::format("signed by none of the certificates of '{}' that were given{}",
                            signer_name,
                            tried > signers_most
                                ? fmt::format("; only the first {} were looked at", signers_most)
                                : ""),
                EKEYREJECTED);
}

// From who has signed a document to a root of the policy's. EKEYREJECTED.
template <typename What>
Result<ossl::Certificates> signers_path(const IntelSigned<What>& document, const Contents& contents,
                                        const TdxPolicy::Members& policy) {
    const auto signer = signer_of(document, contents);
    if (!signer)
        return std::unexpected(signer.error());
    if (policy.roots.empty())
        return fail("the policy has no root certificate to trust", EKEYREJECTED);
    const auto roots = ossl::read_certificates(policy.roots);
    if (!roots)
        return std::unexpected(roots.error());
    ossl::Certificates path;
    const auto held = ossl::check_chain(*signer, contents.certificates, *roots, policy.at, &path);
    if (!held)
        return std::unexpected(held.error());
    if (path.size() != signers_path_size)
        return fail(fmt::format("'{}' was not issued by the root itself", signer_name),
                    EKEYREJECTED);
    return path;
}

// Why it is not in force.
std::optional<std::string> out_of_time(const IntelTimes& times, std::optional<std::int64_t> at) {
    const std::int64_t when = at.value_or(std::time(nullptr));
    if (when < times.issued)
        return "issued only on " + day_of(times.issued);
    if (when >= times.next)
        return "out of date since " + day_of(times.next);
    return std::nullopt;
}

// The one that was issued last, of those that fit; nullptr if none does.
template <typename What, typename Fits>
const IntelSigned<What>* newest(const std::vector<IntelSigned<What>>& all, Fits fits) {
    const IntelSigned<What>* best = nullptr;
    for (const IntelSigned<What>& one : all) {
        if (fits(one.what) && (best == nullptr || one.times.issued > best->times.issued))
            best = &one;
    }
    return best;
}

// The policy's, and those of its collateral. `platform`: the path is the platform's, of which there
// has to be a list among those that the policy has.
void check_lists(Verification& to, const ossl::Certificates& path, const TdxPolicy::Members& policy,
                 bool platform = false) {
    if (path.empty())
        return;
    Listings listings;
    if (!policy.crls.empty()) {
        const auto lists = ossl::read_crls(policy.crls);
        if (!lists)
            return to.fail("revocation", lists.error().what);
        add_listings(to, listings, path, *lists, ListsAre::given);
    }
    if (policy.collateral)
        add_listings(to, listings, path, policy.collateral->contents().crls, ListsAre::given);
    check_revocation(to, listings, path,
                     {.at = policy.at,
                      .required = policy.crl_required || policy.collateral.has_value(),
                      .given = platform && !policy.crls.empty()});
}

class CollateralCheck {
public:
    CollateralCheck(Verification& to, const Contents& contents, const TdxPolicy::Members& policy)
        : to_(to), contents_(contents), policy_(policy) {}

    // The document, if it holds. `what` is for people.
    template <typename What>
    const What* held(const IntelSigned<What>* document, std::string_view what) {
        if (document == nullptr) {
            to_.fail("collateral", fmt::format("no {} was given", what));
            return nullptr;
        }
        auto path = signers_path(*document, contents_, policy_);
        if (!path) {
            to_.fail("collateral", fmt::format("{}: {}", what, path.error().what));
            return nullptr;
        }
        if (const auto why = out_of_time(document->times, policy_.at)) {
            to_.fail("collateral", fmt::format("{}: {}", what, *why));
            return nullptr;
        }
        to_.pass("collateral",
                 fmt::format("{}, issued {}, next due {}", what, day_of(document->times.issued),
                             day_of(document->times.next)));
        // Each has a signer of its own, and what a revoked one says counts for nothing.
        Verification revocation;
        check_lists(revocation, *path, policy_);
        to_.add(revocation);
        return revocation.failures().empty() ? &document->what : nullptr;
    }

private:
    Verification& to_;
    const Contents& contents_;
    const TdxPolicy::Members& policy_;
};

// Of this platform; says of which others there are.
const IntelSigned<TcbInfo>* info_of(Verification& to, const Contents& contents,
                                    const PckCert& pck) {
    const auto* info = newest(contents.tcb_infos, [&](const TcbInfo& one) {
        return one.fmspc == pck.fmspc && one.pce_id == pck.pce_id;
    });
    if (info != nullptr || contents.tcb_infos.empty())
        return info;
    std::string others;
    for (const auto& one : contents.tcb_infos)
        others += fmt::format("{}{}", others.empty() ? "" : "; ",
                              platform_text(one.what.fmspc, one.what.pce_id));
    to.fail("tcb info", fmt::format("of {}, and the platform is {}", others,
                                    platform_text(pck.fmspc, pck.pce_id)));
    return nullptr;
}

} // namespace

HeldCollateral check_collateral(Verification& to, const TdxPolicy::Members& policy,
                                const Chain& chain) {
    HeldCollateral held;
    check_lists(to, chain.path, policy, true);
    if (!policy.collateral || !chain.pck)
        return held;
    const Contents& contents = policy.collateral->contents();

    CollateralCheck check(to, contents, policy);
    const auto* info = info_of(to, contents, *chain.pck);
    if (info != nullptr || contents.tcb_infos.empty())
        held.info = check.held(info, "TCB info");
    const auto* identity =
        newest(contents.qe_identities, [](const QeIdentity& /*any*/) { return true; });
    held.identity = check.held(identity, "QE identity");
    if (held.info != nullptr)
        to.pass("tcb info",
                fmt::format("{}, evaluation {}", platform_text(held.info->fmspc, held.info->pce_id),
                            held.info->evaluation));
    return held;
}

} // namespace tsmfd

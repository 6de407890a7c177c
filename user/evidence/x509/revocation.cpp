// SPDX-License-Identifier: MIT
#include "x509/revocation.hpp"

#include <algorithm>
#include <ctime>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/x509v3.h>

namespace tsmfd {

namespace {

constexpr const char* check_name = "revocation";

std::string name_of(const ossl::X509Ptr& certificate) {
    return ossl::common_name(X509_get_subject_name(certificate.get()));
}

const char* whose(const Listing& listing) {
    return listing.given ? "" : "enclosed ";
}

bool is_in_force(const ossl::CrlTimes& times, std::int64_t at) {
    return times.issued <= at && (!times.next || at < *times.next);
}

bool may_sign_lists(const ossl::X509Ptr& issuer) {
    return (X509_get_key_usage(issuer.get()) & KU_CRL_SIGN) != 0;
}

// "SEV-Milan is not on the list of ARK-Milan, issued 2026-03-16, 16 days before"
std::string text_of(const Listing& listing, const ossl::Certificates& path,
                    std::optional<std::int64_t> at) {
    return fmt::format("{} is {}on the {}list of {}, {}", name_of(path.at(listing.certificate)),
                       listing.revoked ? "" : "not ", whose(listing),
                       name_of(path.at(listing.certificate + 1)), ossl::age_of(listing.times, at));
}

struct Sorted {
    std::vector<std::string> good;
    std::vector<std::string> bad;
    std::vector<std::string> notes;
    std::vector<bool> covered; // a certificate of the path, by a list in force
};

Sorted sort(const Listings& listings, const ossl::Certificates& path,
            std::optional<std::int64_t> at) {
    Sorted sorted;
    sorted.covered.resize(path.size());
    const std::int64_t when = at.value_or(std::time(nullptr));
    for (const Listing& listing : listings) {
        std::string text = text_of(listing, path, at);
        if (listing.revoked) {
            sorted.bad.push_back(std::move(text));
        } else if (is_in_force(listing.times, when)) {
            sorted.good.push_back(std::move(text));
            sorted.covered[listing.certificate] = true;
        } else {
            text += "; which is not in force then";
            (listing.given ? sorted.bad : sorted.notes).push_back(std::move(text));
        }
    }
    return sorted;
}

void require(Sorted& sorted, const ossl::Certificates& path, const RevocationQuestion& question) {
    for (std::size_t i = 0; i + 1 < path.size(); ++i) {
        const bool root = i + 2 == path.size();
        const bool required = question.required || (root && question.root_required);
        if (required && !sorted.covered[i] && may_sign_lists(path[i + 1]))
            sorted.bad.push_back(
                fmt::format("no list of {} is in force, which is required", name_of(path[i + 1])));
    }
}

} // namespace

void add_listings(Verification& to, Listings& listings, const ossl::Certificates& path,
                  const ossl::Crls& lists, ListsAre whose) {
    const bool given = whose == ListsAre::given;
    for (const ossl::CrlPtr& list : lists) {
        for (std::size_t i = 0; i + 1 < path.size(); ++i) {
            if (!ossl::is_crl_of(list.get(), path[i + 1].get()))
                continue;
            const auto times = ossl::check_crl_signature(list.get(), path[i + 1].get());
            if (times)
                listings.push_back({.certificate = i,
                                    .times = *times,
                                    .revoked = ossl::lists(list.get(), path[i].get()),
                                    .given = given});
            else if (given)
                to.fail(check_name, times.error().message());
            else
                to.note(check_name, "enclosed: " + times.error().message());
        }
    }
}

void check_revocation(Verification& to, const Listings& listings, const ossl::Certificates& path,
                      const RevocationQuestion& question) {
    Sorted sorted = sort(listings, path, question.at);
    require(sorted, path, question);
    if (question.given && !path.empty() && std::ranges::none_of(listings, &Listing::given))
        sorted.bad.emplace_back("none of the lists that were given is of an issuer of this chain");
    if (!sorted.bad.empty())
        to.fail(check_name, fmt::format("{}", fmt::join(sorted.bad, "; ")));
    if (!sorted.good.empty())
        to.pass(check_name, fmt::format("{}", fmt::join(sorted.good, "; ")));
    if (!sorted.notes.empty())
        to.note(check_name, fmt::format("{}", fmt::join(sorted.notes, "; ")));
    if (listings.empty() && sorted.bad.empty())
        to.note(check_name, "no list of an issuer was given: not looked at");
}

} // namespace tsmfd

// SPDX-License-Identifier: MIT
//
// Is a certificate of this chain on a revocation list? Not part of the library's interface.
//
//     Listings listings;
//     add_listings(verification, listings, path, *lists, ListsAre::given);
//     check_revocation(verification, listings, path, {.at = at, .required = true});
//
// The first is about signatures, and its outcome is the same at any time; the second about times.
//
// Threads: functions of their arguments.
#pragma once

#include "x509/crl.hpp"
#include "x509/x509.hpp"

#include <tsmfd/evidence/verification.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tsmfd {

// What a list, signed by who issued a certificate, says of it.
struct Listing {
    std::size_t certificate = 0; // in the path
    ossl::CrlTimes times;
    bool revoked = false;
    bool given = false; // by who verifies; else it came with the evidence
};

using Listings = std::vector<Listing>;

enum class ListsAre { given, enclosed };

// Of the lists those that are about a certificate of `path`, which runs from the leaf to the root.
// One whose signature is wrong fails "revocation" if it was given; if it came with the evidence, it
// is left out, and that is noted.
void add_listings(Verification& to, Listings& listings, const ossl::Certificates& path,
                  const ossl::Crls& lists, ListsAre whose);

struct RevocationQuestion {
    std::optional<std::int64_t> at{}; // unset: now
    // Every issuer of the path that may sign lists has to have one that is in force,
    bool required = false;
    // or the root alone.
    bool root_required = false;
    // Lists were given: one of them at least has to be of an issuer of the path.
    bool given = false;
};

// "revocation": fails for a certificate that is on a list, however old that is; for a given list
// that is out of date; and for one that is required and not there. Else it shows the lists and
// their age, or that there was none.
void check_revocation(Verification& to, const Listings& listings, const ossl::Certificates& path,
                      const RevocationQuestion& question);

} // namespace tsmfd

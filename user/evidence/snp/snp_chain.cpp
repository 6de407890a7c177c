// SPDX-License-Identifier: MIT
#include "snp/snp_chain.hpp"

#include "common_checks.hpp"
#include "x509/x509.hpp"

#include <tsmfd/evidence/cert_table.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace tsmfd {

namespace {

// A table is at most 16 KiB (AMD 56421), and no certificate of AMD's has 3.
constexpr std::size_t table_max = std::size_t{64} << 10;
constexpr std::size_t enclosed_max = std::size_t{16} << 10;

// Nothing of it is trusted.
struct Gathered {
    ossl::Certificates certificates;
    ossl::Crls given_lists;
    ossl::Crls enclosed_lists;
};

template <typename T>
void append(std::vector<T>& to, std::vector<T>& from) {
    std::ranges::move(from, std::back_inserter(to));
}

void take_given(Verification& to, Gathered& all, const SnpPolicy::Members& policy) {
    if (!policy.certificates.empty()) {
        auto read = ossl::read_certificates(policy.certificates);
        if (read)
            append(all.certificates, *read);
        else
            to.fail("certificates", "the policy's: " + read.error().message());
    }
    if (!policy.crls.empty()) {
        auto read = ossl::read_crls(policy.crls);
        if (read)
            append(all.given_lists, *read);
        else
            to.fail("revocation", "the policy's: " + read.error().message());
    }
}

bool is_certificate(const Guid& guid) {
    return guid == cert_guid::vcek || guid == cert_guid::vlek || guid == cert_guid::ask;
}

// One entry is one certificate, or one list.
void take_entry(Verification& to, Gathered& all, const Cert& entry) {
    const bool list = entry.guid == cert_guid::crl;
    if (!list && !is_certificate(entry.guid))
        return;
    if (entry.bytes.size() > enclosed_max)
        return to.fail("certificates", fmt::format("the auxblob's: one of {} bytes, at most {}",
                                                   entry.bytes.size(), enclosed_max));
    const auto refuse = [&to](const Error& error) {
        to.fail("certificates", "the auxblob's: " + error.message());
    };
    if (list) {
        auto read = ossl::read_crls(entry.bytes, 1);
        return read ? append(all.enclosed_lists, *read) : refuse(read.error());
    }
    auto read = ossl::read_certificates(entry.bytes, 1);
    return read ? append(all.certificates, *read) : refuse(read.error());
}

// As the first entry says; a table that says nothing can be anything.
bool is_table_of_amd(ByteSpan auxblob) {
    const Guid first{Reader(auxblob).array<16>()};
    return is_certificate(first) || first == cert_guid::ark || first == cert_guid::crl;
}

void take_enclosed(Verification& to, Gathered& all, ByteSpan auxblob) {
    if (is_zero(auxblob))
        return;
    const auto table = CertTable::parse(auxblob);
    if (!table && !is_table_of_amd(auxblob))
        return to.note("auxblob",
                       fmt::format("{} bytes that are no certificate table", auxblob.size()));
    if (!table)
        return to.fail("certificates", table.error().message());
    if (table->bytes() > table_max)
        return to.fail("certificates", fmt::format("the auxblob's: a table of {} bytes, at most {}",
                                                   table->bytes(), table_max));
    for (const Cert& entry : *table)
        take_entry(to, all, entry);
    if (const ByteSpan behind = auxblob.subspan(table->bytes()); !is_zero(behind))
        to.note("auxblob", fmt::format("{} bytes behind the certificate table", behind.size()));
}

struct Candidate {
    X509* certificate = nullptr;
    unsigned fits = 0; // in so many ways
    Result<AmdCert> amd;
};

// Those of this kind, the one that fits the report best first.
std::vector<Candidate> candidates(const ossl::Certificates& all, const SnpReport& report,
                                  AmdCert::Kind kind) {
    std::vector<Candidate> found;
    const SnpTcb reported = report.tcb(report.reported_tcb);
    for (const ossl::X509Ptr& certificate : all) {
        if (amd_kind_of(certificate.get()) != kind)
            continue;
        Candidate one{.certificate = certificate.get(), .amd = parse_amd_cert(certificate.get())};
        if (one.amd)
            one.fits = 1U + (is_of_chip(report, *one.amd) ? 2U : 0U) +
                       (one.amd->tcb == reported ? 1U : 0U);
        found.push_back(std::move(one));
    }
    std::ranges::stable_sort(found, std::ranges::greater{}, &Candidate::fits);
    return found;
}

struct Tried {
    Verification checks;
    ossl::Certificates path;
    std::optional<ossl::Validity> valid;
};

Tried try_chain(const Chain& chain, const Candidate& candidate, const SnpPolicy::Members& policy) {
    Tried tried;
    tried.valid = check_chain(tried.checks, candidate.certificate, chain.certificates, policy.roots,
                              policy.at, &tried.path);
    return tried;
}

// Of those that fit equally well the first whose chain leads to a root; if none does, the first.
void choose(Chain& chain, const std::vector<Candidate>& found, const SnpPolicy::Members& policy) {
    constexpr std::size_t tries = 8;
    Tried tried = try_chain(chain, found.front(), policy);
    const Candidate* chosen = &found.front();
    for (std::size_t i = 1; !tried.valid && i < std::min(found.size(), tries); ++i) {
        if (found[i].fits != found.front().fits)
            break;
        if (Tried other = try_chain(chain, found[i], policy); other.valid) {
            tried = std::move(other);
            chosen = &found[i];
        }
    }
    chain.checks.add(tried.checks);
    chain.path = std::move(tried.path);
    chain.valid = tried.valid;
    chain.leaf = chosen->certificate;
    if (chosen->amd)
        chain.amd = *chosen->amd;
    else
        chain.checks.fail("product", chosen->amd.error().message());
}

Chain verified_chain(const Evidence& evidence, const SnpPolicy::Members& policy,
                     const SnpReport& report, AmdCert::Kind kind) {
    Chain chain;
    Gathered all;
    take_given(chain.checks, all, policy);
    if (!evidence.auxblob.empty())
        take_enclosed(chain.checks, all, evidence.auxblob);
    chain.certificates = std::move(all.certificates);

    const auto found = candidates(chain.certificates, report, kind);
    if (found.empty()) {
        chain.checks.fail("signer",
                          fmt::format("{}, of which there is no certificate", kind_name(kind)));
        return chain;
    }
    chain.checks.pass("signer", kind_name(kind));
    choose(chain, found, policy);
    add_listings(chain.checks, chain.listings, chain.path, all.given_lists, ListsAre::given);
    add_listings(chain.checks, chain.listings, chain.path, all.enclosed_lists, ListsAre::enclosed);
    // What is not believed whole is not kept.
    if (!chain.checks.ok())
        chain.valid.reset();
    return chain;
}

} // namespace

bool is_of_chip(const SnpReport& report, const AmdCert& cert) {
    if (!cert.chip_id || is_zero(report.chip_id))
        return true;
    // A Turin's are shorter, with zeros behind.
    const ByteSpan all = report.chip_id;
    const std::size_t size = cert.chip_id->size();
    return std::ranges::equal(all.first(size), *cert.chip_id) && is_zero(all.subspan(size));
}

ChainPtr snp_chain(const Evidence& evidence, const SnpPolicy::Members& policy,
                   const SnpReport& report, AmdCert::Kind kind) {
    // Which of several certificates fits is by these.
    std::vector<std::uint8_t> of = {static_cast<std::uint8_t>(kind),
                                    static_cast<std::uint8_t>(report.is_turin())};
    of.insert(of.end(), report.chip_id.begin(), report.chip_id.end());
    for (unsigned i = 0; i < sizeof(report.reported_tcb); ++i)
        of.push_back(static_cast<std::uint8_t>(report.reported_tcb >> 8 * i));
    const ChainKey key = {of, policy.roots, policy.certificates, evidence.auxblob, policy.crls};
    return chain_of(policy.chains, key, policy.at,
                    [&] { return verified_chain(evidence, policy, report, kind); });
}

} // namespace tsmfd

// SPDX-License-Identifier: MIT
//
// Any bytes as an SNP report and its certificate table.
#include "check.hpp"

#include <tsmfd/evidence/cert_table.hpp>
#include <tsmfd/evidence/snp_verify.hpp>

#include <cstdint>

#include <openssl/err.h>

namespace {

using tsmfd::ByteSpan;

// The table's own root, as no verifier would do it: so that there is a chain to walk.
ByteSpan root_of(ByteSpan auxblob) {
    const auto table = tsmfd::CertTable::parse(auxblob);
    if (!table)
        return {};
    for (const tsmfd::Cert cert : *table) {
        check(!cert.bytes.empty() &&
              cert.bytes.data() + cert.bytes.size() <= auxblob.data() + auxblob.size());
        if (cert.guid == tsmfd::cert_guid::ark)
            return cert.bytes;
    }
    return {};
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto evidence = tsmfd::Evidence::of_stream(ByteSpan(data, size));
    const auto parsed = tsmfd::parse_snp_report(evidence.outblob);
    check(parsed.has_value() == tsmfd::snp_facts(evidence.outblob).has_value());

    tsmfd::SnpPolicy policy;
    policy.debug_allowed(true);
    check(!tsmfd::verify_snp(evidence, policy).ok()); // without a root
    tsmfd::ChainCache chains(2);
    policy.chains(&chains);
    const auto root = root_of(evidence.auxblob);
    policy.roots(root);
    const bool cold = tsmfd::verify_snp(evidence, policy).ok();
    check(cold == tsmfd::verify_snp(evidence, policy).ok());
    check(!cold || (parsed && !root.empty()));
    check(ERR_peek_error() == 0);
    return 0;
}

// SPDX-License-Identifier: MIT
//
// Any bytes as an HCL report: what tsmfd_hcl gives as a stream, claims alone, and an index with the
// quotes that go with it, each with its length in front.
#include "check.hpp"

#include <tsmfd/evidence/evidence_kind.hpp>
#include <tsmfd/evidence/hcl_claims.hpp>
#include <tsmfd/evidence/hcl_report.hpp>
#include <tsmfd/evidence/hcl_verify.hpp>
#include <tsmfd/evidence/proof.hpp>
#include <tsmfd/evidence/td_report.hpp>
#include <tsmfd/evidence/verdict.hpp>

#include <cstdint>
#include <vector>

#include <openssl/err.h>

namespace {

using tsmfd::ByteSpan;
using tsmfd::Evidence;
using tsmfd::EvidenceKind;

void parse(const Evidence& evidence) {
    const auto report = tsmfd::parse_hcl_report(evidence.outblob);
    const auto data = tsmfd::report_data_of(evidence.outblob);
    if (!report)
        return;
    check(tsmfd::kind_of(evidence) == EvidenceKind::hcl);
    check(report->report_data.size() == 64);
    check(report->hardware.size() + report->hardware_rest.size() == 1184);
    check(report->claims.size() + report->padding.size() < evidence.outblob.size());
    const bool about = report->is_about_its_claims();
    check(about || !data);
    check(!data || data->size() == 64);
    if (report->hardware_kind == tsmfd::HclHardware::tdx)
        (void)tsmfd::parse_td_report(report->hardware);

    // What is judged well has its parts together.
    const tsmfd::Challenge any{.inblob = {}, .privlevel = {}, .format = {}};
    const tsmfd::Verdict verdict = tsmfd::judge(any, evidence);
    check(about || !verdict.ok());
}

void parse_claims(ByteSpan bytes) {
    const auto claims = tsmfd::parse_hcl_claims(bytes);
    if (!claims)
        return;
    check(bytes.size() <= tsmfd::HclClaims::max_size);
    for (const tsmfd::HclKey& key : claims->keys)
        check(claims->key(key.name) == &key && key.modulus.size() < bytes.size());
}

// Nobody is trusted, and the corpus has nothing that is signed to a root.
void verify(const Evidence& evidence, tsmfd::HclPolicy policy) {
    policy.snp(tsmfd::SnpPolicy().debug_allowed(true));
    policy.tdx(tsmfd::TdxPolicy().debug_allowed(true));
    const auto verification = tsmfd::verify_hcl(evidence, policy);
    check(!verification.checks.empty() && !verification.ok());
    check(ERR_peek_error() == 0);
}

ByteSpan part_of(tsmfd::Reader& in) {
    return in.bytes(in.le16());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteSpan bytes(data, size);
    const Evidence stream = Evidence::of_stream(bytes);
    parse(stream);
    verify(stream, {});
    parse_claims(bytes);
    (void)tsmfd::parse_hcl_aux(bytes);

    tsmfd::Reader in(bytes);
    const ByteSpan index = part_of(in);
    tsmfd::HclPolicy policy;
    policy.quote(part_of(in));
    policy.signature(part_of(in));
    policy.td_quote(part_of(in));
    policy.challenge(part_of(in));
    if (in.ok())
        verify({.outblob = index, .auxblob = in.bytes(in.left())}, policy);
    return 0;
}

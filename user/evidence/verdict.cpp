// SPDX-License-Identifier: MIT
#include <tsmfd/evidence/cert_table.hpp>
#include <tsmfd/evidence/emu_tag.hpp>
#include <tsmfd/evidence/hcl_claims.hpp>
#include <tsmfd/evidence/hcl_report.hpp>
#include <tsmfd/evidence/proof.hpp>
#include <tsmfd/evidence/snp_report.hpp>
#include <tsmfd/evidence/tdx_quote.hpp>
#include <tsmfd/evidence/tpm_aux.hpp>
#include <tsmfd/evidence/tpm_hash.hpp>
#include <tsmfd/evidence/tpm_report.hpp>
#include <tsmfd/evidence/verdict.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>

namespace tsmfd {

namespace {

using Kind = Verdict::Kind;

constexpr Verdict malformed(std::string_view why) {
    return {Kind::malformed, 0, why};
}

constexpr Verdict torn(std::string_view why) {
    return {Kind::torn, 0, why};
}

constexpr Verdict mixed_up(unsigned options) {
    if (options == 0)
        return {};
    return {Kind::mixed_up, options, "the report answers another's options"};
}

// For reports that do not say their format: only an extended one comes with an auxblob.
unsigned format_by_auxblob(const Challenge& asked, const Evidence& got) {
    if (!asked.format || !got.auxblob_known)
        return 0;
    const bool extended = *asked.format == Format::extended;
    return extended == got.auxblob.empty() ? Verdict::format : 0U;
}

unsigned inblob_of(const Challenge& asked, ByteSpan report_data) {
    const bool same = std::memcmp(report_data.data(), asked.inblob.padded.data(),
                                  asked.inblob.padded.size()) == 0;
    return same ? 0U : Verdict::inblob;
}

unsigned privlevel_of(const Challenge& asked, std::uint32_t privlevel) {
    return !asked.privlevel || *asked.privlevel == privlevel ? 0U : Verdict::privlevel;
}

// The certificates of an emulated report repeat its tag; `tag` is the report's.
Verdict judge_emu_auxblob(const EmuTag& tag, const Evidence& got) {
    const bool extended = tag.format == TSMFD_FORMAT_EXTENDED;
    if (got.auxblob.empty())
        return extended ? torn("an extended report without its auxblob") : Verdict{};
    if (!extended)
        return torn("an auxblob beside a report of format default");

    const Result<CertTable> table = CertTable::parse(got.auxblob);
    if (!table)
        return malformed("the auxblob is no certificate table");
    if (table->size() == 0)
        return malformed("the certificate table is empty");
    for (const Cert cert : *table) {
        if (!emu_cert_agrees(got.outblob, cert.bytes))
            return torn("a certificate of another firmware call");
    }
    return {};
}

Verdict judge_emu(const Challenge& asked, const Evidence& got, const SnpFacts& facts,
                  const EmuTag& tag) {
    if (!emu_tail_agrees(got.outblob))
        return torn("HOST_DATA and the report's tail are of two firmware calls");
    if (tag.privlevel != facts.vmpl)
        return torn("VMPL and HOST_DATA are of two firmware calls");
    if (tag.inblob_len > TSMFD_INBLOB_MAX || tag.format > TSMFD_FORMAT_EXTENDED)
        return malformed("the tag of the emulated report is out of range");
    if (got.auxblob_known) {
        if (const Verdict verdict = judge_emu_auxblob(tag, got); !verdict.ok())
            return verdict;
    }

    unsigned options = inblob_of(asked, facts.report_data) | privlevel_of(asked, tag.privlevel);
    if (tag.inblob_len != asked.inblob.size)
        options |= Verdict::inblob;
    if (asked.format && std::to_underlying(*asked.format) != tag.format)
        options |= Verdict::format;
    return mixed_up(options);
}

Verdict judge_snp(const Challenge& asked, const Evidence& got) {
    const std::optional<SnpFacts> facts = snp_facts(got.outblob);
    if (!facts)
        return malformed("no report that is known");

    const EmuTag head = EmuTag::read(facts->host_data);
    const EmuTag tail = EmuTag::read(got.outblob.last(EmuTag::proof_size));
    if (head.valid != tail.valid)
        return torn("the tag stands in only one of HOST_DATA and the report's tail");
    if (head.valid)
        return judge_emu(asked, got, *facts, head);
    return mixed_up(inblob_of(asked, facts->report_data) | privlevel_of(asked, facts->vmpl) |
                    format_by_auxblob(asked, got));
}

Verdict judge_tpm(const Challenge& asked, const Evidence& got) {
    const Result<TpmReport> report = parse_tpm_report(got.outblob);
    if (!report)
        return malformed("no TPM quote");
    const ByteSpan extra = report->quote.extra_data;
    const ByteSpan inblob = asked.inblob.bytes();
    const bool same = std::ranges::equal(extra, inblob);
    if (!got.auxblob.empty()) {
        const Result<TpmAux> aux = parse_tpm_aux(got.auxblob);
        if (!aux)
            return malformed("the auxblob is not a TPM's");
        if (!std::ranges::equal(aux->public_key, report->public_key))
            return torn("the auxblob is of another key than the report");
    }
    return mixed_up((same ? 0U : Verdict::inblob) | format_by_auxblob(asked, got));
}

// The quote is about the user data; or there is none.
bool is_quote_about(const HclReport& report, ByteSpan user_data) {
    const auto digest = tpm_digest(TpmHash::sha256, {user_data});
    return !report.quote || (digest && digest->is(report.quote->extra_data));
}

Verdict judge_hcl(const Challenge& asked, const Evidence& got) {
    const Result<HclReport> report = parse_hcl_report(got.outblob);
    if (!report)
        return malformed("no HCL report");
    // First, for claims of which half are another call's may be malformed.
    if (!report->is_about_its_claims())
        return torn("the hardware's report and the claims are not of one call");
    const Result<HclClaims> claims = parse_hcl_claims(report->claims);
    if (!claims || !claims->user_data)
        return malformed("an HCL report without a challenge");
    if (!is_quote_about(*report, *claims->user_data))
        return torn("the claims and the quote are not of one call");
    return mixed_up(inblob_of(asked, *claims->user_data) | format_by_auxblob(asked, got));
}

Verdict judge_tdx(const Challenge& asked, const Evidence& got) {
    const std::optional<ByteSpan> data = tdx_report_data(got.outblob);
    if (!data)
        return malformed("a TDX quote without a body");
    return mixed_up(inblob_of(asked, *data) | format_by_auxblob(asked, got));
}

} // namespace

Evidence Evidence::of_stream(ByteSpan stream) noexcept {
    if (is_batch_proof(stream)) {
        const Result<BatchAnswer> answer = split_batch(stream);
        if (!answer)
            return {.outblob = stream, .auxblob = {}};
        return {
            .outblob = answer->outblob, .auxblob = answer->auxblob, .proof = answer->proof_bytes};
    }
    std::size_t outblob = 0;
    if (is_tpm_report(stream))
        outblob = tpm_report_size(stream);
    else if (is_hcl_outblob(stream))
        outblob = hcl_outblob_size(stream);
    else if (is_tdx_quote(stream) || is_hcl_index(stream))
        outblob = stream.size(); // there is nothing else
    else if (stream.size() >= snp_report_size && snp_facts(stream.first(snp_report_size)))
        outblob = snp_report_size;
    // What is no report is left whole, to be found malformed.
    if (outblob == 0)
        outblob = stream.size();
    return {.outblob = stream.first(outblob), .auxblob = stream.subspan(outblob)};
}

Verdict judge(const Challenge& asked, const Evidence& got) noexcept {
    if (is_tpm_report(got.outblob))
        return judge_tpm(asked, got);
    if (is_hcl_outblob(got.outblob) || is_hcl_index(got.outblob))
        return judge_hcl(asked, got);
    return is_tdx_quote(got.outblob) ? judge_tdx(asked, got) : judge_snp(asked, got);
}

std::string_view kind_name(Kind kind) noexcept {
    switch (kind) {
    case Kind::ok:
        return "ok";
    case Kind::mixed_up:
        return "mixed up";
    case Kind::torn:
        return "torn";
    case Kind::malformed:
        break;
    }
    return "malformed";
}

std::string Verdict::text() const noexcept {
    std::string names;
    const auto name = [&names](bool is, std::string_view option) {
        if (is)
            names.append(names.empty() ? " (" : ", ").append(option);
    };
    name((options & inblob) != 0, "inblob");
    name((options & privlevel) != 0, "privlevel");
    name((options & format) != 0, "format");
    if (!names.empty())
        names += ')';
    return fmt::format("{}{}{}{}", kind_name(kind), names, why.empty() ? "" : ": ", why);
}

} // namespace tsmfd

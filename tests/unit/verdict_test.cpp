// SPDX-License-Identifier: MIT
//
// Verdicts on reports that are not emulated: hardware's, and a TPM's.
#include "golden.hpp"

#include <tsmfd/evidence/verdict.hpp>

#include <gtest/gtest.h>

namespace {

using evidence::Bytes;
using tsmfd::Challenge;
using tsmfd::Evidence;
using tsmfd::Format;
using tsmfd::judge;
using tsmfd::Verdict;
using Kind = Verdict::Kind;

Challenge asked_for(const Bytes& inblob, std::uint32_t privlevel, Format format) {
    return {
        .inblob = tsmfd::Inblob::from(inblob).value(), .privlevel = privlevel, .format = format};
}

TEST(MilanReport, IsOkForItsReportDataAndVmpl) {
    GOLDEN_OR_SKIP();
    const Bytes report = golden::read("snp-milan/report.bin");
    EXPECT_TRUE(judge(asked_for({1, 2, 3, 4, 5}, 0, Format::plain), {report, {}}).ok());
}

TEST(MilanReport, IsMixedUpForOthers) {
    GOLDEN_OR_SKIP();
    const Bytes report = golden::read("snp-milan/report.bin");
    EXPECT_EQ(judge(asked_for({1, 2, 3, 4, 6}, 0, Format::plain), {report, {}}).options,
              Verdict::inblob);
    EXPECT_EQ(judge(asked_for({1, 2, 3, 4, 5}, 1, Format::plain), {report, {}}).options,
              Verdict::privlevel);
    EXPECT_EQ(judge(asked_for({1, 2, 3, 4, 5}, 0, Format::extended), {report, {}}).options,
              Verdict::format);
    const Bytes certs = evidence::cert_table({{evidence::vcek_guid, {1}}});
    EXPECT_EQ(judge(asked_for({1, 2, 3, 4, 5}, 0, Format::plain), {report, certs}).options,
              Verdict::format);
    EXPECT_TRUE(judge(asked_for({1, 2, 3, 4, 5}, 0, Format::extended), {report, certs}).ok());
}

TEST(MilanReport, IsTornWithTheTagOfAnEmulatedOne) {
    GOLDEN_OR_SKIP();
    Bytes report = golden::read("snp-milan/report.bin");
    evidence::put(report, 0x440, "TEMU");
    EXPECT_EQ(judge(asked_for({1, 2, 3, 4, 5}, 0, Format::plain), {report, {}}).kind, Kind::torn);
}

TEST(TpmQuoteVerdict, IsOkForItsExtraDataAtAnyPrivlevel) {
    const Bytes report = evidence::tpm_report(evidence::tpm_attest(evidence::nonce(1)));
    EXPECT_TRUE(judge(asked_for(evidence::nonce(1), 3, Format::plain), {report, {}}).ok());
    const Bytes aux = evidence::tpm_aux(evidence::nonce(5, 40));
    EXPECT_TRUE(judge(asked_for(evidence::nonce(1), 3, Format::extended), {report, aux}).ok());
}

TEST(TpmQuoteVerdict, IsTornFromTheAuxblobOfAnotherKey) {
    const Bytes report = evidence::tpm_report(evidence::tpm_attest(evidence::nonce(1)));
    const Challenge asked = asked_for(evidence::nonce(1), 0, Format::extended);
    const Bytes aux = evidence::tpm_aux(evidence::nonce(5, 40), evidence::nonce(0x41, 90));
    EXPECT_EQ(judge(asked, {report, aux}).kind, Kind::torn);
    EXPECT_EQ(judge(asked, {report, evidence::nonce(5, 40)}).kind, Kind::malformed);
}

TEST(TpmQuoteVerdict, IsMixedUpForOthers) {
    const Bytes report = evidence::tpm_report(evidence::tpm_attest(evidence::nonce(1, 32)));
    EXPECT_TRUE(judge(asked_for(evidence::nonce(1, 32), 0, Format::plain), {report, {}}).ok());
    for (const Bytes& other :
         {evidence::nonce(2, 32), evidence::nonce(1, 31), evidence::nonce(1, 33)}) {
        const Verdict verdict = judge(asked_for(other, 0, Format::plain), {report, {}});
        EXPECT_EQ(verdict.kind, Kind::mixed_up);
        EXPECT_EQ(verdict.options, Verdict::inblob);
    }
    EXPECT_EQ(judge(asked_for(evidence::nonce(1, 32), 0, Format::extended), {report, {}}).options,
              Verdict::format);
}

TEST(TpmQuoteVerdict, IsMalformedAtEveryTruncation) {
    const Bytes report = evidence::tpm_report(evidence::tpm_attest(evidence::nonce(1)));
    for (std::size_t length = 0; length < report.size(); ++length) {
        const Bytes cut = evidence::exactly(std::span(report).first(length));
        const Challenge asked = asked_for(evidence::nonce(1), 0, Format::plain);
        EXPECT_EQ(judge(asked, Evidence::of_stream(cut)).kind, Kind::malformed) << length;
    }
}

TEST(TpmQuoteVerdict, FindsItsEventLogInAStream) {
    Bytes stream = evidence::tpm_report(evidence::tpm_attest(evidence::nonce(1)));
    const std::size_t report = stream.size();
    const Bytes aux = evidence::tpm_aux(evidence::nonce(9, 2000));
    evidence::append(stream, aux);
    const Evidence got = Evidence::of_stream(stream);
    EXPECT_EQ(got.outblob.size(), report);
    EXPECT_EQ(got.auxblob.size(), aux.size());
    EXPECT_TRUE(judge(asked_for(evidence::nonce(1), 0, Format::extended), got).ok());
}

TEST(Nothing, IsMalformed) {
    EXPECT_EQ(judge(asked_for({1}, 0, Format::plain), Evidence::of_stream({})).kind,
              Kind::malformed);
    EXPECT_EQ(judge(asked_for({1}, 0, Format::plain), {}).text(),
              "malformed: no report that is known");
}

} // namespace

// SPDX-License-Identifier: MIT
//
// What tsmctl shows of a report.
#include "document.hpp"
#include "golden.hpp"

#include <tsmfd/hex.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace {

using evidence::Bytes;
using tsmctl::document_of;
using tsmctl::Json;
using tsmctl::stream_of;
using tsmctl::text_of;

TEST(Document, OfASnpReportOfMilanIsAsSnpguestShowsIt) {
    GOLDEN_OR_SKIP();
    const Bytes report = golden::read("snp-milan/report.bin");
    const Json json = document_of({.outblob = report, .auxblob = {}}).value();
    EXPECT_EQ(json["type"], "snp");
    EXPECT_EQ(json["version"], 2);
    EXPECT_EQ(json["policy"]["raw"], "0xb0000");
    EXPECT_EQ(json["policy"]["smt_allowed"], true);
    EXPECT_EQ(json["policy"]["migrate_ma"], false);
    EXPECT_EQ(json["policy"]["debug_allowed"], true);
    EXPECT_EQ(json["signature_algorithm"], "ECDSA P-384 with SHA-384");
    EXPECT_FALSE(json.contains("cpuid"));
    EXPECT_FALSE(json.contains("emulated"));
    EXPECT_FALSE(json.contains("certificates"));
}

TEST(Document, OfAnEmulatedReportSaysSo) {
    const evidence::Emulated of{.privlevel = 2, .format = 1, .serial = 77};
    const Bytes report = evidence::emulated_report(of);
    Bytes certs = evidence::emulated_certs(of);
    Json json = document_of({.outblob = report, .auxblob = certs}).value();
    EXPECT_EQ(json["vmpl"], 2);
    EXPECT_EQ(json["emulated"]["format"], "extended");
    EXPECT_EQ(json["emulated"]["call"], 77);
    EXPECT_EQ(json["emulated"]["certificates_agree"], true);
    EXPECT_EQ(json["certificates"][0]["name"], "vcek");
    EXPECT_EQ(json["certificates"][1]["bytes"], 96);
    certs.back() ^= 1;
    json = document_of({.outblob = report, .auxblob = certs}).value();
    EXPECT_EQ(json["emulated"]["certificates_agree"], false);
}

TEST(Document, OfAQuoteHasItsPcrs) {
    const Bytes nonce = evidence::nonce(3, 20);
    const Bytes report = evidence::tpm_report(evidence::tpm_attest(nonce));
    const Json json = document_of({.outblob = report, .auxblob = {}}).value();
    EXPECT_EQ(json["type"], "tpm");
    EXPECT_EQ(json["extra_data"], tsmfd::to_hex(nonce));
    EXPECT_EQ(json["pcr_banks"][0]["pcrs"], Json({0, 1, 2, 3, 4, 5, 6, 7, 9}));
    EXPECT_NE(text_of(json).find("[0,1,2,3,4,5,6,7,9]"), std::string::npos);
}

TEST(Document, OfATdxQuoteHasItsMeasurements) {
    GOLDEN_OR_SKIP();
    const Bytes quote = golden::read("tdx-spr/quote_v4.bin");
    const Json json = document_of({.outblob = quote, .auxblob = {}}).value();
    EXPECT_EQ(json["type"], "tdx");
    EXPECT_EQ(json["version"], 4);
    EXPECT_EQ(json["td_attributes"]["debug"], false);
    EXPECT_EQ(json["mrtd"], tsmfd::to_hex(std::span(quote).subspan(0xb8, 48)));
    EXPECT_EQ(json["rtmr2"], tsmfd::to_hex(std::span(quote).subspan(0x178 + 96, 48)));
    EXPECT_EQ(json["report_data"], tsmfd::to_hex(std::span(quote).subspan(0x238, 64)));
    EXPECT_EQ(json["td_attributes"]["migratable"], false);
    EXPECT_EQ(json["mr_signer_seam"], std::string(96, '0'));
    EXPECT_EQ(json["qe"]["mr_signer"], tsmfd::to_hex(std::span(quote).subspan(0x302 + 0x80, 32)));
    EXPECT_EQ(json["qe"]["isv_prod_id"], 2);
    EXPECT_FALSE(json.contains("mr_service_td"));
    const Bytes cut(quote.begin(), quote.begin() + 700);
    EXPECT_FALSE(document_of({.outblob = cut, .auxblob = {}}).has_value());
}

TEST(Document, OfAnythingElseIsNone) {
    EXPECT_FALSE(document_of({.outblob = Bytes(7), .auxblob = {}}).has_value());
}

TEST(DocumentText, HasALineAFieldAndBreaksLongBytes) {
    const Json json = {
        {"guest_svn", 3}, {"policy", {{"raw", "0x1"}}}, {"report_data", std::string(128, 'a')}};
    const std::string a(64, 'a');
    EXPECT_EQ(text_of(json),
              "Guest SVN:   3\nPolicy:\n  Raw: 0x1\nReport data:\n  " + a + "\n  " + a + "\n");
}

TEST(DocumentStream, IsTakenFromBytesHexAndJson) {
    const Bytes report = evidence::emulated_report({});
    EXPECT_EQ(stream_of(report).value(), report);
    const std::string hex = tsmfd::to_hex(report) + "\n";
    EXPECT_EQ(stream_of({hex.begin(), hex.end()}).value(), report);
    const std::string json =
        Json({{"outblob", tsmfd::to_hex(report)}, {"auxblob", "00ff"}}).dump(2);
    Bytes both = report;
    both.insert(both.end(), {0x00, 0xff});
    EXPECT_EQ(stream_of({json.begin(), json.end()}).value(), both);

    for (const std::string bad : {"{", "{}", "[]x{", R"({"outblob": 3})", R"({"outblob": "0"})"}) {
        const auto stream = stream_of({bad.begin(), bad.end()});
        EXPECT_FALSE(stream && document_of({.outblob = *stream, .auxblob = {}})) << bad;
    }
}

} // namespace

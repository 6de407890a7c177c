// SPDX-License-Identifier: MIT
//
// What tsmctl shows of an HCL report, and where it says that collateral is.
#include "document.hpp"
#include "golden.hpp"
#include "hcl_evidence.hpp"
#include "tsmctl_words.hpp"

#include <tsmfd/evidence/snp_collateral.hpp>
#include <tsmfd/hex.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace {

using evidence::Bytes;
using tsmctl::document_of;
using tsmctl::Json;
using tsmctl::text_of;

const Bytes user_data = evidence::nonce(0xa1);

Bytes index_of(const std::string& claims) {
    return hcl::index_of(claims, {.hardware = hcl::hardware_about(claims)});
}

bool is_printable(const std::string& text) {
    return std::ranges::all_of(text, [](char c) { return c == '\n' || (c >= 0x20 && c < 0x7f); });
}

TEST(HclDocument, HasReportClaimsAndQuote) {
    const std::string claims = hcl::claims_of(
        hcl::key_of("HCLAkPub", evidence::nonce(0x80, 256)) + R"(,{"kid":"another"})", user_data);
    const Bytes attest = evidence::tpm_attest(hcl::sha256(user_data));
    const Bytes outblob = hcl::outblob_of(index_of(claims), attest, evidence::nonce(0x20, 262),
                                          evidence::nonce(0x40, 200));
    const Bytes auxblob = hcl::auxblob_of(evidence::nonce(1, 40), evidence::nonce(1, 7));
    const Json json = document_of({.outblob = outblob, .auxblob = auxblob}).value();
    EXPECT_EQ(json["type"], "hcl");
    EXPECT_EQ(json["version"], 1);
    EXPECT_EQ(json["hardware"], "SEV-SNP");
    EXPECT_EQ(json["report"]["type"], "snp");
    EXPECT_EQ(json["report"]["version"], 2);
    EXPECT_EQ(json["claims_hash"], "sha256");
    EXPECT_EQ(json["claims_agree"], true);
    EXPECT_EQ(json["claims"]["keys"][0]["name"], "HCLAkPub");
    EXPECT_EQ(json["claims"]["keys"][0]["rsa_bits"], 2048);
    EXPECT_EQ(json["claims"]["keys"][1], (Json{{"name", "another"}}));
    EXPECT_EQ(json["claims"]["user_data"], tsmfd::to_hex(user_data));
    EXPECT_EQ(json["claims"]["vm-configuration"]["secure-boot"], true);
    EXPECT_FALSE(json["claims"].contains("user-data"));
    EXPECT_EQ(json["quote"]["extra_data"], tsmfd::to_hex(hcl::sha256(user_data)));
    EXPECT_EQ(json["quote"]["pcr_banks"][0]["pcrs"][8], 9);
    EXPECT_EQ(json["ak_certificate_bytes"], 40);
    EXPECT_EQ(json["event_log_bytes"], 7);
    EXPECT_TRUE(is_printable(text_of(json)));
    EXPECT_NE(text_of(json).find("HCLAkPub"), std::string::npos);

    Bytes other = outblob;
    other[hcl::head_size + hcl::hardware_at + hcl::snp_report_data] ^= 1;
    EXPECT_EQ(document_of({.outblob = other, .auxblob = auxblob}).value()["claims_agree"], false);
}

TEST(HclDocument, IsPrintableWhateverTheClaimsHave) {
    for (const std::string& claims :
         {hcl::claims_of(R"({"kid":"\u001b[2J\u00e9"})", user_data,
                         R"(,"_":1,"":2,"__a_":{"\u001b]0;x\u0007":["\n\u0000",{"\u202e":null}]})"),
          std::string("\x1b[2J\xff"), std::string("[]"), std::string(300, '['), std::string()}) {
        const Json json =
            document_of({.outblob = index_of(claims), .auxblob = evidence::nonce(1)}).value();
        EXPECT_TRUE(is_printable(text_of(json))) << text_of(json);
        EXPECT_TRUE(is_printable(tsmctl::json_text(json)));
        EXPECT_TRUE(json.contains("auxblob"));
    }
    const std::string claims = hcl::claims_of("", user_data);
    Bytes index = index_of(claims);
    index[hcl::hardware_at] = 77; // of no version that is known
    const Json json = document_of({.outblob = index, .auxblob = {}}).value();
    EXPECT_TRUE(json["report"].is_string());
    const Bytes cut(index.begin(), index.begin() + 1300);
    EXPECT_FALSE(document_of({.outblob = cut, .auxblob = {}}).has_value());
}

TEST(HclDocumentGolden, OfTdxHasTheTdreport) {
    GOLDEN_OR_SKIP();
    const Bytes index = golden::read("azure-tdx/hcl-report.bin");
    const Json json = document_of({.outblob = index, .auxblob = {}}).value();
    EXPECT_EQ(json["hardware"], "TDX");
    EXPECT_EQ(json["report"]["type"], "tdreport");
    EXPECT_EQ(json["report"]["hashes_agree"], true);
    EXPECT_EQ(json["claims_agree"], true);
    const Bytes bytes = golden::read("azure-tdx/td-quote.bin");
    const Json quote = document_of({.outblob = bytes, .auxblob = {}}).value();
    for (const char* name : {"mrtd", "rtmr0", "rtmr3", "report_data", "xfam", "td_attributes",
                             "mr_seam", "tee_tcb_svn"})
        EXPECT_EQ(json["report"][name], quote[name]) << name;
    EXPECT_EQ(json["claims"]["vm-configuration"]["tpm-persisted"], false);
}

TEST(HclCollateral, IsThatOfTheHardwaresReport) {
    GOLDEN_OR_SKIP();
    const Bytes snp = golden::read("azure-snp/hcl-report.bin");
    const Bytes hardware(snp.begin() + 32, snp.begin() + 32 + 1184);
    const auto needed = tsmfd::snp_collateral({.outblob = hardware, .auxblob = {}}, "Milan");
    ASSERT_TRUE(needed) << needed.error().message();
    std::string lines;
    for (const std::string& address : needed->addresses)
        lines += address + "\n";
    EXPECT_NE(lines.find("/vcek/v1/Milan/"), std::string::npos);
    const auto collateral = [](std::vector<std::string> all) {
        all.insert(all.begin(), "collateral");
        return words::run(&tsmctl::add_collateral, std::move(all));
    };
    const words::Said said =
        collateral({golden::path("azure-snp/hcl-report.bin"), "--product", "milan"});
    EXPECT_EQ(said.status, tsmctl::done);
    EXPECT_EQ(said.out, lines);
    EXPECT_EQ(collateral({golden::path("azure-tdx/hcl-report.bin")}).status, tsmctl::failed);
}

} // namespace

// SPDX-License-Identifier: MIT
//
// tsmctl verify and show: what is asked decides what may answer, and whatever comes is said well.
#include "base64.hpp"
#include "command.hpp"
#include "crls.hpp"
#include "directory.hpp"
#include "document.hpp"
#include "golden.hpp"
#include "policies.hpp"
#include "signed_snp.hpp"
#include "tpm_evidence.hpp"
#include "tsmctl_words.hpp"

#include <tsmfd/evidence/proof.hpp>
#include <tsmfd/evidence/verification.hpp>
#include <tsmfd/hex.hpp>

#include <ctime>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace {

using evidence::Bytes;
using words::Said;
using words::verify;

const std::string data = TSMFD_TEST_DATA "/";

class TsmctlInput : public testing::Test {
protected:
    std::string file(const std::string& name, const Bytes& bytes) {
        directory_.write(name, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
        return directory_.of(name);
    }
    std::string file(const std::string& name, const std::string& text) {
        directory_.write(name, text);
        return directory_.of(name);
    }
    static bool says(const Said& said, const std::string& text) {
        return said.out.find(text) != std::string::npos;
    }

    Directory directory_;
    evidence::SignedSnp snp_{firmware::Product::milan};
    evidence::TpmEvidence tpm_{"tpm-ovmf"};
    const std::string nonce_ = tsmfd::to_hex(emulated::nonce);

    [[nodiscard]] std::string report() {
        Bytes stream = snp_.report;
        evidence::append(stream, snp_.auxblob);
        return file("report", stream);
    }
    [[nodiscard]] std::string roots() { return file("ark.pem", snp_.root()); }
    [[nodiscard]] std::string quote() {
        Bytes stream = tpm_.outblob;
        evidence::append(stream, tpm_.auxblob);
        return file("quote", stream);
    }
    [[nodiscard]] std::string quoted() const { return tsmfd::to_hex(tpm_.challenge); }
};

// What follows an option's file is the report.
TEST_F(TsmctlInput, OptionsTakeAFileEach) {
    EXPECT_EQ(verify({"--challenge", nonce_, "--roots", roots(), report()}).status, tsmctl::done);
}

// A home-made key's quote, for somebody who expects SEV-SNP.
TEST_F(TsmctlInput, WhatIsAskedDecidesTheKinds) {
    GOLDEN_OR_SKIP();
    EXPECT_EQ(verify({report(), "--challenge", nonce_, "--roots", roots()}).status, tsmctl::done);
    const Said tpm = verify({quote(), "--challenge", quoted(), "--roots", roots(), "--measurement",
                             policies::hex(48), "--vmpl", "0"});
    EXPECT_EQ(tpm.status, tsmctl::failed);
    EXPECT_TRUE(says(tpm, "FAILED  kind            tpm, of which --roots says nothing")) << tpm.out;
    for (const auto& [option, value] :
         {std::pair{"--measurement", policies::hex(48)}, std::pair{"--vmpl", std::string("0")}})
        EXPECT_EQ(verify({quote(), "--challenge", quoted(), option, value}).status, tsmctl::failed);
    EXPECT_EQ(verify({report(), "--challenge", nonce_, "--ak", data + "tpm-ovmf/ak.pem"}).status,
              tsmctl::failed);
    const std::string spr = golden::path("tdx-spr/quote_v4.bin");
    const Said vmpl = verify({spr, "--any-challenge", "--at", "1704067200", "--vmpl", "0"});
    EXPECT_TRUE(says(vmpl, "tdx, of which --vmpl says nothing")) << vmpl.out;
}

TEST_F(TsmctlInput, WhatCannotBeAskedTogetherIsWrongUsage) {
    EXPECT_EQ(
        verify({report(), "--challenge", nonce_, "--vmpl", "0", "--ak", data + "tpm-ovmf/ak.pem"})
            .status,
        tsmctl::usage);
    EXPECT_EQ(verify({report(), "--challenge", nonce_, "--roots", roots(), "--expect-pcr",
                      "4=" + policies::hex(32)})
                  .status,
              tsmctl::usage);
}

TEST_F(TsmctlInput, AKeyThatNothingVouchesForDoesNotHold) {
    const Said said = verify({quote(), "--challenge", quoted()});
    EXPECT_EQ(said.status, tsmctl::failed);
    EXPECT_TRUE(says(said, "FAILED  key             nothing vouches for it")) << said.out;
    EXPECT_TRUE(says(said, "the report does NOT hold"));
    const std::string shown = file("ak.hex", tsmfd::to_hex(tpm_.key()));
    EXPECT_EQ(verify({quote(), "--challenge", quoted(), "--ak", shown}).status, tsmctl::done);
}

// `--policy "$unset"` would ask for nothing, and any guest would hold.
TEST_F(TsmctlInput, AnEmptyWordIsWrongUsage) {
    for (const char* option :
         {"--policy", "--measurement", "--roots", "--certs", "--crl", "--qe-identity", "--eventlog",
          "--signature", "--ak", "--quote", "--vmpl", "--at", "--kind", "--expect-pcr"})
        EXPECT_EQ(verify({report(), "--challenge", nonce_, option, ""}).status, tsmctl::usage)
            << option;
    EXPECT_EQ(verify({report(), "--challenge", ""}).status, tsmctl::usage);
    EXPECT_EQ(verify({report(), "--challenge", nonce_, "--measurement", "00"}).status,
              tsmctl::usage);
}

TEST_F(TsmctlInput, ASignatureIsOfAQuoteAlone) {
    const std::string none = file("none", Bytes{});
    EXPECT_EQ(verify({quote(), "--challenge", quoted(), "--ak", data + "tpm-ovmf/ak.pem",
                      "--signature", none})
                  .status,
              tsmctl::failed);
    const std::string some = file("some", Bytes(8, 1));
    const Said said = verify(
        {quote(), "--challenge", quoted(), "--ak", data + "tpm-ovmf/ak.pem", "--signature", some});
    EXPECT_TRUE(says(said, "which has its signature in it")) << said.out;
}

// 200 kB cost half a minute.
TEST_F(TsmctlInput, JsonCostsWhatItsLengthSays) {
    std::string text = R"({"x":[{})";
    while (text.size() < 255'000)
        text += ",{}";
    text += "]}";
    std::string members = R"({"outblob":"00")";
    for (unsigned i = 0; members.size() < 255'000; ++i)
        members += ",\"" + std::to_string(i) + "\":1";
    members += "}";
    const std::clock_t start = std::clock();
    EXPECT_EQ(verify({report(), "--challenge", nonce_, "--collateral", file("json", text)}).status,
              tsmctl::failed);
    EXPECT_EQ(verify({file("members", members), "--challenge", nonce_}).status, tsmctl::failed);
    EXPECT_EQ(verify({file("deep", R"({"x":)" + std::string(200'000, '[')), "--challenge", nonce_})
                  .status,
              tsmctl::failed);
    // With a sanitizer's margin: it takes some 50 ms without.
    EXPECT_LT(std::clock() - start, 5 * CLOCKS_PER_SEC);
}

// An option that says nothing of the evidence is refused, never ignored.
TEST_F(TsmctlInput, AnOptionIsNeverIgnored) {
    GOLDEN_OR_SKIP();
    const std::string log = file("log", tpm_.event_log);
    const std::string spr = golden::path("tdx-spr/quote_v4.bin");
    const Said said = verify({report(), "--challenge", nonce_, "--eventlog", log});
    EXPECT_EQ(said.status, tsmctl::failed);
    EXPECT_TRUE(says(said, "snp, of which --eventlog says nothing")) << said.out;
    EXPECT_EQ(
        verify({report(), "--challenge", nonce_, "--roots", roots(), "--privlevel", "0"}).status,
        tsmctl::failed);
    const std::string policy =
        file("policy.json", R"({"tdx": {"any_measurement": true, "roots": [)" +
                                policies::in_quotes(golden::path(golden::intel_chain)) + "]}}");
    EXPECT_EQ(verify({spr, "--any-challenge", "--at", "1704067200", "--policy", policy, "--certs",
                      roots()})
                  .status,
              tsmctl::failed);
}

TEST_F(TsmctlInput, MayBeHexadecimalOrBase64) {
    Bytes stream = snp_.report;
    evidence::append(stream, snp_.auxblob);
    std::vector<unsigned char> text(2 * stream.size());
    const int size = EVP_EncodeBlock(text.data(), stream.data(), static_cast<int>(stream.size()));
    std::string base64(text.begin(), text.begin() + size);
    for (std::size_t at = 64; at < base64.size(); at += 65)
        base64.insert(at, "\n");
    for (const std::string& name :
         {file("base64", base64), file("hex", tsmfd::to_hex(stream) + "\n")})
        EXPECT_EQ(verify({name, "--challenge", nonce_, "--roots", roots()}).status, tsmctl::done)
            << name;
}

TEST(Base64, IsReadPaddedOrNotAndInBothAlphabets) {
    const Bytes bytes = {0xfb, 0xef, 0xff, 0x01};
    for (const char* text : {"++//AQ==", "--__AQ==", "++//AQ", "--__AQ"})
        EXPECT_EQ(tsmctl::from_base64(text), bytes) << text;
    for (const char* text :
         {"", "A", "+_AB", "-----BEGINPUBLICKEY-----AAAA-----ENDPUBLICKEY-----AA", "AAAAA", "AA=A",
          "AA===", "A===", "AA!A", "=", "{}"})
        EXPECT_FALSE(tsmctl::from_base64(text)) << text;
}

TEST_F(TsmctlInput, TakesCertificatesFromSeveralFiles) {
    const std::string vcek = file("vcek.der", snp_.authority().leaf());
    const std::string ask = file("ask.der", snp_.authority().ask());
    const std::string alone = file("alone", snp_.report);
    EXPECT_EQ(
        verify({alone, "--challenge", nonce_, "--roots", roots(), "--certs", vcek, "--certs", ask})
            .status,
        tsmctl::done);
    EXPECT_EQ(verify({alone, "--challenge", nonce_, "--roots", roots(), "--certs", vcek}).status,
              tsmctl::failed);
}

// Whichever of them it is, and before any report is looked at.
TEST_F(TsmctlInput, NamesAFileWithoutCertificates) {
    const std::string none = file("none.pem", std::string("nothing"));
    for (const char* option : {"--roots", "--certs", "--crl"}) {
        const Said said = verify({report(), "--challenge", nonce_, option, none});
        EXPECT_EQ(said.status, tsmctl::failed) << option;
        EXPECT_TRUE(said.err.starts_with("tsmctl: " + none + ": 7 bytes that are no ")) << said.err;
        EXPECT_EQ(said.out, "") << option;
    }
}

TEST_F(TsmctlInput, TakesRevocationLists) {
    const auto ark = tsmfd::ossl::read_certificates(snp_.root()).value();
    const auto ask = tsmfd::ossl::read_certificates(snp_.authority().ask()).value();
    const auto key = snp_.root_key();
    const auto list = [&](std::vector<const X509*> revoked) {
        return crls::made({.issuer = ark.front().get(),
                           .key = key.get(),
                           .revoked = std::move(revoked),
                           .issued = std::time(nullptr) - 1000});
    };
    const std::string good = file("good.crl", list({}));
    const std::string bad = file("bad.crl", list({ask.front().get()}));
    const auto with = [&](const std::string& crl) {
        return verify({report(), "--challenge", nonce_, "--roots", roots(), "--crl", crl});
    };
    EXPECT_EQ(with(good).status, tsmctl::done);
    EXPECT_TRUE(says(with(good), "ok      revocation      SEV-Milan is not on the list"));
    EXPECT_EQ(with(bad).status, tsmctl::failed);
}

// A batch of one: the root is the hash of the leaf.
TEST_F(TsmctlInput, UnderstandsABatchsProof) {
    const tsmfd::BatchedChallenge asked{.inblob = *tsmfd::Inblob::from(emulated::nonce),
                                        .privlevel = 0,
                                        .format = tsmfd::Format::extended};
    const auto root = tsmfd::batch_leaf(asked);
    snp_.sign([&](Bytes& report) { std::copy(root.begin(), root.end(), report.begin() + 0x50); });
    Bytes stream(8);
    evidence::put(stream, 0, TSMFD_BATCH_PROOF_MAGIC);
    for (const std::size_t value : {std::size_t{1}, std::size_t{0}, std::size_t{1}, std::size_t{0},
                                    snp_.report.size(), snp_.auxblob.size(), std::size_t{0}})
        evidence::append_le32(stream, static_cast<std::uint32_t>(value));
    evidence::append(stream, snp_.report);
    evidence::append(stream, snp_.auxblob);
    const std::string batch = file("batch", stream);
    const auto with = [&](std::vector<std::string> more) {
        more.insert(more.begin(), {batch, "--roots", roots()});
        return verify(more);
    };
    const Said said = with({"--challenge", nonce_});
    EXPECT_EQ(said.status, tsmctl::done) << said.out;
    EXPECT_TRUE(says(said, "ok      proof           leaf 0 of 1")) << said.out;
    EXPECT_EQ(with({"--challenge", nonce_, "--privlevel", "0", "--format", "extended"}).status,
              tsmctl::done);
    EXPECT_EQ(with({"--challenge", nonce_, "--privlevel", "1"}).status, tsmctl::failed);
    EXPECT_EQ(with({"--challenge", nonce_, "--format", "default"}).status, tsmctl::failed);
    EXPECT_EQ(with({"--challenge", "00"}).status, tsmctl::failed);
    EXPECT_EQ(with({"--any-challenge"}).status, tsmctl::done);
}

TEST(ReportDataOf, ATdxQuoteIsFound) {
    GOLDEN_OR_SKIP();
    const Bytes quote = golden::read("tdx-spr/quote_v4.bin");
    const auto found = tsmfd::report_data_of(quote);
    ASSERT_TRUE(found);
    EXPECT_TRUE(std::ranges::equal(*found, std::span(quote).subspan(0x238, 64)));
}

// Bytes that are no UTF-8 in a name; an escape sequence of one's own.
TEST_F(TsmctlInput, WhateverTheEvidenceHasIsPrintable) {
    tsmfd::Verification verification;
    verification.fail("chain", "\x1b[2J\xff\xfe\n of a \xc3\xa9");
    EXPECT_EQ(verification.checks.front().detail, "?[2J??? of a ??");
    const Said said = verify({directory_.of("\xff\x1b[2J"), report(), "--any-challenge", "--json"});
    EXPECT_EQ(said.status, tsmctl::failed);
    EXPECT_TRUE(tsmctl::Json::accept(said.out)) << said.out;
    EXPECT_EQ(said.out.find('\x1b'), std::string::npos);
}

TEST_F(TsmctlInput, WhatIsNoReportIsSaidInItsLength) {
    GOLDEN_OR_SKIP();
    const Bytes none(1500, 0xee);
    EXPECT_EQ(tsmfd::Evidence::of_stream(none).outblob.size(), 1500U);
    const Said said = verify({file("none", none), "--any-challenge"});
    EXPECT_EQ(said.status, tsmctl::failed);
    EXPECT_TRUE(says(said, "1500 bytes that are no report")) << said.out;
    for (const std::size_t size : {0U, 16U, 1184U, 4000U}) {
        const Bytes bytes(size, 0xee);
        const auto document = tsmctl::document_of(tsmfd::Evidence::of_stream(bytes));
        ASSERT_FALSE(document) << size;
        EXPECT_EQ(document.error().what.find("SNP report of version"), std::string::npos);
        EXPECT_NE(document.error().what.find(std::to_string(size) + " bytes"), std::string::npos);
    }
    Bytes sgx = golden::read("tdx-spr/quote_v4.bin");
    evidence::put_le(sgx, 0, 3, 2);
    evidence::put_le(sgx, 4, 0, 4);
    EXPECT_NE(tsmctl::document_of(tsmfd::Evidence::of_stream(sgx))
                  .error()
                  .what.find("a quote it would be of version 3"),
              std::string::npos);
}

TEST_F(TsmctlInput, TakesAQuotesThreeFiles) {
    const auto report = tsmfd::parse_tpm_report(tpm_.outblob).value();
    const std::string message = file("msg", evidence::exactly(report.attest));
    const std::string signature = file("sig", evidence::exactly(report.signature));
    EXPECT_EQ(verify({message, "--signature", signature, "--ak", data + "tpm-ovmf/ak.pem",
                      "--challenge", quoted()})
                  .status,
              tsmctl::done);
    EXPECT_EQ(verify({message, "--ak", data + "tpm-ovmf/ak.pem", "--challenge", quoted()}).status,
              tsmctl::failed);
    EXPECT_EQ(verify({message, "--signature", signature, "--challenge", quoted()}).status,
              tsmctl::failed);
    const auto shown = tsmctl::document_of(tsmfd::Evidence::of_stream(report.attest));
    ASSERT_TRUE(shown);
    EXPECT_EQ((*shown)["extra_data"], quoted());
}

} // namespace

// SPDX-License-Identifier: MIT
//
// HCL reports as a policy's file and tsmctl verify ask for them.
#include "checks.hpp"
#include "directory.hpp"
#include "golden.hpp"
#include "hcl_signed.hpp"
#include "tsmctl_words.hpp"

#include <tsmfd/evidence/policy.hpp>
#include <tsmfd/hex.hpp>

#include <string>

#include <gtest/gtest.h>

namespace {

using checks::failed;
using checks::Names;
using evidence::Bytes;
using tsmfd::Policy;
using tsmfd::Question;

std::string text_of(const Bytes& bytes) {
    return {bytes.begin(), bytes.end()};
}

class HclPolicyText : public testing::Test {
protected:
    void SetUp() override {
        directory_.write("ark.pem", text_of(made_.snp.root()));
        directory_.write("certificates.pem", text_of(made_.certificates()));
    }

    // Of these members of the section's parts, beside roots and certificates.
    [[nodiscard]] tsmfd::Result<Policy> policy(const std::string& snp,
                                               const std::string& tpm) const {
        return Policy::parse(R"({"hcl": {"snp": {"roots": ["ark.pem"],
                                 "certificates": ["certificates.pem"])" +
                                 snp + "}" + tpm + "}}",
                             directory_.path());
    }
    Names failures(const std::string& snp, const std::string& tpm) {
        const auto read = policy(snp, tpm);
        if (!read)
            return {read.error().what};
        const Bytes outblob = made_.outblob();
        return failed(read->verify({.outblob = outblob, .auxblob = {}},
                                   Question().challenge(made_.challenge)));
    }

    hcl::Signed made_;
    Directory directory_;
};

constexpr const char* any = R"(, "any_measurement": true)";
constexpr const char* any_tpm = R"(, "tpm": {"any_measurement": true})";

TEST_F(HclPolicyText, HoldsIfItSaysSomethingOfEachPart) {
    EXPECT_EQ(failures(any, any_tpm), Names{});
    EXPECT_EQ(failures("", any_tpm), Names{"policy"});
    EXPECT_EQ(failures(any, ""), Names{"policy"});
}

TEST_F(HclPolicyText, IsAboutThePartsThatItNames) {
    EXPECT_EQ(failures(R"(, "measurements": [")" + std::string(96, '1') + "\"]", any_tpm),
              Names{"measurement"});
    EXPECT_EQ(failures(any, R"(, "tpm": {"pcrs": {"4": [")" + std::string(64, '1') + "\"]}}"),
              Names{"pcr sha256:4"});
    EXPECT_EQ(failures(std::string(any) + R"(, "vmpl": 2)", any_tpm), Names{"vmpl"});
}

TEST_F(HclPolicyText, NamesWhatIsWrongWithIt) {
    EXPECT_EQ(failures(any, R"(, "tpm": {"any_measurement": true, "pcr": {}})"),
              Names{"hcl.tpm.pcr: unknown"});
    EXPECT_EQ(failures(R"(, "vmpl": 4)", ""), Names{"hcl.snp.vmpl: not a whole number of 0 to 3"});
    EXPECT_EQ(Policy::parse(R"({"hcl": {"tpm": {"any_measurement": true}}})", ".").error().what,
              "hcl: about neither snp nor tdx, whose report it would have in it");
}

// What is wrapped up in a paravisor's report is no report of the processor's.
TEST_F(HclPolicyText, OfOtherKindsTakesNone) {
    const auto bare = Policy::parse(R"({"snp": {"roots": ["ark.pem"], "any_measurement": true},
                                        "tpm": {"any_measurement": true}})",
                                    directory_.path());
    const Bytes outblob = made_.outblob();
    EXPECT_EQ(failed(bare->verify({.outblob = outblob, .auxblob = {}}, Question())), Names{"kind"});
    const auto hcl = policy(any, any_tpm);
    const Bytes hardware = made_.snp.report;
    EXPECT_EQ(failed(hcl->verify({.outblob = hardware, .auxblob = {}}, Question())), Names{"kind"});
}

TEST_F(HclPolicyText, OfTsmctlIsAskedForByName) {
    directory_.write("report", text_of(made_.outblob()));
    const std::string challenge = tsmfd::to_hex(made_.challenge);
    const auto verify = [&](std::vector<std::string> more) {
        more.insert(more.end(),
                    {directory_.of("report"), "--challenge", challenge, "--roots",
                     directory_.of("ark.pem"), "--certs", directory_.of("certificates.pem")});
        return words::verify(more);
    };
    const auto held = verify({"--kind", "hcl"});
    EXPECT_EQ(held.status, tsmctl::done) << held.out;
    EXPECT_NE(held.out.find("ok      quote           signed by the claims' HCLAkPub"),
              std::string::npos);
    const auto unasked = verify({});
    EXPECT_EQ(unasked.status, tsmctl::failed);
    EXPECT_NE(unasked.out.find("taken only of who asks for it: --kind hcl"), std::string::npos);
    EXPECT_EQ(verify({"--kind", "snp"}).status, tsmctl::failed);
    EXPECT_EQ(verify({"--kind", "hcl", "--measurement", std::string(96, '1')}).status,
              tsmctl::failed);
    EXPECT_EQ(verify({"--kind", "tpm"}).status, tsmctl::usage); // --roots says nothing of a TPM
    EXPECT_EQ(verify({"--quote", directory_.of("ark.pem")}).status, tsmctl::failed);
}

// Options about the other kind of hardware say nothing of this report.
TEST_F(HclPolicyText, OfTsmctlIsOfOneKindOfHardware) {
    directory_.write("report", text_of(made_.outblob()));
    directory_.write("identity", "{}");
    const auto verify = [&](std::vector<std::string> more) {
        more.insert(more.end(),
                    {directory_.of("report"), "--any-challenge", "--kind", "hcl", "--roots",
                     directory_.of("ark.pem"), "--certs", directory_.of("certificates.pem")});
        return words::verify(more).status;
    };
    EXPECT_EQ(verify({}), tsmctl::done);
    EXPECT_EQ(verify({"--vmpl", "0"}), tsmctl::done);
    EXPECT_EQ(verify({"--vmpl", "0", "--qe-identity", directory_.of("identity")}), tsmctl::usage);
}

TEST_F(HclPolicyText, OfATdHasTheTpmsEventsInTheTpmsPart) {
    const auto policy = Policy::parse(
        R"({"hcl": {"tdx": {"any_measurement": true, "events": [{"rtmr": 1, "digests": [")" +
            std::string(96, '1') + R"("]}]}}})",
        ".");
    ASSERT_FALSE(policy);
    EXPECT_TRUE(policy.error().what.starts_with("hcl.tdx.events: ")) << policy.error().what;
}

TEST(HclGoldenWords, TakeTheTpmsEventLog) {
    GOLDEN_OR_SKIP();
    Directory directory;
    directory.write("log", text_of(hcl::event_log()));
    const auto said =
        words::verify({golden::path("azure-tdx/hcl-report.bin"), "--any-challenge", "--roots",
                       golden::path(golden::intel_chain), "--at", "1767225600", "--quote",
                       golden::path("azure-tdx/td-quote.bin"), "--eventlog", directory.of("log")});
    // It has no quote that the log could lead to; but it is no TD's log either.
    EXPECT_EQ(said.out.find("it is a TPM's, not a TD's"), std::string::npos) << said.out;
}

TEST(HclGoldenWords, RefuseWhatIsAboutOtherHardware) {
    GOLDEN_OR_SKIP();
    const std::vector<std::string> tdx = {golden::path("azure-tdx/hcl-report.bin"),
                                          "--any-challenge", "--kind", "hcl"};
    auto with_vmpl = tdx;
    with_vmpl.insert(with_vmpl.end(), {"--vmpl", "0"});
    const auto said = words::verify(with_vmpl);
    EXPECT_EQ(said.status, tsmctl::failed);
    EXPECT_NE(said.out.find("of which --vmpl says nothing"), std::string::npos) << said.out;
    auto twice = tdx;
    for (int i = 0; i < 2; ++i)
        twice.insert(twice.end(), {"--quote", golden::path("azure-tdx/td-quote.bin")});
    EXPECT_EQ(words::verify(twice).status, tsmctl::usage);
}

TEST(HclGoldenWords, HoldWithTheQuotesBesideThem) {
    GOLDEN_OR_SKIP();
    const std::string milan = golden::path("snp-milan/ask_ark_milan.pem");
    std::vector<std::string> snp = {golden::path("azure-snp/hcl-report.bin"),
                                    "--any-challenge",
                                    "--roots",
                                    milan,
                                    "--certs",
                                    golden::path("azure-snp/vcek.pem"),
                                    "--certs",
                                    milan,
                                    "--kind",
                                    "hcl",
                                    "--at",
                                    "1767225600"};
    EXPECT_EQ(words::verify(snp).status, tsmctl::done);
    // The quote in that folder is of another machine's TPM.
    snp.insert(snp.end(), {"--quote", golden::path("azure-snp/tpm-quote.msg"), "--signature",
                           golden::path("azure-snp/tpm-quote.sig")});
    const auto other = words::verify(snp);
    EXPECT_EQ(other.status, tsmctl::failed);
    EXPECT_NE(other.out.find("not signed by the claims' HCLAkPub"), std::string::npos) << other.out;

    std::vector<std::string> tdx = {golden::path("azure-tdx/hcl-report.bin"),
                                    "--any-challenge",
                                    "--roots",
                                    golden::path(golden::intel_chain),
                                    "--kind",
                                    "hcl",
                                    "--at",
                                    "1767225600"};
    const auto without = words::verify(tdx);
    EXPECT_EQ(without.status, tsmctl::failed);
    EXPECT_NE(without.out.find("td quote"), std::string::npos) << without.out;
    tdx.insert(tdx.end(), {"--quote", golden::path("azure-tdx/td-quote.bin")});
    const auto held = words::verify(tdx);
    EXPECT_EQ(held.status, tsmctl::done) << held.out;
    EXPECT_NE(held.out.find("the report holds; TCB unknown"), std::string::npos) << held.out;
}

} // namespace

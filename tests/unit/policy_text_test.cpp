// SPDX-License-Identifier: MIT
//
// The text of a policy: what is read, and what is refused.
#include "checks.hpp"
#include "policies.hpp"
#include "snp/snp_policy.hpp"
#include "tdx/tdx_policy.hpp"
#include "tpm/tpm_policy.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace {

using checks::failed;
using namespace policies;

tsmfd::Error refused(const std::string& text) {
    const auto policy = Policy::parse(text, TSMFD_TEST_DATA);
    EXPECT_FALSE(policy) << text;
    return policy ? tsmfd::Error{} : policy.error();
}

// PEM as a policy may have it in place of a file's name.
std::string in_json(const Bytes& pem) {
    std::string text;
    for (const std::uint8_t c : pem)
        text += c == '\n' ? std::string("\\n") : std::string(1, static_cast<char>(c));
    return in_quotes(text);
}

TEST(PolicyText, IsReadMemberByMember) {
    const Policy policy = parsed(
        R"({"description": "two images",
            "snp": {"measurements": [")" +
        hex(48) + R"(", ")" + hex(48, "0F") + R"("], "vmpl": 1, "vmpl_max": 2,
                    "minimum_tcb": {"fmc": 1, "boot_loader": 2, "tee": 3, "snp": 4, "microcode": 255}},
            "tdx": {"mrtd": [")" +
        hex(48) + R"("], "rtmr0": [")" + hex(48, "00") + R"("], "rtmr3": [")" + hex(48, "33") +
        R"("], "minimum_tcb": ")" + hex(16, "07") + R"("},
            "tpm": {"key_names": ["000b)" +
        hex(32) + R"("], "pcrs": {"sha256:4": [")" + hex(32) + R"(", ")" + hex(32, "b") +
        R"("], "sha384:0": [")" + hex(48) + R"("]}}})");
    ASSERT_TRUE(policy.snp() != nullptr && policy.tdx() != nullptr && policy.tpm() != nullptr);
    EXPECT_EQ(policy.snp()->members().measurements,
              (std::vector<Bytes>{Bytes(48, 0xaa), Bytes(48, 0x0f)}));
    EXPECT_EQ(policy.snp()->members().vmpl, 1U);
    EXPECT_EQ(policy.snp()->members().vmpl_max, 2U);
    EXPECT_EQ(policy.snp()->members().minimum_tcb,
              (tsmfd::SnpTcb{.fmc = 1, .boot_loader = 2, .tee = 3, .snp = 4, .microcode = 255}));
    EXPECT_FALSE(policy.snp()->members().debug_allowed);
    EXPECT_FALSE(policy.tdx()->members().debug_allowed);
    EXPECT_EQ(policy.tdx()->members().mr_td, std::vector<Bytes>{Bytes(48, 0xaa)});
    EXPECT_EQ(policy.tdx()->members().rtmr[0], std::vector<Bytes>{Bytes(48, 0x00)});
    EXPECT_TRUE(policy.tdx()->members().rtmr[1].empty());
    EXPECT_EQ(policy.tdx()->members().rtmr[3], std::vector<Bytes>{Bytes(48, 0x33)});
    ASSERT_TRUE(policy.tdx()->members().minimum_tcb);
    EXPECT_EQ(policy.tdx()->members().minimum_tcb->at(15), 7);
    EXPECT_EQ(policy.tpm()->members().key_names.at(0).size(), 34U);
    EXPECT_FALSE(policy.snp()->members().any_measurement);
    EXPECT_FALSE(policy.tpm()->members().any_measurement);
    EXPECT_EQ(policy.tpm()->members().pcrs.size(), 3U);
}

TEST(PolicyText, NamesWhatIsWrong) {
    const std::vector<std::pair<std::string, std::string>> wrong = {
        {R"({"snp": {}, "sev": {}})", "sev: unknown"},
        {R"({"snp": {"measurement": []}})", "snp.measurement: unknown"},
        {R"({"snp": {"minimum_tcb": {"bootloader": 4}}})", "snp.minimum_tcb.bootloader: unknown"},
        {R"({"snp": []})", "snp: array, not an object"},
        {R"({"snp": {"debug": "no"}})", "snp.debug: string, not true or false"},
        {R"({"snp": {"measurements": "aa"}})", "snp.measurements: string, not a list"},
        {R"({"snp": {"measurements": []}})", "snp.measurements: an empty list"},
        {R"({"snp": {"measurements": [")" + hex(48) + R"(", 7]}})",
         "snp.measurements[1]: number, not a string"},
        {R"({"snp": {"measurements": [")" + hex(48).substr(1) + R"("]}})",
         "snp.measurements[0]: 95 hex digits, not 96"},
        {R"({"snp": {"measurements": [")" + hex(47) + R"(xy"]}})",
         "snp.measurements[0]: hex text with no digit at 94"},
        {R"({"snp": {"vmpl_max": 4}})", "snp.vmpl_max: not a whole number of 0 to 3"},
        {R"({"snp": {"vmpl_max": -1}})", "snp.vmpl_max: not a whole number of 0 to 3"},
        {R"({"snp": {"vmpl_max": 1.0}})", "snp.vmpl_max: not a whole number of 0 to 3"},
        {R"({"snp": {"minimum_tcb": {"snp": 256}}})",
         "snp.minimum_tcb.snp: not a whole number of 0 to 255"},
        {R"({"tdx": {"rtmr4": []}})", "tdx.rtmr4: unknown"},
        {R"({"tdx": {"events": []}})", "tdx.events: an empty list"},
        {R"({"tdx": {"events": [{"rtmr": 4, "digests": [")" + hex(48) + R"("]}]}})",
         "tdx.events[0].rtmr: not a whole number of 0 to 3"},
        {R"({"tdx": {"events": [{"digests": [")" + hex(48) + R"("]}]}})",
         "tdx.events[0].rtmr: is missing"},
        {R"({"tdx": {"events": [{"rtmr": 1}]}})", "tdx.events[0].digests: is missing"},
        {R"({"tdx": {"events": [{"rtmr": 1, "digests": [")" + hex(32) + R"("]}]}})",
         "tdx.events[0].digests[0]: 64 hex digits, not 96"},
        {R"({"tpm": {"events": [{"pcr": "4", "digests": [")" + hex(32) + R"("]}]}})",
         "tpm.events[0].pcr: not like sha256:9"},
        {R"({"tpm": {"events": [{"pcr": "sha256:24", "digests": [")" + hex(32) + R"("]}]}})",
         "tpm.events[0].pcr: not like sha256:9"},
        {R"({"tpm": {"events": [{"pcr": "sha256:4", "digest": [")" + hex(32) + R"("]}]}})",
         "tpm.events[0].digests: is missing"},
        {R"({"tdx": {"mrtd": [")" + hex(32) + R"("]}})", "tdx.mrtd[0]: 64 hex digits, not 96"},
        {R"({"tdx": {"minimum_tcb": ")" + hex(15) + R"("}})",
         "tdx.minimum_tcb: 30 hex digits, not 32"},
        {R"({"tdx": {"minimum_tcb": 3}})", "tdx.minimum_tcb: number, not a string"},
        {R"({"tpm": {"pcrs": {}}})", "tpm.pcrs: an empty object"},
        {R"({"tpm": {"pcrs": []}})", "tpm.pcrs: array, not an object"},
        {R"({"tpm": {"pcrs": {"4": [")" + hex(32) + R"("], "sha256:4": [")" + hex(32) + R"("]}}})",
         "tpm.pcrs.sha256:4: there twice"},
        {R"({"tpm": {"key_names": ["000b)" + hex(31) + R"("]}})",
         "tpm.key_names[0]: not the name of a TPM's key in hexadecimal"},
        {R"({"tpm": {"any_key": true}})",
         "tpm.any_key: a key that nothing vouches for is none to trust; name it in keys or in "
         "key_names"},
        {R"({"snp": {"any_measurement": true, "measurements": [")" + hex(48) + R"("]}})",
         "snp.any_measurement: true, beside measurements"},
        {R"({"snp": {"minimum_tcb": {"milan": {"fmc": 300}}}})",
         "snp.minimum_tcb.milan.fmc: not a whole number of 0 to 255"},
        {R"({"snp": {"minimum_tcb": {"milan": {"snp": 1}, "rome": {}}}})",
         "snp.minimum_tcb.rome: unknown"},
        {R"({"snp": {"minimum_tcb": {"milan": {"snp": 1}, "snp": 4}}})",
         "snp.minimum_tcb.snp: unknown"},
        {R"({"snp": {"platform_info": {"smt": true}}})", "snp.platform_info.smt: unknown"},
        {R"({"snp": {"chip_ids": [")" + hex(63) + R"("]}})",
         "snp.chip_ids[0]: 126 hex digits, not 128"},
        {R"({"snp": {"host_data": [")" + hex(48) + R"("]}})",
         "snp.host_data[0]: 96 hex digits, not 64"},
        {R"({"snp": {}, "snp": {}})", "snp: there twice"},
        {R"({"snp": {"debug": true, "debug": false}})", "debug: there twice"},
        {R"({"description": 1, "snp": {}})", "description: number, not a string"},
        {R"({})", "a policy about none of snp, tdx, tpm and hcl"},
        {R"([])", "array, not an object"},
    };
    for (const auto& [text, what] : wrong) {
        EXPECT_EQ(refused(text).what, what);
        EXPECT_EQ(refused(text).code, EINVAL) << text;
    }
    EXPECT_EQ(refused(R"({"tpm": {"pcrs": {"sha256:24": [")" + hex(32) + R"("]}}})").code, EINVAL);
    for (const char* text : {"", "{", "{}{}", R"({"snp": {},})", "\xff", R"({"snp": {}} x)"})
        EXPECT_EQ(refused(text).code, EINVAL) << text;
}

TEST(PolicyText, NamesFilesThatItCannotUse) {
    EXPECT_EQ(refused(R"({"snp": {"roots": ["nothing-here.pem"]}})").code, ENOENT);
    EXPECT_EQ(refused(R"({"snp": {"roots": ["tpm-ovmf"]}})").code, EISDIR);
    EXPECT_EQ(refused(R"({"tpm": {"keys": ["tpm-ovmf/report.bin"]}})").code, EBADMSG);
    EXPECT_EQ(Policy::read("/nothing/here.json").error().code, ENOENT);
    EXPECT_EQ(refused(R"({"snp": {"roots": ["/dev/zero"]}})").code, EFBIG);
    EXPECT_EQ(Policy::read("/dev/zero").error().code, EFBIG);
    const std::string root = in_json(evidence::read_data("roots/nobody.pem"));
    const tsmfd::Error error =
        refused(R"({"snp": {"roots": [)" + root + R"(, "tpm-ovmf/report.bin"]}})");
    EXPECT_EQ(error.code, EBADMSG);
    EXPECT_TRUE(error.what.starts_with("snp.roots[1]: ")) << error.what;
    EXPECT_EQ(refused(R"({"tpm": {"keys": [)" + root + "]}}").code, EBADMSG);
}

TEST(PolicyText, MayHoldItsCertificatesAndKeysItself) {
    const evidence::TpmEvidence real("tpm-ovmf");
    EXPECT_TRUE(verify_tpm(R"({"tpm": {"any_measurement": true, "keys": [)" +
                               in_json(evidence::read_data("tpm-ovmf/ak.pem")) + "]}}",
                           real)
                    .ok());
    GOLDEN_OR_SKIP();
    const std::string tdx =
        R"({"tdx": {"any_measurement": true, "roots": [)" + in_json(golden::intel_root()) + "]}}";
    EXPECT_TRUE(verify_tdx(tdx).ok()) << testing::PrintToString(failed(verify_tdx(tdx)));
}

TEST(PolicyText, OfAFileNamesFilesBesideIt) {
    const std::string file = testing::TempDir() + "tsmfd-policy.json";
    std::ofstream(file) << R"({"snp": {"vmpl_max": 9}})";
    const auto policy = Policy::read(file);
    ASSERT_FALSE(policy);
    EXPECT_TRUE(policy.error().what.starts_with(file + ": snp.vmpl_max: ")) << policy.error().what;
    std::ofstream(file) << R"({"tpm": {"keys": ["tsmfd-policy.pem"]}})";
    std::ofstream(testing::TempDir() + "tsmfd-policy.pem")
        << evidence::read_text("tpm-ovmf/ak.pem") << '\n';
    EXPECT_TRUE(Policy::read(file));
    std::filesystem::remove(file);
    std::filesystem::remove(testing::TempDir() + "tsmfd-policy.pem");
}

// Its files are not there; with each made, it is a policy.
TEST(PolicyText, OfTheDocumentationIsOne) {
    namespace fs = std::filesystem;
    const fs::path at = fs::path(testing::TempDir()) / "tsmfd-policy-example";
    fs::create_directories(at);
    const fs::path data(TSMFD_TEST_DATA);
    fs::copy_file(data / "../../../Documentation/policy.json", at / "policy.json",
                  fs::copy_options::overwrite_existing);
    fs::copy_file(data / "tpm-ovmf/ak.pem", at / "ak.pem", fs::copy_options::overwrite_existing);
    for (const char* file : {"ark_milan.pem", "intel_sgx_root.pem"})
        fs::copy_file(data / "roots/nobody.pem", at / file, fs::copy_options::overwrite_existing);
    const auto policy = Policy::read(at / "policy.json");
    ASSERT_TRUE(policy) << policy.error().message();
    EXPECT_TRUE(policy->snp() != nullptr && policy->tdx() != nullptr && policy->tpm() != nullptr);
    fs::remove_all(at);
}

} // namespace

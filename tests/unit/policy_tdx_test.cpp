// SPDX-License-Identifier: MIT
//
// The members of a policy's section for TDX that are about its platform and its owner.
#include "checks.hpp"
#include "directory.hpp"
#include "golden.hpp"
#include "policies.hpp"
#include "tdx/tdx_policy.hpp"

#include <tsmfd/evidence/qe_identity.hpp>

#include <string>
#include <utility>
#include <vector>

namespace {

using checks::failed;
using checks::Names;
using evidence::Bytes;
using policies::hex;
using policies::parsed;
using policies::tdx_policy;
using policies::verify_tdx;
using tsmfd::Policy;

const std::string identity = R"({"enclaveIdentity": {"id": "TD_QE", "version": 2,
    "miscselect": "00000000", "miscselectMask": "FFFFFFFF",
    "attributes": "11000000000000000000000000000000",
    "attributesMask": "FBFFFFFFFFFFFFFF0000000000000000", "mrsigner": ")" +
                             hex(32, "b") + R"(", "isvprodid": 2, "tcbLevels": [
    {"tcb": {"isvsvn": 4}, "tcbDate": "2024-11-13T00:00:00Z", "tcbStatus": "UpToDate"}]}})";

TEST(PolicyOfTdx, IsReadMemberByMember) {
    GOLDEN_OR_SKIP();
    std::string members;
    for (const char* name :
         {"mrseam", "mrsignerseam", "mrconfigid", "mrowner", "mrownerconfig", "mrservicetd"})
        members += std::string(", \"") + name + R"(": [")" + hex(48) + "\"]";
    const Policy policy =
        parsed(tdx_policy(members + R"(, "migration": true, "qe_identity": )" + identity));
    const std::vector<Bytes> wanted = {Bytes(48, 0xaa)};
    EXPECT_EQ(policy.tdx()->members().mr_seam, wanted);
    EXPECT_EQ(policy.tdx()->members().mr_signer_seam, wanted);
    EXPECT_EQ(policy.tdx()->members().mr_config_id, wanted);
    EXPECT_EQ(policy.tdx()->members().mr_owner, wanted);
    EXPECT_EQ(policy.tdx()->members().mr_owner_config, wanted);
    EXPECT_EQ(policy.tdx()->members().mr_service_td, wanted);
    EXPECT_TRUE(policy.tdx()->members().migration_allowed);
    ASSERT_TRUE(policy.tdx()->members().qe_identity);
    EXPECT_EQ(policy.tdx()->members().qe_identity->mr_signer[31], 0xbb);
    EXPECT_EQ(policy.tdx()->members().qe_identity->levels.at(0).isv_svn, 4);
    EXPECT_FALSE(parsed(tdx_policy()).tdx()->members().migration_allowed);
    EXPECT_FALSE(parsed(tdx_policy()).tdx()->members().qe_identity);
}

TEST(PolicyOfTdx, HoldsAQuoteToItsMembers) {
    GOLDEN_OR_SKIP();
    const Names other = {"mrconfigid", "mrowner", "mrownerconfig", "mrseam", "mrservicetd"};
    std::string members;
    for (const std::string& name : other)
        members += ", \"" + name + R"(": [")" + hex(48) + "\"]";
    EXPECT_EQ(failed(verify_tdx(tdx_policy(members))), other);
    EXPECT_EQ(failed(verify_tdx(tdx_policy(R"(, "mrsignerseam": [")" + hex(48) + "\"]"))),
              Names{"tdx module"});
    EXPECT_EQ(failed(verify_tdx(tdx_policy(R"(, "qe_identity": )" + identity))),
              Names{"qe identity"});
}

TEST(PolicyOfTdx, HasItsIdentityInAFileToo) {
    const Directory directory;
    directory.write("identity.json", identity);
    const auto read = [&](const std::string& name) {
        return Policy::parse(R"({"tdx": {"qe_identity": ")" + name + "\"}}", directory.path());
    };
    EXPECT_TRUE(read("identity.json"));
    EXPECT_EQ(read("nothing.json").error().code, ENOENT);
    directory.write("identity.json", "{}");
    EXPECT_EQ(read("identity.json").error().what, "tdx.qe_identity: id: missing");
}

TEST(PolicyOfTdx, SaysWhichTcbMayHold) {
    GOLDEN_OR_SKIP();
    using tsmfd::TcbStatus;
    const Policy policy = parsed(tdx_policy(
        R"(, "collateral_required": true, "tcb_statuses": ["UpToDate", "SWHardeningNeeded"])"));
    EXPECT_TRUE(policy.tdx()->members().collateral_required);
    EXPECT_EQ(policy.tdx()->members().tcb_statuses,
              (std::vector<TcbStatus>{TcbStatus::up_to_date, TcbStatus::sw_hardening_needed}));
    EXPECT_EQ(failed(verify_tdx(tdx_policy(R"(, "collateral_required": true)"))), Names{"tcb"});
    const auto refused = [](const std::string& members) {
        return Policy::parse(tdx_policy(members), TSMFD_TEST_DATA).error().what;
    };
    EXPECT_EQ(refused(R"(, "tcb_statuses": ["UpToDate", "Fine"])"),
              "tdx.tcb_statuses[1]: 'Fine' is no status that can be allowed");
    EXPECT_EQ(refused(R"(, "tcb_statuses": ["Revoked"])"),
              "tdx.tcb_statuses[0]: 'Revoked' is no status that can be allowed");
    EXPECT_EQ(refused(R"(, "tcb_statuses": [])"), "tdx.tcb_statuses: an empty list");
    EXPECT_EQ(refused(R"(, "collateral": ["batch/vectors.json"])"),
              "tdx.collateral: JSON that is neither TCB info, nor a QE identity, nor both with "
              "their signatures");
}

TEST(QeIdentity, NamesWhatIsWrong) {
    const auto with = [](const std::string& what, const std::string& by) {
        std::string text = identity;
        return text.replace(text.find(what), what.size(), by);
    };
    const std::vector<std::pair<std::string, std::string>> wrong = {
        {with("TD_QE", "QE"), "enclaveIdentity.id: 'QE', not TD_QE"},
        {with("\"version\": 2", "\"version\": 1"), "enclaveIdentity.version: not 2"},
        {with("\"miscselect\"", "\"misc\""), "enclaveIdentity.miscselect: missing"},
        {with("FFFFFFFF", "FFFFFF"), "enclaveIdentity.miscselectMask: 6 hex digits, not 8"},
        {with("UpToDate", "Fine"),
         "enclaveIdentity.tcbLevels[0].tcbStatus: 'Fine' is no status that is known"},
        {with("\"isvsvn\": 4", "\"isvsvn\": 65536"),
         "enclaveIdentity.tcbLevels[0].tcb.isvsvn: not a whole number of 0 to 65535"},
        {with("\"tcb\":", "\"tbc\":"), "enclaveIdentity.tcbLevels[0].tcb: missing"},
        {"[]", "array, not an object"},
        {"7", "number, not an object"},
    };
    for (const auto& [text, what] : wrong) {
        const auto read = tsmfd::QeIdentity::parse(text);
        ASSERT_FALSE(read) << what;
        EXPECT_EQ(read.error().what, what);
        EXPECT_EQ(read.error().code, EINVAL);
    }
    for (std::size_t size = 0; size < identity.size(); ++size)
        EXPECT_FALSE(tsmfd::QeIdentity::parse(identity.substr(0, size)));
}

} // namespace

// SPDX-License-Identifier: MIT
//
// A quote's platform, module and quoting enclave against collateral that an emulated platform's
// root has signed.
#include "checks.hpp"
#include "collateral_files.hpp"
#include "pem_text.hpp"

#include <tsmfd/evidence/tdx_verify.hpp>

#include <string>
#include <vector>

namespace {

using checks::failed;
using checks::Names;
using collateral::Files;
using evidence::Bytes;
using forge::Parts;
using tsmfd::Check;
using tsmfd::TcbStatus;
using tsmfd::TdxPolicy;
using tsmfd::Verification;

class TdxTcb : public testing::Test {
protected:
    static TdxPolicy policy() {
        static const Bytes root = forge_.root();
        TdxPolicy policy;
        policy.roots(root);
        return policy;
    }
    static Verification verify(const Files& files, TdxPolicy policy = TdxTcb::policy(),
                               const Bytes& quote = forge_.genuine()) {
        policy.collateral(files.parsed());
        return tsmfd::verify_tdx({.outblob = quote, .auxblob = {}}, policy);
    }
    static Bytes with_svn(std::uint8_t major, std::uint8_t minor) {
        return forge_.quote([&](Parts& parts) {
            parts.body[0] = minor;
            parts.body[1] = major;
        });
    }
    static std::string why(const Verification& verification, std::string_view name) {
        const Check* check = verification.find(name);
        return check != nullptr ? check->detail : std::string();
    }

    static inline const forge::Forge forge_;
    Files files_{forge_};
};

TEST_F(TdxTcb, OfTheEmulatedPlatformIsUpToDateByItsOwnCollateral) {
    TdxPolicy policy = TdxTcb::policy();
    policy.collateral_required(true);
    auto own = collateral::parse({forge_.file("collateral.json")});
    ASSERT_TRUE(own) << own.error().message();
    policy.collateral(*own);
    const Verification verification =
        tsmfd::verify_tdx({.outblob = forge_.genuine(), .auxblob = {}}, policy);
    EXPECT_EQ(failed(verification), Names{});
    EXPECT_EQ(verification.tcb->status, "UpToDate");
    EXPECT_EQ(failed(verify(files_)), Names{});
}

TEST_F(TdxTcb, IsUnknownWithoutCollateralWhichAPolicyMayRefuse) {
    TdxPolicy policy = TdxTcb::policy();
    policy.qe_identity(forge_.identity());
    const auto without = [&] {
        return tsmfd::verify_tdx({.outblob = forge_.genuine(), .auxblob = {}}, policy);
    };
    EXPECT_TRUE(without().ok());
    EXPECT_EQ(without().find("tcb")->outcome, Check::Outcome::unasked);
    EXPECT_EQ(without().tcb->status, "unknown");
    policy.collateral_required(true);
    EXPECT_EQ(failed(without()), Names{"tcb"});
}

TEST_F(TdxTcb, HoldsForStatusesThatThePolicyAllows) {
    for (const char* status :
         {"SWHardeningNeeded", "ConfigurationNeeded", "ConfigurationAndSWHardeningNeeded",
          "OutOfDate", "OutOfDateConfigurationNeeded", "Revoked"}) {
        files_.tcb_info = files_.signed_info(
            {.status = status, .advisories = R"(,"advisoryIDs":["INTEL-SA-00001"])"});
        const Verification refused = verify(files_);
        EXPECT_EQ(failed(refused), Names{"tcb"}) << status;
        EXPECT_EQ(refused.tcb->status, status);
        EXPECT_EQ(refused.tcb->advisories, std::vector<std::string>{"INTEL-SA-00001"});
        EXPECT_NE(why(refused, "tcb").find("INTEL-SA-00001"), std::string::npos);
        TdxPolicy policy = TdxTcb::policy();
        policy.tcb_statuses({TcbStatus::up_to_date, *tsmfd::tcb_status_by_name(status)});
        EXPECT_EQ(verify(files_, policy).ok(), std::string_view(status) != "Revoked") << status;
    }
    TdxPolicy policy = TdxTcb::policy();
    policy.tcb_statuses({TcbStatus::out_of_date});
    EXPECT_EQ(failed(verify(Files(forge_), policy)), Names{"tcb"}); // UpToDate is not among them
}

TEST_F(TdxTcb, IsTheWorstOfPlatformModuleAndEnclave) {
    files_.tcb_info = files_.signed_info({.module_status = "OutOfDate"});
    EXPECT_EQ(why(verify(files_), "tcb"),
              "OutOfDate (TDX module 1.6 OutOfDate), which the policy does not allow");
    files_.tcb_info =
        files_.signed_info({.status = "ConfigurationNeeded", .module_status = "OutOfDate"});
    EXPECT_EQ(verify(files_).tcb->status, "OutOfDateConfigurationNeeded");
    files_.tcb_info = files_.signed_info({});
    files_.qe_identity = files_.signed_identity({.status = "Revoked"});
    EXPECT_EQ(verify(files_).tcb->status, "Revoked");
    EXPECT_EQ(failed(verify(files_)), Names{"tcb"});
}

TEST_F(TdxTcb, ThatIsOlderThanAllLevelsHoldsForNobody) {
    TdxPolicy policy = TdxTcb::policy();
    policy.tcb_statuses({TcbStatus::up_to_date, TcbStatus::out_of_date});
    const auto refused = [&](const char* part) {
        const Verification verification = verify(files_, policy);
        EXPECT_EQ(failed(verification), (Names{part, "tcb"}));
        EXPECT_EQ(verification.tcb->status, "NotSupported");
    };
    firmware::PckPlatform newer = forge::platform;
    ++newer.pce_svn;
    files_.tcb_info = files_.signed_info({.platform = newer});
    refused("tcb platform");
    newer = forge::platform;
    ++newer.cpu_svn[7];
    files_.tcb_info = files_.signed_info({.platform = newer});
    refused("tcb platform");
}

TEST_F(TdxTcb, OfAModuleIsJudgedByItsNumbers) {
    EXPECT_EQ(failed(verify(files_, policy(), with_svn(1, 1))), Names{});
    EXPECT_EQ(failed(verify(files_, policy(), with_svn(1, 0))), (Names{"tcb module", "tcb"}));
    EXPECT_EQ(failed(verify(files_, policy(), with_svn(7, 9))), (Names{"tcb module", "tcb"}));
    EXPECT_EQ(why(verify(files_, policy(), with_svn(7, 9)), "tcb module"),
              "the TCB info says nothing of a TDX module 7.9");
    // Of the first modules, the platform's levels speak.
    EXPECT_EQ(failed(verify(files_, policy(), with_svn(0, 0))), Names{});
}

TEST_F(TdxTcb, OfAnotherKindOfPlatformIsRefusedByItsName) {
    firmware::PckPlatform other = forge::platform;
    other.fmspc = {0x50, 0x80, 0x6f};
    files_.tcb_info = files_.signed_info({.platform = other});
    const Verification verification = verify(files_);
    EXPECT_EQ(failed(verification), (Names{"tcb info", "tcb"}));
    EXPECT_EQ(why(verification, "tcb info"), "of FMSPC 50806f000000, PCEID 0000, and the platform "
                                             "is FMSPC 90c06f000000, PCEID 0000");
    EXPECT_EQ(verification.tcb->status, "unknown");
    other = forge::platform;
    other.pce_id = {0, 1};
    files_.tcb_info = files_.signed_info({.platform = other});
    EXPECT_EQ(failed(verify(files_)), (Names{"tcb info", "tcb"}));
}

TEST_F(TdxTcb, IsWorthNothingOutsideItsTime) {
    const Names refused = {"collateral", "tcb"};
    files_.tcb_info = files_.signed_info({.issued = files_.now + 60});
    EXPECT_EQ(failed(verify(files_)), refused);
    files_.tcb_info = files_.signed_info({.next = files_.now - 60});
    EXPECT_EQ(failed(verify(files_)), refused);
    EXPECT_NE(why(verify(files_), "collateral").find("TCB info: out of date since"),
              std::string::npos);
    files_ = Files(forge_);
    TdxPolicy policy = TdxTcb::policy();
    policy.qe_identity(forge_.identity());
    files_.qe_identity = files_.signed_identity({.next = files_.now - 60});
    EXPECT_EQ(failed(verify(files_, policy)), refused);
}

TEST_F(TdxTcb, HasToBeThereWhole) {
    TdxPolicy policy = TdxTcb::policy();
    policy.qe_identity(forge_.identity());
    const auto without = [&](Bytes Files::*part) {
        Files files(forge_);
        (files.*part).clear();
        return failed(verify(files, policy));
    };
    EXPECT_EQ(without(&Files::tcb_info), (Names{"collateral", "tcb"}));
    EXPECT_EQ(without(&Files::qe_identity), (Names{"collateral", "tcb"}));
    EXPECT_EQ(without(&Files::signers), (Names{"collateral", "collateral", "tcb"}));
    EXPECT_EQ(without(&Files::pck_crl), Names{"revocation"});
    EXPECT_EQ(without(&Files::root_crl), (Names{"revocation", "revocation", "revocation", "tcb"}));
}

TEST_F(TdxTcb, RevokedCertificatesAreRefused) {
    const auto pck = forge_.certificate("pck");
    const auto ca = forge_.certificate("pck_ca");
    const auto signer = forge_.certificate("tcb_signing");
    files_.pck_crl = files_.list_of("pck_ca", {pck.get()});
    EXPECT_EQ(failed(verify(files_)), Names{"revocation"});
    EXPECT_NE(
        verify(files_).failures().find("Intel SGX PCK Certificate is on the list of Intel SGX "
                                       "PCK Platform CA"),
        std::string::npos);
    files_.pck_crl = files_.list_of("pck_ca", {signer.get()}); // whose issuer is another
    EXPECT_EQ(failed(verify(files_)), Names{});
    files_.root_crl = files_.list_of("root", {ca.get()});
    EXPECT_EQ(failed(verify(files_)), Names{"revocation"});
    // What he has signed counts for nothing: neither the TCB info nor the QE identity.
    files_.root_crl = files_.list_of("root", {signer.get()});
    EXPECT_EQ(failed(verify(files_)), (Names{"revocation", "revocation", "qe identity", "tcb"}));
    files_.root_crl = files_.list_of("root", {}, -60); // out of date
    EXPECT_EQ(failed(verify(files_)),
              (Names{"revocation", "revocation", "revocation", "qe identity", "tcb"}));
}

// Without collateral, too.
TEST_F(TdxTcb, ListsOfThePolicyAreLookedAt) {
    TdxPolicy policy = TdxTcb::policy();
    policy.qe_identity(forge_.identity());
    const auto refused = [&] {
        return failed(tsmfd::verify_tdx({.outblob = forge_.genuine(), .auxblob = {}}, policy));
    };
    EXPECT_EQ(refused(), Names{});
    policy.crl_required(true);
    EXPECT_EQ(refused(), Names{"revocation"});
    Bytes lists = pem_text::crl(files_.root_crl);
    policy.crls(lists);
    EXPECT_EQ(refused(), Names{"revocation"}); // the PCK CA has to have one, too
    evidence::append(lists, pem_text::crl(files_.pck_crl));
    policy.crls(lists);
    EXPECT_EQ(refused(), Names{});
    const auto pck = forge_.certificate("pck");
    policy.crl_required(false);
    lists = files_.list_of("pck_ca", {pck.get()});
    policy.crls(lists);
    EXPECT_EQ(refused(), Names{"revocation"});
}

// Only who is named for it signs collateral, though the root has certified others.
TEST_F(TdxTcb, IsSignedByTheSignerOfCollateralAlone) {
    const auto pck_key = forge_.key("pck");
    files_.tcb_info =
        collateral::bytes_of(firmware::signed_document("tcbInfo", files_.info({}), pck_key.get()));
    evidence::append(files_.signers, forge_.file("pck.pem"));
    evidence::append(files_.signers, forge_.file("pck_ca.pem"));
    EXPECT_EQ(failed(verify(files_)), (Names{"collateral", "tcb"}));

    const forge::Forge other;
    Files others(other);
    EXPECT_EQ(failed(verify(others)), (Names{"revocation", "revocation", "revocation", "collateral",
                                             "collateral", "qe identity", "tcb"}));
}

TEST_F(TdxTcb, IsRefusedWithAnyByteOfItChanged) {
    TdxPolicy policy = TdxTcb::policy();
    tsmfd::ChainCache chains;
    policy.chains(&chains);
    policy.qe_identity(forge_.identity());
    for (Bytes Files::*part : {&Files::tcb_info, &Files::qe_identity}) {
        Bytes& file = files_.*part;
        for (std::size_t i = 0; i < file.size(); i += 3) {
            file[i] ^= 1;
            const auto read = collateral::parse(files_.all());
            if (read) {
                policy.collateral(*read);
                EXPECT_FALSE(
                    tsmfd::verify_tdx({.outblob = forge_.genuine(), .auxblob = {}}, policy).ok())
                    << "byte " << i;
            }
            file[i] ^= 1;
        }
    }
    EXPECT_TRUE(verify(files_, policy).ok());
}

} // namespace

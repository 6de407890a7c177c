// SPDX-License-Identifier: MIT
//
// Collateral's files, in the forms in which people have them.
#include "collateral_files.hpp"
#include "pem_text.hpp"

#include <tsmfd/evidence/tcb_status.hpp>
#include <tsmfd/evidence/tdx_addresses.hpp>
#include <tsmfd/evidence/tdx_verify.hpp>
#include <tsmfd/hex.hpp>

#include <string>

namespace {

using collateral::bytes_of;
using collateral::Files;
using collateral::parse;
using evidence::Bytes;
using tsmfd::TcbStatus;
using tsmfd::worse;

class TdxCollateral : public testing::Test {
protected:
    static std::string text(const Bytes& bytes) { return {bytes.begin(), bytes.end()}; }
    static tsmfd::Error refused(const std::string& file) {
        const auto read = parse({bytes_of(file)});
        EXPECT_FALSE(read) << file.substr(0, 80);
        return read ? tsmfd::Error{} : read.error();
    }

    static inline const forge::Forge forge_;
    const Files files_{forge_};
};

TEST_F(TdxCollateral, IsReadInAnyFormThatCertificatesAndListsHave) {
    EXPECT_TRUE(parse(files_.all()));
    EXPECT_TRUE(parse({forge_.file("collateral.json")}));
    EXPECT_TRUE(parse({bytes_of(tsmfd::to_hex(files_.root_crl) + "\n")}));
    EXPECT_TRUE(parse({pem_text::crl(files_.root_crl)}));
    EXPECT_TRUE(parse(
        {bytes_of("HTTP/1.1 200 OK\r\nTCB-Info-Issuer-Chain: " +
                  pem_text::percent_encoded(text(files_.signers)) + "\r\nRequest-ID: 7\r\n\r\n")}));
    EXPECT_TRUE(parse({bytes_of("\n " + text(files_.tcb_info) + "\n")}));
    EXPECT_TRUE(parse({}));
}

TEST_F(TdxCollateral, IsReadAsTheServiceAnswers) {
    const std::string head =
        "HTTP/2 200\r\nTCB-Info-Issuer-Chain: " + pem_text::percent_encoded(text(files_.signers)) +
        "\r\nRequest-ID: 7\r\n\r\n";
    Files answered = files_;
    answered.tcb_info = bytes_of(head + text(files_.tcb_info));
    answered.pck_crl = bytes_of("HTTP/1.1 200 OK\r\n\r\n" + text(files_.pck_crl));
    answered.signers.clear();
    const Bytes root = forge_.root();
    tsmfd::TdxPolicy policy;
    policy.roots(root);
    policy.collateral(answered.parsed());
    EXPECT_TRUE(tsmfd::verify_tdx({.outblob = forge_.genuine(), .auxblob = {}}, policy).ok());
    EXPECT_EQ(refused("HTTP/1.1 404 Not\x1b[7m Found\r\n\r\n{}").what,
              "an answer that says 'HTTP/1.1 404 Not?[7m Found'");
    EXPECT_EQ(refused("HTTP/1.1 200 OK").code, EBADMSG);
}

TEST_F(TdxCollateral, OfAnEmulatedPlatformIsNotIntels) {
    EXPECT_EQ(tsmfd::tdx_addresses(forge_.genuine()).error().code, EOPNOTSUPP);
    EXPECT_EQ(tsmfd::tdx_addresses(Bytes(1184)).error().code, EOPNOTSUPP);
    EXPECT_EQ(tsmfd::tdx_addresses({}).error().code, EBADMSG);
}

TEST_F(TdxCollateral, SaysWhatIsWrong) {
    EXPECT_EQ(refused("").code, EBADMSG);
    EXPECT_EQ(refused("abc").code, EBADMSG);
    EXPECT_EQ(refused("-----BEGIN CERTIFICATE-----\nAAAA\n").code, EBADMSG);
    EXPECT_EQ(refused("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").code,
              EBADMSG);
    EXPECT_EQ(refused("{").code, EINVAL);
    EXPECT_EQ(refused("{}").code, EINVAL);
    EXPECT_EQ(refused(R"({"tcbInfo":{}})").what, "signature: missing");
    const std::string signature = R"(,"signature":")" + std::string(128, '0') + "\"}";
    EXPECT_EQ(refused(R"({"tcbInfo":{})" + signature).what, "tcbInfo.id: missing");
    EXPECT_EQ(refused(R"({"tcbInfo":[])" + signature).what, "tcbInfo: array, not an object");
    EXPECT_EQ(refused(R"({"enclaveIdentity":{})" + signature).what, "enclaveIdentity.id: missing");
    EXPECT_EQ(refused(R"({"\u0074cbInfo":{})" + signature).what,
              "tcbInfo: written in another way than Intel's service does");
    EXPECT_EQ(refused(R"({"tcb_info":"{}","qe_identity":7})").what, "qe_identity: not a string");
}

TEST_F(TdxCollateral, NamesTheMemberThatIsWrong) {
    const auto with = [&](const std::string& what, const std::string& by) {
        std::string info = text(files_.tcb_info);
        const std::size_t at = info.find(what);
        EXPECT_NE(at, info.npos) << what;
        return refused(info.replace(at, what.size(), by)).what;
    };
    EXPECT_EQ(with("\"TDX\"", "\"SGX\""), "tcbInfo.id: 'SGX', not TDX");
    EXPECT_EQ(with("\"version\":3", "\"version\":2"), "tcbInfo.version: not 3");
    EXPECT_EQ(with("\"tcbType\":0", "\"tcbType\":1"), "tcbInfo.tcbType: not 0");
    EXPECT_EQ(with("{\"svn\":4},", ""),
              "tcbInfo.tcbLevels[0].tcb.sgxtcbcomponents: 15 components, not 16");
    EXPECT_EQ(with("{\"svn\":4}", "{\"svn\":256}"),
              "tcbInfo.tcbLevels[0].tcb.sgxtcbcomponents[0].svn: not a whole number of 0 to 255");
    EXPECT_EQ(with("\"pcesvn\"", "\"pce\""), "tcbInfo.tcbLevels[0].tcb.pcesvn: missing");
    EXPECT_EQ(with("UpToDate", "Uptodate"),
              "tcbInfo.tdxModuleIdentities[0].tcbLevels[0].tcbStatus: "
              "'Uptodate' is no status that is known");
    EXPECT_NE(with("\"nextUpdate\":\"2", "\"nextUpdate\":\"x").find("is no time"),
              std::string::npos);
}

TEST_F(TdxCollateral, IsRefusedAtEveryTruncation) {
    for (const Bytes* file : {&files_.tcb_info, &files_.qe_identity, &files_.root_crl}) {
        for (std::size_t size = 0; size < file->size(); ++size)
            EXPECT_FALSE(parse({evidence::exactly(std::span(*file).first(size))})) << size;
    }
}

TEST(TcbStatus, HasNamesAsIntelWritesThem) {
    EXPECT_EQ(tsmfd::tcb_status_name(TcbStatus::configuration_and_sw_hardening_needed),
              "ConfigurationAndSWHardeningNeeded");
    EXPECT_EQ(tsmfd::tcb_status_by_name("Revoked"), TcbStatus::revoked);
    EXPECT_FALSE(tsmfd::tcb_status_by_name("revoked"));
    EXPECT_FALSE(tsmfd::tcb_status_by_name(""));
}

TEST(TcbStatus, OfTwoPartsIsTheWorseAndForgetsNoConfiguration) {
    using enum TcbStatus;
    EXPECT_EQ(worse(up_to_date, up_to_date), up_to_date);
    EXPECT_EQ(worse(up_to_date, sw_hardening_needed), sw_hardening_needed);
    EXPECT_EQ(worse(configuration_needed, out_of_date), out_of_date_configuration_needed);
    EXPECT_EQ(worse(out_of_date, configuration_and_sw_hardening_needed),
              out_of_date_configuration_needed);
    EXPECT_EQ(worse(sw_hardening_needed, configuration_needed),
              configuration_and_sw_hardening_needed);
    EXPECT_EQ(worse(out_of_date, sw_hardening_needed), out_of_date);
    EXPECT_EQ(worse(revoked, configuration_needed), revoked);
    EXPECT_EQ(worse(up_to_date, revoked), revoked);
}

} // namespace

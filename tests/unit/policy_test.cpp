// SPDX-License-Identifier: MIT
//
// What policies say of real evidence.
#include "checks.hpp"
#include "golden.hpp"
#include "policies.hpp"

#include <tsmfd/evidence/event_log.hpp>
#include <tsmfd/evidence/tpm_aux.hpp>
#include <tsmfd/hex.hpp>

#include <string>

#include <gtest/gtest.h>

namespace {

using checks::expect_failed;
using checks::failed;
using checks::Names;
using tsmfd::Check;
using tsmfd::Evidence;
using namespace policies;

std::string hex_of(const Bytes& bytes, std::size_t at, std::size_t size) {
    return tsmfd::to_hex(std::span(bytes).subspan(at, size));
}

TEST(PolicyOfSnp, HoldsForARealReport) {
    GOLDEN_OR_SKIP();
    const Verification verification = verify_milan(snp_policy());
    EXPECT_TRUE(verification.ok()) << testing::PrintToString(failed(verification));
    EXPECT_EQ(verification.find("kind")->outcome, Check::Outcome::passed);
}

TEST(PolicyOfSnp, SaysWhenItSaysNothingOfMeasurements) {
    GOLDEN_OR_SKIP();
    const Check* said = nullptr;
    const Verification loose = verify_milan(snp_policy());
    ASSERT_NE(said = loose.find("policy"), nullptr);
    EXPECT_EQ(said->outcome, Check::Outcome::unasked);
    EXPECT_EQ(said->detail, "says nothing of measurement: any will do");
    const std::string own = hex_of(milan(), 0x90, 48);
    const Verification strict = verify_milan(snp_policy(R"(, "measurements": [")" + own + R"("])"));
    EXPECT_TRUE(strict.ok());
    EXPECT_EQ(strict.find("policy"), nullptr);
}

TEST(PolicyOfSnp, AllowsAnyOfItsMeasurements) {
    GOLDEN_OR_SKIP();
    const std::string own = hex_of(milan(), 0x90, 48);
    const auto with = [](const std::string& all) {
        return verify_milan(snp_policy(R"(, "measurements": [)" + all + "]"));
    };
    EXPECT_TRUE(with('"' + hex(48) + R"(", ")" + own + '"').ok());
    EXPECT_TRUE(with('"' + own + R"(", ")" + hex(48) + '"').ok());
    EXPECT_EQ(failed(with('"' + hex(48) + '"')), Names{"measurement"});
    EXPECT_EQ(failed(with('"' + hex(48) + R"(", ")" + hex(48, "b") + '"')), Names{"measurement"});
}

TEST(PolicyOfSnp, AcceptsNothingWithoutRoots) {
    GOLDEN_OR_SKIP();
    const std::string without =
        R"({"snp": {"debug": true, "any_measurement": true, "certificates": [)" +
        policies::in_quotes(golden::path("snp-milan/vcek.der")) + ", " +
        policies::in_quotes(golden::path("snp-milan/ask_ark_milan.pem")) + "]}}";
    EXPECT_EQ(failed(verify_milan(without)), Names{"chain"});
    // Unless the caller brings them.
    const Bytes roots = golden::read("snp-milan/ask_ark_milan.pem");
    const Evidence report{.outblob = milan(), .auxblob = {}};
    EXPECT_TRUE(parsed(without).verify(report, tsmfd::Question().at(in_2024).roots(roots)).ok());
    const Bytes intel = golden::intel_root();
    EXPECT_EQ(
        failed(parsed(snp_policy()).verify(report, tsmfd::Question().at(in_2024).roots(intel))),
        Names{"chain"});
}

TEST(PolicyOfSnp, HoldsEachPartToItsMinimum) {
    GOLDEN_OR_SKIP();
    const tsmfd::SnpReport report = tsmfd::parse_snp_report(milan()).value();
    const tsmfd::SnpTcb own = report.tcb(report.reported_tcb);
    const auto at_least = [](const std::string& part, int version) {
        return failed(verify_milan(
            snp_policy(R"(, "minimum_tcb": {")" + part + "\": " + std::to_string(version) + "}")));
    };
    for (const auto& [part, version] :
         {std::pair{"boot_loader", own.boot_loader}, std::pair{"tee", own.tee},
          std::pair{"snp", own.snp}, std::pair{"microcode", own.microcode}}) {
        EXPECT_EQ(at_least(part, version), Names{}) << part;
        EXPECT_EQ(at_least(part, version + 1), Names{"minimum tcb"}) << part;
    }
    EXPECT_EQ(at_least("fmc", 1), Names{"minimum tcb"});
}

TEST(PolicyOfSnp, BoundsTheVmplAndForbidsDebugging) {
    GOLDEN_OR_SKIP();
    Bytes report = milan();
    const Policy policy = parsed(snp_policy(R"(, "vmpl_max": 1)"));
    const auto vmpl = [&](std::uint8_t value) {
        report[0x30] = value;
        return policy.verify({.outblob = report, .auxblob = {}}, {}).find("vmpl")->outcome;
    };
    EXPECT_EQ(vmpl(0), Check::Outcome::passed);
    EXPECT_EQ(vmpl(1), Check::Outcome::passed);
    EXPECT_EQ(vmpl(2), Check::Outcome::failed);
    EXPECT_EQ(failed(verify_milan(snp_policy(R"(, "vmpl": 1)"))), Names{"vmpl"});

    Policy strict = parsed(snp_policy());
    strict.snp()->debug_allowed(false);
    EXPECT_EQ(
        failed(strict.verify({.outblob = milan(), .auxblob = {}}, tsmfd::Question().at(in_2024))),
        Names{"debug"});
}

TEST(PolicyOfSnp, HoldsTheCallersChallenge) {
    GOLDEN_OR_SKIP();
    const Evidence report{.outblob = milan(), .auxblob = {}};
    const Bytes own = {1, 2, 3, 4, 5};
    const Bytes other = {1, 2, 3, 4, 6};
    const Policy policy = parsed(snp_policy());
    EXPECT_TRUE(policy.verify(report, tsmfd::Question().challenge(own).at(in_2024)).ok());
    EXPECT_EQ(failed(policy.verify(report, tsmfd::Question().challenge(other).at(in_2024))),
              Names{"challenge"});
}

TEST(PolicyOfTdx, HoldsForARealQuote) {
    GOLDEN_OR_SKIP();
    const Verification verification = verify_tdx(tdx_policy());
    EXPECT_TRUE(verification.ok()) << testing::PrintToString(failed(verification));
    EXPECT_EQ(verification.find("policy")->detail,
              "says nothing of mrtd, rtmr0, rtmr1, rtmr2, rtmr3: any will do");
    EXPECT_EQ(failed(verify_tdx(R"({"tdx": {"any_measurement": true}})")), Names{"chain"});
}

TEST(PolicyOfTdx, AllowsTheMeasurementsItNames) {
    GOLDEN_OR_SKIP();
    const std::string mr_td = hex_of(sapphire_rapids(), 0xb8, 48);
    const std::string rtmr1 = hex_of(sapphire_rapids(), 0x178 + 48, 48);
    const Verification named = verify_tdx(tdx_policy(
        R"(, "mrtd": [")" + mr_td + R"("], "rtmr1": [")" + hex(48) + R"(", ")" + rtmr1 + R"("])"));
    EXPECT_TRUE(named.ok()) << testing::PrintToString(failed(named));
    EXPECT_EQ(named.find("policy")->detail, "says nothing of rtmr0, rtmr2, rtmr3: any will do");
    EXPECT_EQ(failed(verify_tdx(tdx_policy(R"(, "mrtd": [")" + hex(48) + R"("], "rtmr2": [")" +
                                           hex(48) + R"("])"))),
              (Names{"mrtd", "rtmr2"}));
}

TEST(PolicyOfTdx, HoldsEachByteOfTheTcbToItsMinimum) {
    GOLDEN_OR_SKIP();
    Bytes svn(sapphire_rapids().begin() + 0x30, sapphire_rapids().begin() + 0x40);
    const auto at_least = [](const Bytes& least) {
        return failed(verify_tdx(tdx_policy(R"(, "minimum_tcb": ")" + tsmfd::to_hex(least) + '"')));
    };
    EXPECT_EQ(at_least(svn), Names{});
    for (std::uint8_t& byte : svn) {
        ++byte;
        EXPECT_EQ(at_least(svn), Names{"minimum tcb"});
        --byte;
    }
}

class PolicyOfTpm : public testing::Test {
protected:
    // Of a section without measurements.
    [[nodiscard]] Verification verify(const std::string& members) const {
        return whole(R"("any_measurement": true)" + (members.empty() ? "" : ", " + members));
    }
    [[nodiscard]] Verification whole(const std::string& members) const {
        return verify_tpm(R"({"tpm": {)" + members + "}}", real);
    }

    evidence::TpmEvidence real{"tpm-ovmf"};
};

TEST_F(PolicyOfTpm, TrustsTheKeysItNames) {
    const std::string name = evidence::read_text("tpm-ovmf/ak.name");
    for (const std::string& members :
         {std::string(R"("keys": ["tpm-ovmf/ak.pem"])"), R"("key_names": [")" + name + R"("])",
          R"("key_names": ["000b)" + hex(32) + R"("], "keys": ["tpm-ovmf/ak.pem"])"})
        EXPECT_TRUE(verify(members).ok())
            << members << ": " << testing::PrintToString(failed(verify(members)));
    EXPECT_EQ(failed(verify(R"("key_names": ["000b)" + hex(32) + R"("])")), Names{"key"});
}

TEST_F(PolicyOfTpm, AcceptsNothingWithoutKeys) {
    EXPECT_EQ(failed(verify("")), Names{"key"});
}

TEST_F(PolicyOfTpm, AllowsAnyOfAPcrsValues) {
    auto pcrs = evidence::read_pcrs("tpm-ovmf");
    const auto with = [&](const std::string& values) {
        return whole(R"("keys": ["tpm-ovmf/ak.pem"], "pcrs": {"sha256:4": [)" + values + "]}");
    };
    EXPECT_TRUE(with('"' + pcrs[4] + '"').ok());
    EXPECT_TRUE(with('"' + hex(32) + R"(", ")" + pcrs[4] + '"').ok());
    EXPECT_EQ(failed(with('"' + hex(32) + R"(", ")" + hex(32, "b") + '"')), Names{"pcr sha256:4"});
    EXPECT_EQ(with('"' + pcrs[4] + '"').find("policy"), nullptr);
    EXPECT_EQ(verify(R"("keys": ["tpm-ovmf/ak.pem"])").find("policy")->detail,
              "says nothing of PCRs: any will do");
}

// The digest of the kernel that was started, in place of a PCR that has more in it.
TEST_F(PolicyOfTpm, MayNameAnEvent) {
    const tsmfd::ByteSpan log_bytes = tsmfd::parse_tpm_aux(real.auxblob).value().event_log;
    const auto log = tsmfd::EventLog::parse(log_bytes).value();
    const auto flip = [this](const std::uint8_t& in_auxblob) {
        real.auxblob[static_cast<std::size_t>(&in_auxblob - real.auxblob.data())] ^= 0x01;
    };
    const auto digest_of = [&log](std::uint32_t pcr, tsmfd::EventType type) {
        for (const tsmfd::TpmEvent& event : log.events()) {
            if (event.pcr == pcr && event.type == type)
                return tsmfd::to_hex(event.digest(tsmfd::TpmHash::sha256));
        }
        return std::string();
    };
    const std::string kernel = digest_of(4, tsmfd::EventType::efi_boot_services_application);
    ASSERT_EQ(kernel.size(), 64U);
    const auto with = [&](const std::string& pcr, const std::string& digests) {
        return whole(R"("keys": ["tpm-ovmf/ak.pem"], "events": [{"pcr": "sha256:)" + pcr +
                     R"(", "digests": [)" + digests + "]}]");
    };
    EXPECT_TRUE(with("4", '"' + kernel + '"').ok());
    EXPECT_TRUE(with("4", '"' + hex(32) + R"(", ")" + kernel + '"').ok());
    EXPECT_EQ(failed(with("4", '"' + hex(32) + '"')), Names{"event sha256:4"});
    EXPECT_EQ(failed(with("5", '"' + kernel + '"')), Names{"event sha256:5"});
    EXPECT_EQ(failed(with("23", '"' + kernel + '"')), Names{"event sha256:23"});

    // Data are not measured, digests are: it counts only in a log that leads to what was signed.
    flip(log_bytes.back());
    EXPECT_TRUE(with("4", '"' + kernel + '"').ok());
    flip(log.events().front().digest(tsmfd::TpmHash::sha256).front());
    expect_failed(with("4", '"' + kernel + '"'), "event sha256:4");
}

// Whoever takes any guest has to say so.
TEST_F(PolicyOfTpm, OfAnyKindHasToSayThatItNamesNoMeasurement) {
    GOLDEN_OR_SKIP();
    EXPECT_EQ(failed(whole(R"("keys": ["tpm-ovmf/ak.pem"])")), Names{"policy"});
    Policy policy = parsed(snp_policy());
    policy.snp()->any_measurement(false);
    EXPECT_EQ(
        failed(policy.verify({.outblob = milan(), .auxblob = {}}, tsmfd::Question().at(in_2024))),
        Names{"policy"});
    policy = parsed(tdx_policy());
    policy.tdx()->any_measurement(false);
    EXPECT_EQ(failed(policy.verify({.outblob = sapphire_rapids(), .auxblob = {}},
                                   tsmfd::Question().at(in_2024))),
              Names{"policy"});
}

TEST(PolicyOfAKind, RefusesTheOthers) {
    GOLDEN_OR_SKIP();
    EXPECT_EQ(failed(verify_milan(tdx_policy())), Names{"kind"});
    EXPECT_EQ(failed(verify_tdx(snp_policy())), Names{"kind"});
    EXPECT_EQ(failed(verify_milan(R"({"tpm": {"any_measurement": true}})")), Names{"kind"});
    const Bytes none(64, 0xff);
    expect_failed(parsed(snp_policy()).verify({.outblob = none, .auxblob = {}}, {}), "kind");
    expect_failed(parsed(snp_policy()).verify({.outblob = {}, .auxblob = {}}, {}), "kind");
}

} // namespace

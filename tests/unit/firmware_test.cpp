// SPDX-License-Identifier: MIT
//
// tsm-firmware's SEV-SNP: what it signs holds for a verifier that knows real reports.
#include "checks.hpp"
#include "emulated.hpp"
#include "faults.hpp"
#include "golden.hpp"
#include "pipe.hpp"
#include "serve.hpp"
#include "snp_firmware.hpp"

#include <tsmfd/evidence/snp_verify.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

namespace {

using checks::failed;
using checks::Names;
using evidence::Bytes;
using firmware::Authority;
using firmware::Blobs;
using firmware::Fault;
using firmware::Faults;
using firmware::SnpFirmware;
using tsmfd::Verification;

firmware::Platform platform() {
    return emulated::platform(firmware::Product::milan);
}

class EmulatedSnp : public testing::Test {
protected:
    static Authority authority() { return Authority::in(directory_, platform()).value(); }
    static SnpFirmware made(std::uint32_t version) {
        return {authority(), platform(), {.version = version, .measurement = {}, .debug = false}};
    }
    static Verification verify(const Blobs& blobs, const Bytes& root) {
        tsmfd::SnpPolicy policy;
        policy.roots(root);
        policy.challenge(emulated::nonce);
        policy.vmpl(2);
        return tsmfd::verify_snp({.outblob = blobs.outblob, .auxblob = blobs.auxblob}, policy);
    }
    static Bytes file(const std::string& name) { return directory_.file(name); }

    // Keys of RSA are not made for each test.
    static inline const emulated::Directory directory_;
};

TEST_F(EmulatedSnp, HoldsToItsOwnRootInEveryVersion) {
    const Bytes root = file((authority(), "ark.pem"));
    for (const std::uint32_t version : {2U, 3U, 5U}) {
        const auto blobs = made(version).report(emulated::options(2));
        ASSERT_TRUE(blobs);
        const Verification verification = verify(*blobs, root);
        EXPECT_TRUE(verification.ok())
            << version << ": " << testing::PrintToString(failed(verification));
    }
}

// What answer_pipe() says to these questions, which fit into a pipe.
struct Piped {
    tsmfd::Result<void> result;
    Bytes answers;
};

Piped through_pipe(const firmware::Firmware& firmware, const Bytes& questions) {
    std::array<int, 2> asked{};
    std::array<int, 2> answered{};
    if (::pipe(asked.data()) != 0 || ::pipe(answered.data()) != 0)
        return {tsmfd::fail("pipe", errno), {}};
    (void)!::write(asked[1], questions.data(), questions.size());
    ::close(asked[1]);
    Piped piped{firmware::answer_pipe(firmware, asked[0], answered[1]), Bytes(65536)};
    ::close(asked[0]);
    ::close(answered[1]);
    const ssize_t size = ::read(answered[0], piped.answers.data(), piped.answers.size());
    piped.answers.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    ::close(answered[0]);
    return piped;
}

TEST_F(EmulatedSnp, AnswersThroughAPipeWhatHolds) {
    const SnpFirmware firmware = made(3);
    const Bytes first = evidence::nonce(1);
    const Bytes second = evidence::nonce(2);
    Bytes questions = first;
    questions.insert(questions.end(), second.begin(), second.end());
    const Piped piped = through_pipe(firmware, questions);
    ASSERT_TRUE(piped.result);
    ASSERT_EQ(piped.answers.size(), 2 * tsmfd::snp_report_size);

    const Bytes root = file("ark.pem");
    tsmfd::SnpPolicy policy;
    policy.roots(root);
    policy.vmpl(0);
    const Blobs certificates = *firmware.report(emulated::options(0));
    const auto answer = tsmfd::ByteSpan(piped.answers);
    for (const auto& [challenge, outblob] :
         {std::pair(first, answer.first(tsmfd::snp_report_size)),
          std::pair(second, answer.last(tsmfd::snp_report_size))}) {
        policy.challenge(challenge);
        EXPECT_TRUE(
            tsmfd::verify_snp({.outblob = outblob, .auxblob = certificates.auxblob}, policy).ok());
    }
}

TEST_F(EmulatedSnp, SaysThatAPipeEndedWithinAQuestion) {
    const Piped piped = through_pipe(made(3), Bytes(63));
    ASSERT_FALSE(piped.result);
    EXPECT_EQ(piped.result.error().code, EBADMSG);
    EXPECT_TRUE(piped.answers.empty());
}

TEST_F(EmulatedSnp, NeverHoldsToAmdsRoot) {
    GOLDEN_OR_SKIP();
    const auto blobs = made(3).report(emulated::options(2));
    ASSERT_TRUE(blobs);
    EXPECT_EQ(failed(verify(*blobs, golden::read("snp-milan/ask_ark_milan.pem"))), Names{"chain"});
}

TEST_F(EmulatedSnp, ARealReportDoesNotHoldWithItsCertificates) {
    GOLDEN_OR_SKIP();
    const Blobs blobs{.outblob = golden::read("snp-milan/report.bin"),
                      .auxblob = made(3).report(emulated::options(2))->auxblob};
    const Verification verification = verify(blobs, file("ark.pem"));
    EXPECT_EQ(failed(verification),
              (Names{"chip", "tcb", "signature", "challenge", "debug", "vmpl"}));
}

TEST_F(EmulatedSnp, FaultsAreSeenByTheVerifier) {
    const SnpFirmware snp = made(3);
    const Bytes root = file("ark.pem");
    const std::map<Fault, Names> seen = {
        {Fault::signature, {"signature"}},
        {Fault::stale_tcb, {"tcb", "signature"}},
        {Fault::report_data, {"signature", "challenge"}},
        {Fault::truncated, {"report"}},
        {Fault::oversize, {"report"}},
    };
    for (const auto& [fault, checks] : seen) {
        Blobs blobs = snp.report(emulated::options(2)).value();
        spoil(blobs, snp.places(), fault);
        EXPECT_EQ(failed(verify(blobs, root)), checks) << fault_name(fault);
    }
}

// As processes would do that are started beside each other, with one --state.
TEST(FirmwareState, IsFilledByOneAtATime) {
    const emulated::Directory temporary;
    const std::string& directory = temporary;
    std::vector<std::future<tsmfd::Result<Authority>>> all(4);
    for (auto& one : all) {
        one = std::async(std::launch::async,
                         [&directory] { return Authority::in(directory, platform()); });
    }
    std::set<Bytes> roots;
    std::set<Bytes> leaves;
    for (auto& one : all) {
        const auto authority = one.get();
        ASSERT_TRUE(authority) << authority.error().message();
        roots.insert(authority->ark());
        leaves.insert(authority->leaf());
    }
    EXPECT_EQ(roots.size(), 1);
    EXPECT_EQ(leaves.size(), 1);
}

// Nothing of ours has a part in this but the making of the files: the commands of
// Documentation/providers.rst.
TEST_F(EmulatedSnp, OpensslAloneAcceptsIt) {
    // With keys as long as AMD's.
    firmware::Platform whole = platform();
    whole.rsa_bits = 4096;
    const emulated::Directory temporary;
    const std::string& directory = temporary;
    const SnpFirmware snp(Authority::in(directory, whole).value(), whole,
                          {.version = 3, .measurement = {}, .debug = false});
    const Blobs blobs = snp.report(emulated::options(2)).value();
    std::ofstream(directory + "/report.bin", std::ios::binary)
        .write(reinterpret_cast<const char*>(blobs.outblob.data()),
               static_cast<std::streamsize>(blobs.outblob.size()));
    const std::string commands =
        "set -e; cd " + directory +
        "; openssl x509 -inform der -in vcek.der -out vcek.pem"
        "; openssl verify -CAfile ark.pem -untrusted ask.pem vcek.pem"
        "; openssl x509 -in vcek.pem -noout -pubkey >vcek.pub"
        "; head -c 672 report.bin >signed"
        // R and S are little-endian, and openssl(1) wants them in DER.
        "; r=$(tail -c +673 report.bin | head -c 48 | xxd -p -c 1 | tac | tr -d '\\n')"
        "; s=$(tail -c +745 report.bin | head -c 48 | xxd -p -c 1 | tac | tr -d '\\n')"
        "; printf 'asn1=SEQUENCE:s\\n[s]\\nr=INTEGER:0x%s\\ns=INTEGER:0x%s\\n' $r $s >s.conf"
        "; openssl asn1parse -genconf s.conf -out s.der -noout"
        "; openssl dgst -sha384 -verify vcek.pub -signature s.der signed";
    EXPECT_EQ(std::system(("(" + commands + ") >/dev/null").c_str()), 0);
    // And it would have noticed.
    EXPECT_NE(std::system(("(" + commands +
                           " </dev/null; printf x >>signed; openssl dgst -sha384 "
                           "-verify vcek.pub -signature s.der signed) >/dev/null "
                           "2>&1")
                              .c_str()),
              0);
}

TEST_F(EmulatedSnp, ComesBackWithTheSameKey) {
    const Bytes before = authority().leaf();
    EXPECT_EQ(authority().leaf(), before);
    const auto mode = std::filesystem::status(std::string(directory_) + "/vcek.key").permissions();
    EXPECT_EQ(mode, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST(FirmwareFaults, ComeAsOftenAsAskedFor) {
    const auto faults = Faults::parse("signature=10,busy=250,silence=1");
    ASSERT_TRUE(faults);
    std::map<Fault, unsigned> counted;
    for (unsigned i = 0; i < 3000; ++i)
        ++counted[faults->next()];
    EXPECT_EQ(counted[Fault::signature], 30U);
    EXPECT_EQ(counted[Fault::busy], 750U);
    EXPECT_EQ(counted[Fault::silence], 3U);
    EXPECT_EQ(counted[Fault::none], 2217U);
    EXPECT_EQ(counted.size(), 4U);
}

TEST(FirmwareFaults, AreSpreadOut) {
    const auto faults = Faults::parse("busy=100");
    ASSERT_TRUE(faults);
    unsigned busy = 0;
    for (unsigned i = 0; i < 100; ++i)
        busy += faults->next() == Fault::busy ? 1U : 0U;
    EXPECT_GE(busy, 5U);
    EXPECT_LE(busy, 15U);
}

TEST(FirmwareFaults, OfAnUnknownKindOrNumberAreRefused) {
    for (const char* text : {"x=1", "busy", "busy=", "busy=x", "busy=1x", "=1", "busy=-1",
                             "busy=600,error=401", "busy=1,,error=1"})
        EXPECT_FALSE(Faults::parse(text)) << text;
    EXPECT_TRUE(Faults::parse(""));
}

} // namespace

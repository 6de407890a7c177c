// SPDX-License-Identifier: MIT
//
// tsm-firmware's TDX: its quotes hold for a verifier that knows real ones, to its own root only.
#include "checks.hpp"
#include "emulated.hpp"
#include "golden.hpp"
#include "serve.hpp"
#include "tdx_firmware.hpp"

#include <tsmfd/evidence/tdx_quote.hpp>
#include <tsmfd/evidence/tdx_verify.hpp>
#include <tsmfd/evidence/verdict.hpp>

#include <cstdlib>
#include <fstream>
#include <map>
#include <string>

#include <gtest/gtest.h>

namespace {

using checks::failed;
using checks::Names;
using evidence::Bytes;
using firmware::Blobs;
using firmware::Fault;
using firmware::PckAuthority;
using firmware::PckPlatform;
using firmware::TdxFirmware;
using firmware::TdxSettings;
using tsmfd::TdxPolicy;
using tsmfd::Verification;

class EmulatedTdx : public testing::Test {
protected:
    static TdxFirmware made(bool debug = false) {
        const PckPlatform platform{.ppid = {1, 2, 3},
                                   .cpu_svn = {4, 0x80, 255},
                                   .pce_svn = 0x1234,
                                   .pce_id = {},
                                   .fmspc = {0x50, 0x80}};
        TdxSettings settings{.mr_td = {7}, .rtmr = {}, .tee_tcb_svn = {5, 1, 2}, .debug = debug};
        for (std::size_t i = 0; i < 4; ++i)
            settings.rtmr[i].fill(static_cast<std::uint8_t>(i + 1));
        return TdxFirmware::make(PckAuthority::in(directory_, platform).value(), platform, settings)
            .value();
    }
    static Blobs quote() { return made().report(emulated::options(0)).value(); }

    static Verification verify(const Blobs& blobs, const Bytes& root = directory_.file("root.pem"),
                               bool debug_allowed = false) {
        TdxPolicy policy;
        policy.roots(root);
        policy.challenge(emulated::nonce);
        const Bytes identity = directory_.file("qe_identity.json");
        policy.qe_identity(tsmfd::QeIdentity::parse(
                               {reinterpret_cast<const char*>(identity.data()), identity.size()})
                               .value());
        policy.debug_allowed(debug_allowed);
        return tsmfd::verify_tdx({.outblob = blobs.outblob, .auxblob = blobs.auxblob}, policy);
    }

    static inline const emulated::Directory directory_;
};

TEST_F(EmulatedTdx, HoldsToItsOwnRootAndNeverToIntels) {
    GOLDEN_OR_SKIP();
    const Blobs blobs = quote();
    EXPECT_EQ(failed(verify(blobs)), Names{});
    EXPECT_TRUE(verify(blobs).ok());
    EXPECT_EQ(failed(verify(blobs, golden::intel_root())), Names{"chain"});
    EXPECT_EQ(failed(verify(blobs, Bytes{})), Names{"chain"});
}

TEST_F(EmulatedTdx, ARealQuoteDoesNotHoldToItsRoot) {
    GOLDEN_OR_SKIP();
    (void)quote();
    Blobs real;
    real.outblob = golden::read("tdx-spr/quote_v4.bin");
    EXPECT_EQ(failed(verify(real)), (Names{"chain", "qe identity", "challenge"}));
}

TEST_F(EmulatedTdx, SaysWhatItWasToldTo) {
    const Blobs blobs = quote();
    const auto parsed = tsmfd::parse_tdx_quote(blobs.outblob);
    ASSERT_TRUE(parsed) << parsed.error().message();
    EXPECT_EQ(parsed->version, 4);
    EXPECT_EQ(parsed->mr_td[0], 7);
    EXPECT_EQ(parsed->rtmr[3][47], 4);
    EXPECT_EQ(parsed->tee_tcb_svn[1], 1);
    EXPECT_EQ(parsed->td_attributes, 1U << 28);
    EXPECT_EQ(blobs.outblob.size(), made().provider().outblob_max);
    EXPECT_EQ(made().provider().inblob_min, 64U);
    EXPECT_EQ(made().provider().inblob_max, 64U);
    EXPECT_TRUE(blobs.auxblob.empty());
    const Blobs debugged = made(true).report(emulated::options(0)).value();
    EXPECT_EQ(failed(verify(debugged)), Names{"debug"});
    EXPECT_TRUE(verify(debugged, directory_.file("root.pem"), true).ok());
}

TEST_F(EmulatedTdx, AnswersWhoAsked) {
    const Blobs blobs = quote();
    const tsmfd::Evidence got{.outblob = blobs.outblob, .auxblob = blobs.auxblob};
    const tsmfd::Options asked = emulated::options(0);
    EXPECT_TRUE(tsmfd::judge({.inblob = asked.inblob, .privlevel = {}, .format = {}}, got).ok());
    const Bytes other(4, 1);
    const tsmfd::Verdict verdict =
        tsmfd::judge({.inblob = *tsmfd::Inblob::from(other), .privlevel = {}, .format = {}}, got);
    EXPECT_EQ(verdict.kind, tsmfd::Verdict::Kind::mixed_up);
    EXPECT_EQ(verdict.options, tsmfd::Verdict::inblob);
    const auto cut = std::span(blobs.outblob).first(600);
    EXPECT_EQ(tsmfd::judge({.inblob = asked.inblob, .privlevel = {}, .format = {}},
                           {.outblob = cut, .auxblob = {}})
                  .kind,
              tsmfd::Verdict::Kind::malformed);
}

TEST_F(EmulatedTdx, FaultsAreSeenByTheVerifier) {
    const TdxFirmware tdx = made();
    const std::map<Fault, Names> seen = {
        {Fault::signature, {"signature"}},
        {Fault::stale_tcb, {"signature"}},
        {Fault::report_data, {"signature", "challenge"}},
        {Fault::truncated, {"report"}},
    };
    for (const auto& [fault, checks] : seen) {
        Blobs blobs = quote();
        spoil(blobs, tdx.places(), fault);
        EXPECT_EQ(failed(verify(blobs)), checks) << fault_name(fault);
    }
    // What is behind a quote is nobody's; the kernel knows how long it may be.
    Blobs longer = quote();
    spoil(longer, tdx.places(), Fault::oversize);
    EXPECT_EQ(longer.outblob.size(), tdx.provider().outblob_max + 1);
}

TEST_F(EmulatedTdx, ComesBackWithTheSameKeys) {
    const auto key_of = [](const Blobs& blobs) {
        return Bytes(blobs.outblob.begin() + 0x2bc, blobs.outblob.begin() + 0x2fc);
    };
    EXPECT_EQ(key_of(quote()), key_of(quote()));
}

// Nothing of ours has a part in this but the making of the files: the commands of
// Documentation/providers.rst.
TEST_F(EmulatedTdx, OpensslAloneAcceptsIt) {
    const Blobs blobs = quote();
    std::ofstream(std::string(directory_) + "/quote.bin", std::ios::binary)
        .write(reinterpret_cast<const char*>(blobs.outblob.data()),
               static_cast<std::streamsize>(blobs.outblob.size()));
    const std::string commands =
        "set -e; cd " + std::string(directory_) +
        "; tail -c +1259 quote.bin >chain.pem"
        "; openssl verify -CAfile root.pem -untrusted chain.pem chain.pem"
        "; openssl x509 -in chain.pem -noout -pubkey >pck.pub"
        // R and S are two numbers of 32 bytes, and openssl(1) wants them in DER.
        "; hex() { tail -c +$(($1 + 1)) quote.bin | head -c $2 | xxd -p -c 0; }"
        "; der() { printf 'asn1=SEQUENCE:s\\n[s]\\nr=INTEGER:0x%s\\ns=INTEGER:0x%s\\n'"
        "    $(hex $1 32) $(hex $(($1 + 32)) 32) >s.conf"
        "; openssl asn1parse -genconf s.conf -out s.der -noout; }"
        // The quoting enclave's report is by the platform, and about the attestation key.
        "; der 1154; tail -c +771 quote.bin | head -c 384 >qe"
        "; openssl dgst -sha256 -verify pck.pub -signature s.der qe"
        "; test $( (hex 700 64; hex 1220 32) | xxd -r -p | sha256sum | head -c 64) ="
        " $(hex $((770 + 320)) 32)"
        // The quote is by the attestation key.
        "; printf '3059301306072a8648ce3d020106082a8648ce3d030107034200'04%s $(hex 700 64)"
        " | xxd -r -p | openssl pkey -pubin -inform der -out attestation.pub"
        "; der 636; head -c 632 quote.bin >signed"
        "; openssl dgst -sha256 -verify attestation.pub -signature s.der signed";
    EXPECT_EQ(std::system(("(" + commands + ") >/dev/null").c_str()), 0);
    // And it would have noticed.
    EXPECT_NE(std::system(("(" + commands +
                           "; printf x >>signed; openssl dgst -sha256 -verify attestation.pub "
                           "-signature s.der signed) >/dev/null 2>&1")
                              .c_str()),
              0);
}

} // namespace

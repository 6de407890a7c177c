// SPDX-License-Identifier: MIT
//
// Verdicts on reports of tsmfd_emu, which show all that can be shown.
#include "evidence.hpp"

#include <tsmfd/evidence/emu_tag.hpp>
#include <tsmfd/evidence/verdict.hpp>

#include <utility>

#include <gtest/gtest.h>

namespace {

using evidence::Bytes;
using evidence::Emulated;
using tsmfd::Challenge;
using tsmfd::Evidence;
using tsmfd::Format;
using tsmfd::Verdict;
using Kind = Verdict::Kind;

constexpr unsigned no_option = 0;

Challenge asked_for(const Emulated& options) {
    return {.inblob = tsmfd::Inblob::from(options.inblob).value(),
            .privlevel = options.privlevel,
            .format = static_cast<Format>(options.format)};
}

void expect(const Verdict& verdict, Kind kind, unsigned options = no_option) {
    EXPECT_EQ(tsmfd::kind_name(verdict.kind), tsmfd::kind_name(kind)) << verdict.text();
    EXPECT_EQ(verdict.options, options) << verdict.text();
}

class EmulatedReport : public testing::Test {
protected:
    // What a caller asked for, and what it got.
    Emulated mine_{.privlevel = 2, .format = 1, .serial = 7};
    Bytes report_ = evidence::emulated_report(mine_);
    Bytes certs_ = evidence::emulated_certs(mine_);

    [[nodiscard]] Verdict judge_it() const {
        return tsmfd::judge(asked_for(mine_), {.outblob = report_, .auxblob = certs_});
    }
};

TEST_F(EmulatedReport, IsOkForWhoAskedForIt) {
    expect(judge_it(), Kind::ok);
    EXPECT_EQ(judge_it().text(), "ok");
}

TEST_F(EmulatedReport, OfFormatDefaultIsOkWithoutAnAuxblob) {
    mine_.format = 0;
    report_ = evidence::emulated_report(mine_);
    certs_.clear();
    expect(judge_it(), Kind::ok);
}

TEST_F(EmulatedReport, WithAShortInblobIsOk) {
    mine_.inblob = evidence::nonce(1, 8);
    report_ = evidence::emulated_report(mine_);
    certs_ = evidence::emulated_certs(mine_);
    expect(judge_it(), Kind::ok);
}

TEST_F(EmulatedReport, OfAnotherIsMixedUpInWhatDiffers) {
    const auto judge_for = [this](const Emulated& other) {
        return tsmfd::judge(asked_for(other), {.outblob = report_, .auxblob = certs_});
    };
    Emulated other = mine_;
    other.inblob = evidence::nonce(99);
    expect(judge_for(other), Kind::mixed_up, Verdict::inblob);

    other = mine_;
    other.privlevel = 3;
    expect(judge_for(other), Kind::mixed_up, Verdict::privlevel);

    other = mine_;
    other.format = 0;
    expect(judge_for(other), Kind::mixed_up, Verdict::format);

    other = {.inblob = evidence::nonce(99), .privlevel = 0, .format = 0};
    expect(judge_for(other), Kind::mixed_up,
           Verdict::inblob | Verdict::privlevel | Verdict::format);
    EXPECT_EQ(judge_for(other).text(), "mixed up (inblob, privlevel, format): the report answers "
                                       "another's options");
}

TEST_F(EmulatedReport, WithTheInblobsLengthOfAnotherIsMixedUp) {
    // The same 64 bytes: nine that are a caller's, or eight and a zero of padding.
    Emulated other = mine_;
    mine_.inblob = evidence::nonce(1, 8);
    report_ = evidence::emulated_report(mine_);
    certs_ = evidence::emulated_certs(mine_);
    other.inblob = evidence::nonce(1, 8);
    other.inblob.push_back(0);
    expect(tsmfd::judge(asked_for(other), {.outblob = report_, .auxblob = certs_}), Kind::mixed_up,
           Verdict::inblob);
}

TEST_F(EmulatedReport, IsNotJudgedByWhatWasNotAsked) {
    Challenge asked = asked_for(mine_);
    asked.privlevel.reset();
    asked.format.reset();
    expect(tsmfd::judge(asked, {.outblob = report_, .auxblob = certs_}), Kind::ok);
}

TEST_F(EmulatedReport, IsOkIfNobodyLookedForTheAuxblob) {
    expect(
        tsmfd::judge(asked_for(mine_), {.outblob = report_, .auxblob = {}, .auxblob_known = false}),
        Kind::ok);
}

// Every byte that is in the report twice, changed in one place only.
TEST_F(EmulatedReport, IsTornIfItsPartsDiffer) {
    const Bytes good = report_;
    struct Range {
        std::size_t from;
        std::size_t to;
    };
    for (const Range range :
         {Range{0x030, 0x034}, Range{0x050, 0x090}, Range{0x0c0, 0x0e0}, Range{0x440, 0x4a0}}) {
        for (std::size_t at = range.from; at < range.to; ++at) {
            report_ = good;
            report_[at] ^= 0x10;
            expect(judge_it(), Kind::torn);
        }
    }
}

TEST_F(EmulatedReport, OfTwoCallsIsTornWhereverTheyMeet) {
    const Emulated other{.inblob = evidence::nonce(99), .privlevel = 1, .format = 1, .serial = 8};
    const Bytes theirs = evidence::emulated_report(other);
    const Bytes good = report_;
    // From 0x31 on (VMPL is one byte of four that are not 0) until the tail's last byte.
    for (std::size_t cut = 0x31; cut < good.size(); ++cut) {
        report_.assign(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(cut));
        report_.insert(report_.end(), theirs.begin() + static_cast<std::ptrdiff_t>(cut),
                       theirs.end());
        expect(judge_it(), Kind::torn);
    }
}

TEST_F(EmulatedReport, IsTornFromAnAuxblobOfAnotherCall) {
    // The same options, one call later: only the serial tells.
    Emulated later = mine_;
    later.serial++;
    certs_ = evidence::emulated_certs(later);
    expect(judge_it(), Kind::torn);
}

TEST_F(EmulatedReport, IsTornIfOneCertificateIsOfAnotherCall) {
    Emulated later = mine_;
    later.serial++;
    certs_ = evidence::cert_table({{evidence::vcek_guid, evidence::emulated_proof(mine_)},
                                   {evidence::ark_guid, evidence::emulated_proof(later)}});
    expect(judge_it(), Kind::torn);
}

TEST_F(EmulatedReport, IsTornIfACertificateIsLongerThanItsProof) {
    Bytes contents = evidence::emulated_proof(mine_);
    certs_ = evidence::cert_table({{evidence::vcek_guid, contents}});
    expect(judge_it(), Kind::ok);
    contents.insert(contents.begin() + 32, 0); // both halves are there
    certs_ = evidence::cert_table({{evidence::vcek_guid, contents}});
    expect(judge_it(), Kind::torn);
}

TEST_F(EmulatedReport, IsTornIfTheAuxblobIsMissingOrTooMuch) {
    certs_.clear();
    expect(judge_it(), Kind::torn);

    mine_.format = 0;
    report_ = evidence::emulated_report(mine_);
    certs_ = evidence::emulated_certs(mine_);
    expect(judge_it(), Kind::torn);
}

TEST_F(EmulatedReport, IsMalformedIfTheAuxblobIsNoTable) {
    certs_.pop_back();
    expect(judge_it(), Kind::malformed);
    certs_ = Bytes(24);
    expect(judge_it(), Kind::malformed);
    certs_ = {1, 2, 3};
    expect(judge_it(), Kind::malformed);
}

TEST_F(EmulatedReport, IsMalformedAtEveryOtherLength) {
    const Bytes good = report_;
    for (std::size_t length = 0; length < good.size(); ++length) {
        report_ = evidence::exactly(std::span(good).first(length));
        expect(judge_it(), Kind::malformed);
    }
    report_ = good;
    report_.push_back(0);
    expect(judge_it(), Kind::malformed);
}

TEST_F(EmulatedReport, IsMalformedIfTheTagIsOutOfRange) {
    mine_.format = 2;
    report_ = evidence::emulated_report(mine_);
    expect(judge_it(), Kind::malformed);

    mine_.format = 1;
    report_ = evidence::emulated_report(mine_);
    for (const std::size_t at : {0x0ccU, 0x44cU})
        evidence::put_le(report_, at, 65, 4);
    expect(judge_it(), Kind::malformed);
}

TEST_F(EmulatedReport, InAStreamIsFoundWithItsAuxblob) {
    Bytes stream = report_;
    evidence::append(stream, certs_);
    const Evidence got = Evidence::of_stream(stream);
    EXPECT_EQ(evidence::exactly(got.outblob), report_);
    EXPECT_EQ(evidence::exactly(got.auxblob), certs_);
    expect(tsmfd::judge(asked_for(mine_), got), Kind::ok);
}

TEST_F(EmulatedReport, InAStreamThatIsCutIsNeverOk) {
    Bytes stream = report_;
    evidence::append(stream, certs_);
    for (std::size_t length = 0; length < stream.size(); ++length) {
        const Bytes cut = evidence::exactly(std::span(stream).first(length));
        EXPECT_FALSE(tsmfd::judge(asked_for(mine_), Evidence::of_stream(cut)).ok()) << length;
    }
}

// Whatever bit is flipped: no crash, and ok only where the report carries nothing that is checked.
TEST_F(EmulatedReport, SurvivesEveryFlippedBit) {
    const Bytes good = report_;
    const auto carries = [](std::size_t at) {
        return at < 0x004 || (at >= 0x030 && at < 0x034) || (at >= 0x050 && at < 0x090) ||
               (at >= 0x0c0 && at < 0x0e0) || at >= 0x440;
    };
    for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
        report_ = good;
        report_[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        // 2 becomes 3, 6 or 10, which are versions, too.
        const bool other_version = bit == 0 || bit == 2 || bit == 3;
        EXPECT_EQ(judge_it().ok(), !carries(bit / 8) || other_version) << bit;
    }
}

TEST(EmuTag, IsReadFromItsBytes) {
    const Bytes proof = evidence::emulated_proof(
        {.inblob = evidence::nonce(1, 9), .privlevel = 3, .format = 1, .serial = 0x123456789a});
    const tsmfd::EmuTag tag = tsmfd::EmuTag::read(proof);
    EXPECT_TRUE(tag.valid);
    EXPECT_EQ(tag.format, 1U);
    EXPECT_EQ(tag.privlevel, 3U);
    EXPECT_EQ(tag.inblob_len, 9U);
    EXPECT_EQ(tag.serial, 0x123456789aU);
}

TEST(EmuTag, IsNotReadFromFewerBytes) {
    const Bytes proof = evidence::emulated_proof({});
    for (std::size_t length = 0; length < 32; ++length)
        EXPECT_FALSE(tsmfd::EmuTag::read(evidence::exactly(std::span(proof).first(length))).valid);
}

} // namespace

// SPDX-License-Identifier: MIT
#include "golden.hpp"

#include <tsmfd/evidence/snp_report.hpp>
#include <tsmfd/hex.hpp>

#include <tuple>

#include <gtest/gtest.h>

namespace {

using evidence::Bytes;
using tsmfd::parse_snp_report;
using tsmfd::SnpReport;

auto members(const SnpReport& r) {
    return std::tie(r.version, r.guest_svn, r.policy, r.family_id, r.image_id, r.vmpl,
                    r.signature_algo, r.current_tcb, r.platform_info, r.signer_info, r.report_data,
                    r.measurement, r.host_data, r.id_key_digest, r.author_key_digest, r.report_id,
                    r.report_id_ma, r.reported_tcb, r.cpuid, r.chip_id, r.committed_tcb,
                    r.current_version, r.committed_version, r.launch_tcb, r.launch_mit_vector,
                    r.current_mit_vector, r.signature_r, r.signature_s);
}

struct Place {
    std::size_t offset;
    std::size_t size;
    std::uint32_t since = 2; // version
};

// AMD 56860, ATTESTATION_REPORT; the order is that of members().
constexpr std::array<Place, 28> places = {{
    {0x000, 4},  {0x004, 4},  {0x008, 8},  {0x010, 16},   {0x020, 16},   {0x030, 4},  {0x034, 4},
    {0x038, 8},  {0x040, 8},  {0x048, 4},  {0x050, 64},   {0x090, 48},   {0x0c0, 32}, {0x0e0, 48},
    {0x110, 48}, {0x140, 32}, {0x160, 32}, {0x180, 8},    {0x188, 3, 3}, {0x1a0, 64}, {0x1e0, 8},
    {0x1e8, 3},  {0x1ec, 3},  {0x1f0, 8},  {0x1f8, 8, 5}, {0x200, 8, 5}, {0x2a0, 72}, {0x2e8, 72},
}};

class SnpReportFromMilan : public testing::Test {
protected:
    void SetUp() override {
        GOLDEN_OR_SKIP();
        report_ = golden::read("snp-milan/report.bin");
        ASSERT_EQ(report_.size(), 0x4a0U);
    }

    Bytes report_;
};

TEST_F(SnpReportFromMilan, IsRead) {
    const SnpReport parsed = parse_snp_report(report_).value();
    EXPECT_EQ(parsed.version, 2U);
    EXPECT_EQ(parsed.guest_svn, 0U);
    EXPECT_EQ(parsed.policy, 0xb0000U);
    EXPECT_EQ(parsed.vmpl, 0U);
    EXPECT_EQ(parsed.signature_algo, 1U);
    EXPECT_EQ(parsed.report_data, (std::array<std::uint8_t, 64>{1, 2, 3, 4, 5}));
    EXPECT_EQ(tsmfd::to_hex(parsed.measurement),
              "b07af9620f3b839b47996422ddec6058338951d984e312115131ea82705eaf5b"
              "6bdf8a9ece31a5a608eb0cf2e4872b01");
    EXPECT_EQ(parsed.host_data, (std::array<std::uint8_t, 32>{}));
}

TEST_F(SnpReportFromMilan, IsRefusedAtEveryOtherLength) {
    for (std::size_t length = 0; length < report_.size(); ++length) {
        const Bytes cut = evidence::exactly(std::span(report_).first(length));
        const auto parsed = parse_snp_report(cut);
        ASSERT_FALSE(parsed.has_value()) << length;
        EXPECT_EQ(parsed.error().code, EBADMSG) << length;
    }
    report_.push_back(0);
    EXPECT_FALSE(parse_snp_report(report_).has_value());
}

// Each member is read from its place, whole, and from nowhere else; in every version.
TEST_F(SnpReportFromMilan, ShowsEveryFlippedBitInTheRightMember) {
    for (const std::uint32_t version : {2U, 3U, 5U}) {
        evidence::put_le(report_, 0, version, 4);
        const SnpReport before = parse_snp_report(report_).value();
        for (std::size_t bit = 32; bit < 8 * report_.size(); ++bit) {
            Bytes flipped = report_;
            flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
            const SnpReport after = parse_snp_report(flipped).value();
            std::size_t member = 0;
            const auto check = [&](bool changed) {
                const Place place = places.at(member++);
                const bool inside = version >= place.since && bit / 8 >= place.offset &&
                                    bit / 8 < place.offset + place.size;
                EXPECT_EQ(changed, inside)
                    << "version " << version << " bit " << bit << " member " << member;
            };
            std::apply(
                [&](const auto&... now) {
                    std::apply([&](const auto&... then) { (check(now != then), ...); },
                               members(before));
                },
                members(after));
        }
    }
}

TEST_F(SnpReportFromMilan, TakesATcbApartAsItsProcessorDoes) {
    const std::uint64_t raw = 0x0807060504030201;
    SnpReport report = parse_snp_report(report_).value();
    EXPECT_FALSE(report.is_turin());
    EXPECT_EQ(report.tcb(raw), (tsmfd::SnpTcb{std::nullopt, 1, 2, 7, 8}));
    report.cpuid = tsmfd::SnpCpuid{.family = 0x19, .model = 0x11, .stepping = 1};
    EXPECT_EQ(report.tcb(raw), (tsmfd::SnpTcb{std::nullopt, 1, 2, 7, 8}));
    report.cpuid->family = 0x1a;
    EXPECT_TRUE(report.is_turin());
    EXPECT_EQ(report.tcb(raw), (tsmfd::SnpTcb{1, 2, 3, 4, 8}));
}

TEST_F(SnpReportFromMilan, HasTheMembersThatItsVersionHas) {
    const auto has = [this](std::uint32_t version) {
        evidence::put_le(report_, 0, version, 4);
        const SnpReport report = parse_snp_report(report_).value();
        return std::tuple(report.cpuid.has_value(), report.launch_mit_vector.has_value(),
                          report.current_mit_vector.has_value());
    };
    EXPECT_EQ(has(2), std::tuple(false, false, false));
    EXPECT_EQ(has(3), std::tuple(true, false, false));
    EXPECT_EQ(has(5), std::tuple(true, true, true));
}

TEST_F(SnpReportFromMilan, IsRefusedWithAVersionThatIsNone) {
    for (const std::uint32_t version : {0U, 1U, 16U, 0x10002U}) {
        evidence::put_le(report_, 0, version, 4);
        EXPECT_EQ(parse_snp_report(report_).has_value(), false) << version;
    }
    for (const std::uint32_t version : {2U, 3U, 4U, 5U, 6U, 15U}) {
        evidence::put_le(report_, 0, version, 4);
        EXPECT_EQ(parse_snp_report(report_).value().version, version);
    }
}

} // namespace

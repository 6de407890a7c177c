// SPDX-License-Identifier: MIT
//
// Where AMD has what a report needs.
#include "directory.hpp"
#include "golden.hpp"
#include "tsmctl_words.hpp"

#include <tsmfd/hex.hpp>
#include <tsmfd/snp_collateral.hpp>

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace {

using evidence::Bytes;
using Lines = std::vector<std::string>;

Lines addresses(const Bytes& report, const std::string& product = {}) {
    const auto needed = tsmfd::snp_collateral({.outblob = report, .auxblob = {}}, product);
    EXPECT_TRUE(needed) << needed.error().message();
    return needed ? needed->addresses : Lines{};
}

std::string chip_of(const Bytes& report, std::size_t size = 64) {
    return tsmfd::to_hex(std::span(report).subspan(0x1a0, size));
}

TEST(SnpCollateral, OfAVersionWithoutProductWantsToBeTold) {
    const Bytes milan = evidence::read_data("snp-milan/report.bin");
    EXPECT_EQ(tsmfd::snp_collateral({.outblob = milan, .auxblob = {}}, {}).error().code, ENODATA);
    // Boot loader, TEE, SNP and microcode are bytes 0, 1, 6 and 7 of REPORTED_TCB.
    EXPECT_EQ(addresses(milan, "Milan"),
              (Lines{"https://kdsintf.amd.com/vcek/v1/Milan/" + chip_of(milan) +
                         fmt::format("?blSPL={:02}&teeSPL={:02}&snpSPL={:02}&ucodeSPL={:02}",
                                     milan[0x180], milan[0x181], milan[0x186], milan[0x187]),
                     "https://kdsintf.amd.com/vcek/v1/Milan/cert_chain",
                     "https://kdsintf.amd.com/vcek/v1/Milan/crl"}));
    // Unless its certificate came along.
    const Bytes table =
        evidence::cert_table({{evidence::vcek_guid, evidence::read_data("snp-milan/vcek.der")}});
    EXPECT_EQ(tsmfd::snp_collateral({.outblob = milan, .auxblob = table}, {})->addresses,
              addresses(milan, "Milan"));
}

TEST(SnpCollateral, OfATurinHasAShortIdAndFmc) {
    GOLDEN_OR_SKIP();
    const Bytes turin = golden::read("snp-turin/report.bin");
    EXPECT_EQ(addresses(turin).front(),
              "https://kdsintf.amd.com/vcek/v1/Turin/" + chip_of(turin, 8) +
                  fmt::format("?fmcSPL={:02}&blSPL={:02}&teeSPL={:02}&snpSPL={:02}&ucodeSPL={:02}",
                              turin[0x180], turin[0x181], turin[0x182], turin[0x183],
                              turin[0x187]));
    EXPECT_TRUE(addresses(golden::read("snp-genoa/report_v5.bin"))
                    .front()
                    .starts_with("https://kdsintf.amd.com/vcek/v1/Genoa/"));
}

TEST(SnpCollateral, OfAVlekOrAMaskedChipHasNoLeaf) {
    GOLDEN_OR_SKIP();
    EXPECT_EQ(addresses(golden::read("snp-vlek/report.bin")),
              (Lines{"https://kdsintf.amd.com/vlek/v1/Milan/cert_chain",
                     "https://kdsintf.amd.com/vlek/v1/Milan/crl"}));
    Bytes masked = golden::read("snp-genoa/report.bin");
    std::fill_n(masked.begin() + 0x1a0, 64, 0);
    const auto needed = tsmfd::snp_collateral({.outblob = masked, .auxblob = {}}, {});
    EXPECT_EQ(needed->addresses.size(), 2U);
    EXPECT_EQ(needed->missing.size(), 1U);
}

TEST(TsmctlCollateral, PrintsAddressesAndNothingElse) {
    const Directory directory;
    const Bytes milan = evidence::read_data("snp-milan/report.bin");
    directory.write("report", {reinterpret_cast<const char*>(milan.data()), milan.size()});
    directory.write("none", "what is this");
    const auto run = [&](Lines words) {
        words.insert(words.begin(), "collateral");
        return words::run(&tsmctl::add_collateral, words);
    };
    const auto said = run({directory.of("report"), "--product", "milan"});
    EXPECT_EQ(said.status, tsmctl::done);
    std::string expected;
    for (const std::string& line : addresses(milan, "Milan"))
        expected += line + "\n";
    EXPECT_EQ(said.out, expected);
    EXPECT_EQ(run({directory.of("report")}).status, tsmctl::failed);
    EXPECT_EQ(run({directory.of("none")}).status, tsmctl::failed);
    EXPECT_EQ(run({directory.of("report"), "--product", "rome"}).status, tsmctl::usage);
}

} // namespace

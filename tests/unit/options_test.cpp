// SPDX-License-Identifier: MIT
#include "evidence.hpp"

#include <tsmfd/options.hpp>

#include <gtest/gtest.h>

namespace {

using tsmfd::Format;
using tsmfd::Inblob;
using tsmfd::Options;

TEST(Inblob, PadsWithZeros) {
    const Inblob inblob = Inblob::from(evidence::nonce(1, 3)).value();
    EXPECT_EQ(inblob.size, 3U);
    EXPECT_EQ(evidence::exactly(inblob.bytes()), evidence::nonce(1, 3));
    EXPECT_EQ(inblob.padded[2], 3);
    EXPECT_EQ(inblob.padded[3], 0);
}

TEST(Inblob, HoldsSixtyFourBytesAndNoMore) {
    EXPECT_EQ(Inblob::from(evidence::nonce(1, 64)).value().size, 64U);
    EXPECT_EQ(Inblob::from({}).value().size, 0U);
    EXPECT_EQ(Inblob::from(evidence::nonce(1, 65)).error().code, EINVAL);
}

TEST(Options, WritesOneLineWithTheInblobLast) {
    Options options;
    options.inblob = Inblob::from(evidence::nonce(0xfe, 3)).value();
    EXPECT_EQ(options.text(), "format=default inblob=feff00\n");

    options.privlevel = 2;
    options.format = Format::extended;
    EXPECT_EQ(options.text(), "privlevel=2 format=extended inblob=feff00\n");
}

TEST(Options, WritesTheServiceOptions) {
    Options options;
    options.inblob = Inblob::from(evidence::nonce(1, 1)).value();
    options.service_provider = "svsm";
    options.service_guid = tsmfd::Guid::of("c476f1eb-0123-45a5-9641-b4e7dde5bfe3");
    options.service_manifest_version = 1;
    EXPECT_EQ(options.text(), "format=default service_provider=svsm "
                              "service_guid=c476f1eb-0123-45a5-9641-b4e7dde5bfe3 "
                              "service_manifest_version=1 inblob=01\n");
}

TEST(Options, AtTheirLongestFitOneWrite) {
    Options options;
    options.inblob = Inblob::from(evidence::nonce(1, 64)).value();
    options.privlevel = UINT32_MAX;
    options.format = Format::extended;
    options.service_provider = "fifteen-letters";
    options.service_guid = tsmfd::Guid{};
    options.service_manifest_version = UINT32_MAX;
    EXPECT_LE(options.text().size(), std::size_t{TSMFD_WRITE_MAX});
}

TEST(Options, AppendToWhatIsThere) {
    Options options;
    std::string text = "reset ";
    options.append_text(text);
    EXPECT_EQ(text, "reset format=default inblob=\n");
}

TEST(Format, HasItsNamesAndNoOthers) {
    EXPECT_EQ(tsmfd::parse_format("default").value(), Format::plain);
    EXPECT_EQ(tsmfd::parse_format("extended").value(), Format::extended);
    for (const std::string_view name : {"", "plain", "Default", "extended ", "1"})
        EXPECT_EQ(tsmfd::parse_format(name).error().code, EINVAL) << name;
}

} // namespace

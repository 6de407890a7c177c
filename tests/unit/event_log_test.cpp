// SPDX-License-Identifier: MIT
#include "tpm_evidence.hpp"

#include <tsmfd/event_log.hpp>
#include <tsmfd/hex.hpp>

#include <algorithm>

#include <gtest/gtest.h>

namespace {

using evidence::Bytes;
using evidence::TpmEvidence;
using tsmfd::EventLog;
using tsmfd::EventType;
using tsmfd::TpmEvent;
using tsmfd::TpmHash;

constexpr std::size_t first_event = 77; // behind the TCG_EfiSpecIDEvent of four hashes

// A log of one hash, SHA-256.
Bytes log_head() {
    Bytes log;
    for (const std::uint32_t number : {0U, 3U})
        evidence::append_le32(log, number);
    log.resize(log.size() + 20);
    evidence::append_le32(log, 33);
    const std::string signature("Spec ID Event03\0", 16);
    log.insert(log.end(), signature.begin(), signature.end());
    for (const std::uint32_t number : {0U, 0x02000200U, 1U, 0x0020000bU})
        evidence::append_le32(log, number);
    log.push_back(0);
    return log;
}

void append_event(Bytes& log, std::uint32_t pcr, EventType type, const Bytes& digest,
                  const std::string& data) {
    evidence::append_le32(log, pcr);
    evidence::append_le32(log, static_cast<std::uint32_t>(type));
    evidence::append_le32(log, 1);
    log.push_back(0x0b);
    log.push_back(0);
    evidence::append(log, digest);
    evidence::append_le32(log, static_cast<std::uint32_t>(data.size()));
    log.insert(log.end(), data.begin(), data.end());
}

TEST(TpmHash, IsWhatTheStandardSays) {
    const Bytes abc = {'a', 'b', 'c'};
    // FIPS 180-4's example, and GB/T 32905's.
    EXPECT_EQ(tsmfd::to_hex(tsmfd::tpm_digest(TpmHash::sha256, {abc})->bytes()),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(tsmfd::to_hex(tsmfd::tpm_digest(TpmHash::sha1, {abc})->bytes()),
              "a9993e364706816aba3e25717850c26c9cd0d89d");
    EXPECT_EQ(tsmfd::tpm_digest(TpmHash::sha384, {abc})->size, 48U);
    EXPECT_EQ(tsmfd::tpm_digest(TpmHash::sha512, {std::span(abc).first(1), std::span(abc).last(2)}),
              tsmfd::tpm_digest(TpmHash::sha512, {abc}));
    EXPECT_EQ(tsmfd::tpm_hash_by_name("sha384"), TpmHash::sha384);
    EXPECT_EQ(tsmfd::tpm_hash_by_name("SHA384"), std::nullopt);
    EXPECT_EQ(tsmfd::tpm_hash_by_id(0x0010), std::nullopt);
}

TEST(EventLog, OfRealFirmwareLeadsToThePcrsThatItsTpmHas) {
    for (const char* from : {"tpm-ovmf", "tpm-seabios"}) {
        const TpmEvidence real(from);
        const EventLog log = EventLog::parse(real.event_log).value();
        const auto bank = log.replay(TpmHash::sha256).value();
        const auto pcrs = evidence::read_pcrs(from);
        ASSERT_EQ(pcrs.size(), 10U);
        for (const auto& [pcr, value] : pcrs)
            EXPECT_EQ(tsmfd::to_hex(bank.values[pcr].bytes()), value) << from << " " << pcr;
        EXPECT_EQ(log.size(), real.event_log.size());
        EXPECT_EQ(log.hashes().size(), 4U);
        EXPECT_TRUE(log.replay(TpmHash::sha512).has_value());
        EXPECT_EQ(log.replay(TpmHash::sm3_256).error().code, ENOENT);
    }
}

TEST(EventLog, SaysWhatFirmwareMeasured) {
    const TpmEvidence real("tpm-ovmf");
    const EventLog log = EventLog::parse(real.event_log).value();
    ASSERT_EQ(log.events().size(), 24U);
    std::vector<std::string> texts;
    for (const TpmEvent& event : log.events())
        texts.push_back(std::to_string(event.pcr) + " " + tsmfd::event_type_name(event.type) + " " +
                        tsmfd::describe(event) +
                        (tsmfd::data_is_measured(event) ? " measured" : ""));
    EXPECT_EQ(texts[1], "0 EV_EFI_PLATFORM_FIRMWARE_BLOB 917504 bytes at 0x820000");
    EXPECT_EQ(texts[3], "7 EV_EFI_VARIABLE_DRIVER_CONFIG SecureBoot = 00 measured");
    EXPECT_EQ(texts[8], "7 EV_SEPARATOR 00000000 measured");
    EXPECT_EQ(texts[12], "4 EV_EFI_ACTION Calling EFI Application from Boot Option measured");
    EXPECT_EQ(texts[20], "9 EV_EVENT_TAG 0x8f3b22ed LOADED_IMAGE::LoadOptions");
    EXPECT_EQ(texts[21], "9 EV_EVENT_TAG 0x8f3b22ec Linux initrd");
}

TEST(EventLog, CutShortIsRefusedUnlessBetweenEvents) {
    const TpmEvidence real("tpm-ovmf");
    const EventLog log = EventLog::parse(real.event_log).value();
    std::size_t whole = 0;
    for (std::size_t length = 0; length < real.event_log.size(); ++length) {
        const Bytes cut = evidence::exactly(std::span(real.event_log).first(length));
        if (const auto parsed = EventLog::parse(cut)) {
            ++whole;
            EXPECT_GE(length, first_event);
        } else {
            EXPECT_EQ(parsed.error().code, EBADMSG);
        }
    }
    // A cut within an event's leading zeros (those of PCR 0) leaves what looks like padding.
    EXPECT_GE(whole, log.events().size());
    EXPECT_LT(whole, 2 * log.events().size());
}

TEST(EventLog, MayHavePaddingBehindIt) {
    const TpmEvidence real("tpm-seabios");
    const std::size_t size = real.event_log.size();
    for (const std::uint8_t padding : {std::uint8_t{0x00}, std::uint8_t{0xff}}) {
        Bytes area = real.event_log;
        area.resize(64 << 10, padding);
        const auto log = EventLog::parse(area);
        ASSERT_TRUE(log.has_value());
        EXPECT_EQ(log->size(), size);
        area.back() ^= 1;
        EXPECT_FALSE(EventLog::parse(area).has_value());
    }
}

TEST(EventLog, IsRefusedWithAnotherHead) {
    Bytes good = log_head();
    ASSERT_TRUE(EventLog::parse(good).has_value());
    for (const std::size_t at : {0U, 4U, 28U, 32U, 47U, 56U, 62U, 64U}) {
        Bytes spoilt = good;
        spoilt[at] ^= 0x10;
        EXPECT_FALSE(EventLog::parse(spoilt).has_value()) << at;
    }
    EXPECT_FALSE(EventLog::parse({}).has_value());
}

TEST(EventLog, IsRefusedWithADigestOfAnotherHashOrTwice) {
    Bytes log = log_head();
    const std::size_t at = log.size();
    append_event(log, 4, EventType::separator, evidence::nonce(1, 32), "");
    ASSERT_TRUE(EventLog::parse(log).has_value());
    Bytes spoilt = log;
    spoilt[at + 12] = 0x0c;
    EXPECT_FALSE(EventLog::parse(spoilt).has_value());
    for (const std::uint8_t count : {std::uint8_t{0}, std::uint8_t{2}}) {
        spoilt = log;
        spoilt[at + 8] = count;
        EXPECT_FALSE(EventLog::parse(spoilt).has_value());
    }
}

TEST(EventLog, StartsPcr0AsTheLocalityThatItTells) {
    Bytes log = log_head();
    append_event(log, 0, EventType::no_action, Bytes(32), std::string("StartupLocality\0\3", 17));
    const auto start = EventLog::parse(log)->replay(TpmHash::sha256).value();
    EXPECT_EQ(start.values[0].padded[31], 3);
    EXPECT_EQ(start.measured, 0U);

    const Bytes digest = evidence::nonce(1, 32);
    append_event(log, 0, EventType::separator, digest, "");
    Bytes before(32);
    before[31] = 3;
    const auto bank = EventLog::parse(log)->replay(TpmHash::sha256).value();
    EXPECT_EQ(bank.values[0], tsmfd::tpm_digest(TpmHash::sha256, {before, digest}));
    EXPECT_EQ(bank.measured, 1U);
    // Too late: what was measured stays.
    append_event(log, 0, EventType::no_action, Bytes(32), std::string("StartupLocality\0\4", 17));
    EXPECT_EQ(EventLog::parse(log)->replay(TpmHash::sha256)->values[0], bank.values[0]);
}

TEST(EventLog, StartsThePcrsOfADynamicRootAsOnes) {
    const auto bank = EventLog::parse(log_head())->replay(TpmHash::sha256).value();
    EXPECT_TRUE(bank.values[16].is(Bytes(32)));
    EXPECT_TRUE(bank.values[17].is(Bytes(32, 0xff)));
    EXPECT_TRUE(bank.values[22].is(Bytes(32, 0xff)));
    EXPECT_TRUE(bank.values[23].is(Bytes(32)));
}

TEST(EventLog, WithAPcrThatThereIsNotCannotBeReplayed) {
    Bytes log = log_head();
    append_event(log, 24, EventType::separator, evidence::nonce(1, 32), "");
    EXPECT_EQ(EventLog::parse(log)->replay(TpmHash::sha256).error().code, EBADMSG);
}

TEST(EventLog, SurvivesEveryFlippedBit) {
    const TpmEvidence real("tpm-seabios");
    for (std::size_t bit = 0; bit < 8 * real.event_log.size(); ++bit) {
        Bytes flipped = real.event_log;
        flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        const auto log = EventLog::parse(flipped);
        for (const TpmEvent& event : log ? log->events() : std::vector<TpmEvent>{}) {
            const std::string text = tsmfd::describe(event);
            ASSERT_LT(text.size(), 300U);
            ASSERT_TRUE(std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; }));
        }
    }
}

} // namespace

// SPDX-License-Identifier: MIT
#include "golden.hpp"
#include "tpm_evidence.hpp"

#include <tsmfd/evidence/event_log.hpp>
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
    // Without its head it would be a log of SHA-1 alone, whose events have another form.
    Bytes good = log_head();
    append_event(good, 4, EventType::separator, evidence::nonce(1, 32), "");
    ASSERT_TRUE(EventLog::parse(good).has_value());
    for (const std::size_t at : {4U, 28U, 32U, 47U, 56U, 62U, 64U}) {
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

// 20 bytes of a digest, by its event's number.
Bytes sha1_log(const std::vector<std::pair<std::uint32_t, EventType>>& events) {
    Bytes log;
    for (std::size_t i = 0; i < events.size(); ++i) {
        evidence::append_le32(log, events[i].first);
        evidence::append_le32(log, static_cast<std::uint32_t>(events[i].second));
        evidence::append(log, evidence::nonce(static_cast<std::uint8_t>(i), 20));
        evidence::append_le32(log, 3);
        evidence::append(log, evidence::nonce(7, 3));
    }
    return log;
}

std::string pcr_by(const EventLog& log, TpmHash hash, std::size_t pcr) {
    return tsmfd::to_hex(log.replay(hash).value().values[pcr].bytes());
}

// Of `start` and then each of the digests that nonce() makes.
std::string extended(std::uint8_t start, const std::vector<std::uint8_t>& numbers) {
    tsmfd::TpmDigest value{.padded = {}, .size = 20};
    value.padded[19] = start;
    for (const std::uint8_t number : numbers)
        value = *tsmfd::tpm_digest(TpmHash::sha1, {value.bytes(), evidence::nonce(number, 20)});
    return tsmfd::to_hex(value.bytes());
}

TEST(EventLog, MayHaveSha1AndNoHead) {
    const Bytes log_bytes = sha1_log({{0, EventType::s_crtm_version},
                                      {0, EventType::no_action},
                                      {0xffffffff, EventType::no_action},
                                      {4, EventType::separator},
                                      {0, EventType::separator}});
    const EventLog log = EventLog::parse(log_bytes).value();
    EXPECT_EQ(log.events().size(), 5U);
    EXPECT_EQ(log.usual_hash(), TpmHash::sha1);
    EXPECT_EQ(log.registers(), tsmfd::EventRegisters::pcr);
    EXPECT_EQ(pcr_by(log, TpmHash::sha1, 0), extended(0, {0, 4}));
    EXPECT_EQ(pcr_by(log, TpmHash::sha1, 4), extended(0, {3}));
    EXPECT_EQ(log.replay(TpmHash::sha256).error().code, ENOENT);
}

TEST(EventLog, WithoutAnyEventIsNone) {
    for (const std::size_t size : {0U, 1U, 32U, 4096U}) {
        EXPECT_FALSE(EventLog::parse(Bytes(size)).has_value()) << size;
        EXPECT_FALSE(EventLog::parse(Bytes(size, 0xff)).has_value()) << size;
    }
}

TEST(EventLog, StartsPcr0WithTheLocalityOfTheHcrtm) {
    const Bytes log_bytes =
        sha1_log({{0, EventType::efi_hcrtm_event}, {0, EventType::s_crtm_version}});
    const EventLog log = EventLog::parse(log_bytes).value();
    EXPECT_EQ(pcr_by(log, TpmHash::sha1, 0), extended(4, {0, 1}));
    // Only if it is the first that is measured.
    const Bytes late_bytes =
        sha1_log({{0, EventType::s_crtm_version}, {0, EventType::efi_hcrtm_event}});
    const EventLog late = EventLog::parse(late_bytes).value();
    EXPECT_EQ(pcr_by(late, TpmHash::sha1, 0), extended(0, {0, 1}));
}

struct Golden {
    const char* file;
    std::size_t events;
    TpmHash usual;
    tsmfd::EventRegisters registers;
    std::size_t number;
    const char* value; // which it then has: a PCR as tpm2_eventlog 5.4 says, an RTMR by hashlib
};

TEST(EventLog, OfRealMachinesIsReadWhole) {
    using enum tsmfd::EventRegisters;
    GOLDEN_OR_SKIP();
    for (const Golden& one : {
             Golden{"eventlogs/sha1-only.bin", 17, TpmHash::sha1, pcr, 4,
                    "59955b8e6e01b21ba7ccbbdecdeaa8ae6770caa1"},
             Golden{"eventlogs/ccel-small.bin", 27, TpmHash::sha384, rtmr, 1,
                    "f68df15175d7c810a6b35f1847ba318723b9de337ee00bc63cf42c0a29ad1d94a5b16d3e2ba1b9"
                    "6ec55a46e67b1bea92"},
             Golden{"eventlogs/ccel-grub.bin", 37, TpmHash::sha384, rtmr, 1,
                    "cec0a104f691f60da2387fea3c2de00c4ac035e2bb479ff02edcce69039d9e9907f0b3e55031da"
                    "3dc7038f423adebd79"},
             Golden{"eventlogs/ubuntu-2104.bin", 111, TpmHash::sha256, pcr, 7,
                    "ca37324eeffabd318d30a20f15bf27ce25dc33e2c9856279ff6c2ced58b02efa"},
             Golden{"eventlogs/binary_bios_measurements", 114, TpmHash::sha256, pcr, 0,
                    "65f5dd3770c3c3447fc3b6f48f84e0648b42be3ce04499fb75d63c5159b9c5f3"},
             Golden{"tdx-live/ccel.bin", 20, TpmHash::sha384, rtmr, 1,
                    "5aca07b1e885e17d1aeaf9d94edb2674767a61547cf8a49f26b73b4a43baeb04d147ba19533108"
                    "52bbdcb13f0cfcac17"},
         }) {
        const Bytes bytes = golden::read(one.file);
        const auto log = EventLog::parse(bytes);
        ASSERT_TRUE(log.has_value()) << one.file << ": " << log.error().message();
        EXPECT_EQ(log->events().size(), one.events) << one.file;
        EXPECT_EQ(log->usual_hash(), one.usual) << one.file;
        EXPECT_EQ(log->registers(), one.registers) << one.file;
        for (const tsmfd::EventHash& hash : log->hashes())
            EXPECT_TRUE(log->replay(*tsmfd::tpm_hash_by_id(hash.hash)).has_value()) << one.file;
        EXPECT_EQ(pcr_by(*log, one.usual, one.number), one.value) << one.file;
    }
}

} // namespace

// SPDX-License-Identifier: MIT
#include <tsmfd/evidence/event_log.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace tsmfd {

namespace {

using namespace std::string_view_literals;

constexpr std::string_view spec_id_signature = "Spec ID Event03\0"sv;
constexpr std::string_view startup_locality = "StartupLocality\0"sv;
constexpr std::size_t sha1_size = 20;
constexpr std::uint8_t hcrtm_locality = 4;
constexpr std::array usual_hashes = {TpmHash::sha256, TpmHash::sha384, TpmHash::sha512,
                                     TpmHash::sm3_256, TpmHash::sha1};

// Dynamic root of trust: all ones until it is started. PC Client Platform TPM Profile, section 4.6.
constexpr bool starts_as_ones(std::size_t pcr) {
    return pcr >= 17 && pcr <= 22;
}

bool starts_with(ByteSpan bytes, std::string_view text) {
    return bytes.size() >= text.size() &&
           std::equal(text.begin(), text.end(), bytes.begin(),
                      [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; });
}

// Of entries that have a hash.
bool has_hash(const auto& entries, std::uint16_t hash) {
    return std::ranges::any_of(entries, [hash](const auto& entry) { return entry.hash == hash; });
}

bool is_padding(ByteSpan bytes) {
    return bytes.empty() ||
           ((bytes.front() == 0 || bytes.front() == 0xff) &&
            std::ranges::all_of(bytes, [&](std::uint8_t b) { return b == bytes.front(); }));
}

// TCG_EfiSpecIDEvent
std::optional<std::vector<EventHash>> read_spec_id(ByteSpan data) {
    Reader in(data.subspan(spec_id_signature.size()));
    (void)in.bytes(4 + 4); // platformClass; versions and uintnSize
    const std::uint32_t count = in.le32();
    if (!in.ok() || count == 0 || count > EventLog::max_hashes)
        return std::nullopt;

    std::vector<EventHash> hashes;
    for (std::uint32_t i = 0; i < count; ++i) {
        const EventHash hash{.hash = in.le16(), .size = in.le16()};
        const auto known = tpm_hash_by_id(hash.hash);
        const bool again = has_hash(hashes, hash.hash);
        if (hash.size == 0 || hash.size > TpmDigest::max_size || again ||
            (known && tpm_hash_size(*known) != hash.size))
            return std::nullopt;
        hashes.push_back(hash);
    }
    (void)in.bytes(in.u8()); // vendorInfo
    return in.ok() && in.left() == 0 ? std::optional(std::move(hashes)) : std::nullopt;
}

// TCG_PCClientPCREvent
std::optional<TpmEvent> read_sha1_event(Reader& in) {
    TpmEvent event;
    event.pcr = in.le32();
    event.type = static_cast<EventType>(in.le32());
    event.digests.push_back({std::to_underlying(TpmHash::sha1), in.bytes(sha1_size)});
    event.data = in.bytes(in.le32());
    return in.ok() ? std::optional(std::move(event)) : std::nullopt;
}

// Is it of a log that has a hash of each bank? Then its data say which.
bool is_head(const TpmEvent& event) {
    return event.type == EventType::no_action && starts_with(event.data, spec_id_signature);
}

// TCG_PCR_EVENT2
std::optional<TpmEvent> read_event(Reader& in, const std::vector<EventHash>& hashes) {
    TpmEvent event;
    event.pcr = in.le32();
    event.type = static_cast<EventType>(in.le32());
    const std::uint32_t count = in.le32();
    if (!in.ok() || count == 0 || count > hashes.size())
        return std::nullopt;
    for (std::uint32_t i = 0; i < count; ++i) {
        const std::uint16_t id = in.le16();
        const auto hash = std::ranges::find(hashes, id, &EventHash::hash);
        if (hash == hashes.end() || has_hash(event.digests, id))
            return std::nullopt;
        event.digests.push_back({id, in.bytes(hash->size)});
    }
    event.data = in.bytes(in.le32());
    return in.ok() ? std::optional(std::move(event)) : std::nullopt;
}

// PCR 0 starts as the number of the locality that measured first. Firmware that was started at
// another than 0 says so in an event that is not measured (PC Client Platform Firmware Profile,
// section 10.4.5.3); or what was measured first is the H-CRTM, at locality 4 (section 3.3.3).
std::optional<std::uint8_t> locality_of(const TpmEvent& event) {
    if (event.pcr == 0 && event.type == EventType::efi_hcrtm_event)
        return hcrtm_locality;
    if (event.pcr != 0 || event.type != EventType::no_action ||
        event.data.size() != startup_locality.size() + 1 ||
        !starts_with(event.data, startup_locality))
        return std::nullopt;
    return event.data.back();
}

} // namespace

ByteSpan TpmEvent::digest(TpmHash hash) const noexcept {
    const auto found = std::ranges::find(digests, std::to_underlying(hash), &EventDigest::hash);
    return found != digests.end() ? found->bytes : ByteSpan{};
}

Result<EventLog> EventLog::parse(ByteSpan bytes) noexcept {
    EventLog log;
    Reader in(bytes);
    const auto first = read_sha1_event(in);
    const bool has_head = first && is_head(*first);
    if (has_head) {
        auto hashes = read_spec_id(first->data);
        if (!hashes)
            return fail("event log whose head is malformed", EBADMSG);
        log.hashes_ = std::move(*hashes);
        log.registers_ = first->pcr == 0 ? EventRegisters::pcr : EventRegisters::rtmr;
    } else {
        if (is_padding(bytes))
            return fail(fmt::format("event log of {} bytes without an event", bytes.size()),
                        EBADMSG);
        log.hashes_ = {{.hash = std::to_underlying(TpmHash::sha1), .size = sha1_size}};
        in = Reader(bytes);
    }
    for (;;) {
        log.size_ = bytes.size() - in.left();
        if (is_padding(bytes.subspan(log.size_)))
            return log;
        auto event = has_head ? read_event(in, log.hashes_) : read_sha1_event(in);
        if (!event)
            return fail(fmt::format("event log whose event {} at offset {} is malformed",
                                    log.events_.size() + 1, log.size_),
                        EBADMSG);
        log.events_.push_back(std::move(*event));
    }
}

std::optional<TpmHash> EventLog::usual_hash() const noexcept {
    const auto* found = std::ranges::find_if(usual_hashes, [this](TpmHash hash) {
        return has_hash(hashes_, std::to_underlying(hash)) && tpm_digest(hash, {}).has_value();
    });
    return found != usual_hashes.end() ? std::optional(*found) : std::nullopt;
}

bool EventLog::has(const ExpectedEvent& expected) const noexcept {
    return std::ranges::any_of(events_, [&](const TpmEvent& event) {
        return event.type != EventType::no_action && event.pcr == expected.number &&
               std::ranges::any_of(expected.digests, [&](const TpmDigest& digest) {
                   return digest.size > 0 && digest.is(event.digest(expected.hash));
               });
    });
}

Result<PcrBank> EventLog::replay(TpmHash hash) const noexcept {
    const std::string_view name = tpm_hash_name(hash);
    if (!has_hash(hashes_, std::to_underlying(hash)))
        return fail(fmt::format("replay an event log without {}", name), ENOENT);

    PcrBank bank{.hash = hash};
    for (std::size_t pcr = 0; pcr < PcrBank::pcr_count; ++pcr) {
        bank.values[pcr].size = tpm_hash_size(hash);
        if (starts_as_ones(pcr))
            std::fill_n(bank.values[pcr].padded.begin(), bank.values[pcr].size, std::uint8_t{0xff});
    }
    for (std::size_t number = 1; const TpmEvent& event : events_) {
        if (const auto locality = locality_of(event); locality && (bank.measured & 1U) == 0)
            bank.values[0].padded[bank.values[0].size - 1] = *locality;
        if (event.type == EventType::no_action) {
            // It is not measured.
        } else if (event.pcr >= PcrBank::pcr_count || event.digest(hash).empty()) {
            return fail(fmt::format("replay an event log whose event {} is for PCR {} and {} {}",
                                    number, event.pcr, event.digest(hash).empty() ? "lacks" : "has",
                                    name),
                        EBADMSG);
        } else {
            TpmDigest& value = bank.values[event.pcr];
            const auto extended = tpm_digest(hash, {value.bytes(), event.digest(hash)});
            if (!extended)
                return fail(fmt::format("compute {}", name), EOPNOTSUPP);
            value = *extended;
            bank.measured |= 1U << event.pcr;
        }
        ++number;
    }
    return bank;
}

bool data_is_measured(const TpmEvent& event) noexcept {
    bool any = false;
    for (const EventDigest& digest : event.digests) {
        const auto hash = tpm_hash_by_id(digest.hash);
        const auto computed = hash ? tpm_digest(*hash, {event.data}) : std::nullopt;
        if (!computed)
            continue;
        if (!computed->is(digest.bytes))
            return false;
        any = true;
    }
    return any && event.type != EventType::no_action;
}

} // namespace tsmfd

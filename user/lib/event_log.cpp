// SPDX-License-Identifier: MIT
#include <tsmfd/event_log.hpp>

#include <algorithm>
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
bool has(const auto& entries, std::uint16_t hash) {
    return std::ranges::any_of(entries, [hash](const auto& entry) { return entry.hash == hash; });
}

bool is_padding(ByteSpan bytes) {
    return bytes.empty() ||
           ((bytes.front() == 0 || bytes.front() == 0xff) &&
            std::ranges::all_of(bytes, [&](std::uint8_t b) { return b == bytes.front(); }));
}

// TCG_EfiSpecIDEvent
std::optional<std::vector<EventHash>> read_spec_id(ByteSpan data) {
    if (!starts_with(data, spec_id_signature))
        return std::nullopt;
    Reader in(data.subspan(spec_id_signature.size()));
    (void)in.bytes(4 + 4); // platformClass; versions and uintnSize
    const std::uint32_t count = in.le32();
    if (!in.ok() || count == 0 || count > EventLog::max_hashes)
        return std::nullopt;

    std::vector<EventHash> hashes;
    for (std::uint32_t i = 0; i < count; ++i) {
        const EventHash hash{.hash = in.le16(), .size = in.le16()};
        const auto known = tpm_hash_by_id(hash.hash);
        const bool again = has(hashes, hash.hash);
        if (hash.size == 0 || hash.size > TpmDigest::max_size || again ||
            (known && tpm_hash_size(*known) != hash.size))
            return std::nullopt;
        hashes.push_back(hash);
    }
    (void)in.bytes(in.u8()); // vendorInfo
    return in.ok() && in.left() == 0 ? std::optional(std::move(hashes)) : std::nullopt;
}

// TCG_PCClientPCREvent, the first of the log.
std::optional<std::vector<EventHash>> read_first(Reader& in) {
    const std::uint32_t pcr = in.le32();
    const auto type = static_cast<EventType>(in.le32());
    (void)in.bytes(sha1_size);
    const ByteSpan data = in.bytes(in.le32());
    if (!in.ok() || pcr != 0 || type != EventType::no_action)
        return std::nullopt;
    return read_spec_id(data);
}

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
        if (hash == hashes.end() || has(event.digests, id))
            return std::nullopt;
        event.digests.push_back({id, in.bytes(hash->size)});
    }
    event.data = in.bytes(in.le32());
    return in.ok() ? std::optional(std::move(event)) : std::nullopt;
}

// Firmware that was started at another locality says so in an event that is not measured; PCR 0
// starts as that number (PC Client Platform Firmware Profile, section 10.4.5.3).
std::optional<std::uint8_t> locality_of(const TpmEvent& event) {
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
    auto hashes = read_first(in);
    if (!hashes)
        return fail(fmt::format("event log of {} bytes that is not crypto-agile", bytes.size()),
                    EBADMSG);
    log.hashes_ = std::move(*hashes);
    for (;;) {
        log.size_ = bytes.size() - in.left();
        if (is_padding(bytes.subspan(log.size_)))
            return log;
        auto event = read_event(in, log.hashes_);
        if (!event)
            return fail(fmt::format("event log whose event {} at offset {} is malformed",
                                    log.events_.size() + 1, log.size_),
                        EBADMSG);
        log.events_.push_back(std::move(*event));
    }
}

Result<PcrBank> EventLog::replay(TpmHash hash) const noexcept {
    const std::string_view name = tpm_hash_name(hash);
    if (!has(hashes_, std::to_underlying(hash)))
        return fail(fmt::format("replay an event log without {}", name), ENOENT);

    PcrBank bank{.hash = hash};
    for (std::size_t pcr = 0; pcr < PcrBank::pcr_count; ++pcr) {
        bank.values[pcr].size = tpm_hash_size(hash);
        if (starts_as_ones(pcr))
            std::fill_n(bank.values[pcr].padded.begin(), bank.values[pcr].size, std::uint8_t{0xff});
    }
    for (std::size_t number = 1; const TpmEvent& event : events_) {
        if (event.type == EventType::no_action) {
            if (const auto locality = locality_of(event); locality && (bank.measured & 1U) == 0)
                bank.values[0].padded[bank.values[0].size - 1] = *locality;
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

// SPDX-License-Identifier: MIT
#include "tpm/tpm_pcrs.hpp"

#include "common_checks.hpp"

#include <tsmfd/hex.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace tsmfd {

namespace {

struct QuotedPcr {
    std::uint16_t hash = 0; // TPM_ALG_ID
    unsigned pcr = 0;
    std::optional<TpmDigest> value; // what is claimed of it
};

// In the order that TPM2_Quote digests them.
std::vector<QuotedPcr> quoted(const TpmQuote& quote) {
    std::vector<QuotedPcr> pcrs;
    for (const TpmPcrSelection& bank : std::span(quote.banks).first(quote.bank_count)) {
        for (unsigned pcr = 0; pcr < 32; ++pcr) {
            if ((bank.pcrs >> pcr & 1U) != 0)
                pcrs.push_back({.hash = bank.hash, .pcr = pcr, .value = std::nullopt});
        }
    }
    return pcrs;
}

std::string name_of(std::uint16_t hash, unsigned pcr) {
    const auto known = tpm_hash_by_id(hash);
    return fmt::format(
        "pcr {}:{}", known ? std::string(tpm_hash_name(*known)) : fmt::format("{:#x}", hash), pcr);
}

// True if the values are known and are those that were signed.
bool are_signed(const std::vector<QuotedPcr>& pcrs, TpmHash hash, ByteSpan digest) {
    std::vector<std::uint8_t> all;
    for (const QuotedPcr& pcr : pcrs) {
        if (!pcr.value)
            return false;
        all.insert(all.end(), pcr.value->bytes().begin(), pcr.value->bytes().end());
    }
    const auto computed = tpm_digest(hash, {all});
    return computed && computed->is(digest);
}

// Once for each hash, however often and in whatever order a quote names banks.
Result<PcrBank> replayed(std::vector<PcrBank>& banks, const EventLog& log, TpmHash hash) {
    const auto known = std::ranges::find(banks, hash, &PcrBank::hash);
    if (known != banks.end())
        return *known;
    auto bank = log.replay(hash);
    if (bank)
        banks.push_back(*bank);
    return bank;
}

Result<void> replay(std::vector<QuotedPcr>& pcrs, const Result<EventLog>& log) {
    if (!log)
        return std::unexpected(log.error());
    std::vector<PcrBank> banks;
    for (QuotedPcr& pcr : pcrs) {
        const auto hash = tpm_hash_by_id(pcr.hash);
        if (!hash || pcr.pcr >= PcrBank::pcr_count)
            return fail("replay " + name_of(pcr.hash, pcr.pcr), EOPNOTSUPP);
        const auto bank = replayed(banks, *log, *hash);
        if (!bank)
            return std::unexpected(bank.error());
        pcr.value = bank->values[pcr.pcr];
    }
    return {};
}

bool is_of(const ExpectedPcr& expected, const QuotedPcr& pcr) {
    return std::to_underlying(expected.hash) == pcr.hash && expected.pcr == pcr.pcr;
}

// Of a PCR that may be one of several nothing can be said.
void expect(std::vector<QuotedPcr>& pcrs, std::span<const ExpectedPcr> expected) {
    for (QuotedPcr& pcr : pcrs) {
        const auto is_it = [&](const ExpectedPcr& one) { return is_of(one, pcr); };
        if (std::ranges::count_if(expected, is_it) == 1)
            pcr.value = std::ranges::find_if(expected, is_it)->value;
    }
}

const QuotedPcr* find(const std::vector<QuotedPcr>& pcrs, const ExpectedPcr& expected) {
    const auto found =
        std::ranges::find_if(pcrs, [&](const QuotedPcr& pcr) { return is_of(expected, pcr); });
    return found != pcrs.end() ? &*found : nullptr;
}

// `proven`: the values are those that were signed. `first`: of all that are expected of its PCR.
void check_expected(Verification& to, const std::vector<QuotedPcr>& pcrs, const ExpectedPcr& first,
                    std::span<const ExpectedPcr> all, bool proven) {
    std::string name = name_of(std::to_underlying(first.hash), first.pcr);
    const QuotedPcr* pcr = find(pcrs, first);
    if (pcr == nullptr)
        return to.fail(std::move(name), "it was not quoted");
    if (!pcr->value)
        return to.fail(std::move(name), "its value cannot be told without an event log, unless "
                                        "one of each that was quoted is expected");
    const std::string value = to_hex(pcr->value->bytes());
    if (std::ranges::none_of(all, [&](const ExpectedPcr& one) {
            return is_of(one, *pcr) && one.value == *pcr->value;
        }))
        return to.fail(std::move(name), value + (proven ? "" : ", says the event log") + ", not " +
                                            to_hex(first.value.bytes()));
    if (!proven)
        return to.fail(std::move(name), value + " was not shown to be what the TPM signed");
    to.pass(std::move(name), value);
}

// `log`: what has been shown to lead to the quote's PCRs; nullptr if none has.
void check_event_of(Verification& to, const std::vector<QuotedPcr>& pcrs, const EventLog* log,
                    const ExpectedEvent& expected) {
    std::string name = fmt::format("event {}:{}", tpm_hash_name(expected.hash), expected.number);
    const ExpectedPcr pcr{.hash = expected.hash, .pcr = expected.number, .value = {}};
    if (find(pcrs, pcr) == nullptr)
        return to.fail(std::move(name), "its PCR was not quoted");
    if (log == nullptr)
        return to.fail(std::move(name), "no event log leads to what the TPM signed");
    check_event(to, std::move(name), *log, expected);
}

} // namespace

void check_pcrs(Verification& to, const TpmQuote& quote, TpmHash hash,
                const PcrQuestion& question) noexcept {
    std::vector<QuotedPcr> pcrs = quoted(quote);
    if (pcrs.empty())
        return to.fail("event log", "no PCR was quoted");
    bool proven = false;
    std::optional<EventLog> proven_log;
    if (!question.log.empty()) {
        auto log = EventLog::parse(question.log);
        const auto replayed = replay(pcrs, log);
        proven = replayed && are_signed(pcrs, hash, quote.pcr_digest);
        to.judge(proven, "event log",
                 !replayed ? replayed.error().message()
                 : proven
                     ? fmt::format("its replay gives the {} PCRs that were quoted", pcrs.size())
                     : "its replay does not give the PCRs that were quoted");
        if (proven)
            proven_log = std::move(*log);
    } else if (question.log_wanted) {
        to.fail("event log", "it is empty");
    } else {
        to.note("event log", "none");
        if (!question.expected.empty()) {
            expect(pcrs, question.expected);
            proven = are_signed(pcrs, hash, quote.pcr_digest);
        }
    }

    for (const ExpectedPcr& expected : question.expected) {
        if (to.find(name_of(std::to_underlying(expected.hash), expected.pcr)) == nullptr)
            check_expected(to, pcrs, expected, question.expected, proven);
    }
    for (const ExpectedEvent& expected : question.events)
        check_event_of(to, pcrs, proven_log ? &*proven_log : nullptr, expected);
    for (const QuotedPcr& pcr : pcrs) {
        std::string name = name_of(pcr.hash, pcr.pcr);
        if (proven && to.find(name) == nullptr)
            to.note(std::move(name), to_hex(pcr.value->bytes()));
    }
}

} // namespace tsmfd
